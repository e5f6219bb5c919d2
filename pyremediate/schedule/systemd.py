"""Timers of systemd: the units are written, and ``systemctl`` is told. Only units that bear our mark are touched."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pyremediate.errors import PyremediateError, UsageError
from pyremediate.schedule import calendar, units
from pyremediate.schedule.change import Change, Installed
from pyremediate.schedule.jobs import KINDS, Job

TIMEOUT = 60.0
RUNNING = "enabled, active"
ACCURACY = 60  # seconds; the default of AccuracySec=


class Systemd:
    """The system's manager, or the one of this user."""

    def __init__(self, directory: Path, user: bool) -> None:
        self._directory = directory
        self._user = user
        self.sandboxed = not user

    def changes(self, jobs: Sequence[Job]) -> tuple[Change, ...]:
        """Files, and then timers that do not run."""
        found = (*self._files(jobs), *self._timers(jobs))
        return tuple(change for change in found if change.before != change.after)

    def apply(self, changes: Sequence[Change], jobs: Sequence[Job]) -> None:
        """Files first; a timer that is gone is stopped before, one that changed is started anew."""
        files = [change for change in changes if change.place.startswith("/")]
        gone = [Path(change.place).name for change in files if change.after is None and change.place.endswith(".timer")]
        if gone:
            self._systemctl("disable", "--now", *gone)
        self._directory.mkdir(parents=True, exist_ok=True)
        for change in files:
            _write(Path(change.place), change.after)
        self._systemctl("daemon-reload")
        timers = [f"{units.unit_name(job.name)}.timer" for job in jobs]
        if timers:
            self._systemctl("enable", *timers)
            self._systemctl("restart", *timers)

    def installed(self) -> tuple[Installed, ...]:
        """Our timers, by their files."""
        return tuple(self._installed())

    def next_after(self, expression: str, after: datetime) -> datetime | None:
        """By systemd's own reader."""
        return calendar.next_after(expression, after)

    def slack(self, job: str) -> int:
        """What the timer adds on purpose."""
        return ACCURACY + KINDS[job].spread

    def advice(self) -> str:
        """A user's manager ends with the user's last session, unless it lingers (loginctl(1))."""
        user = getpass.getuser()
        if self._user and not Path("/var/lib/systemd/linger", user).exists():
            return f"runs happen only while {user} is logged in; for always: loginctl enable-linger {user}"
        return ""

    def _files(self, jobs: Sequence[Job]) -> Iterator[Change]:
        wanted = {job.name: job for job in jobs}
        for name in KINDS:
            job, unit = wanted.get(name), units.unit_name(name)
            for kind in ("service", "timer"):
                text = self._text(job, kind) if job else None
                path = self._directory / f"{unit}.{kind}"
                yield Change(str(path), _ours(path, wanted=text is not None), text)

    def _text(self, job: Job, kind: str) -> str:
        return units.timer(job) if kind == "timer" else units.service(job, self.sandboxed)

    def _timers(self, jobs: Sequence[Job]) -> Iterator[Change]:
        for job in jobs:
            timer = f"{units.unit_name(job.name)}.timer"
            yield Change(timer, self._state(timer) + "\n", RUNNING + "\n")

    def _installed(self) -> Iterator[Installed]:
        for name in KINDS:
            path = self._directory / f"{units.unit_name(name)}.timer"
            text = _read(path)
            if text is None or not text.startswith(units.MARK):
                continue
            state = self._state(path.name)
            yield Installed(
                name=name,
                on_calendar=found[1] if (found := re.search(r"^OnCalendar=(.*)$", text, re.MULTILINE)) else "",
                where=str(path),
                since=datetime.fromtimestamp(path.stat().st_mtime, UTC),
                trouble="" if state == RUNNING else f"the timer is {state}",
            )

    def _state(self, timer: str) -> str:
        """``enabled, active``, as systemd calls it."""
        said = self._systemctl("show", timer, "--property=UnitFileState,ActiveState")
        values = dict(line.partition("=")[::2] for line in said.splitlines())
        return f"{values.get('UnitFileState') or 'not there'}, {values.get('ActiveState') or 'unknown'}"

    def _systemctl(self, *words: str) -> str:
        line = ["systemctl", *(("--user",) if self._user else ()), *words]
        environment = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}", **os.environ, "LC_ALL": "C"}
        try:
            done = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT, check=False, env=environment)
        except subprocess.TimeoutExpired:
            raise PyremediateError(f"{' '.join(line)}: no answer within {TIMEOUT:.0f} s") from None
        if done.returncode:
            raise PyremediateError(f"{' '.join(line)}: {' '.join(done.stderr.split())}")
        return done.stdout


def _ours(path: Path, wanted: bool) -> str | None:
    """The text of a unit that we wrote. Somebody else's of the same name is in the way when we want to write one."""
    text = _read(path)
    if text is None and path.is_symlink():  # a masked unit is a link to /dev/null
        text = ""
    if text is None or text.startswith(units.MARK):
        return text
    if wanted:
        raise UsageError(f"{path}: was not written by pyremediate, and is left alone; rename it, then install again")
    return None


def _read(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return None


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.chmod(0o644)
    fresh.replace(path)
