"""The record of what ran by itself: the last run of each job, in the state directory and for Prometheus."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from pyremediate.lock import is_held, job_lock
from pyremediate.model import moment, to_json
from pyremediate.paths import state_directory

METRICS = {  # the suffix of the name; the field of the run is its value
    "last_run_timestamp_seconds": "When the last run that ended began.",
    "last_run_end_timestamp_seconds": "When the last run ended.",
    "last_run_exit_status": "0 well, 1 a problem remains, 2 it could not run, 3 it could not be known, 5 nothing was approved yet.",
    "last_well_timestamp_seconds": "When a run last ended with exit status 0.",
}


@dataclass(frozen=True)
class Run:
    """The last run of a job. ``ended`` and ``status`` are None while it goes on, and when it died."""

    job: str
    began: datetime
    ended: datetime | None = None
    status: int | None = None
    well: datetime | None = None  # when a run last ended with 0

    @property
    def under_way(self) -> bool:
        """It goes on at this moment; a run that died leaves no end, but no lock either."""
        return self.ended is None and is_held(self.job)


def last(job: str) -> Run | None:
    """The last run on record."""
    try:
        data = json.loads(_record(job).read_text())
    except FileNotFoundError:
        return None
    ended, well = (data[name] and moment(data[name]) for name in ("ended", "well"))
    return Run(job, moment(data["began"]), ended, data["status"], well)


def recorded(job: str, verb: Callable[[], int], textfiles: Path | None) -> int:
    """Run a verb once at a time, with its beginning and its end on record; its exit status.

    Raises ``Refused`` while another run of the job goes on. What the verb raises is on record as status 1, and goes on upwards.
    """
    with job_lock(job):
        before = last(job)
        run = Run(job, began=_now(), well=before.well if before else None)
        _keep(run)
        status = 1
        try:
            status = verb()
        finally:
            ended = _now()
            run = replace(run, ended=ended, status=status, well=ended if status == 0 else run.well)
            _keep(run)
            if textfiles:
                _replace(textfiles / f"pyremediate_{job}.prom", metrics(run), mode=0o644)  # another user reads it
        return status


def metrics(run: Run) -> str:
    """A run that has ended in Prometheus' text format; a file that is not renewed keeps its times, and so shows its age."""
    lines = []
    for (name, help_text), value in zip(METRICS.items(), (run.began, run.ended, run.status, run.well), strict=True):
        if value is not None:
            metric = f"pyremediate_schedule_{name}"
            number = f"{value.timestamp():.0f}" if isinstance(value, datetime) else str(value)
            lines += [f"# HELP {metric} {help_text}", f"# TYPE {metric} gauge", f'{metric}{{schedule="{run.job}"}} {number}']
    return "\n".join(lines) + "\n"


def _keep(run: Run) -> None:
    _replace(_record(run.job), json.dumps(to_json(run), indent=2) + "\n", mode=0o600)


def _record(job: str) -> Path:
    return state_directory() / "schedule" / f"{job}.json"


def _replace(path: Path, text: str, mode: int) -> None:
    """Whole or not at all, for whoever reads meanwhile (rename(2))."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text)
    fresh.chmod(mode)
    fresh.replace(path)


def _now() -> datetime:
    return datetime.now(UTC)
