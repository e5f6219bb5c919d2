"""The lab's verbs without a lab: what is refused, in which words, and what readiness means."""

from __future__ import annotations

import os
import shutil
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from pyremediate.cli.lab import lab as command
from pyremediate.errors import PyremediateError, UsageError
from pyremediate.lab import floor, ready, requirements, shell, verbs
from pyremediate.lab.engine import Container


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    monkeypatch.delenv("PYREMEDIATE_LAB_NAME", raising=False)
    monkeypatch.delenv("PYREMEDIATE_LAB_RANGE", raising=False)


def test_a_user_without_root_is_told_to_use_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(UsageError, match=r"root.*sudo"):
        requirements.check()


def test_missing_programs_are_named_with_the_packages_that_bring_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None if name in {"podman", "ip"} else f"/usr/bin/{name}")
    with pytest.raises(UsageError, match=r"needs podman, ip: apt-get install .* iproute2 netavark podman runc"):
        requirements.check()


def test_nothing_is_sent_to_the_range_while_the_lab_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "check", lambda: None)
    monkeypatch.setattr(floor, "is_laid", lambda network: False)
    with pytest.raises(UsageError, match="the lab is not up"):
        shell.ssh_command("mail01", ["true"])


def test_ssh_checks_host_keys_against_the_labs_own_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(requirements, "check", lambda: None)
    monkeypatch.setattr(floor, "is_laid", lambda network: True)
    line = shell.ssh_command("mail01", ["ls", "-l"])
    assert "StrictHostKeyChecking=yes" in line
    assert f"UserKnownHostsFile={tmp_path}/lab/known_hosts" in line
    assert line[-3:] == ["root@10.61.0.10", "ls", "-l"]


def test_a_mistyped_fault_is_answered_with_its_neighbours() -> None:
    with pytest.raises(UsageError, match=r"no fault 'postfix/stoped'.*services/postfix_stopped"):
        shell.break_file("postfix/stoped")


def test_a_fault_without_its_layer_is_answered_with_the_whole_name() -> None:
    with pytest.raises(UsageError, match=r"there is: services/postfix_stopped$"):
        shell.break_file("postfix_stopped")


def test_a_path_is_not_a_fault() -> None:
    with pytest.raises(UsageError):
        shell.break_file("../faults/services/postfix_stopped")


def test_a_fault_that_no_lab_can_make_is_refused_with_the_reason() -> None:
    with pytest.raises(UsageError, match=r"hardware/disk_failing cannot be made in the lab: .*containers"):
        shell.break_file("hardware/disk_failing")


def test_a_lab_without_controllers_on_its_boards_is_still_a_lab(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(verbs.process, "available", lambda: False)
    verbs._controllers(verbs.current(), [], said.append)
    monkeypatch.setattr(verbs.process, "available", lambda: True)
    monkeypatch.setattr(verbs.process, "ensure", _refuse)
    verbs._controllers(verbs.current(), [], said.append)
    assert ["pip install 'pyremediate[lab-bmc]'" in said[0], said[1]] == [True, "the port is taken"]


def _refuse(*_: object) -> None:
    raise PyremediateError("the port is taken")


def test_the_lab_stays_as_large_as_it_was(tmp_path: Path) -> None:
    assert len(verbs.current().mail_hosts) == 2
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "hosts.json").write_text('{"mail": 5}')
    assert len(verbs.current().mail_hosts) == 5
    assert len(verbs.current(3).mail_hosts) == 5
    assert len(verbs.current(7).mail_hosts) == 7


def test_a_container_whose_processes_were_killed_is_not_alive() -> None:
    assert not Container("x", "running", "image", pid=0).alive
    assert not Container("x", "running", "image", pid=os.getpid()).alive  # a number used again by something else
    assert not Container("x", "exited", "image", pid=1).alive


def test_help_says_each_verb() -> None:
    page = CliRunner().invoke(command, ["--help"]).output
    for verb in ("up", "status", "break", "reset", "ssh", "down"):
        assert f"  {verb} " in page


@pytest.fixture
def deferring_server() -> Iterator[tuple[str, int]]:
    """An SMTP server on loopback whose milter is missing: it greets, and tempfails every sender."""

    class Dialogue(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 mail.example ESMTP\r\n")
            for line in self.rfile:
                answers = {b"MAIL": b"451 4.7.1 Service unavailable", b"QUIT": b"221 bye"}
                self.wfile.write(answers.get(line[:4].upper(), b"250 ok") + b"\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dialogue) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address  # type: ignore[misc]
        server.shutdown()


def test_a_mail_host_that_greets_but_defers_mail_is_not_ready(deferring_server: tuple[str, int]) -> None:
    assert "451" in ready.failure(lambda: ready.mail_accepted(*deferring_server))
    assert ready.failure(lambda: ready.smtp(*deferring_server)) == ""


def test_a_host_that_never_comes_is_named_with_the_service_and_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError("Connection refused")

    monkeypatch.setattr(ready, "login", refuse)
    lab = verbs.current()
    assert ready.wait(lab, lab.host("mail01"), seconds=0.1) == "ssh: Connection refused"
