"""Who signs: the person behind the process, or behind an SSH key."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pyremediate.errors import UsageError

NAMESPACE = "sign-off@pyremediate"  # ssh-keygen(1): a signature made for another purpose is no sign-off
LOGIN = Path("/proc/self/loginuid")  # set once at login by pam_loginuid(8), and kept through sudo(8) and su(1)
UNSET = 2**32 - 1


@dataclass(frozen=True)
class Signed:
    """A signer, and with a key what proves it to anybody: ``ssh-keygen -Y verify`` reads both."""

    signer: str
    by: str
    statement: str
    signature: str = ""


def at_the_keyboard() -> str:
    """The account that somebody logged in with, whoever they have become since.

    SUDO_UID counts for root alone: anybody else may set it as they please.
    """
    number = _login()
    if number is None and os.geteuid() == 0:
        behind = os.environ.get("SUDO_UID", "")
        number = int(behind) if behind.isdigit() else None
    return _name(os.getuid() if number is None else number)


def statement(incident: str, verification: str) -> str:
    """What somebody puts their name to."""
    return f"pyremediate sign-off\nincident {incident}\nverification {verification}\n"


def by_user(incident: str, verification: str) -> Signed:
    """Signed by the account of this process."""
    return Signed(at_the_keyboard(), "user", statement(incident, verification))


def by_key(incident: str, verification: str, key: Path, allowed: Path) -> Signed:
    """Signed by a key (its public half suffices where an agent holds it). Raises ``UsageError`` when its owner may not sign."""
    text = statement(incident, verification)
    signature = _ssh_keygen(["sign", "-n", NAMESPACE, "-f", str(key)], text, f"{key}: cannot be signed with")
    with tempfile.NamedTemporaryFile("w", suffix=".sig") as file:
        file.write(signature)
        file.flush()
        whose = ["find-principals", "-f", str(allowed), "-s", file.name]
        found = _ssh_keygen(whose, text, f"{allowed}: names nobody whose key is {key}").splitlines()
        proof = ["verify", "-n", NAMESPACE, "-f", str(allowed), "-I", found[0], "-s", file.name]
        _ssh_keygen(proof, text, f"{allowed}: the key of {found[0]} may not sign")
    return Signed(found[0], "key", text, signature)


def _login() -> int | None:
    try:
        number = int(LOGIN.read_text())
    except (OSError, ValueError):
        return None
    return None if number == UNSET else number


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # a uid without a name, as in some containers
        return f"uid {number}"


def _ssh_keygen(arguments: list[str], text: str, complaint: str) -> str:
    command = ["ssh-keygen", "-Y", *arguments]
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise UsageError("ssh-keygen is missing; install OpenSSH's client") from None
    if done.returncode or not (done.stdout or arguments[0] == "verify"):
        words = " ".join(done.stderr.split()) or "ssh-keygen gives no reason"
        raise UsageError(f"{complaint}: {words}")
    return done.stdout
