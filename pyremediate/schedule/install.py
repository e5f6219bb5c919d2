"""Which scheduler there is here, and whether what the settings name can be used by a run that nobody watches."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from pyremediate.errors import UsageError
from pyremediate.paths import state_directory
from pyremediate.schedule import jobs
from pyremediate.schedule.change import Scheduler
from pyremediate.schedule.cron import Cron
from pyremediate.schedule.jobs import Job
from pyremediate.schedule.systemd import Systemd
from pyremediate.settings import Settings

SYSTEM_UNITS = Path("/etc/systemd/system")
BOOTED = Path("/run/systemd/system")  # sd_booted(3)
SYSTEM_STATE = Path("/var/lib/pyremediate")


def scheduler(user: bool) -> Scheduler:
    """The scheduler of the system, or of this user. Raises ``UsageError`` where there is neither systemd nor cron."""
    if found := scheduler_here(user):
        return found
    whose = "no systemd of this user runs (log in, or loginctl enable-linger)" if user else "systemd does not run"
    raise UsageError(f"{whose}, and there is no crontab(1); install cron, or start `pyremediate schedule run` by other means")


def scheduler_here(user: bool) -> Scheduler | None:
    """The scheduler of the system, or of this user; None where there is none."""
    if not user and BOOTED.is_dir():
        return Systemd(SYSTEM_UNITS, user=False)
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    if user and (runtime / "systemd").is_dir():
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        return Systemd(home / "systemd" / "user", user=True)
    return Cron() if shutil.which("crontab") else None


def wanted(settings: Settings) -> tuple[Job, ...]:
    """The jobs of the settings. Where the state is elsewhere than the system's, the runs are told so."""
    state = state_directory()
    return jobs.of(settings, None if state == SYSTEM_STATE else state.absolute())


def obstacles(settings: Settings, wanted: tuple[Job, ...], sandboxed: bool) -> Iterator[str]:
    """Why the runs could not do their work, each with its mend.

    A unit works as root without capabilities: it reads and writes what the mode bits allow (path_resolution(7)).
    """
    may = _root_may if sandboxed else os.access
    if not wanted:
        yield "the settings let nothing run by itself; set schedule.check.enabled: true, or: pyremediate schedule remove"
        return
    if not settings.inventory and any(not job.kind.tells for job in wanted):
        where = settings.source or "the settings (/etc/pyremediate/settings.yml)"
        yield f"{where}: no inventory is named, and nobody is there to give one with -i; set inventory: [...]"
    read = [Path(wanted[0].command[0]), *filter(None, [settings.source])]
    read += [Path(item) for item in settings.inventory or () if "," not in item]
    for path in read:
        if not path.exists():
            yield f"{path}: is not there"
        elif not may(path, os.R_OK):
            yield f"{path}: a run could not read it; put it where only root's own permissions count, such as /etc or /opt"
    for path in dict.fromkeys(path for job in wanted for path in job.credentials.values()):
        if not path.is_file():
            yield f"{path}: there is no such file; correct the settings that name it"
    if any(job.kind.tells for job in wanted):
        yield from _of_channels(settings)
    for path in wanted[0].writable:
        if not path.is_dir():
            yield f"{path}: there is no such directory; correct schedule.textfile_directory or make it"
        elif not may(path, os.W_OK):
            yield f"{path}: a run could not write there; chown root {path} (the node exporter only reads it)"


def _of_channels(settings: Settings) -> Iterator[str]:
    if not settings.communication.audiences:
        yield "schedule.deliver and schedule.notify have nobody to tell; name audiences in communication, or disable them"
    for name, channel in settings.communication.channels.items():
        if channel.url_environment:
            yield f"channel {name}: a run that nobody watches has no {channel.url_environment}; put the URL into a url_file"


def _root_may(path: Path, mode: int) -> bool:
    """May root, without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH?"""
    path = path.resolve()
    through = all(_bits(parent.stat()) & os.X_OK for parent in path.parents)
    return through and bool(_bits(path.stat()) & mode)


def _bits(found: os.stat_result) -> int:
    """The permissions, as ``os.R_OK``, that root has as an ordinary user."""
    shift = 6 if found.st_uid == 0 else 3 if found.st_gid == 0 else 0
    return stat.S_IMODE(found.st_mode) >> shift & 0o7
