"""What is said of a host that cannot be reached, against a real SSH server on loopback that fails in one way each."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import paramiko
import pytest

from pyremediate.looking.reach import SENTENCES, Connection, ReachProblem, probe


@dataclass
class SshServer(paramiko.ServerInterface):
    """Lets root in with one key; runs nothing, and answers every command as it is told."""

    user_key: paramiko.PKey
    status: int = 0
    output: bytes = b"(3, 11)\n"
    complaint: bytes = b""
    methods: str = "publickey"
    password: str = ""
    sessions: bool = True
    commands: list[bytes] = field(default_factory=list)

    def get_allowed_auths(self, username: str) -> str:
        return self.methods

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL if key == self.user_key and username == "root" else paramiko.AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if password == self.password else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED if self.sessions else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self.commands.append(command)

        def answer() -> None:
            channel.recv(1)  # the end of its input: the client knows by then that the command was taken
            channel.sendall(self.output)
            channel.sendall_stderr(self.complaint)
            channel.send_exit_status(self.status)
            channel.close()

        threading.Thread(target=answer, daemon=True).start()
        return True


@dataclass
class World:
    """A server, and how to connect to it."""

    server: SshServer
    host_key: paramiko.PKey
    port: int
    directory: Path

    @property
    def known_hosts(self) -> Path:
        return self.directory / "known_hosts"

    def know(self, key: paramiko.PKey, name: str = "") -> None:
        line = f"{name or f'[127.0.0.1]:{self.port}'} {key.get_name()} {key.get_base64()}\n"
        with self.known_hosts.open("a") as file:
            file.write(line)

    def connection(self, **changes: object) -> Connection:
        values = {
            "host": "mail01",
            "address": "127.0.0.1",
            "port": self.port,
            "key_files": (str(self.directory / "key"),),
            "known_hosts_files": (str(self.known_hosts),),
            "connect_timeout": 2.0,
        }
        return Connection(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def rsa_key() -> paramiko.RSAKey:
    return paramiko.RSAKey.generate(2048)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    host_key, user_key = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    user_key.write_private_key_file(str(tmp_path / "key"))
    server = SshServer(user_key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        world = World(server, host_key, listener.getsockname()[1], tmp_path)
        transports: list[paramiko.Transport] = []

        def serve() -> None:
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                connection, _ = listener.accept()
                transports.append(paramiko.Transport(connection))
                transports[-1].add_server_key(world.host_key)
                transports[-1].start_server(server=server)

        threading.Thread(target=serve, daemon=True).start()
        yield world
        listener.shutdown(socket.SHUT_RDWR)
        for transport in transports:
            transport.close()


def test_a_host_that_answers_is_reachable_with_its_python(world: World) -> None:
    world.know(world.host_key)
    reach = probe(world.connection())
    assert (reach.problem, reach.reachable) == (ReachProblem.OK, True)
    assert "Python 3.11" in reach.sentence
    assert world.server.commands == [b"/usr/bin/python3 -c 'import sys;print(sys.version_info[:2])'"]


def test_a_host_that_is_known_by_a_hashed_name_is_known(world: World) -> None:
    world.know(world.host_key, paramiko.HostKeys.hash_host(f"[127.0.0.1]:{world.port}"))
    assert probe(world.connection()).reachable


def test_a_second_known_hosts_file_counts(world: World, tmp_path: Path) -> None:
    world.know(world.host_key)
    files = (str(tmp_path / "missing"), str(world.known_hosts))
    assert probe(world.connection(known_hosts_files=files)).reachable


def test_a_name_that_does_not_resolve_is_said_to_be_so(world: World) -> None:
    reach = probe(world.connection(address="no..such..name"))
    assert reach.problem is ReachProblem.NAME
    assert "no..such..name" in reach.sentence


def test_a_closed_port_is_refused(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    reach = probe(world.connection(port=free))
    assert reach.problem is ReachProblem.REFUSED
    assert f"port {free}" in reach.sentence


def test_an_address_without_a_route_is_told_from_a_silent_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_route(*_: object, **__: object) -> socket.socket:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(socket, "create_connection", no_route)
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.ROUTE
    assert "No route to host" in reach.sentence


def test_a_connection_that_nobody_takes_is_a_timeout(world: World) -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(2):  # the queue of connections is full, and the kernel drops what comes
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        reach = probe(world.connection(port=full.getsockname()[1], connect_timeout=0.5))
    assert reach.problem is ReachProblem.TIMEOUT


def test_a_server_that_never_says_anything_is_silent(world: World) -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        reach = probe(world.connection(port=mute.getsockname()[1], connect_timeout=0.5))
    assert reach.problem is ReachProblem.SILENT
    assert time.monotonic() - began < 3


def test_something_else_on_the_port_is_not_taken_for_ssh(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"220 mail.lab.test ESMTP\r\n" * 200)

        threading.Thread(target=greet, daemon=True).start()
        reach = probe(world.connection(port=other.getsockname()[1]))
    assert reach.problem is ReachProblem.PROTOCOL


def test_an_unknown_host_key_is_shown_and_not_added(world: World) -> None:
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.HOST_KEY_UNKNOWN
    assert world.host_key.fingerprint in reach.sentence
    assert not world.known_hosts.exists()
    assert world.server.commands == []


def test_a_changed_host_key_is_explained_before_it_is_removed(world: World) -> None:
    world.know(paramiko.ECDSAKey.generate())
    before = world.known_hosts.read_text()
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.HOST_KEY_CHANGED
    assert f"ssh-keygen -R '[127.0.0.1]:{world.port}' -f {world.known_hosts}" in reach.sentence
    assert reach.sentence.index("installed anew") < reach.sentence.index("ssh-keygen")
    assert world.known_hosts.read_text() == before


def test_a_key_of_a_kind_that_the_host_does_not_have_is_a_changed_key(world: World, rsa_key: paramiko.RSAKey) -> None:
    world.know(rsa_key)
    assert probe(world.connection()).problem is ReachProblem.HOST_KEY_CHANGED


def test_an_rsa_host_key_is_recognised_whatever_it_signs_with(world: World, rsa_key: paramiko.RSAKey) -> None:
    world.host_key = rsa_key
    world.know(rsa_key)
    assert probe(world.connection()).reachable


def test_a_refused_key_says_what_the_server_offers_and_what_was_tried(world: World) -> None:
    world.know(world.host_key)
    world.server.user_key = paramiko.ECDSAKey.generate()
    world.server.methods = "publickey,password"
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.AUTHENTICATION
    assert "it offers publickey, password" in reach.sentence
    assert str(world.directory / "key") in reach.sentence
    assert world.server.commands == []


def test_a_key_file_that_cannot_be_read_is_named(world: World) -> None:
    world.know(world.host_key)
    missing = str(world.directory / "missing")
    reach = probe(world.connection(key_files=(missing,)))
    assert reach.problem is ReachProblem.AUTHENTICATION
    assert f"{missing} (unusable: " in reach.sentence


def test_a_password_is_used_where_one_is_given_and_not_shown_where_it_fails(world: World) -> None:
    world.know(world.host_key)
    world.server.methods, world.server.password = "password", "right-one"
    reach = probe(world.connection(password="wrong-one"))
    assert reach.problem is ReachProblem.AUTHENTICATION
    assert "wrong-one" not in reach.sentence


def test_a_right_password_lets_in(world: World) -> None:
    world.know(world.host_key)
    world.server.methods, world.server.password = "password", "right-one"
    assert probe(world.connection(password="right-one")).reachable


def test_a_missing_interpreter_is_no_python(world: World) -> None:
    world.know(world.host_key)
    world.server.status, world.server.output = 127, b""
    world.server.complaint = b"sh: 1: /usr/bin/python3: not found\n"
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.PYTHON
    assert "/usr/bin/python3: not found" in reach.sentence


def test_a_python_that_is_too_old_is_said_with_the_oldest_that_works(world: World) -> None:
    world.know(world.host_key)
    world.server.output = b"(3, 7)\n"
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.PYTHON
    assert "Python 3.7, older than 3.8" in reach.sentence


def test_a_user_whose_shell_runs_nothing_is_not_blamed_on_python(world: World) -> None:
    world.know(world.host_key)
    world.server.status, world.server.output = 1, b"This account is currently not available.\n"
    reach = probe(world.connection())
    assert reach.problem is ReachProblem.SESSION
    assert "currently not available" in reach.sentence


def test_a_server_that_opens_no_session_is_not_blamed_on_authentication(world: World) -> None:
    world.know(world.host_key)
    world.server.sessions = False
    assert probe(world.connection()).problem is ReachProblem.SESSION


def test_every_problem_has_its_sentence() -> None:
    assert set(SENTENCES) == set(ReachProblem)
