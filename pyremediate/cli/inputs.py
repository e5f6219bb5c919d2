"""Files and passwords that an operator names, looked at before anything runs; complaints name the file and the mend."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pyremediate.cli import terminal
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions


def check(options: AnsibleOptions) -> None:
    """Raises ``UsageError`` for the first thing that cannot be used."""
    for inventory in options.inventory:
        if "," not in inventory:
            _readable(inventory, "inventory", "-i", directories=True)
    if options.private_key:
        _private_key(options.private_key)
    for file in filter(None, (options.become_password_file, *options.vault_password_files)):
        _readable(file, "password file", "the option")
    for identity in options.vault_ids:
        source = identity.rpartition("@")[2]
        if source.startswith("prompt"):  # Ansible's own prompt would wait where nobody sees it
            raise UsageError(f"--vault-id {identity}: name a file instead of prompt, or use --ask-vault-pass")
        _readable(source, "password file", "--vault-id")


def _readable(name: str, what: str, option: str, directories: bool = False) -> Path:
    path = Path(name).expanduser()
    if not path.exists():
        raise UsageError(f"{name}: there is no such {what}; correct {option} or make it")
    if path.is_dir() and not directories:
        raise UsageError(f"{name}: is a directory, not a {what}; correct {option}")
    if not os.access(path, os.R_OK):
        raise UsageError(f"{name}: this user may not read the {what}; correct its mode or owner")
    return path


def _private_key(name: str) -> None:
    """ssh(1) ignores a key that others can read, and its words about it do not reach the operator."""
    path = _readable(name, "private key", "--private-key")
    if b"PRIVATE KEY-----" not in path.read_bytes()[:200]:
        hint = "it is the public half" if path.suffix == ".pub" else "it has no BEGIN … PRIVATE KEY line"
        raise UsageError(f"{name}: is not a private key ({hint}); correct --private-key")
    found = path.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError(f"{name}: others can read this private key, so ssh will not use it; chmod 600 {name}")


def ask_secret(prompt: str) -> str:
    """A password from the terminal, not shown."""
    if not terminal.interactive():
        raise UsageError(f"{prompt}: nobody is at a terminal to ask; use the option that names a file")
    return str(click.prompt(prompt, hide_input=True, err=True))


@contextmanager
def private_file(text: str) -> Iterator[str]:
    """A file in memory that only this user can read, gone afterwards: Ansible takes passwords from files alone."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    directory = Path(tempfile.mkdtemp(prefix="pyremediate-secret-", dir=memory))  # mode 0700
    try:
        path = directory / "password"
        path.touch(mode=0o600)
        path.write_text(text + "\n")
        yield str(path)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
