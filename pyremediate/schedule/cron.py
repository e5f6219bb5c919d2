"""Cron, where there is no systemd: one marked block in this user's crontab (crontab(1)); the rest is left as it is."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime

from pyremediate.errors import PyremediateError, UsageError
from pyremediate.model import moment, to_json
from pyremediate.schedule import crontab
from pyremediate.schedule.change import Change, Installed
from pyremediate.schedule.jobs import Job
from pyremediate.schedule.units import OVERLAP, UNAPPROVED

BEGIN = "# BEGIN pyremediate schedule (written from its settings; `pyremediate schedule remove` takes it away)"
END = "# END pyremediate schedule"
TIMEOUT = 30.0
PLACE = "crontab"


class Cron:
    """The crontab of whoever calls."""

    sandboxed = False

    def changes(self, jobs: Sequence[Job]) -> tuple[Change, ...]:
        """The crontab as a whole."""
        before = _read()
        kept = {(job.name, job.on_calendar): job.since for job in _jobs(before or "")}
        now = datetime.now(UTC)
        lines = [text for job in jobs for text in (comment(job, kept.get((job.name, job.on_calendar)) or now), line(job))]
        after = _with_block(before or "", lines)
        change = Change(PLACE, before, after if after or before is not None else None)
        return (change,) if change.before != change.after else ()

    def apply(self, changes: Sequence[Change], jobs: Sequence[Job]) -> None:
        """Hand the new crontab over."""
        for change in changes:
            done = _crontab("-", text=change.after or "")
            if done.returncode:
                raise PyremediateError(f"crontab: {' '.join(done.stderr.split())}")

    def installed(self) -> tuple[Installed, ...]:
        """The jobs of the block."""
        return _jobs(_read() or "")

    def next_after(self, expression: str, after: datetime) -> datetime | None:
        """By the local clock, as cron goes."""
        local = after.astimezone().replace(tzinfo=None)
        found = crontab.times(expression).next_after(local)
        return found and found.astimezone(UTC)

    def slack(self, job: str) -> int:
        """Cron looks once a minute."""
        return 60

    def advice(self) -> str:
        """Cron has no ``Persistent``, and no sandbox."""
        return "by cron: a run that is missed while the machine is off is not made up for, and runs are not sandboxed"


def line(job: Job) -> str:
    """Like the unit: silent when it went well, the run before goes on, or nothing is approved yet; else cron mails what it said."""
    state = f"PYREMEDIATE_STATE={shlex.quote(str(job.state))} " if job.state else ""
    command = f"cd {shlex.quote(str(job.directory))} && {state}{shlex.join(job.command)}"
    shell = f'said=$({command} 2>&1) || case $? in {OVERLAP}|{UNAPPROVED}) ;; *) echo "$said";; esac'
    return f"{_times(job)} {shell}".replace("%", r"\%")  # to cron, a bare one ends the line


def _times(job: Job) -> crontab.Times:
    try:
        return crontab.times(job.on_calendar)
    except ValueError as error:
        mend = "give one such as *:0/15, daily or Mon..Fri 03:00"
        where = f"schedule.{job.name}.on_calendar"
        raise UsageError(f"{where}: cron cannot run at {job.on_calendar!r} ({error}); {mend}") from None


def comment(job: Job, since: datetime) -> str:
    """What the line after it is, and since when it is there: a cron that never ran it is noticed by that."""
    return f"# {job.name}: {job.on_calendar} since {to_json(since)}"


def _jobs(text: str) -> tuple[Installed, ...]:
    """The jobs of our block in a crontab."""
    found = re.search(f"^{re.escape(BEGIN)}\n(.*?)^{re.escape(END)}$", text, re.MULTILINE | re.DOTALL)
    comments = re.findall(r"^# (\w+): (.*) since (\S+)$", found[1], re.MULTILINE) if found else ()
    return tuple(Installed(name, on_calendar, PLACE, moment(since)) for name, on_calendar, since in comments)


def _with_block(text: str, lines: Sequence[str]) -> str:
    """The crontab with exactly these lines in our block, or without one."""
    rest = re.sub(f"^{re.escape(BEGIN)}\n.*?^{re.escape(END)}\n?", "", text, flags=re.MULTILINE | re.DOTALL)
    block = "".join(f"{line}\n" for line in (BEGIN, *lines, END)) if lines else ""
    return (rest if rest.endswith("\n") or not rest else rest + "\n") + block


def _read() -> str | None:
    """This user's crontab; None when there is none, for which crontab(1) has an exit status but no agreed words."""
    done = _crontab("-l")
    return None if done.returncode else done.stdout


def _crontab(word: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["crontab", word], input=text, capture_output=True, text=True, timeout=TIMEOUT, check=False)
