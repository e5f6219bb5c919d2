"""The settings: one YAML file, strict, read once. ``python -m pyremediate.settings`` prints their JSON Schema.

The first of these files that exists is the one that counts; nothing is merged, so that one file tells everything:

    --settings FILE, PYREMEDIATE_SETTINGS, ./pyremediate.yml, ~/.config/pyremediate/settings.yml,
    /etc/pyremediate/settings.yml
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)  # fmt: skip

from pyremediate import strict_yaml
from pyremediate.communication.settings import CommunicationSettings
from pyremediate.diagnosis.catalogue_schema import RemedyClass
from pyremediate.errors import UsageError
from pyremediate.schedule import calendar
from pyremediate.strict_yaml import Strict, TimeZone

Seconds = Annotated[int, Field(gt=0, le=3600)]
SYSTEM_WIDE = Path("/etc/pyremediate/settings.yml")


class JournalSettings(Strict):
    """Where every step is put on record."""

    url: str | None = Field(
        default=None,
        repr=False,  # it may hold a password
        description="postgresql://user@host/name or sqlite:////path; without it, a file in the state directory",
    )

    @field_validator("url")
    @classmethod
    def _supported(cls, url: str | None) -> str | None:
        if url is not None and url.partition(":")[0] not in {"sqlite", "postgresql", "postgresql+psycopg"}:
            raise ValueError("should begin with sqlite:// or postgresql://")
        return url


class PolicySettings(Strict):
    """What may be done to a host, and how often."""

    unattended: tuple[RemedyClass, ...] = Field(
        default=("restart", "reconfigure", "rollback"),
        description="Classes of remedies that need nobody's consent; for the others somebody is asked",
    )
    never: tuple[RemedyClass, ...] = Field(
        default=(), description="Classes of remedies that are refused, with consent or without"
    )
    attempts: int = Field(default=3, ge=1, le=20, description="Remedies that one incident may try on one host")
    recurrence_minutes: int = Field(
        default=60, ge=0, description="A cause that comes back within this time goes to a human; 0: never"
    )

    @field_validator("never")
    @classmethod
    def _not_both(cls, never: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        both = sorted(set(never) & set(info.data.get("unattended", ())))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both in never and in unattended; take it out of one")
        return never


class SearchSettings(Strict):
    """The search for a cause that no rule names, among the differences from the last known good."""

    trials: int = Field(
        default=40, ge=0, le=500, description="Trials that one search may make on one host; 0: no search"
    )
    minutes: int = Field(default=10, ge=1, le=240, description="Minutes that one search may take")


class AuditRule(Strict):
    """What an audit says of some differences from the known good; the first rule that matches and holds counts."""

    kind: str = Field(default="*", min_length=1, description="Pattern of their kinds, such as package or postfix.*")
    name: str = Field(default="*", min_length=1, description="Pattern of their names: a parameter, a path, a unit")
    aspect: str = Field(default="*", min_length=1, description="Pattern of what of it, such as mode, or renewed of a certificate")
    host: str = Field(default="*", min_length=1, description="Pattern of the hosts and devices")
    action: Literal["accept", "ignore", "raise"] = Field(
        description="accept: told, and counted no more; ignore: only their number is told; raise: of the severity below"
    )
    severity: Literal["security", "breaks_mail"] | None = Field(default=None, description="With raise alone")
    reason: str = Field(min_length=3, description="Why; it is told with every drift that the rule is about")
    until: date | None = Field(default=None, description="The last day on which it holds (UTC), as 2027-01-31")

    @model_validator(mode="after")
    def _whole(self) -> AuditRule:
        if (self.action == "raise") != (self.severity is not None):
            raise ValueError("severity goes with action: raise, and with no other; add it there, or take it out here")
        if self.kind == self.name == "*":
            raise ValueError("it would match everything; give a kind or a name")
        return self


class AuditSettings(Strict):
    """What an audit makes of the differences that it finds."""

    rules: tuple[AuditRule, ...] = Field(default=(), description="The first that matches and holds counts")


class SignOffSettings(Strict):
    """Who must say that mail is back before an incident is closed."""

    required_signers: int = Field(default=1, ge=0, le=20, description="Distinct people that must sign; 0: nobody")
    operator_may_sign: bool = Field(default=True, description="false: who ran the fix cannot sign it")
    within_hours: int = Field(
        default=72, ge=0, description="Hours after the verification in which it can be signed; later look again; 0: always"
    )
    allowed_signers: Path | None = Field(
        default=None,
        description="People and their SSH keys, as in ALLOWED SIGNERS of ssh-keygen(1), relative to this file;"
        " with it, only a key can sign, without it the account that somebody logged in with does",
    )

    def anchored(self, here: Path) -> SignOffSettings:
        """The same, with an absolute path."""
        return self.model_copy(update={"allowed_signers": self.allowed_signers and here / self.allowed_signers.expanduser()})


class TimeoutSettings(Strict):
    """How long each thing may take, in seconds."""

    observe: Seconds = Field(default=20, description="Looking at one host from inside")
    vantage: Seconds = Field(default=45, description="Looking from one vantage point, test mail included")
    playbook: Seconds = Field(default=900, description="A playbook in check mode (audit --playbook)")
    remedy: Seconds = Field(default=240, description="One remedy with its checkpoint, or its undo")
    mail_wait: Seconds = Field(default=10, validate_default=True, description="Until a test mail must have arrived")
    deadman: Seconds = Field(default=300, description="Until a change that could cut us off undoes itself, unconfirmed")

    @field_validator("mail_wait")
    @classmethod
    def _within_vantage(cls, mail_wait: int, info: ValidationInfo) -> int:
        vantage = info.data.get("vantage")
        if vantage is not None and mail_wait >= vantage:
            raise ValueError(f"should be less than timeouts.vantage ({vantage}), which it is a part of")
        return mail_wait


def _calendar(expression: str) -> str:
    if complaint := calendar.complaint(expression):
        raise ValueError(complaint)
    return expression


OnCalendar = Annotated[str, AfterValidator(_calendar)]


class JobSettings(Strict):
    """When one verb runs by itself."""

    enabled: bool = Field(default=True, description="false: it does not run by itself")


class HostJob(JobSettings):
    """One that looks at hosts."""

    hosts: str | None = Field(
        default=None, min_length=1, description="Hosts or groups, as for --limit; without it, those that the verb takes by itself"
    )


class CheckJob(HostJob):
    """`pyremediate check`, test mail included."""

    on_calendar: OnCalendar = Field(default="*:0/10", description="When, as in systemd.time(7)")


class VerifyJob(HostJob):
    """`pyremediate verify`: what a check does, with each step of the mail's way and its time in the log."""

    enabled: bool = Field(default=False, description="true: it runs by itself, too")
    on_calendar: OnCalendar = Field(default="hourly", description="When, as in systemd.time(7)")


class AuditJob(HostJob):
    """`pyremediate audit`, which puts nothing back."""

    on_calendar: OnCalendar = Field(default="daily", description="When, as in systemd.time(7)")


class DeliverJob(JobSettings):
    """`pyremediate notify deliver`: updates while a repair waits for people, and what could not be delivered before."""

    enabled: bool = Field(default=False, description="true: it runs by itself, too")
    on_calendar: OnCalendar = Field(default="*:0/5", description="When, as in systemd.time(7)")


class NotifyJob(JobSettings):
    """`pyremediate notify test --quiet`: the relay and its recipients are tried, and nobody gets a message."""

    enabled: bool = Field(default=False, description="true: it runs by itself, too")
    on_calendar: OnCalendar = Field(default="daily", description="When, as in systemd.time(7)")
    quiet: bool = Field(default=True, description="false: a test message is sent through every channel")


class ScheduleSettings(Strict):
    """What `pyremediate schedule install` lets run by itself, and what these runs are given; paths relative to this file."""

    check: CheckJob = CheckJob()
    verify: VerifyJob = VerifyJob()
    audit: AuditJob = AuditJob()
    deliver: DeliverJob = DeliverJob()
    notify: NotifyJob = NotifyJob()
    private_key: Path | None = Field(default=None, description="Log in with this key")
    become_password_file: Path | None = Field(default=None, description="A file with the password of --become")
    vault_password_file: Path | None = Field(default=None, description="A file with the vault's password; not a program")
    textfile_directory: Path | None = Field(
        default=None, description="The textfile directory of Prometheus' node exporter; gets pyremediate_<job>.prom"
    )

    def anchored(self, here: Path) -> ScheduleSettings:
        """The same, with absolute paths."""
        names = ("private_key", "become_password_file", "vault_password_file", "textfile_directory")
        given = {name: path for name in names if (path := getattr(self, name))}
        return self.model_copy(update={name: here / path.expanduser() for name, path in given.items()})


Minutes = Annotated[float, Field(gt=0, le=100_000)]


class ReviewTargets(Strict):
    """What the house has promised, in minutes; a review says of each whether it was kept. None: nothing was promised."""

    detection_minutes: Minutes | None = Field(default=15, description="From the first sign of trouble until it is noticed")
    response_minutes: Minutes | None = Field(default=15, description="Until something is done, or somebody is called")
    repair_minutes: Minutes | None = Field(default=60, description="Until mail is proved to flow again")


class ReviewSettings(Strict):
    """The post-incident review."""

    targets: ReviewTargets = ReviewTargets()
    timezone: TimeZone = Field(default="UTC", description="In which its times are told, as Europe/Rome")


class StatusPageSettings(Strict):
    """The page that tells users how mail is. The directory is relative to this file."""

    directory: Path | None = Field(
        default=None, description="It is written here at every change, for any web server; without it, by its verb alone"
    )
    name: str = Field(default="", max_length=80, description="Of the house, as its users know it; it stands above the page")
    contact: str = Field(default="", max_length=200, description="Whom users may ask, as: Helpdesk, +39 0471 123456")
    details: bool = Field(default=False, description="true: names of hosts and causes, too; not for a page that everybody can read")
    timezone: TimeZone = Field(default="UTC", description="In which its times are told, as Europe/Rome")

    def anchored(self, here: Path) -> StatusPageSettings:
        """The same, with an absolute path."""
        return self.model_copy(update={"directory": self.directory and here / self.directory.expanduser()})


class Settings(Strict):
    """Settings of pyremediate."""

    inventory: tuple[str, ...] | None = Field(
        default=None, description="Inventories to use without -i; paths are relative to this file"
    )
    faults: tuple[Path, ...] = Field(
        default=(), description="Directories of further faults, laid out <layer>/<fault>/; relative to this file"
    )
    builtin_faults: bool = Field(
        default=True,
        description="Use the faults that come with the product; false: only those of the directories above",
    )
    journal: JournalSettings = JournalSettings()
    policy: PolicySettings = PolicySettings()
    search: SearchSettings = SearchSettings()
    audit: AuditSettings = AuditSettings()
    sign_off: SignOffSettings = SignOffSettings()
    timeouts: TimeoutSettings = TimeoutSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    review: ReviewSettings = ReviewSettings()
    status_page: StatusPageSettings = StatusPageSettings()
    communication: CommunicationSettings = CommunicationSettings()

    _source: Path | None = PrivateAttr(default=None)

    @property
    def source(self) -> Path | None:
        """The file that they come from; None: the defaults."""
        return self._source


def load(explicit: str | None = None) -> Settings:
    """The settings that count here. Raises ``UsageError`` with every error of the file, one a line."""
    path = find(explicit)
    if path is None:
        return Settings()
    settings, errors = strict_yaml.read(path, Settings)
    if settings is None:
        raise UsageError("\n".join(errors))
    here = path.resolve().parent
    inventory = settings.inventory and tuple(_anchored(item, here) for item in settings.inventory)
    settings = settings.model_copy(
        update={
            "inventory": inventory,
            "faults": tuple(here / item.expanduser() for item in settings.faults),
            "sign_off": settings.sign_off.anchored(here),
            "schedule": settings.schedule.anchored(here),
            "status_page": settings.status_page.anchored(here),
            "communication": settings.communication.anchored(here),
        }
    )
    settings._source = path
    return settings


def find(explicit: str | None = None) -> Path | None:
    """The file that counts. One that was named, by option or environment, must exist."""
    named = {"--settings": explicit, "PYREMEDIATE_SETTINGS": os.environ.get("PYREMEDIATE_SETTINGS")}
    for origin, name in named.items():
        if name:
            path = Path(name).expanduser()
            if not path.is_file():
                raise UsageError(f"{path}: there is no such settings file; correct {origin} or make the file")
            return path
    home = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    candidates = (Path("pyremediate.yml"), home / "pyremediate" / "settings.yml", SYSTEM_WIDE)
    return next((path for path in candidates if path.is_file()), None)


def _anchored(inventory: str, here: Path) -> str:
    """A path relative to the settings file; a list of hosts (``a,b,``) as it is."""
    return inventory if "," in inventory else str(here / Path(inventory).expanduser())


def schema() -> str:
    """The JSON Schema of the file, for editors."""
    import json

    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Settings.model_json_schema()}
    return json.dumps(found, indent=2) + "\n"


if __name__ == "__main__":
    print(schema(), end="")
