"""Ansible's own options and settings for our runs: the command line, the environment, where the collection is."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pyremediate.paths import COLLECTION, collection_root, state_directory
from pyremediate.request import AnsibleOptions


def command_line(options: AnsibleOptions) -> list[str]:
    """The options that mean the same in Ansible, as its own command line wants them."""
    line: list[str] = []
    for inventory in options.inventory:
        line += ["-i", inventory if inventory.endswith(",") else str(Path(inventory).resolve())]
    flags = {"--check": options.check, "--diff": options.diff, "--become": options.become}
    line += [flag for flag, wanted in flags.items() if wanted]
    values = {
        "--become-user": options.become_user,
        "--become-method": options.become_method,
        "--become-password-file": options.become_password_file,
        "--user": options.user,
        "--private-key": options.private_key,
        "--forks": options.forks,
    }
    for flag, value in values.items():
        line += [flag, str(value)] if value else []
    return line + vault_options(options) + (["-" + "v" * options.verbosity] if options.verbosity else [])


def vault_options(options: AnsibleOptions) -> list[str]:
    files = [word for file in options.vault_password_files for word in ("--vault-password-file", file)]
    return files + [word for identity in options.vault_ids for word in ("--vault-id", identity)]


def environment(options: AnsibleOptions) -> dict[str, str]:
    """What a run needs beside the caller's own environment; the caller's ``ANSIBLE_…`` settings win, but for a log."""
    wanted = {
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",  # discovery costs a round trip to each host
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_INTERNAL_POLL_INTERVAL": "0.01",  # ten times the default: waiting costs a tenth of the processor
        "ANSIBLE_TIMEOUT": "8",
        "ANSIBLE_FORKS": str(options.forks or 25),
    }
    here = Path("ansible.cfg")
    if "ANSIBLE_CONFIG" not in os.environ and here.is_file():
        wanted["ANSIBLE_CONFIG"] = str(here.resolve())
    chosen = {name: value for name, value in wanted.items() if name not in os.environ}
    beside_us = (
        f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"  # the Ansible that was installed with us
    )
    # Ansible's own log would have whatever a module returns and an inventory holds, passwords too; the record is the journal.
    return {**chosen, "ANSIBLE_COLLECTIONS_PATH": collections_path(), "PATH": beside_us, "ANSIBLE_LOG_PATH": os.devnull}


def collections_path() -> str:
    """Where Ansible finds ``pyremediate.mail``: beside the installed package, or a link to the checkout."""
    root = collection_root()
    home = root.parents[2] if root.parts[-3:] == COLLECTION.parts else _link_to(root)
    inherited = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "~/.ansible/collections:/usr/share/ansible/collections")
    return f"{home}:{inherited}"


def _link_to(root: Path) -> Path:
    """A directory in which the checkout is ``ansible_collections/pyremediate/mail``; made once, replaced atomically."""
    home = root / ".cache" / "collections" if os.access(root, os.W_OK) else state_directory() / "collections"
    link = home / COLLECTION
    if not (link.is_symlink() and link.resolve() == root.resolve()):
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(f"mail.{os.getpid()}")
        fresh.symlink_to(root)
        fresh.replace(link)
    return home
