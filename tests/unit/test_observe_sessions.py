"""Logins and sudo, as a host keeps them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import sessions
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request

AUTH_LOG = """\
2026-11-25T11:00:00.1+00:00 mail01 sshd[7]: Accepted publickey for root from 192.0.2.7 port 5 ssh2: ED25519 SHA256:x
2026-11-25T11:00:01.1+00:00 mail01 sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/vi /etc/aliases
2026-11-25T11:00:02.1+00:00 mail01 sudo: eve : PWD=/ ; USER=root ; COMMAND=/bin/x -pplanted --password planted DB_PASSWORD=planted
2026-11-25T11:05:00.1+00:00 mail01 sshd[7]: pam_unix(sshd:session): session closed for user root
"""
SINCE = 1700000000.0


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sessions, "WTMP", str(tmp_path / "wtmp"))
    monkeypatch.setattr(sessions, "LOGS", (str(tmp_path / "auth.log"),))
    monkeypatch.setattr(sessions, "journals", list)
    return tmp_path


def record(kind: int, line: str, user: str, origin: str, at: int) -> bytes:
    return sessions.RECORD.pack(kind, 1, line.encode(), b"", user.encode(), origin.encode(), 0, 0, 0, at, 0, 0, 0, 0, 0, b"")


def test_a_record_of_wtmp_has_the_size_that_glibc_writes() -> None:
    assert sessions.RECORD.size == 384


def test_a_login_at_a_terminal_ends_with_its_process_or_with_the_host(host: Path) -> None:
    (host / "wtmp").write_bytes(
        record(sessions.USER, "pts/0", "ann", "192.0.2.9", 1795600000)
        + record(sessions.USER, "tty1", "eve", "", 1795600010)
        + record(sessions.DEAD, "pts/0", "", "", 1795600060)
        + record(sessions.BOOT, "~", "reboot", "6.1", 1795600100)
        + record(sessions.USER, "tty1", "bob", "", 1795600200)
    )
    found = sessions.observe(Request("mail01", log_since=SINCE), [])
    assert [(each["user"], each["from"], each["ended"]) for each in found["sessions"]] == [
        ("ann", "192.0.2.9", "2026-11-25T09:47:40Z"), ("eve", "tty1", "2026-11-25T09:48:20Z"), ("bob", "tty1", None),
    ]  # fmt: skip
    assert (found["since"], found["sudo"]) == ("2026-11-25T09:46:40Z", None)


def test_what_sshd_and_sudo_logged_is_told_without_passwords(host: Path) -> None:
    (host / "auth.log").write_text(AUTH_LOG)
    found = sessions.observe(Request("mail01", log_since=SINCE), [])
    assert found["sessions"] == [
        {"user": "root", "from": "192.0.2.7", "began": "2026-11-25T11:00:00Z", "ended": "2026-11-25T11:05:00Z"}
    ]
    assert found["sudo"][0] == {
        "user": "alice", "as": "root", "command": "/usr/bin/vi /etc/aliases", "at": "2026-11-25T11:00:01Z",
    }  # fmt: skip
    assert found["sudo"][1]["command"] == "/bin/x …"
    assert "planted" not in str(found)


def test_a_host_that_keeps_nothing_says_so(host: Path) -> None:
    found = sessions.observe(Request("mail01", log_since=SINCE), [])
    assert found == {"since": None, "sudo_since": None, "sessions": None, "sudo": None}
