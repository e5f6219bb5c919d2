"""The verbs that can run by themselves, as frozen values: what a timer starts, when, and with what. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyremediate.settings import HostJob, JobSettings, NotifyJob, ScheduleSettings, Settings


@dataclass(frozen=True)
class Kind:
    """``words``: the verb, with what sets it apart as a job. ``spread``: seconds in which machines of one schedule start.

    ``tells``: it speaks to people, and to no host.
    """

    words: tuple[str, ...]
    purpose: str
    spread: int
    tells: bool = False


KINDS: Mapping[str, Kind] = {
    "check": Kind(("check",), "look at the mail hosts from inside and outside", spread=30),
    "verify": Kind(("verify",), "prove by test mail in every direction that mail flows", spread=60),
    "audit": Kind(("audit",), "compare the hosts with their approved state", spread=900),
    "deliver": Kind(("notify", "deliver"), "tell people what is due of outages", spread=10, tells=True),
    "notify": Kind(("notify", "test"), "try the channels by which people are told of outages", spread=900, tells=True),
}
AUDIT_METRICS = "pyremediate_drifts.prom"  # beside those of the runs themselves
CREDENTIALS = ("private_key", "become_password_file", "vault_password_file")  # of ScheduleSettings; the options' names, too


@dataclass(frozen=True)
class Job:
    """Everything that the text of a timer depends on. ``state``: the state directory, None: the one of the system."""

    name: str
    on_calendar: str
    command: tuple[str, ...]
    directory: Path
    state: Path | None = None
    writable: tuple[Path, ...] = ()
    credentials: Mapping[str, Path] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """What the job does."""
        return KINDS[self.name]


def of(settings: Settings, state: Path | None) -> tuple[Job, ...]:
    """The jobs that the settings want."""
    wanted = settings.schedule
    source = settings.source and settings.source.resolve()
    return tuple(
        Job(
            name=name,
            on_calendar=chosen.on_calendar,
            command=(
                str(Path(sys.executable).with_name("pyremediate")), "schedule", "run", name,
                *(("--settings", str(source)) if source else ()),
            ),
            directory=source.parent if source else Path("/"),
            state=state,
            writable=tuple(filter(None, (wanted.textfile_directory, settings.status_page.directory))),
            credentials=channels(settings) if KINDS[name].tells else credentials(wanted),
        )
        for name in KINDS
        if (chosen := getattr(wanted, name)).enabled
    )  # fmt: skip


def credentials(wanted: ScheduleSettings) -> Mapping[str, Path]:
    """The secret files that the settings name."""
    return {name: path for name in CREDENTIALS if (path := getattr(wanted, name))}


def channels(settings: Settings) -> Mapping[str, Path]:
    """The files in which the URLs of the channels are: a credential is read where a file cannot be."""
    found = settings.communication.channels
    return {f"notify_{name}": channel.url_file for name, channel in found.items() if channel.url_file}


def words(name: str, settings: Settings, handed_over: Path | None) -> tuple[str, ...]:
    """The command line of the verb. ``handed_over``: where systemd put the credentials for this run (systemd.exec(5))."""
    chosen: JobSettings = getattr(settings.schedule, name)
    line = [*KINDS[name].words]
    line += [f"--settings={settings.source}"] if settings.source else []
    if KINDS[name].tells:
        return (*line, *(["--quiet"] if isinstance(chosen, NotifyJob) and chosen.quiet else []))
    line += [f"--limit={chosen.hosts}"] if isinstance(chosen, HostJob) and chosen.hosts else []
    if name == "audit" and settings.schedule.textfile_directory:
        line.append(f"--textfile={settings.schedule.textfile_directory / AUDIT_METRICS}")
    for credential, path in credentials(settings.schedule).items():
        given = handed_over / credential if handed_over and (handed_over / credential).is_file() else path
        line.append(f"--{credential.replace('_', '-')}={given}")
    return tuple(line)
