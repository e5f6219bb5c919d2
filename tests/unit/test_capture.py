"""What is captured of several hosts and devices becomes one approval, also when some of them do not answer."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from pyremediate import capture as capturing
from pyremediate.ansible.questions import NoSuchHost
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.errors import Undetermined
from pyremediate.known_good import devices, hosts, repository
from pyremediate.known_good.writing import Approval
from pyremediate.looking import look
from pyremediate.model import to_json
from pyremediate.request import EVERY_HOST, AnsibleOptions, Request
from pyremediate.settings import Settings
from tests.unit.known_good.stage import MAIN_CF, ROUTER, observed

ANNA = Approval("anna", "after the move")
SNAPSHOT = "pyremediate.mail.snapshot"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))


def answered(host: str) -> list[TaskResult]:
    files = [{"path": "/etc/postfix/main.cf", "content_base64": base64.b64encode(MAIN_CF).decode()}]
    seen = {"evidence": to_json(observed()) | {"host": host}}
    return [TaskResult(host, "", look.OBSERVE, "ok", seen), TaskResult(host, "", SNAPSHOT, "ok", {"files": files})]


def silent(host: str, action: str = look.OBSERVE) -> list[TaskResult]:
    return [TaskResult(host, "", action, "unreachable", {"msg": "no route\nto host"})]


def router() -> list[TaskResult]:
    return [TaskResult("router01", "", look.DEVICE, "ok", {"evidence": ROUTER.to_json()})]


def capture(monkeypatch: pytest.MonkeyPatch, played: list[TaskResult], asked: list[TaskResult]) -> Any:
    monkeypatch.setattr(capturing.plays, "run", lambda play: Result("successful", tuple(played), (), 0.0, True))
    monkeypatch.setattr(capturing, "ask", lambda *_: Result("successful", tuple(asked), (), 0.0, True))
    return capturing.capture(Request(EVERY_HOST, AnsibleOptions(), Settings()), ANNA)


def test_hosts_and_devices_are_one_approval(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = capture(monkeypatch, [*answered("mail01"), *answered("mail02")], router())
    assert kept.changed == ("hosts/mail01", "hosts/mail02", "devices/router01")
    (commit,) = repository.history("hosts/mail02")
    assert (commit.id, commit.what) == (kept.commit, "Captured: mail01, mail02, router01")
    known_good = hosts.load("mail01")
    assert known_good is not None and known_good.content("/etc/postfix/main.cf") == MAIN_CF


def test_who_does_not_answer_is_named_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Undetermined) as told:
        capture(monkeypatch, [*answered("mail01"), *silent("mail02")], silent("router01", look.DEVICE))
    assert str(told.value).splitlines() == [
        "mail02 could not be captured: no route to host",
        "router01 could not be captured: to host",
        "captured all the same: mail01",
    ]
    assert (hosts.names(), devices.names()) == (["mail01"], [])


def test_files_that_could_not_be_taken_are_told_in_the_words_of_that(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = TaskResult("mail01", "", SNAPSHOT, "failed", {"msg": "No space left on device"})
    with pytest.raises(Undetermined, match="mail01 could not be captured: No space left on device"):
        capture(monkeypatch, [answered("mail01")[0], failed], [])


def test_hosts_of_which_nothing_was_heard_in_time_are_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capturing.plays, "run", lambda play: Result("timeout", (), (), 0.0, False))
    monkeypatch.setattr(capturing, "ask", lambda *_: Result("successful", (), (), 0.0, True))
    with pytest.raises(Undetermined, match="nobody answered in time"):
        capturing.capture(Request(EVERY_HOST, AnsibleOptions(), Settings()), ANNA)


def test_a_pattern_that_matches_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSuchHost):
        capture(monkeypatch, [], [])
    assert not repository.exists()
