"""What became of a step is read from the checkpoint's own answers, never assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pyremediate.ansible.results import Result, TaskResult
from pyremediate.model import Remedy
from pyremediate.transaction import CHECKPOINT, _state_of, needs_deadman, with_contents


def task(status: str = "ok", action: str = "ansible.builtin.command", **data: Any) -> TaskResult:
    return TaskResult("mail01", "a task", action, status, data)


def checkpoint(state: str, **data: Any) -> TaskResult:
    return task(action=CHECKPOINT, state=state, **data)


@pytest.mark.parametrize(
    ("status", "tasks", "expected"),
    [
        ("successful", [checkpoint("created"), task(), checkpoint("sealed")], "done"),
        ("failed", [task("failed", CHECKPOINT, msg="no space")], "failed"),
        ("failed", [checkpoint("created"), task("failed", msg="x"), checkpoint("restored"), task("failed")], "undone"),
        (
            "failed",
            [checkpoint("created"), task("failed"), checkpoint("restored", refused=["/etc/x: changed"])],
            "undo_refused",
        ),
        ("failed", [checkpoint("created"), task("unreachable", msg="gone")], "unknown"),
        ("timeout", [checkpoint("created")], "unknown"),
        ("failed", [checkpoint("created"), task("failed", msg="x")], "unknown"),
        ("successful", [], "failed"),
    ],
)
def test_the_state_of_a_step_comes_from_what_the_host_said(status: str, tasks: list[TaskResult], expected: str) -> None:
    assert _state_of(Result(status, tuple(tasks)), "mail01")[0] == expected


def test_the_reason_of_an_undone_step_is_the_failure_and_not_the_summary_of_the_rescue() -> None:
    result = Result(
        "failed",
        (
            checkpoint("created"),
            task("failed", msg="postfix check failed"),
            checkpoint("restored"),
            task("failed", msg="put back"),
        ),
    )
    assert _state_of(result, "mail01") == ("undone", "postfix check failed")


def test_only_what_can_cut_us_off_gets_a_dead_man_switch() -> None:
    assert needs_deadman(Remedy("a", "rollback", "", role="firewall"))
    assert not needs_deadman(Remedy("a", "restart", "", role="services"))


def test_variables_without_a_known_good_stay_as_they_are() -> None:
    variables = {"postfix_differences": [{"kind": "file", "name": "/etc/x", "aspect": "content"}], "units": ["a"]}
    assert with_contents(variables, None) == variables


@pytest.mark.parametrize("saved", [{"firewall": True}, {"routes": ["default"]}])
def test_a_trial_that_touches_packet_filter_or_routes_is_undone_by_the_host_itself_unless_confirmed(saved: dict[str, Any]) -> None:
    trial = Remedy("put_back", "rollback", "Put it back", "known_good", "put_back", checkpoint=saved)
    assert needs_deadman(trial)
    harmless = {"files": ["/etc/postfix/main.cf"], "firewall": False, "routes": []}
    assert not needs_deadman(replace(trial, checkpoint=harmless))
