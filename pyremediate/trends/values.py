"""What the trends say, in no language yet. Times are aware UTC, lengths are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Case:
    """One incident in which something was wrong; ``how`` it ended: automatic, consented, people or open.

    ``automatic``  repaired, and nobody was asked
    ``consented``  repaired, after somebody agreed to a remedy
    ``people``     handed to people, undone, refused, or not to be determined
    ``open``       the record has no end of it
    """

    id: str
    host: str
    began: datetime
    how: str
    seconds: float | None  # from its opening until mail was proved to flow; None: it was not
    causes: tuple[str, ...]  # codes


@dataclass(frozen=True)
class CauseCount:
    """A cause, how often it occurred, on which hosts, and the median of its repairs."""

    code: str
    title: str
    count: int
    hosts: tuple[str, ...]
    median: float | None


@dataclass(frozen=True)
class Recurrence:
    """A cause that came back on the same host within ``build.COMES_BACK``; ``times`` with the first one."""

    host: str
    code: str
    title: str
    times: int
    last: datetime


@dataclass(frozen=True)
class Spread:
    """The lengths of repairs; None where there was none."""

    count: int
    mean: float | None
    median: float | None
    ninetieth: float | None  # nine of ten were not longer
    longest: float | None
    bins: tuple[tuple[float | None, int], ...]  # upper end in seconds (None: no end), number of repairs


@dataclass(frozen=True)
class Week:
    """The incidents of the week that begins on ``monday``, by how they ended."""

    monday: date
    counts: dict[str, int]


@dataclass(frozen=True)
class Trends:
    """The whole, of the time from ``since`` to ``until``; ``automatic`` is a share from 0 to 1, None without an incident."""

    since: datetime
    until: datetime
    cases: tuple[Case, ...]
    automatic: float | None
    repairs: Spread
    causes: tuple[CauseCount, ...]
    recurrences: tuple[Recurrence, ...]
    weeks: tuple[Week, ...]
