"""fix: one host at a time, consent, and what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner

from pyremediate import cli, pipeline
from pyremediate.ansible import inventory
from pyremediate.errors import Refused, UsageError
from pyremediate.model import Outcome, Planned
from pyremediate.request import Request
from tests.unit.cli.stage import Played, at_a_terminal, run
from tests.unit.incidents import CAUSE, KEPT, OUTCOME, PATCH


def test_fix_repairs_one_host_and_tells_how(played: Played) -> None:
    played.answers = [OUTCOME]
    result = run("fix", "--host", "mail01")
    assert result.exit_code == 0
    assert "mail01: repaired, and proved by test mail" in result.stdout
    assert "Put the parameter back (rollback) for postfix/parameter_changed: kept" in result.stderr
    request = played.requests[0]
    assert (request.hosts, request.plan_only, request.assume_yes, request.approve) == ("mail01", False, False, None)


@pytest.mark.parametrize("flag", ["--plan", "--check", "-C"])
def test_a_dry_run_is_a_plan_and_no_check_mode_reaches_the_remedies(played: Played, flag: str) -> None:
    planned = Planned(CAUSE.code, PATCH, "ask", "policy wants consent for patch")
    played.answers = [replace(OUTCOME, outcome="planned", actions=(), planned=(planned,))]
    result = run("fix", "--host", "mail01", flag)
    assert played.requests[0].plan_only and not played.requests[0].options.check
    assert "would ask first: policy wants consent for patch" in result.stdout and "cannot be predicted" in result.stdout


def test_fix_needs_a_host() -> None:
    with pytest.raises(UsageError, match="which host"):
        run("fix")


def test_several_hosts_are_repaired_one_after_another(played: Played) -> None:
    played.answers = [OUTCOME, replace(OUTCOME, host="mail02", outcome="escalated")]
    result = run("fix", "--host", "mail01", "--host", "mail02,mail01", "--format", "json")
    assert [request.hosts for request in played.requests] == ["mail01", "mail02"]
    assert [host["outcome"] for host in json.loads(result.stdout)["hosts"]] == ["repaired", "escalated"]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "ending", [replace(OUTCOME, outcome="unknown"), replace(OUTCOME, actions=(replace(KEPT, state="undo_refused"),))]
)
def test_no_further_host_is_touched_after_one_whose_state_is_not_known(played: Played, ending: Outcome) -> None:
    played.answers = [ending]
    result = run("fix", "--host", "mail01", "--host", "mail02")
    assert len(played.requests) == 1 and "not touched, since the state of mail01 is not known: mail02" in result.stderr


def test_what_was_done_is_told_even_if_a_later_host_is_refused(played: Played) -> None:
    played.answers = [OUTCOME, Refused("mail02 is being worked on")]
    result = CliRunner().invoke(cli.cli, ["fix", "--host", "mail01", "--host", "mail02"])
    assert "mail01: repaired" in result.stdout and isinstance(result.exception, Refused)


def test_a_limit_is_expanded_by_the_inventory(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = {"_meta": {"hostvars": {}}, "all": {"children": ["mail", "web"]}, "mail": {"hosts": ["mail02", "mail01"]},
               "web": {"children": ["inner"]}, "inner": {"hosts": ["web01"]}}  # fmt: skip
    monkeypatch.setattr(inventory, "inventory_hosts", lambda options: listing)
    played.answers = [OUTCOME] * 3
    run("fix", "--limit", "mail", "--limit", "web*")
    assert [request.hosts for request in played.requests] == ["mail02", "mail01", "web01"]
    wrong = {"nope": "no host matches 'nope'; .*mail01, mail02, web01", "all:!mail": "names, groups and globs"}
    for pattern, words in wrong.items():
        with pytest.raises(UsageError, match=words):
            run("fix", "--limit", pattern)


def test_consent_is_asked_for_on_a_terminal(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    planned = Planned(CAUSE.code, PATCH, "ask", "policy wants consent for patch")
    asked: list[bool] = []

    def fix(request: Request, listener: Any) -> Outcome:
        assert request.approve is not None
        asked.append(request.approve(planned))
        return OUTCOME

    monkeypatch.setattr(pipeline, "fix", fix)
    result = run("fix", "--host", "mail01", input="y\n")
    assert "Install the newer Postfix (patch), for postfix/parameter_changed; policy wants consent" in result.stderr
    run("fix", "--host", "mail01", input="\n")
    assert asked == [True, False]


def test_yes_answers_beforehand(played: Played) -> None:
    played.answers = [OUTCOME]
    run("fix", "--host", "mail01", "--yes")
    assert played.requests[0].assume_yes
