"""One way to send a command to a device and read its answer. The only file that knows Netmiko.

    SessionError
    ├── Unreachable        nothing answers there, or it stopped to answer
    ├── HostKeyRefused     the host key is unknown, or another one than is known: somebody may stand in between
    ├── LoginRefused       authentication failed
    └── CommandRefused     the device does not know the command, or does not allow it

Host keys are always checked. Netmiko is imported when a session is opened, since it costs half a second and is an extra.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from pyremediate.errors import PyremediateError, Undetermined, UsageError


class SessionError(Undetermined):
    """The device could not be asked."""


class Unreachable(SessionError):
    """Nothing answers, or it stopped to answer."""


class HostKeyRefused(SessionError):
    """The device did not prove who it is."""


class LoginRefused(SessionError):
    """It does not let us in."""


class CommandRefused(SessionError):
    """It does not know the command, or does not allow it."""


class Session(Protocol):
    """What drivers need of a device."""

    def send(self, command: str) -> str:
        """The command's output without echo and prompt. Raises ``SessionError``."""

    def close(self) -> None:
        """End the session; never raises."""


@dataclass(frozen=True)
class Login:
    """How to reach a device. ``timeout`` bounds connecting and each command, in seconds."""

    address: str
    user: str
    device_type: str  # one of Netmiko's
    known_hosts: str
    port: int = 22
    password: str = field(default="", repr=False)
    key_file: str = ""
    ssh_config: str = ""  # OpenSSH client configuration, for ProxyJump and ProxyCommand
    timeout: float = 10.0

    @property
    def place(self) -> str:
        """``address port N``, fit for an error."""
        return f"{self.address} port {self.port}"


class NetmikoSession:
    """A session that stays open. After a command that did not answer in time it is given up: a late answer would be taken for
    the next command's."""

    def __init__(self, login: Login, connection: Any) -> None:
        self._login, self._connection, self._given_up = login, connection, ""
        self._lock = Lock()  # one command at a time, whoever asks

    def send(self, command: str) -> str:
        """The command's output. Raises ``Unreachable``."""
        with self._lock:
            return self._asked(command)

    def _asked(self, command: str) -> str:
        if self._given_up:
            raise Unreachable(self._given_up)
        try:
            return str(self._connection.send_command(command, read_timeout=self._login.timeout))
        except Exception as error:  # Netmiko raises its own, paramiko's, OSError and EOFError alike
            self._given_up = (
                f"{self._login.place}: no answer to {command!r} within {self._login.timeout:g} s ({_first(error)})"
            )
            self.close()
            raise Unreachable(self._given_up) from error

    @property
    def alive(self) -> bool:
        """May another command be sent?"""
        return not self._given_up and bool(self._connection.is_alive())

    def close(self) -> None:
        """Hang up."""
        try:
            self._connection.disconnect()
        except Exception:  # it may have gone before us
            return


def open_session(login: Login) -> NetmikoSession:
    """A session with the device. Raises ``SessionError``, or ``UsageError`` when what we were given cannot work."""
    for path, what in (
        (login.known_hosts, "known_hosts file"),
        (login.key_file, "key file"),
        (login.ssh_config, "ssh_config"),
    ):
        if path and not Path(path).is_file():
            raise UsageError(f"{login.address}: the {what} {path} does not exist")
    if not login.known_hosts:
        raise UsageError(
            f"{login.address}: no known_hosts file is named, and a device without a known key is not spoken to"
        )
    connect = _netmiko()
    try:
        return NetmikoSession(login, connect(**_options(login)))
    except Exception as error:  # Netmiko raises its own, paramiko's, OSError and EOFError alike
        raise _translated(login, error) from error


def _netmiko() -> Any:
    try:
        from netmiko import ConnectHandler
    except ImportError as error:
        raise UsageError("network devices are looked at by Netmiko: pip install 'pyremediate[network]'") from error
    for library in ("paramiko", "netmiko"):  # which write tracebacks to the terminal where nobody listens
        logging.getLogger(library).addHandler(logging.NullHandler())
    return ConnectHandler


def _options(login: Login) -> dict[str, Any]:
    """Netmiko's parameters. The known_hosts file is the only authority; an agent is asked only if no key or password is named."""
    given = bool(login.key_file or login.password)
    return {
        "device_type": login.device_type, "host": login.address, "port": login.port, "username": login.user,
        "password": login.password or None, "use_keys": bool(login.key_file) or not given, "key_file": login.key_file or None,
        "allow_agent": not given, "ssh_strict": True, "system_host_keys": False, "alt_host_keys": True,
        "alt_key_file": login.known_hosts, "ssh_config_file": login.ssh_config or None, "fast_cli": True, "keepalive": 30,
        "conn_timeout": login.timeout, "auth_timeout": login.timeout, "banner_timeout": login.timeout,
    }  # fmt: skip


# What paramiko says inside the errors that Netmiko wraps.
_KINDS: tuple[tuple[str, type[PyremediateError], str], ...] = (
    ("not found in known_hosts", HostKeyRefused, "its host key is not in {known_hosts}"),
    ("does not match", HostKeyRefused, "its host key is another one than {known_hosts} knows: it was reinstalled, or is another"),
    ("Authentication", LoginRefused, "it does not let {user} in"),
    ("TCP connection to device failed", Unreachable, "nothing answers"),
    ("Pattern not detected", Unreachable, "it lets {user} in, and does not answer as {device_type} of Netmiko should"),
)  # fmt: skip


def _translated(login: Login, error: Exception) -> Exception:
    """A foreign failure as one of ours."""
    if isinstance(error, socket.gaierror) or isinstance(error.__context__, socket.gaierror):
        return UsageError(f"{login.place}: the name does not resolve")
    words = f"{type(error).__name__} {error}"
    for mark, kind, sentence in _KINDS:
        if mark in words:
            return kind(
                f"{login.place}: {sentence.format(known_hosts=login.known_hosts, user=login.user, device_type=login.device_type)}"
            )
    late = isinstance(error, (TimeoutError, socket.timeout)) or "imeout" in words or "timed out" in words
    return Unreachable(
        f"{login.place}: {f'no answer within {login.timeout:g} s' if late else 'no session'} ({_first(error)})"
    )


def _first(error: Exception) -> str:
    """The first line that says something."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


class AbsentSession:
    """In place of a session that there is not: every command fails with the reason, so that evidence carries it."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def send(self, command: str) -> str:
        """Never an answer. Raises ``SessionError``."""
        raise SessionError(self._reason)

    def close(self) -> None:
        """Nothing is open."""


class RecordedSession:
    """Answers from recordings: {command: output}. What was not recorded is unknown to the device, in ``unknown``'s words."""

    def __init__(self, outputs: Mapping[str, str], unknown: str = "% Unknown command: {}") -> None:
        self.outputs, self.unknown, self.sent = outputs, unknown, list[str]()

    def send(self, command: str) -> str:
        """The recorded output."""
        self.sent.append(command)
        return self.outputs.get(command, self.unknown.format(command))

    def close(self) -> None:
        """Nothing is open."""
