"""What a review says, in no language yet: facts, codes and the record's own words. Times are aware UTC, lengths are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyremediate.journal import Entry


@dataclass(frozen=True)
class Beginning:
    """When the disruption began, as far as there is evidence.

    ``at``     None: nothing on record tells
    ``sign``   what tells: ``put_back`` (the change whose undoing cured it), ``change`` (the first change that could have), ``log``
               (the first complaint of the host's log); empty: nothing
    ``named``  the change or the complaint, in the host's own words
    ``good``   when it was last known to be well before; None: never on record
    """

    at: datetime | None = None
    sign: str = ""
    named: str = ""
    good: datetime | None = None


@dataclass(frozen=True)
class Interval:
    """One length of time against its target.

    ``name``     detection, response or repair
    ``seconds``  None: not known
    ``at_most``  where ``seconds`` is not known, and a bound is
    ``target``   seconds; None: the settings name none
    ``verdict``  met, missed, not_known, no_target
    """

    name: str
    seconds: float | None
    at_most: float | None
    target: float | None
    verdict: str


@dataclass(frozen=True)
class Impact:
    """Who suffered, and how long. None: not known, or not over."""

    seconds: float | None
    delayed: int | None  # messages that waited in the queue
    fates: Mapping[str, Mapping[str, int]]  # of the ledger: by origin, then by fate


@dataclass(frozen=True)
class Change:
    """A difference from the last known good at the first look; ``became`` is put_back, left or not_looked."""

    kind: str
    name: str
    aspect: str
    was: str | None
    now: str | None
    since: datetime | None
    became: str


@dataclass(frozen=True)
class Notice:
    """One notification, what is on record of its delivery (``sent``, ``failed`` or ``waiting``), and who has read it."""

    time: datetime
    audience: str
    message: str
    language: str
    channel: str
    state: str
    readers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signature:
    """One person's word on the verification; ``reason`` is that of a refusal."""

    time: datetime
    signer: str
    by: str
    refused: bool
    reason: str


@dataclass(frozen=True)
class Statement:
    """What a person put on record: ``kind`` is impact or cause; ``users`` is how many people suffered, as far as it is known."""

    time: datetime
    actor: str
    kind: str
    text: str
    users: int | None


@dataclass(frozen=True)
class Measure:
    """A preventive measure; ``actor`` is empty where it is proposed by the fault's folder."""

    text: str
    actor: str = ""
    owner: str = ""
    due: str = ""
    done: bool = False


@dataclass(frozen=True)
class Lesson:
    """Something in the procedure that this incident speaks for changing: a code of ``page.LESSONS`` and its values."""

    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Review:
    """The whole. ``report`` is ``pyremediate.report.report.build`` of the same entries: what it has is not said a second time."""

    report: Mapping[str, Any]
    entries: tuple[Entry, ...]
    began: datetime
    ended: datetime | None
    restored: datetime | None  # when mail was proved to flow again; None: it was not, as far as the record goes
    beginning: Beginning
    intervals: tuple[Interval, ...]
    impact: Impact
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    signatures: tuple[Signature, ...]
    statements: tuple[Statement, ...]
    measures: tuple[Measure, ...]
    lessons: tuple[Lesson, ...]
