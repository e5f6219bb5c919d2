"""The values of the ledger: messages, where they came from, and what became of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    QUEUED = "still queued"
    HELD = "held"  # or put aside as corrupt: somebody must release it
    BOUNCED = "bounced"  # for one of its recipients at least; ``reason`` has the rule
    EXPIRED = "expired"
    DISCARDED = "discarded by rule"
    DELETED = "deleted by hand"
    MISSING = "missing"
    UNKNOWN = "unknown"  # ``reason`` says why it cannot be known


class Origin(StrEnum):
    """How a message came into the ledger."""

    QUEUED = "queued"  # at the first look
    ARRIVED = "arrived"  # since
    TEST = "test"  # sent by a look


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``arrived`` in seconds since the epoch; ``queue`` where it is, or was last; ``now`` its last id, if another."""

    id: str
    origin: Origin
    fate: Fate
    arrived: float | None = None
    size: int | None = None
    queue: str = ""
    reason: str = ""
    now: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """Every message once. ``error`` says why there is no account at all; ``since`` and ``until`` are when the queue was listed."""

    messages: tuple[Message, ...] = ()
    error: str = ""
    since: float | None = None
    until: float | None = None

    def of(self, *fates: Fate) -> tuple[Message, ...]:
        """The messages that came to one of these ends."""
        return tuple(message for message in self.messages if message.fate in fates)

    def counts(self) -> dict[Origin, Counter[Fate]]:
        """How many of each origin came to which end; origins without a message are left out."""
        found: dict[Origin, Counter[Fate]] = {}
        for message in self.messages:
            found.setdefault(message.origin, Counter())[message.fate] += 1
        return {origin: found[origin] for origin in Origin if origin in found}


def iso(seconds: float) -> str:
    """Seconds since the epoch as ``2026-11-25T01:02:03Z``."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
