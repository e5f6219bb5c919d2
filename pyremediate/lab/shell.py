"""Into a lab host: an SSH session for the operator, and a fault of the catalogue by Ansible."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from pyremediate.ansible import plays
from pyremediate.diagnosis import catalogue
from pyremediate.errors import PyremediateError, UsageError
from pyremediate.lab import broken, floor, requirements, ssh
from pyremediate.lab.description import Host, Lab
from pyremediate.lab.verbs import current
from pyremediate.lock import host_lock
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions

BREAK_TIMEOUT = 180.0


def ssh_command(name: str, command: Sequence[str]) -> list[str]:
    """The command line of ssh(1) to the host of that name."""
    lab, host = reachable(name)
    return ssh.command_line(lab, host, command)


def inventory() -> str:
    """The lab's inventory, for Ansible."""
    return str(collection_root() / "inventory" / "lab")


def break_host(fault: str, name: str) -> None:
    """Run a fault's ``break.yml`` against a mail host; raises with Ansible's words when it did not work."""
    tasks = break_file(fault)
    lab, host = reachable(name)
    if host.kind != "mail":
        raise UsageError(f"{name} is not a mail host; faults are made for mail hosts")
    variables = {"pyremediate_target": name, "pyremediate_break": str(tasks)}
    options = AnsibleOptions(inventory=(inventory(),))
    broken.note(lab, name, broken.delegates(tasks))
    with host_lock(name):
        result = plays.run(plays.Play("lab_break", variables, options, BREAK_TIMEOUT, identity="lab"))
    failures = result.failures(name)
    if result.status == "timeout":
        raise PyremediateError(f"{fault} could not be made on {name}: it did not end within {BREAK_TIMEOUT:.0f} s")
    if failures or not result.of(name):
        words = f"{failures[0].task}: {failures[0].message}" if failures else f"no task ran ({result.status})"
        raise PyremediateError(f"{fault} could not be made on {name}: {words}")


def break_file(fault: str) -> Path:
    """``faults/<fault>/break.yml``; raises ``UsageError`` with the nearest names that exist."""
    root = collection_root() / "faults"
    known = {path.parent.relative_to(root).as_posix(): path for path in sorted(root.glob("*/*/break.yml"))}
    if fault in known:
        return known[fault]
    if reason := next((each.recordings_only for each in catalogue.load().faults if each.code == fault), ""):
        raise UsageError(f"{fault} cannot be made in the lab: {reason}")
    near = [code for code in known if fault in code] or difflib.get_close_matches(fault, known, n=3, cutoff=0.4)
    raise UsageError(f"there is no fault {fault!r} to break a host with; there is: {', '.join(near or known)}")


def reachable(name: str) -> tuple[Lab, Host]:
    """The host; refused while the lab is down, for then its address may be somebody else's."""
    requirements.check()
    lab = current()
    host = lab.host(name)
    if not floor.is_laid(lab.range):
        raise UsageError("the lab is not up: pyremediate lab up")
    return lab, host
