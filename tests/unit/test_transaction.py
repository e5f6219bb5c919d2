"""What became of a step is read from the checkpoint's own answers, never assumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pyremediate.ansible import plays
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.known_good import keeping
from pyremediate.known_good.writing import Approval
from pyremediate.model import Remedy
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.request import AnsibleOptions
from pyremediate.settings import Settings
from pyremediate.transaction import (
    CHECKPOINT,
    Context,
    _state_of,
    carry_out,
    keep,
    needs_deadman,
    undo,
    with_contents,
)


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


@pytest.mark.parametrize("saved", [{"firewall": True}, {"routes": ["default"]}, {"links": ["eth0"]}, {"frr": True}])
def test_a_trial_that_touches_packet_filter_or_routes_is_undone_by_the_host_itself_unless_confirmed(
    saved: dict[str, Any],
) -> None:
    trial = Remedy("put_back", "rollback", "Put it back", "known_good", "put_back", checkpoint=saved)
    assert needs_deadman(trial)
    harmless = {"files": ["/etc/postfix/main.cf"], "firewall": False, "routes": []}
    assert not needs_deadman(replace(trial, checkpoint=harmless))


PUT_BACK = Remedy("put_back", "rollback", "Put it back", "known_good", "put_back", checkpoint={"units": ["ssh.service"]})


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("file", "/etc/ssh/sshd_config"), ("lines", "/etc/ssh/sshd_config.d/50-cloud.conf"), ("file", "/root/.ssh/config"),
        ("lines", "/etc/network/interfaces"), ("file", "/etc/systemd/network/10-lan.network"), ("file", "/etc/netplan/01.yaml"),
        ("unit", "ssh.service"), ("unit.running", "systemd-networkd.service"), ("file", "/etc/systemd/system/ssh.service.d/x.conf"),
        ("unit", "networking.service"), ("lines", "/etc/nftables.conf"),
    ],
)  # fmt: skip
def test_what_we_come_in_by_is_put_back_under_the_switch(kind: str, name: str) -> None:
    assert needs_deadman(replace(PUT_BACK, variables={"known_good_differences": [_named(kind, name)]}))


@pytest.mark.parametrize(
    ("kind", "name"),
    [("file", "/etc/sshguard.conf"), ("lines", "/etc/postfix/main.cf"), ("unit", "postfix.service"), ("file", "/etc/networks")],
)
def test_a_trial_of_something_else_needs_no_switch_although_all_units_are_saved(kind: str, name: str) -> None:
    assert not needs_deadman(replace(PUT_BACK, variables={"known_good_differences": [_named(kind, name)]}))


def test_a_remedy_that_saves_such_a_file_or_unit_gets_the_switch() -> None:
    remedy = Remedy("restart", "restart", "", role="services")
    assert needs_deadman(replace(remedy, checkpoint={"units": ["sshd.service"]}))
    assert needs_deadman(replace(remedy, checkpoint={"files": ["/etc/ssh/sshd_config"]}))


def _named(kind: str, name: str) -> dict[str, Any]:
    return {"kind": kind, "name": name, "aspect": "content", "was": None, "is": None}


ROUTER = Remedy("routes", "network", "Put the routes back", role="router", tasks="running_configuration", on="router01")


class Plays:
    """Ansible's plays, answered as by hosts that do as they are told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self.asked: list[plays.Play] = []
        self.recorded: list[dict[str, Any]] = []
        self.out_of_reach = 0  # for so many undos
        monkeypatch.setattr(plays, "run", self.run)
        monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
        self.switch = True  # can it be armed?
        request = SimpleNamespace(settings=Settings(), options=AnsibleOptions(), accept_risk=False, actor="somebody")
        listener = SimpleNamespace(step=lambda step: None, note=lambda text: None)
        self.context = Context(request, SimpleNamespace(write=self.write), "2026-0001", "mail01", listener)  # type: ignore[arg-type]

    def write(self, incident: str, stage: str, kind: str, payload: dict[str, Any]) -> None:
        self.recorded.append(payload)

    def without_switch(self, play: plays.Play, host: str) -> Result:
        """As the checkpoint answers where there is no systemd."""
        words = "the dead-man switch could not be armed; the step goes without it, as was accepted"
        if play.variables["pyremediate_deadman_needed"]:
            told = {"msg": "could not be armed", "no_deadman": True, "state": "created"}
            refused = TaskResult(host, "Remember", CHECKPOINT, "failed", told)
            return Result("failed", (refused, TaskResult(host, "Put back", CHECKPOINT, "ok", {"state": "restored"})))
        begun = {"state": "created", "deadman": {"armed": False}, "notes": [words]}
        return Result(
            "successful",
            tuple(TaskResult(host, "", CHECKPOINT, "ok", data) for data in (begun, {"state": "sealed", "notes": []})),
        )

    def run(self, play: plays.Play) -> Result:
        self.asked.append(play)
        host = play.variables["pyremediate_target"]
        if play.playbook == "undo" and self.out_of_reach:
            self.out_of_reach -= 1
            return Result(
                "failed", (TaskResult(host, "Put it back", CHECKPOINT, "unreachable", {"msg": "no route to host"}),)
            )
        if play.playbook == "remediate" and not self.switch:
            return self.without_switch(play, host)
        own = (
            [("created", True), ("", True), ("sealed", True)] if play.playbook == "remediate" else [("restored", True)]
        )
        tasks = [TaskResult(host, f"task {state}", CHECKPOINT if state else "x", "ok", {"state": state, "changed": changed})
                 for state, changed in own]  # fmt: skip
        return Result("successful", tuple(tasks))


def test_a_device_without_a_dead_man_switch_is_not_touched_and_the_record_says_how_it_would_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    hosts.switch = False
    step = carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    assert step.state == "undone" and step.reason == "could not be armed. To change it without: fix --accept-risk"
    assert not [each for each in hosts.recorded if "text" in each]


def test_who_accepts_the_risk_changes_it_and_both_are_on_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    hosts.switch, hosts.context.request.accept_risk = False, True  # type: ignore[misc]
    assert carry_out(hosts.context, "network/route_missing", ROUTER, 1).state == "done"
    assert [each["text"] for each in hosts.recorded if "text" in each] == [
        "somebody accepts the risk: router01 is changed even if it cannot undo the change by itself",
        "router01: the dead-man switch could not be armed; the step goes without it, as was accepted",
    ]


def test_the_risk_is_not_asked_for_where_nothing_could_cut_us_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    hosts.context.request.accept_risk = True  # type: ignore[misc]
    carry_out(hosts.context, "services/stopped", Remedy("start", "restart", "Start it", "services", "start"), 1)
    assert not [each for each in hosts.recorded if "text" in each]


def test_a_remedy_on_a_device_is_carried_out_confirmed_and_undone_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    step = carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    assert (step.state, step.changed) == ("done", ("task ",))
    assert keep(hosts.context, step, "proved").state == "kept"
    assert undo(hosts.context, step, "asked for").state == "undone"
    assert [(play.playbook, play.variables["pyremediate_target"]) for play in hosts.asked] == [
        ("remediate", "router01"),
        ("confirm", "router01"),
        ("undo", "router01"),
    ]
    assert hosts.asked[0].variables["pyremediate_deadman_seconds"] > 0


def test_a_device_that_the_step_cut_off_is_asked_again_until_its_switch_has_put_it_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    step = carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    hosts.out_of_reach = 3
    ended = undo(hosts.context, step, "mail does not flow")
    assert ended.state == "undone" and len([play for play in hosts.asked if play.playbook == "undo"]) == 4


def test_nobody_waits_for_the_switch_of_a_device_that_has_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    hosts.switch, hosts.context.request.accept_risk = False, True  # type: ignore[misc]
    step = carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    hosts.out_of_reach = 1
    assert undo(hosts.context, step, "mail does not flow").state == "unknown"
    assert len([play for play in hosts.asked if play.playbook == "undo"]) == 1


def test_a_device_that_stays_out_of_reach_for_longer_than_its_switch_takes_is_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    step = carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    hosts.out_of_reach = 1000
    clock = iter(range(0, 100_000, 60))
    monkeypatch.setattr("pyremediate.transaction.time", SimpleNamespace(monotonic=lambda: next(clock)))
    ended = undo(hosts.context, step, "mail does not flow")
    assert ended.state == "unknown" and "no route to host" in ended.reason
    assert 1 < len([play for play in hosts.asked if play.playbook == "undo"]) < 20


def test_a_host_that_has_no_switch_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    step = carry_out(hosts.context, "services/stopped", Remedy("start", "restart", "Start it", "services", "start"), 1)
    hosts.out_of_reach = 1
    assert undo(hosts.context, step, "mail does not flow").state == "unknown"


def test_a_remedy_on_a_device_gets_its_last_known_good_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    router = DeviceEvidence("router01", "frr", running="frr version 8.4.4\n")
    keeping.keep({}, [router], Approval("somebody", "it was good"))
    carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    assert hosts.asked[0].variables["router_running_configuration"] == "frr version 8.4.4\n"


def test_the_record_says_on_which_device_a_step_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = Plays(monkeypatch, tmp_path)
    carry_out(hosts.context, "network/route_missing", ROUTER, 1)
    assert {payload["step"]["remedy"]["on"] for payload in hosts.recorded} == {"router01"}
    assert ROUTER.words == "Put the routes back (network, on router01)"
    assert replace(ROUTER, on="").words == "Put the routes back (network)"
