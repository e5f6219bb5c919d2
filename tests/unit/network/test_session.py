"""How a device cannot be asked, in sentences; and sessions that stay open."""

from __future__ import annotations

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from netmiko.exceptions import NetmikoAuthenticationException, NetmikoTimeoutException, ReadTimeout

from pyremediate.errors import UsageError
from pyremediate.network import session
from pyremediate.network.observe import Sessions, answer
from pyremediate.network.session import HostKeyRefused, Login, LoginRefused, NetmikoSession, Unreachable, open_session
from tests.unit.network.recordings import Recorded


class Connection:
    """In place of Netmiko's: answers from a platform's recordings, or fails."""

    def __init__(self, platform: str = "frr", failure: Exception | None = None) -> None:
        self._recorded, self._failure = Recorded(platform), failure
        self.closed = False

    def send_command(self, command: str, read_timeout: float) -> str:
        """The recording, or the failure."""
        if self._failure:
            raise self._failure
        return self._recorded.send(command)

    def is_alive(self) -> bool:
        """Until it is closed."""
        return not self.closed

    def disconnect(self) -> None:
        """Close."""
        self.closed = True


@pytest.fixture
def known_hosts(tmp_path: Path) -> str:
    path = tmp_path / "known_hosts"
    path.touch()
    return str(path)


def login(known_hosts: str, **fields: Any) -> Login:
    return Login("10.61.0.2", "netops", "cisco_ios", known_hosts, **fields)


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (
            NetmikoTimeoutException(
                "\nA paramiko SSHException occurred\n\nServer '10.61.0.2' not found in known_hosts"
            ),
            HostKeyRefused,
            "not in",
        ),
        (
            NetmikoTimeoutException("Host key for server '10.61.0.2' does not match: got 'A', expected 'B'"),
            HostKeyRefused,
            "another one",
        ),
        (NetmikoAuthenticationException("Authentication to device failed.\n"), LoginRefused, "does not let netops in"),
        (NetmikoTimeoutException("TCP connection to device failed.\n"), Unreachable, "nothing answers"),
        (socket.gaierror(-2, "Name or service not known"), UsageError, "does not resolve"),
        (
            ReadTimeout("\nPattern not detected: 'Width set to' in output.\n"),
            Unreachable,
            "does not answer as cisco_ios",
        ),
        (TimeoutError("timed out"), Unreachable, "no answer within 10 s"),
        (EOFError(), Unreachable, "no session"),
    ],
)
def test_each_failure_to_connect_is_a_sentence(
    raised: Exception, kind: type[Exception], words: str, known_hosts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise raised

    monkeypatch.setattr(session, "_netmiko", lambda: refuse)
    with pytest.raises(kind, match=words) as caught:
        open_session(login(known_hosts))
    assert str(caught.value).startswith("10.61.0.2 port 22: ") and "\n" not in str(caught.value)


def test_host_keys_are_checked_against_the_named_file_alone(known_hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(session, "_netmiko", lambda: lambda **options: given.update(options))
    open_session(login(known_hosts, password="S3CRET"))
    assert (given["ssh_strict"], given["alt_key_file"], given["system_host_keys"]) == (True, known_hosts, False)
    assert (given["use_keys"], given["allow_agent"], given["password"]) == (False, False, "S3CRET")


def test_a_file_that_does_not_exist_is_said_before_anybody_is_asked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"known_hosts file .*/none does not exist"):
        open_session(login(str(tmp_path / "none")))
    with pytest.raises(UsageError, match="no known_hosts file is named"):
        open_session(login(""))


def test_without_netmiko_the_extra_is_named(known_hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "netmiko", None)
    with pytest.raises(UsageError, match=r"pip install 'pyremediate\[network\]'"):
        open_session(login(known_hosts))


def test_a_password_is_in_no_representation(known_hosts: str) -> None:
    assert "S3CRET" not in repr(login(known_hosts, password="S3CRET"))


def test_after_a_command_that_did_not_answer_the_session_is_given_up(known_hosts: str) -> None:
    connection = Connection(failure=ReadTimeout("\nPattern not detected\n"))
    slow = NetmikoSession(login(known_hosts), connection)
    for _ in range(2):
        with pytest.raises(Unreachable, match="no answer to 'show version' within 10 s"):
            slow.send("show version")
    assert connection.closed and not slow.alive


def parameters(known_hosts: str, **more: Any) -> dict[str, Any]:
    return {
        "host": "router01",
        "address": "10.61.0.2",
        "network_os": "frr.frr.frr",
        "user": "netops",
        "known_hosts": known_hosts,
        **more,
    }


class Opener:
    """Opens recorded sessions, and remembers for whom."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.logins: list[Login] = []
        self.connections: list[Connection] = []
        self._failure = failure

    def __call__(self, login: Login) -> NetmikoSession:
        self.logins.append(login)
        if self._failure:
            raise self._failure
        self.connections.append(Connection("frr_shell" if login.device_type == "linux" else "frr"))
        return NetmikoSession(login, self.connections[-1])


def test_an_answer_is_evidence_and_the_session_stays_open(known_hosts: str) -> None:
    opener = Opener()
    sessions = Sessions(opener)
    for _ in range(2):
        evidence = answer(parameters(known_hosts), sessions)["evidence"]
    assert (evidence["device"], evidence["version"]) == ("router01", "8.4.4")
    assert "no shell_user is named" in evidence["notes"]["filters"]
    assert len(opener.logins) == 1
    sessions.close()
    assert opener.connections[0].closed


def test_a_session_that_is_gone_is_opened_again(known_hosts: str) -> None:
    opener = Opener()
    sessions = Sessions(opener)
    answer(parameters(known_hosts), sessions)
    opener.connections[0].disconnect()
    assert "evidence" in answer(parameters(known_hosts), sessions)
    assert len(opener.logins) == 2


def test_a_device_is_logged_in_to_once_by_whoever_asks(known_hosts: str) -> None:
    opener = Opener()
    sessions = Sessions(opener)
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: answer(parameters(known_hosts), sessions), range(8)))
    assert all("evidence" in each for each in told)
    assert len(opener.logins) == 1


def test_a_shell_is_a_second_session_by_key(known_hosts: str) -> None:
    opener = Opener()
    told = answer(parameters(known_hosts, shell_user="root", key_file=known_hosts, password="S3CRET"), Sessions(opener))
    assert told["evidence"]["filters"] and told["evidence"]["saved"]
    assert [(each.user, each.device_type, each.password) for each in opener.logins] == [
        ("netops", "cisco_ios", "S3CRET"),
        ("root", "linux", ""),
    ]


def test_a_device_that_does_not_answer_is_an_error_and_not_an_empty_device(known_hosts: str) -> None:
    told = answer(parameters(known_hosts), Sessions(Opener(Unreachable("10.61.0.2 port 22: nothing answers"))))
    assert told == {"error": "10.61.0.2 port 22: nothing answers", "kind": "Unreachable"}

    def mute(login: Login) -> NetmikoSession:
        return NetmikoSession(login, Connection(failure=EOFError()))

    assert "it tells nothing" in answer(parameters(known_hosts), Sessions(mute))["error"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": ""}, "router01: to look at a network device user must be given"),
        ({"network_os": "junk"}, "'junk'"),
        ({"port": "ssh"}, "port and timeout are numbers"),
        ({"adress": "x"}, "unknown parameters: adress"),
    ],
)
def test_wrong_parameters_are_said(change: dict[str, Any], words: str, known_hosts: str) -> None:
    told = answer(parameters(known_hosts, **change), Sessions(Opener()))
    assert told["kind"] == "UsageError" and words in told["error"]
