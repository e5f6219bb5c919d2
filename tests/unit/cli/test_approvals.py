"""baseline diff, approve, restore, history: what people and programs read of what has changed, and of who approved it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result

from pyremediate import capture as capturing
from pyremediate.capture import Taken
from pyremediate.errors import UsageError
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from tests.unit.cli.stage import at_a_terminal, run
from tests.unit.test_approve import NAMED, NOW_CAPTURED, WAS_CAPTURED


@pytest.fixture(autouse=True)
def first() -> str:
    return keep({"mail01": WAS_CAPTURED}, [], Approval("anna", "made by the lab")).commit


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {"hosts": {"mail01": NOW_CAPTURED}, "devices": {}, "refused": {}}
    monkeypatch.setattr(capturing, "take", lambda request, keep_secrets: Taken(**found))
    return found


def baseline(*arguments: str, **extra: Any) -> Result:
    return run("baseline", *arguments, **extra)


def test_a_difference_is_told_in_words_with_the_text_beneath(taken: dict[str, Any]) -> None:
    result = baseline("diff", "mail01")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0].startswith(f"mail01: {len(NAMED)} differences from what was approved 20")
    assert "  - relayhost had been changed from nothing to [smart] [postfix.parameter relayhost]" in lines
    assert lines.index("  +relayhost = [smart]") > lines.index("  --- /etc/postfix/main.cf (approved)")
    assert "  /etc/key: it is secret, so its content is withheld" in lines
    data = json.loads(baseline("diff", "mail01", "--format", "json").stdout)
    assert len(data["changes"][0]["differences"]) == len(NAMED) and data["without"] == []


def test_what_could_not_be_compared_is_not_equal(taken: dict[str, Any]) -> None:
    taken["hosts"] = {"mail01": WAS_CAPTURED}
    same = baseline("diff")
    assert same.exit_code == 0 and same.stdout.startswith("mail01: no difference from what was approved")
    taken["refused"] = {"mail02": "no route to host"}
    silent = baseline("diff")
    assert silent.exit_code == 3 and "mail02: could not be looked at: no route to host" in silent.stdout
    taken.update(refused={}, hosts={"mail05": WAS_CAPTURED})
    without = baseline("diff")
    assert without.exit_code == 3 and "nothing was approved of mail05; capture what is good" in without.stdout


def test_two_approvals_are_compared_without_looking_at_the_host(first: str) -> None:
    keep({"mail01": NOW_CAPTURED}, [], Approval("bert", "since then"))
    assert f"{len(NAMED)} differences" in baseline("diff", "mail01", first).stdout
    assert baseline("diff", "mail01", "main", first).exit_code == 1
    assert baseline("diff", "mail01", first, first).exit_code == 0
    with pytest.raises(UsageError, match="two commits at most"):
        baseline("diff", "mail01", first, first, first)


def test_an_approval_needs_a_reason(taken: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--reason: why is this good"):
        baseline("approve", "mail01")
    at_a_terminal(monkeypatch)
    result = baseline("approve", "mail01", "--only", "postfix.parameter", "relayhost", input="a new smarthost\n")
    assert "mail01: approved (" in result.stdout and "[postfix.parameter relayhost]" in result.stdout
    assert "a new smarthost" in baseline("history", "mail01").stdout


def test_the_history_tells_who_what_when_and_why(taken: dict[str, Any], first: str) -> None:
    line = ("approve", "mail01", "--only", "postfix.parameter", "relayhost", "--reason", "a new smarthost", "--ticket", "OPS-7")
    commit = json.loads(baseline(*line, "--format", "json").stdout)["commit"]
    told = baseline("history", "mail01").stdout.splitlines()
    assert told[0].startswith(f"{commit[:10]}  20") and told[0].endswith(": a new smarthost")
    assert told[1] == "  Approved of mail01: postfix.parameter relayhost (ticket OPS-7)"
    assert told[2] == "  - relayhost had been changed from nothing to [smart] [postfix.parameter relayhost]"
    assert told[3].startswith(first[:10]) and told[3].endswith("anna: made by the lab")
    entries = json.loads(baseline("history", "mail01", "--format", "json").stdout)["history"]
    assert [(entry["ticket"], entry["changed"] and len(entry["changed"])) for entry in entries] == [("OPS-7", 1), (None, None)]


def test_an_earlier_approval_is_restored(taken: dict[str, Any], first: str) -> None:
    baseline("approve", "mail01", "--reason", "all")
    restored = baseline("restore", "mail01", first[:12], "--reason", "it was better", "--incident", "20261126-1")
    assert restored.stdout.startswith(f"mail01: what was approved by {first[:12]} is its known good again (")
    assert "as of" in baseline("history", "mail01").stdout and "(incident 20261126-1)" in baseline("history", "mail01").stdout
    again = baseline("restore", "mail01", first, "--reason", "again", "--format", "json")
    assert json.loads(again.stdout) == {"commit": None, "restored": first}
