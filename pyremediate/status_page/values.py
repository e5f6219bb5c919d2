"""What the status page says, in no language yet. Times are aware UTC, lengths are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Update:
    """One step of a disruption, as users are told: noticed, again, cause, repairing, people, denied, restored."""

    time: datetime
    code: str


@dataclass(frozen=True)
class Disruption:
    """Mail that did not flow on one host.

    ``ways``    keys of ``model.LEGS``; empty: it could not be determined what is disrupted
    ``partly``  only from some networks
    ``ended``   None: it goes on
    ``host``, ``causes``  titles; for pages that may show them
    """

    host: str
    began: datetime
    ended: datetime | None
    ways: tuple[str, ...]
    partly: bool
    updates: tuple[Update, ...]
    causes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Day:
    """``state`` is well, disrupted or no_record (before the record begins); ``seconds`` of disruption."""

    day: date
    state: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Service:
    """One thing that users do with mail; ``state`` now: well, partly, disrupted, unknown; ``days`` up to today."""

    way: str
    state: str
    days: tuple[Day, ...]


@dataclass(frozen=True)
class Checked:
    """When the hosts were last looked at by a timer, and whether all was well; None: that run could not tell."""

    time: datetime
    well: bool | None


@dataclass(frozen=True)
class Status:
    """The whole page. ``running`` and ``past`` with the newest first."""

    time: datetime
    services: tuple[Service, ...]
    running: tuple[Disruption, ...]
    past: tuple[Disruption, ...]
    checked: Checked | None = None
