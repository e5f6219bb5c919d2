"""What an installation would change, and what is installed: the same values for systemd and for cron. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pyremediate.schedule.jobs import Job


@dataclass(frozen=True)
class Change:
    """One file, or the state of one timer, before and after. None: there is none."""

    place: str
    before: str | None
    after: str | None

    @property
    def verb(self) -> str:
        """``added``, ``changed`` or ``removed``."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    def diff(self) -> str:
        """As a unified diff, like Ansible's."""
        before, after = ((text or "").splitlines(keepends=True) for text in (self.before, self.after))
        return "".join(difflib.unified_diff(before, after, f"before: {self.place}", f"after: {self.place}"))


@dataclass(frozen=True)
class Installed:
    """A job that is installed. ``since``: when its timer was written, as far as that is known; ``trouble``: why it will not run."""

    name: str
    on_calendar: str
    where: str
    since: datetime | None = None
    trouble: str = ""


class Scheduler(Protocol):
    """What starts the runs."""

    sandboxed: bool  # runs are root without its capabilities

    def changes(self, jobs: Sequence[Job]) -> tuple[Change, ...]:
        """What has to change so that these jobs, and no others of ours, are installed; ``UsageError`` when that cannot be."""

    def apply(self, changes: Sequence[Change], jobs: Sequence[Job]) -> None:
        """Make it so."""

    def installed(self) -> tuple[Installed, ...]:
        """What is installed by us."""

    def next_after(self, expression: str, after: datetime) -> datetime | None:
        """When a job with this calendar expression is to start first after that time; None: nobody can tell."""

    def slack(self, job: str) -> int:
        """Seconds that a run of the job may be late."""

    def advice(self) -> str:
        """What the operator has to know for the runs to happen; empty: nothing."""
