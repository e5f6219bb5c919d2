"""What two parts of the evidence say of single messages: the listing of the queue, and the lives of queue ids in the log. Pure.

Times are seconds since the epoch by the host's own clock, as the module ``pyremediate.mail.observe`` returns them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyremediate.model import Look, State

UNTOLD = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One message in the queue. ``arrived`` is None when its file does not tell."""

    id: str
    queue: str
    arrived: int | None
    size: int


@dataclass(frozen=True)
class Listing:
    """All messages of the queue at one time; ``error``: why some may not be in it; ``details``: what is known of the first."""

    at: float
    rows: tuple[Row, ...]
    error: str = ""
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """One message under one queue id, as far as the log tells; what it does not tell is None.

    ``end`` is removed, deleted, requeued, discarded, or empty; ``recipients`` counts their last fates: sent, bounced, deferred,
    expired; ``was`` is the id before ``postsuper -r``.
    """

    id: str
    began: float | None = None
    accepted: float | None = None
    arrived: float | None = None
    last: float = 0.0
    was: str = ""
    end: str = ""
    recipients: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fates:
    """The lives that the log tells of, complete since a time; ``error`` says why lines may be missing nevertheless."""

    since: float
    lives: tuple[Life, ...]
    error: str = ""


def listing_of(look: Look) -> Listing | str:
    """The queue of a look, or why it is not known."""
    data = _section(look, "postfix")
    if isinstance(data, str):
        return data
    queue = data.get("queue") or {}
    if "listing" not in queue:
        return "the queue was not listed"
    told = queue["listing"]
    error = "" if told["complete"] else told["error"] or "there are too many messages to list"
    details = {message["id"]: message for message in queue.get("messages", ())}
    return Listing(told["at"], tuple(_rows(told["rows"])), error, details)


def _rows(told: Mapping[str, str]) -> Iterator[Row]:
    for queue, lines in told.items():
        for line in lines.splitlines():
            id_, arrived, size = line.split(" ")
            yield Row(id_, queue, None if arrived == UNTOLD else int(arrived), int(size))


def fates_of(look: Look) -> Fates | str:
    """What the log of a look says of messages, or why that is not known."""
    data = _section(look, "log")
    if isinstance(data, str):
        return data
    told = data.get("fates")
    if not told:
        return "the log was not asked what became of messages"
    if told["since"] is None:
        return told["error"] or "the log has no line of Postfix"
    return Fates(told["since"], tuple(_lives(told["groups"])), told["error"])


def _lives(groups: list[Mapping[str, Any]]) -> Iterator[Life]:
    for group in groups:
        reasons = tuple(group["reasons"])
        for line in group["lives"].splitlines():
            id_, began, accepted, arrived, last, was = line.split(" ")
            yield Life(
                id_, _time(began), _time(accepted), _time(arrived), float(last), "" if was == UNTOLD else was,
                group["end"], group["recipients"], reasons,
            )  # fmt: skip


def _time(text: str) -> float | None:
    return None if text == UNTOLD else float(text)


def _section(look: Look, name: str) -> Mapping[str, Any] | str:
    if look.evidence is None:
        return look.unreachable or "the host was not observed"
    section = look.evidence.sections.get(name)
    if section is None:
        return f"the section {name} was not observed"
    return section.data if section.state is State.OK else section.error or f"{name} is not on this host"
