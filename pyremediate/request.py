"""What the operator asks for: one frozen value from the command line to the pipeline, checked before anything runs."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyremediate.model import Planned
    from pyremediate.settings import Settings

EVERY_HOST = "mail"  # the group of the mail hosts; see inventory/example


@dataclass(frozen=True)
class AnsibleOptions:
    """The options that mean the same here as in Ansible (ansible-playbook(1)).

    Passwords that were asked for lie in a private file in memory by now, and are named like those that came in a file.
    """

    inventory: tuple[str, ...] = ()
    limit: str | None = None
    check: bool = False
    diff: bool = False
    become: bool = False
    become_user: str | None = None
    become_method: str | None = None
    become_password_file: str | None = None
    vault_password_files: tuple[str, ...] = ()
    vault_ids: tuple[str, ...] = ()
    user: str | None = None
    private_key: str | None = None
    verbosity: int = 0
    forks: int | None = None


@dataclass(frozen=True)
class Request:
    """One verb of the command line, for the hosts that a pattern names.

    ``approve``  asks the operator whether a remedy that policy leaves open may run; None: there is nobody to ask
    ``secrets``  values that must never reach the journal (``Journal.redact``)
    """

    hosts: str
    options: AnsibleOptions
    settings: Settings
    look: str = "both"  # inside, outside, both
    plan_only: bool = False
    approve: Callable[[Planned], bool] | None = None
    assume_yes: bool = False
    accept_risk: bool = False  # change what could cut us off without a dead-man switch, too, where none is possible
    actor: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


def operator() -> str:
    """Who is at the keyboard, for the record: the login behind sudo(8), else the user of the process."""
    behind = os.environ.get("SUDO_USER")
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a uid without a name, as in some containers
        user = f"uid {os.getuid()}"
    return f"{behind} as {user}" if behind and behind != user else user
