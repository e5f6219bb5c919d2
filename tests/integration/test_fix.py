"""Every fault of the book, on a real mail host: broken, found, repaired, proved by mail that is not pyremediate's own.

The mail of the proof goes through the outside world's own Postfix, by MX, in both directions; what was accepted before and during
the outage must all be in its mailbox at the end.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyremediate.diagnosis import catalogue
from tests.integration.world import World

ROOT = Path(__file__).resolve().parents[2]
FAULTS = sorted(
    str(path.parent.relative_to(ROOT / "faults"))
    for path in ROOT.glob("faults/*/*/break.yml")
    if path.with_name("fault.yml").is_file()
)

# What is told, and nothing is done about it.
TOLD = sorted(fault.code for fault in catalogue.load().faults if fault.severity == "low")
# What a human alone can mend.
ESCALATED = sorted({fault.code for fault in catalogue.load().faults if not fault.remedies}.intersection(FAULTS) - {*TOLD})

pytestmark = pytest.mark.lab


def test_every_fault_has_a_way_to_break_a_host() -> None:
    assert {fault.code for fault in catalogue.load().faults if not fault.recordings_only} == set(FAULTS)


@pytest.mark.parametrize("fault", sorted({*FAULTS} - {*TOLD} - {*ESCALATED}))
def test_a_broken_host_is_repaired_and_no_accepted_mail_is_lost(fault: str, world: World) -> None:
    world.reset()
    accepted = [world.mail_in() for _ in range(2)]
    world.break_by(fault)
    accepted += [token for token in [world.mail_in()] if token]

    outcome = world.fix("--yes")

    assert outcome["outcome"] == "repaired", outcome
    assert outcome["causes"][0]["code"] == fault, [cause["code"] for cause in outcome["causes"]]
    assert {step["state"] for step in outcome["actions"]} <= {"kept", "undone"}
    assert all(check["answer"] in {"pass", "impossible"} for check in outcome["verification"]), outcome["verification"]
    accepted.append(world.mail_in(must=True))
    world.assert_delivered(accepted)
    world.assert_mail_leaves()
    status, found = world.check()
    assert (status, found["outcome"]) == (0, "healthy"), found


@pytest.mark.parametrize("fault", ESCALATED)
def test_what_no_program_can_mend_is_escalated_and_nothing_is_touched(fault: str, world: World) -> None:
    world.reset()
    world.break_by(fault)
    outcome = world.fix("--yes")
    assert (outcome["outcome"], outcome["actions"]) == ("escalated", [])
    assert [cause["code"] for cause in outcome["causes"]] == [fault]
    world.assert_delivered([world.mail_in(must=True)])


def test_a_failed_part_is_named_with_its_slot_and_serial_number_while_mail_flows(world: World) -> None:
    world.reset()
    world.board(drives={"Disk 1": {"health": "Critical"}}, fans={"Fan 1": {"rpm": 0, "health": "Critical"}})
    status, found = world.check()
    assert (status, found["scope"], found["severity"]) == (1, "none", "high")
    (cause,) = found["causes"]
    assert "drive Disk 1: Critical; slot 1, serial number D1LAB" in cause["evidence"][0]
    assert "fan Fan 1: Critical (0 RPM)" in cause["evidence"][0]


@pytest.mark.parametrize("fault", TOLD)
def test_what_breaks_no_mail_is_told_and_left_as_it_is(fault: str, world: World) -> None:
    world.reset()
    world.break_by(fault)
    outcome = world.fix("--yes")
    assert (outcome["outcome"], outcome["actions"]) == ("healthy", [])
    assert outcome["causes"][0]["code"] == fault


@pytest.mark.parametrize("fault", ["network/router_down"])
def test_a_check_past_a_silent_router_says_which_legs_are_proved_and_which_are_unknown(fault: str, world: World) -> None:
    """Its kernel still forwards where it has routes, so that some ways are open; nobody knows what is behind those that are not."""
    world.reset()
    world.break_by(fault)
    status, found = world.check()
    legs = {leg["name"]: leg for leg in found["verification"]}
    proved = {name for name, leg in legs.items() if leg["answer"] == "pass"}
    unknown = {name for name, leg in legs.items() if leg["answer"] == "unknown"}
    assert (status, found["outcome"], [cause["code"] for cause in found["causes"]]) == (1, "failing", [fault]), found
    assert {"inbound.connect from localhost", "inbound.delivery from peer01"} <= proved
    assert {f"submission.{name} from client01" for name in ("banner", "auth", "content")} <= unknown
    assert {"outbound.remote from client01", "retrieval.fetch from client01"} <= unknown
    assert {name for name, leg in legs.items() if leg["answer"] == "fail"} == {
        "submission.connect from client01", "retrieval.connect from client01",
    }  # fmt: skip
    assert all(legs[name]["detail"] for name in unknown), "each says why"
    assert any("router01 does not answer" in sentence for sentence in found["causes"][0]["evidence"])


def test_a_hanging_machine_is_restarted_after_what_its_board_knows_is_on_record(world: World) -> None:
    world.reset()
    world.board(events=[{"at": "2026-11-25T01:02:03Z", "severity": "Critical", "message": "watchdog expired"}])
    world.break_by("hardware/hung")
    assert world.fix()["outcome"] == "refused"  # nobody consented
    outcome = world.fix("--yes")
    assert outcome["outcome"] == "repaired"
    timeline = json.loads(world.expect("incident", "show", outcome["incident"], "--format", "json"))["timeline"]
    told = [moment["text"] for moment in timeline]
    seen = next(number for number, text in enumerate(told) if "power On, health OK, events in its log: 1." in text)
    assert seen < next(number for number, text in enumerate(told) if text.startswith("Step 1 begins"))


@pytest.mark.parametrize("fault", ["hardware/powered_off", "hardware/hung"])
def test_a_machine_in_critical_health_is_left_as_it_is(fault: str, world: World) -> None:
    world.reset()
    world.board(power_supplies={"PSU 2": {"health": "Critical", "watts": 0}})
    world.break_by(fault)
    outcome = world.fix("--yes")
    assert (outcome["outcome"], outcome["actions"]) == ("escalated", [])
    assert fault in {cause["code"] for cause in outcome["causes"]}
    assert any("PS2LAB" in step for step in outcome["human"]), outcome["human"]
    _, found = world.check()
    assert fault in {cause["code"] for cause in found["causes"]}  # it is still so


def test_a_healthy_lab_gives_no_finding_ten_times_in_a_row(world: World) -> None:
    world.reset()
    for _ in range(10):
        status, found = world.check()
        assert (status, found["outcome"], found["causes"]) == (0, "healthy", []), found
