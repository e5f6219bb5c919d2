"""Values as short as a sentence can bear; the whole of each is in the difference. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LONGEST = 120  # characters


def shortened(value: object) -> str:
    """In one line."""
    if isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str)):
        value = " ".join(map(str, value.values() if isinstance(value, Mapping) else value))
    text = " ".join(str("nothing" if value is None or value == "" else value).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def exchange(was: Sequence[Any] | None, now: Sequence[Any] | None, mark: str = ", ") -> str:
    """``lost a and gained b, c``, of two lists; empty where only their order differs."""
    lost, gained = ([item for item in one or () if item not in (other or ())] for one, other in ((was, now), (now, was)))
    told = [f"{verb} {shortened(mark.join(map(str, items)))}" for verb, items in (("lost", lost), ("gained", gained)) if items]
    return " and ".join(told)
