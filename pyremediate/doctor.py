"""Is this control node fit? Each check looks at one thing, changes nothing and fails alone; a finding has its mend."""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyremediate import paths
from pyremediate.errors import PyremediateError, UsageError
from pyremediate.model import Answer
from pyremediate.request import AnsibleOptions
from pyremediate.settings import Settings, load

LEAST_FREE = 200 * 1024 * 1024  # bytes: a journal, and a capture of every host
MODULES = ("observe", "vantage", "checkpoint", "snapshot")  # what a run needs on the hosts


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    answer: Answer
    detail: str
    mend: str = ""


@dataclass(frozen=True)
class Subject:
    """What is examined: this machine with these settings and options."""

    settings_file: str | None
    options: AnsibleOptions

    def settings(self) -> Settings:
        """The settings; checks that need them cannot tell anything when they are wrong."""
        return load(self.settings_file)


def examine(subject: Subject) -> tuple[Finding, ...]:
    """Every finding, in order; a check that crashes is a finding too."""
    return tuple(finding for name, check in CHECKS.items() for finding in _isolated(name, check, subject))


def _isolated(name: str, check: Callable[[Subject], Iterator[Finding]], subject: Subject) -> list[Finding]:
    try:
        return list(check(subject))
    except PyremediateError as error:
        return [Finding(name, Answer.FAIL, str(error).splitlines()[0], "as the message says")]
    except Exception as error:
        return [Finding(name, Answer.UNKNOWN, f"the check itself failed: {type(error).__name__}: {error}")]


def _requirements(_: Subject) -> Iterator[Finding]:
    """Python and every dependency, within the ranges that the package was released with."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    wanted = SpecifierSet(str(importlib.metadata.metadata("pyremediate")["Requires-Python"]))
    python = ".".join(map(str, sys.version_info[:3]))
    yield _within("Python", python, wanted.contains(python), str(wanted), "install pyremediate with such a Python")
    for line in importlib.metadata.requires("pyremediate") or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _installed(requirement.name, str(requirement.specifier), requirement.specifier.contains)


def _installed(name: str, wanted: str, contains: Callable[[str], bool]) -> Finding:
    mend = f"pip install '{name}{wanted}'"
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, Answer.FAIL, "is not installed", mend)
    return _within(name, found, contains(found), wanted, mend)


def _within(name: str, found: str, fits: bool, wanted: str, mend: str) -> Finding:
    if fits:
        return Finding(name, Answer.PASS, found)
    return Finding(name, Answer.FAIL, f"{found} is not within {wanted}", mend)


def _ssh(_: Subject) -> Iterator[Finding]:
    client = shutil.which("ssh")
    if client:
        yield Finding("ssh client", Answer.PASS, client)
    else:
        yield Finding("ssh client", Answer.FAIL, "there is no ssh in PATH", "apt-get install openssh-client")


def _git(_: Subject) -> Iterator[Finding]:
    """The known good is kept by it."""
    from pyremediate.known_good import git

    try:
        found = git.version()
    except UsageError as error:
        yield Finding("git", Answer.FAIL, "there is no git in PATH", str(error).rpartition("; ")[2])
        return
    words, least = (".".join(map(str, numbers)) for numbers in (found, git.LEAST))
    if found >= git.LEAST:
        yield Finding("git", Answer.PASS, words)
    else:
        yield Finding("git", Answer.FAIL, f"{words} is older than {least}", f"install git {least} or newer")


def _state(_: Subject) -> Iterator[Finding]:
    """Writable by us alone, and with room: a journal that cannot be written stops every repair."""
    state = paths.state_directory()
    nearest = next(path for path in (state, *state.parents) if path.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        mend = f"make {state} writable, or set PYREMEDIATE_STATE"
        yield Finding("state directory", Answer.FAIL, f"{nearest} is not writable for this user", mend)
        return
    if nearest == state and stat.S_IMODE(state.stat().st_mode) & 0o022:
        yield Finding("state directory", Answer.FAIL, f"others can write into {state}", f"chmod 700 {state}")
    else:
        yield Finding("state directory", Answer.PASS, str(state) if nearest == state else f"{state} will be made")
    free, inodes = shutil.disk_usage(nearest).free, os.statvfs(nearest)
    shown = f"{free // 2**20} MiB free on the file system of {nearest}"
    scarce = free < LEAST_FREE or (inodes.f_files and inodes.f_favail < 1000)
    yield Finding("disk space", Answer.FAIL if scarce else Answer.PASS, shown, "make room, or set PYREMEDIATE_STATE")


def _settings(subject: Subject) -> Iterator[Finding]:
    settings = subject.settings()
    yield Finding("settings", Answer.PASS, str(settings.source or "the defaults: no settings file was found"))
    path, url = settings.source, settings.journal.url or ""
    if path and "@" in url and ":" in url.partition("://")[2].partition("@")[0] and path.stat().st_mode & 0o044:
        yield Finding("settings", Answer.FAIL, f"others can read the password in {path}", f"chmod 600 {path}")


def _journal(subject: Subject) -> Iterator[Finding]:
    url, file = subject.settings().journal.url, paths.state_directory() / "journal.sqlite"
    if url is None and not file.exists():
        yield Finding("journal", Answer.PASS, f"{file} will be made")
        return
    from pyremediate.journal import Journal

    with Journal.open(url) as journal:
        broken, newest = journal.verify_chain(), journal.incidents(limit=1)
    if broken:
        detail = f"entry {broken.seq} (incident {broken.incident}): {broken.reason}"
        yield Finding("journal", Answer.FAIL, detail, "keep a copy, find who changed it, and begin a new one")
    else:
        yield Finding("journal", Answer.PASS, "opens, and every entry is as it was written")
    if url is None and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield Finding("journal", Answer.FAIL, f"others can read {file}", f"chmod 600 {file}")
    if newest and newest[0].began.timestamp() > time.time() + 60:
        detail = f"it is before the newest incident on record ({newest[0].began:%Y-%m-%d %H:%M} UTC)"
        yield Finding("clock", Answer.FAIL, detail, "set the clock, and keep it with chrony or systemd-timesyncd")


def _catalogue(subject: Subject) -> Iterator[Finding]:
    from pyremediate.diagnosis import catalogue

    known = catalogue.load(subject.settings().faults).faults
    answer = Answer.PASS if known else Answer.FAIL
    yield Finding("fault catalogue", answer, f"{len(known)} faults", "install pyremediate again")


def _collection(_: Subject) -> Iterator[Finding]:
    root = paths.collection_root()
    missing = [name for name in MODULES if not (root / "plugins" / "modules" / f"{name}.py").is_file()]
    if missing:
        detail = f"{root} has no module {', '.join(missing)}"
        yield Finding("collection", Answer.FAIL, detail, "install pyremediate again")
    else:
        yield Finding("collection", Answer.PASS, f"pyremediate.mail in {root}")


def _inventory(subject: Subject) -> Iterator[Finding]:
    from pyremediate.ansible import inventory

    options = subject.options
    if not options.inventory:
        detail = "none was named, by -i or in the settings"
        yield Finding("inventory", Answer.IMPOSSIBLE, detail, "name one: pyremediate doctor -i PATH")
        return
    listing = inventory.inventory_hosts(options)
    hosts, groups = listing.get("_meta", {}).get("hostvars", {}), [name for name in listing if name != "_meta"]
    if "mail" in groups:
        yield Finding("inventory", Answer.PASS, f"{len(hosts)} hosts, {len(groups)} groups")
    else:
        mend = "put the mail hosts into a group `mail`, as in inventory/example"
        yield Finding("inventory", Answer.FAIL, f"it has no group mail (but {', '.join(groups)})", mend)


def _schedule(_: Subject) -> Iterator[Finding]:
    """A run that did not happen tells nobody by itself."""
    from pyremediate.schedule import install, status
    from pyremediate.schedule.units import UNAPPROVED

    scheduler = install.scheduler_here(user=os.geteuid() != 0)
    found = status.of(scheduler) if scheduler else ()
    for job in found:
        if job.trouble:
            mend = "pyremediate schedule install starts a timer that was stopped; cron must itself be running"
            yield Finding(f"schedule {job.job}", Answer.FAIL, job.trouble, mend)
        elif job.broken:
            mend = f"read what it said (journalctl -u pyremediate-{job.job}), then: pyremediate schedule run {job.job}"
            yield Finding(f"schedule {job.job}", Answer.FAIL, f"the last run {job.result}", mend)
        elif job.run and job.run.status == UNAPPROVED:
            mend = "pyremediate baseline capture, when the hosts are in order"
            yield Finding(f"schedule {job.job}", Answer.UNKNOWN, f"runs at {job.on_calendar}; {job.result}", mend)
        else:
            yield Finding(f"schedule {job.job}", Answer.PASS, f"runs at {job.on_calendar}; {job.result or 'no run is due yet'}")
    if not found:
        yield Finding("schedule", Answer.PASS, "nothing runs by itself (pyremediate schedule install)")


def _communication(subject: Subject) -> Iterator[Finding]:
    """A channel that is dead in an outage tells nobody."""
    found = subject.settings().communication
    if not found.audiences:
        yield Finding("notifications", Answer.PASS, "nobody is told of outages (communication in the settings)")
        return
    from pyremediate.communication import channels, trying

    trying.check_templates(found)
    wrong = channels.complaints(found)
    for complaint in wrong:
        yield Finding("notifications", Answer.FAIL, complaint, "correct communication.channels in the settings")
    tried = {trial.channel: trial for trial in trying.remembered()}
    for name in found.channels:
        trial, mend = tried.get(name), "pyremediate notify test"
        if trial is None:
            yield Finding(f"channel {name}", Answer.UNKNOWN, "has not been tried yet", mend)
        else:
            answer = Answer.PASS if trial.well else Answer.FAIL
            yield Finding(f"channel {name}", answer, f"{trial.answer} ({trial.at:%Y-%m-%d %H:%M} UTC)", f"mend it, then: {mend}")


def _clock(_: Subject) -> Iterator[Finding]:
    """Certificates and the order of events depend on it. The kernel knows whether it is kept right (adjtimex(2))."""
    mend = "set the clock, and keep it with chrony or systemd-timesyncd"
    if time.time() < Path(__file__).stat().st_mtime - 86400:
        yield Finding("clock", Answer.FAIL, f"{time.strftime('%F %R')} is before this program was installed", mend)
        return
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    if state == 5:  # TIME_ERROR
        yield Finding("clock", Answer.IMPOSSIBLE, "plausible; the kernel cannot tell whether it is synchronised", mend)
    elif state < 0:
        yield Finding("clock", Answer.IMPOSSIBLE, f"plausible; adjtimex: {os.strerror(ctypes.get_errno())}", mend)
    else:
        yield Finding("clock", Answer.PASS, "plausible and synchronised")


CHECKS: Mapping[str, Callable[[Subject], Iterator[Finding]]] = {
    "requirements": _requirements,
    "ssh client": _ssh,
    "git": _git,
    "state directory": _state,
    "settings": _settings,
    "journal": _journal,
    "fault catalogue": _catalogue,
    "collection": _collection,
    "inventory": _inventory,
    "schedule": _schedule,
    "notifications": _communication,
    "clock": _clock,
}
