"""What is known of an incident for telling people, and what they were told: frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

STAGE = "tell"  # the stage of the entries below in the journal
NOTICE, ATTEMPT, ATTEMPTED, READ = "notice", "attempt", "attempted", "read"  # their kinds


class Doing(StrEnum):
    """What is being done about it, as far as the record goes."""

    LOOKING = "looking"  # for the cause
    SEARCHING = "searching"  # among what differs from the known good, by trials
    REPAIRING = "repairing"
    VERIFYING = "verifying"
    CONSENT = "consent"  # somebody must consent to the next remedy
    PEOPLE = "people"  # the run has ended, and a human must go on
    OVER = "over"  # mail flows again


@dataclass(frozen=True)
class Fault:
    """A cause, as the catalogue names it; ``title`` and ``prevention`` in the catalogue's English."""

    code: str
    title: str
    prevention: Sequence[str] = ()

    @property
    def layer(self) -> str:
        """``postfix``; ``difference`` for one that a search found."""
        return self.code.partition("/")[0]


@dataclass(frozen=True)
class Past:
    """A repair that ended well: the causes that it named, and the seconds from its beginning to its end."""

    codes: Sequence[str]
    seconds: float


@dataclass(frozen=True)
class Estimate:
    """When mail should flow again: the median, and the quartiles, of those repairs that took as long as this one by now."""

    at: datetime
    low: datetime
    high: datetime
    count: int  # repairs that it rests on
    here: bool  # made here, by the record; False: those that pyremediate is shipped with


@dataclass(frozen=True)
class Facts:
    """One outage, for telling people of it: an incident, or several of one host of which none but the last ended well."""

    incident: str  # the last one about it
    thread: str  # the one that found it, under which all its notices are on record
    host: str
    since: datetime  # when it was noticed
    run_since: datetime  # when the last run began
    doing: Doing
    changed: datetime  # since when that is being done
    outage: bool = False  # did mail fail, in some way?
    affected: Sequence[str] = ()  # keys of ``model.LEGS`` that fail, or failed at last
    everywhere: bool = True  # False: from some places only
    severity: str = "none"
    causes: Sequence[Fault] = ()
    stated: str = ""  # the cause as people state it
    remedy: str = ""  # class of the remedy under way
    step: int = 0  # its number
    kept: int = 0
    undone: int = 0
    ended: datetime | None = None  # of the last run
    lost: int | None = None  # accepted messages that are missing; None: not known
    waited: int = 0  # messages that were in the queue
    measures: Sequence[str] = ()  # preventive measures that people wrote down
    signed: bool = False  # closed by those who must sign
    signers_awaited: int = 0  # people who are still to sign
    estimate: Estimate | None = None
    overdue: bool = False  # it takes longer than every repair that is known


@dataclass(frozen=True)
class Notice:
    """One message to one audience, as it is in the outbox; ``told`` is what later ones are compared with."""

    id: str  # unique within its incident: ``users-1``
    incident: str
    message: str
    audience: str
    language: str
    subject: str
    body: str
    ladder: Sequence[str]  # channels by name, the preferred one first
    told: Mapping[str, object] = field(default_factory=dict)
    after: Sequence[str] = ()  # the notices of its thread before it
    at: datetime | None = None  # when it was put on record

    @property
    def key(self) -> str:
        """Unique everywhere, and the same whenever it is sent: what receivers know it by."""
        return f"{self.incident}.{self.id}"


@dataclass(frozen=True)
class Attempt:
    """One try to hand a notice to a channel. Without ``ended`` it is not known whether it was delivered."""

    notice: str
    channel: str
    number: int
    began: datetime
    ended: datetime | None = None
    delivered: bool = False
    answer: str = ""  # the service's own words
