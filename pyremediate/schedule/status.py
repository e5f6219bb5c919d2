"""What is installed held against what ran: is a run late, did one die, and what was the last result?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyremediate.errors import UsageError
from pyremediate.schedule import runs
from pyremediate.schedule.change import Installed, Scheduler
from pyremediate.schedule.runs import Run
from pyremediate.schedule.units import UNAPPROVED

RESULTS = {
    0: "well",
    1: "a problem remains",
    2: "could not run: wrong settings or options",
    3: "could not be determined",
    4: "refused",
    UNAPPROVED: "nothing was approved yet that could be compared",
}
DIED = "died: it has a beginning on record, and no end"


@dataclass(frozen=True)
class Status:
    """One job. ``trouble``: why nobody can rely on its runs; empty: they come as they should."""

    job: str
    on_calendar: str
    where: str
    next: datetime | None
    run: Run | None
    result: str
    trouble: str

    @property
    def broken(self) -> bool:
        """The last run could not do its work, whatever the state of the mail."""
        return self.run is not None and (self.result == DIED or self.run.status == UsageError.exit_status)


def of(scheduler: Scheduler) -> tuple[Status, ...]:
    """Every job that is installed."""
    now = datetime.now(UTC)
    return tuple(_status(scheduler, job, now) for job in scheduler.installed())


def _status(scheduler: Scheduler, job: Installed, now: datetime) -> Status:
    run = runs.last(job.name)
    under_way = run is not None and run.under_way
    return Status(
        job=job.name,
        on_calendar=job.on_calendar,
        where=job.where,
        next=None if job.trouble else scheduler.next_after(job.on_calendar, now),
        run=run,
        result=_result(run, under_way),
        trouble=job.trouble or ("" if under_way else _late(scheduler, job, run, now)),
    )


def _result(run: Run | None, under_way: bool) -> str:
    if run is None:
        return ""
    if run.status is None:
        return "under way" if under_way else DIED
    return RESULTS.get(run.status, f"exit status {run.status}")


def _late(scheduler: Scheduler, job: Installed, run: Run | None, now: datetime) -> str:
    """A run that should have begun since the last one, or since the timer was made, and did not."""
    since = max([moment for moment in (run and (run.ended or run.began), job.since) if moment], default=None)
    due = scheduler.next_after(job.on_calendar, since) if since else None
    if since is None or due is None or now <= due + timedelta(seconds=scheduler.slack(job.name)):
        return ""
    return f"no run since {since:%Y-%m-%d %H:%M} UTC, and one was due at {due:%Y-%m-%d %H:%M}"
