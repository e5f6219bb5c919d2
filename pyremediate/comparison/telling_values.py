"""Values as short as a sentence can bear; the whole of each is in the difference. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Say = Callable[..., str]  # ``Language.gettext``
LONGEST = 120  # characters


def shortened(value: object, say: Say) -> str:
    """In one line."""
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        value = " ".join(map(str, value.values() if isinstance(value, Mapping) else value))
    return _cut(say("nothing") if value is None or value == "" else str(value))


def exchange(what: str, was: Sequence[Any] | None, now: Sequence[Any] | None, say: Say, mark: str = ", ") -> str:
    """``the user vmail had lost a and gained b, c``, of two lists; empty where only their order differs."""
    lost, gained = (
        _cut(mark.join(str(item) for item in one or () if item not in (other or ())))
        for one, other in ((was, now), (now, was))
    )
    if lost and gained:
        return say("%(what)s had lost %(lost)s and gained %(gained)s", what=what, lost=lost, gained=gained)
    if lost:
        return say("%(what)s had lost %(lost)s", what=what, lost=lost)
    return say("%(what)s had gained %(gained)s", what=what, gained=gained) if gained else ""


def changed(what: str, was: object, now: object, say: Say) -> str:
    """``MTU had been changed from 1500 to 576``."""
    values = {"was": shortened(was, say), "now": shortened(now, say)}
    return say("%(what)s had been changed from %(was)s to %(now)s", what=what, **values)


def came_or_went(what: str, was: object, now: object, say: Say) -> str:
    """``the package rspamd had been removed (3.4)``."""
    if now is None:
        return say("%(what)s had been removed (%(value)s)", what=what, value=shortened(was, say))
    return say("%(what)s had been added (%(value)s)", what=what, value=shortened(now, say))


def _cut(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
