"""Into a lab host: an SSH session for the operator, and a fault of the catalogue by Ansible."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from pyremediate import ansible
from pyremediate.errors import PyremediateError, UsageError
from pyremediate.lab import ssh
from pyremediate.lab.up import current
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions


def ssh_command(name: str, command: Sequence[str]) -> list[str]:
    """The command line of ssh(1) to the host of that name."""
    lab = current()
    return ssh.command_line(lab, lab.host(name), command)


def inventory() -> str:
    """The lab's inventory, for Ansible."""
    return str(collection_root() / "inventory" / "lab")


def break_host(fault: str, name: str) -> None:
    """Run a fault's ``break.yml`` against a mail host; raises with Ansible's words when it did not work."""
    host = current().host(name)
    if host.kind != "mail":
        raise UsageError(f"{name} is not a mail host; faults are made for mail hosts")
    variables = {"pyremediate_target": name, "pyremediate_break": str(break_file(fault))}
    result = ansible.run(ansible.Play("lab_break", variables, AnsibleOptions(inventory=(inventory(),)), timeout=180))
    failures = result.failures(name)
    if failures:
        raise PyremediateError(f"{fault} could not be made on {name}: {failures[0].task}: {failures[0].message}")
    if not result.of(name):
        raise PyremediateError(f"{fault} could not be made on {name}: no task ran ({result.status})")


def break_file(fault: str) -> Path:
    """``faults/<fault>/break.yml``; raises ``UsageError`` with the nearest names that exist."""
    root = collection_root() / "faults"
    known = {path.parent.relative_to(root).as_posix(): path for path in sorted(root.glob("*/*/break.yml"))}
    if fault in known:
        return known[fault]
    near = difflib.get_close_matches(fault, known, n=3, cutoff=0.4) or [code for code in known if fault in code] or list(known)
    raise UsageError(f"no fault {fault!r} that can be made; did you mean: {', '.join(near) or 'there are none'}")
