"""The script that damages a host, on files of a temporary directory: everything it does is taken away by its own undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pyremediate.lab.mutation import host_apply


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "main.cf").write_text("biff = no\n")
    (tmp_path / "etc" / "main.cf").chmod(0o640)
    (tmp_path / "etc" / "other").write_text("another\n")
    (tmp_path / "etc" / "link").symlink_to("main.cf")
    (tmp_path / "mail").mkdir(mode=0o750)
    (tmp_path / "mail" / "message").write_text("kept\n")
    return tmp_path


def state(top: Path) -> dict[str, Any]:
    """Everything below a directory: type, mode, content."""
    found: dict[str, Any] = {}
    for path in sorted(top.rglob("*")):
        about = path.lstat()
        content = str(path.readlink()) if path.is_symlink() else path.read_text() if path.is_file() else ""
        found[str(path)] = (about.st_mode, about.st_uid, about.st_gid, content)
    return found


def actions(place: Path) -> dict[str, list[dict[str, Any]]]:
    etc = str(place / "etc")
    return {
        "write": [{"do": "write", "path": f"{etc}/main.cf", "text": "biff = yes\n"}],
        "write_new": [{"do": "write", "path": f"{etc}/unit.d/more/override.conf", "text": "[Service]\n"}],
        "truncate": [{"do": "truncate", "path": f"{etc}/main.cf", "size": 4}],
        "copy": [{"do": "copy", "source": f"{etc}/other", "path": f"{etc}/main.cf"}],
        "attributes": [{"do": "attributes", "path": f"{etc}/main.cf", "mode": 0o0}],
        "attributes_of_directory": [{"do": "attributes", "path": str(place / "mail"), "mode": 0o700}],
        "delete": [{"do": "delete", "path": f"{etc}/main.cf"}],
        "delete_link": [{"do": "delete", "path": f"{etc}/link"}],
        "dangle": [{"do": "dangle", "path": str(place / "mail"), "target": "/nowhere/mail"}],
        "run": [{"do": "run", "argv": ["touch", f"{etc}/touched"], "undo": [["rm", f"{etc}/touched"]]}],
        "several": [
            {"do": "write", "path": f"{etc}/main.cf", "text": "first\n"}, {"do": "truncate", "path": f"{etc}/main.cf", "size": 2},
            {"do": "delete", "path": f"{etc}/main.cf"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("name", list(actions(Path("/x"))))
def test_whatever_is_done_is_taken_away_again(place: Path, name: str) -> None:
    before = state(place)
    done = host_apply.perform(actions(place)[name])
    assert done["error"] == ""
    assert state(place) != before
    assert host_apply.perform(done["undo"])["error"] == ""
    assert state(place) == before


def test_what_was_written_has_the_attributes_of_what_was_there(place: Path) -> None:
    host_apply.perform(actions(place)["write"])
    assert (place / "etc" / "main.cf").stat().st_mode & 0o777 == 0o640
    assert (place / "etc" / "main.cf").read_text() == "biff = yes\n"


def test_a_mutation_that_cannot_be_done_to_the_end_leaves_nothing(place: Path) -> None:
    before = state(place)
    impossible = {"do": "run", "argv": ["false"]}
    done = host_apply.perform([*actions(place)["write"], *actions(place)["dangle"], impossible])
    assert done["undo"] == []
    assert "false" in done["error"]
    assert state(place) == before


def test_a_directory_that_becomes_a_dangling_link_keeps_its_mail_beside_it(place: Path) -> None:
    host_apply.perform(actions(place)["dangle"])
    assert (place / "mail").is_symlink()
    assert not (place / "mail").exists()
    assert (place / "mail.moved" / "message").read_text() == "kept\n"


def test_a_directory_is_never_deleted(place: Path) -> None:
    done = host_apply.perform([{"do": "delete", "path": str(place / "mail")}])
    assert done["error"]
    assert (place / "mail" / "message").exists()


def test_a_command_that_is_not_there_is_told(place: Path) -> None:
    assert "no-such-command" in host_apply.perform([{"do": "run", "argv": ["no-such-command"]}])["error"]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run; every one works."""
    ran: list[list[str]] = []

    def run(argv: list[str], seconds: int = 0) -> str:
        ran.append(argv)
        return ""

    monkeypatch.setattr(host_apply, "run", run)
    monkeypatch.setattr(host_apply, "accepts", lambda port: False)
    return ran


def test_daemons_that_restart_stop_together_and_start_in_their_order(commands: list[list[str]]) -> None:
    restart, reload = ["restart", "opendkim.service"], ["reload", "dovecot.service"]
    assert host_apply.load([restart, reload, ["restart", "postfix.service"]]) == []
    assert [argv[1:] for argv in commands] == [
        ["daemon-reload"], ["stop", "opendkim.service", "postfix.service"],
        ["start", "opendkim.service"], ["reload", "dovecot.service"], ["start", "postfix.service"],
    ]  # fmt: skip


def test_nobody_is_told_when_nobody_needs_to_know(commands: list[list[str]]) -> None:
    assert host_apply.load([]) == []
    assert commands == []


def test_a_daemon_that_cannot_be_stopped_is_told_and_the_others_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(argv: list[str], seconds: int = 0) -> str:
        if argv[1] == "stop":
            raise host_apply.Impossible("not loaded")
        return ""

    monkeypatch.setattr(host_apply, "run", run)
    assert host_apply.load([["restart", "dovecot.service"]]) == ["not loaded"]


@pytest.mark.parametrize(
    ("state", "settled"),
    [("active", False), ("activating", False), ("deactivating", False), ("inactive", True), ("failed", True)],
)
def test_a_port_is_waited_for_while_its_daemon_may_still_listen(
    monkeypatch: pytest.MonkeyPatch, state: str, settled: bool
) -> None:
    monkeypatch.setattr(host_apply, "listening", lambda: ["0.0.0.0:993"])
    monkeypatch.setattr(host_apply, "run", lambda argv: f"{state}\n" if argv[-1] == host_apply.POSTFIX else "active\n")
    assert host_apply.settled(["0.0.0.0:25", "0.0.0.0:993"]) is settled


def test_a_port_that_is_listened_on_again_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_apply, "listening", lambda: ["0.0.0.0:25"])
    assert host_apply.settled(["0.0.0.0:25"])
