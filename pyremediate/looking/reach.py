"""Why a host cannot be reached over SSH: each step of a login, in order, up to the first that fails.

Ansible says "unreachable" for all of them. Nothing is changed anywhere: no host key is added, no password is asked for.
"""

from __future__ import annotations

import errno
import logging
import os
import shlex
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import paramiko

OLDEST_PYTHON = (3, 8)
VERSION = "import sys;print(sys.version_info[:2])"
QUIET = "pyremediate.paramiko"  # paramiko logs what it also raises, and logging prints what nobody handles
logging.getLogger(QUIET).addHandler(logging.NullHandler())
UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EACCES, errno.EINVAL}


class ReachProblem(StrEnum):
    """The step of the login that failed."""

    OK = "ok"
    NAME = "name"  # the name does not resolve
    ROUTE = "route"  # no way there, or something on it says so
    REFUSED = "refused"  # the host answers, and nothing listens
    TIMEOUT = "timeout"  # nothing answers
    SILENT = "silent"  # something listens, and says nothing
    PROTOCOL = "protocol"  # what answers is not an SSH server that we can talk to, or hangs up
    HOST_KEY_UNKNOWN = "host key unknown"
    HOST_KEY_CHANGED = "host key changed"
    AUTHENTICATION = "authentication"
    SESSION = "session"  # logged in, and no command can be run
    PYTHON = "no python"


# What was found, and what mends it.
SENTENCES = {
    ReachProblem.OK: "SSH and Python {why} answer",
    ReachProblem.NAME: (
        "the name {to.address} does not resolve ({why}); mend DNS or the hosts file, or give ansible_host an address"
    ),
    ReachProblem.ROUTE: (
        "there is no way to {where} ({why}): the host is off, or a route is missing or blocked; "
        "look at the routes, the switch, and the host's console"
    ),
    ReachProblem.REFUSED: (
        "{where} refuses: the host is up, and no SSH server listens there; "
        "start ssh.service on its console, or correct ansible_port"
    ),
    ReachProblem.TIMEOUT: (
        "{where} does not answer within {to.connect_timeout:g} s: the host is off, or a firewall drops the connection; "
        "look at its console, and at the firewalls on the way"
    ),
    ReachProblem.SILENT: (
        "{where} takes the connection, and its SSH server says nothing within {to.connect_timeout:g} s: "
        "the host is overloaded or hangs; look at its console"
    ),
    ReachProblem.PROTOCOL: (
        "what listens on {where} does not speak SSH with us ({why}): another service has the port, the server turns "
        "us away (MaxStartups, fail2ban), or no algorithm is common to both; look with ssh -v"
    ),
    ReachProblem.HOST_KEY_UNKNOWN: (
        "the host key of {to.known_as} is not known ({why}); compare it with what the host's console shows "
        "(ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then add it to {to.known_hosts}"
    ),
    ReachProblem.HOST_KEY_CHANGED: (
        "the host key of {to.known_as} has changed (now {why}): the host was installed anew, the address belongs to "
        "another host, or somebody is in between; find out which, and only when it is explained: "
        "ssh-keygen -R '{to.known_as}' -f {to.known_hosts}, and add the new key"
    ),
    ReachProblem.AUTHENTICATION: (
        "{where} does not let {to.user} in ({why}); correct ansible_user or ansible_ssh_private_key_file, "
        "or add the key to the user's authorized_keys on the host's console"
    ),
    ReachProblem.SESSION: (
        "{to.user} can log in to {where}, and no command runs there ({why}); look at the user's shell, at "
        "ForceCommand, and at the host's disk, memory and processes on its console"
    ),
    ReachProblem.PYTHON: (
        "SSH works, and {to.python} on {where} {why}; install python3 there, or set ansible_python_interpreter"
    ),
}


@dataclass(frozen=True)
class Connection:
    """How Ansible connects to a host."""

    host: str  # inventory name
    address: str  # name or address
    port: int = 22
    user: str = "root"
    key_files: Sequence[str] = ()
    known_hosts_files: Sequence[str] = ()
    password: str | None = None
    connect_timeout: float = 5.0
    python: str = "/usr/bin/python3"

    @property
    def known_as(self) -> str:
        """The name in known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""
        return self.address if self.port == 22 else f"[{self.address}]:{self.port}"

    @property
    def known_hosts(self) -> str:
        """The file that a host key is added to."""
        return self.known_hosts_files[0] if self.known_hosts_files else "~/.ssh/known_hosts"


@dataclass(frozen=True)
class Reach:
    """What a login comes to: ``sentence`` says why, and what mends it."""

    host: str
    problem: ReachProblem
    sentence: str

    @property
    def reachable(self) -> bool:
        """Whether a command can be run, with a Python that is good enough."""
        return self.problem is ReachProblem.OK


class _Stopped(Exception):
    """A step failed: which, and the words for it."""

    def __init__(self, problem: ReachProblem, why: object = "") -> None:
        super().__init__(problem, why)
        self.problem = problem
        self.why = str(why) or type(why).__name__


def probe(connection: Connection) -> Reach:
    """Log in step by step, run Python, and say which step failed."""
    try:
        problem, why = ReachProblem.OK, _log_in(connection)
    except _Stopped as stopped:
        problem, why = stopped.problem, stopped.why
    where = f"{connection.address} port {connection.port}"
    sentence = SENTENCES[problem].format(to=connection, where=where, why=why)
    return Reach(connection.host, problem, f"{connection.host}: {sentence}")


def _log_in(connection: Connection) -> str:
    with _connect(connection) as stream:
        transport = paramiko.Transport(stream)
        transport.set_log_channel(QUIET)
        try:
            _check_host_key(_negotiate(transport, connection), connection)
            _authenticate(transport, connection)
            return _python_version(transport, connection)
        finally:
            transport.close()


def _connect(connection: Connection) -> socket.socket:
    try:
        socket.getaddrinfo(connection.address, connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _Stopped(ReachProblem.NAME, getattr(error, "strerror", None) or error) from error
    try:
        return socket.create_connection((connection.address, connection.port), connection.connect_timeout)
    except ConnectionRefusedError as error:
        raise _Stopped(ReachProblem.REFUSED) from error
    except TimeoutError as error:
        raise _Stopped(ReachProblem.TIMEOUT) from error
    except OSError as error:
        problem = ReachProblem.ROUTE if error.errno in UNREACHABLE else ReachProblem.PROTOCOL
        raise _Stopped(problem, os.strerror(error.errno) if error.errno else error) from error


def _negotiate(transport: paramiko.Transport, connection: Connection) -> paramiko.PKey:
    """Banner and key exchange; as ssh(1) does, the server is asked for a key of a kind that we know. Its key."""
    known = _known_keys(connection)
    options = transport.get_security_options()
    options.key_types = tuple(sorted(options.key_types, key=lambda algorithm: _kind(algorithm) not in known))
    transport.banner_timeout = 2 * connection.connect_timeout  # the limit below comes first
    try:
        transport.start_client(timeout=connection.connect_timeout)
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise _Stopped(ReachProblem.PROTOCOL, str(error) or type(error).__name__) from error
    try:
        return transport.get_remote_server_key()
    except paramiko.SSHException as error:  # start_client() returned because its time was over
        raise _Stopped(ReachProblem.SILENT) from error


def _check_host_key(key: paramiko.PKey, connection: Connection) -> None:
    known = _known_keys(connection)
    if key in known.values():
        return
    problem = ReachProblem.HOST_KEY_CHANGED if known else ReachProblem.HOST_KEY_UNKNOWN
    raise _Stopped(problem, f"{key.get_name()} {key.fingerprint}")


def _known_keys(connection: Connection) -> dict[str, paramiko.PKey]:
    """The host's keys by kind; names may be hashed. A file that is not there knows nobody."""
    known: dict[str, paramiko.PKey] = {}
    for file in connection.known_hosts_files:
        keys = paramiko.HostKeys()
        if Path(file).is_file():
            keys.load(file)
        known.update(keys.lookup(connection.known_as) or {})
    return known


def _kind(algorithm: str) -> str:
    """The kind of key that an algorithm signs with: an RSA key signs in several ways (RFC 8332)."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def _authenticate(transport: paramiko.Transport, connection: Connection) -> None:
    """The agent's keys, the key files and the password, as far as the server takes them."""
    tried: list[str] = []
    try:
        offered = _offered(transport, connection.user)
        attempts = _attempts(transport, connection, offered, tried)
        if not offered or any(_accepted(attempt) for attempt in attempts):
            return
        why = f"it offers {', '.join(offered)}"
    except (paramiko.SSHException, EOFError, OSError) as error:
        why = f"it ended the attempt: {str(error) or type(error).__name__}"
    raise _Stopped(ReachProblem.AUTHENTICATION, f"{why}; tried {', '.join(tried) or 'nothing'}")


def _offered(transport: paramiko.Transport, user: str) -> list[str]:
    """The methods that the server offers; none when it wants no authentication at all."""
    try:
        transport.auth_none(user)
    except paramiko.BadAuthenticationType as refused:
        return list(refused.allowed_types)
    return []


def _attempts(
    transport: paramiko.Transport, connection: Connection, offered: Sequence[str], tried: list[str]
) -> Iterator[Callable[[], Sequence[str]]]:
    """One attempt after the other, each noted in ``tried`` as it is taken, unusable keys with the reason."""
    for key, origin in _keys(connection, tried) if "publickey" in offered else ():
        tried.append(origin)
        yield lambda key=key: transport.auth_publickey(connection.user, key)  # type: ignore[misc]
    password = connection.password
    if password is not None and "password" in offered:
        tried.append("the password")
        yield lambda: transport.auth_password(connection.user, password)


def _keys(connection: Connection, tried: list[str]) -> Iterator[tuple[paramiko.PKey, str]]:
    for agent_key in paramiko.Agent().get_keys():
        yield agent_key, f"the agent's {agent_key.get_name()} key"
    for file in connection.key_files:
        try:
            yield paramiko.PKey.from_path(file), file
        except (OSError, ValueError, TypeError, paramiko.SSHException) as error:
            tried.append(f"{file} (unusable: {str(error) or type(error).__name__})")


def _accepted(attempt: Callable[[], Sequence[str]]) -> bool:
    """Whether the server lets us in; that it wants one more method (sshd_config(5), AuthenticationMethods) is no."""
    try:
        return not attempt()
    except paramiko.AuthenticationException:
        return False


def _python_version(transport: paramiko.Transport, connection: Connection) -> str:
    """Run the interpreter, as Ansible's modules need it."""
    try:
        channel = transport.open_session(timeout=connection.connect_timeout)
        channel.settimeout(connection.connect_timeout)
        channel.exec_command(f"{connection.python} -c {shlex.quote(VERSION)}")
        channel.shutdown_write()
        said = channel.makefile("rb").read().decode(errors="replace").strip()
        complaint = channel.makefile_stderr("rb").read().decode(errors="replace").strip()
        status = channel.recv_exit_status()
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise _Stopped(ReachProblem.SESSION, str(error) or type(error).__name__) from error
    return _version(status, said, complaint or said or f"status {status}")


def _version(status: int, said: str, words: str) -> str:
    numbers = [int(part) for part in said.strip("()").split(",") if part.strip().isdigit()]
    if status in {126, 127}:  # POSIX: not executable, not found
        raise _Stopped(ReachProblem.PYTHON, f"is not there, or cannot be run ({words})")
    if status != 0 or len(numbers) != 2:
        raise _Stopped(ReachProblem.SESSION, words.splitlines()[-1])
    if tuple(numbers) < OLDEST_PYTHON:
        oldest = "{}.{}".format(*OLDEST_PYTHON)
        raise _Stopped(ReachProblem.PYTHON, "is Python {}.{}, older than {oldest}".format(*numbers, oldest=oldest))
    return "{}.{}".format(*numbers)
