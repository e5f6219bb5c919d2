"""The drill of the dead-man switch: which cuts it makes, how it compares, what it calls well ended, and its page."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.dead_man import changes, device, plan, results, table
from benchmarks.dead_man.changes import Change
from benchmarks.dead_man.cut import BOUND, Cut, faults
from pyremediate.diagnosis import catalogue

CHANGES = changes.every("10.61")
GOOD = Cut(
    "mail.filter.all", "middle", "kill", seconds=12, reached=True, play="middle", waited=0.5, by="the dead-man switch", changed=3,
    way="resume", settled="healthy", steps=["undone"],
)  # fmt: skip


def test_all_combinations_are_made_once_in_as_many_rounds_as_there_are_kinds() -> None:
    planned = plan.every(CHANGES, rounds=len(plan.IN_TURN))
    assert max(Counter(item.key for item in planned).values()) == 1
    steps = {(item.change, item.step) for item in planned if item.step != "alone"}
    assert len([item for item in planned if item.step != "alone"]) == len(steps) * len(plan.IN_TURN)


def test_one_round_has_every_change_every_step_and_every_kind() -> None:
    planned = plan.every(CHANGES)
    assert {item.change for item in planned} == {change.name for change in CHANGES}
    assert {item.step for item in planned} == set(plan.STEPS)
    assert {item.kind for item in planned} == set(plan.KINDS)
    assert plan.every(CHANGES) == planned


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_change_is_a_fault_that_the_product_loads(change: Change, tmp_path: Path) -> None:
    folder = tmp_path / "network" / "drill"
    folder.mkdir(parents=True)
    (folder / "fault.yml").write_text(json.dumps(changes.fault(change, "table inet filter {\n}")))
    (fault,) = catalogue.load([tmp_path], builtin=False).faults
    assert fault.code == "network/drill"


def test_a_bad_packet_filter_keeps_what_was_there() -> None:
    change = next(item for item in CHANGES if item.name == "mail.filter.all")
    rules = changes.bad_rules(change, "table inet filter {\n}")
    assert rules.startswith("table inet filter {") and "drop" in rules
    told = changes.fault(change, rules)["remedies"][0]["variables"]["firewall_differences"][0]
    assert base64.b64decode(told["content"]).decode() == rules


def test_a_bad_configuration_is_refused_where_its_lines_are_not_there() -> None:
    change = next(item for item in CHANGES if item.lines)
    with pytest.raises(ValueError, match="has no line"):
        changes.bad_lines(change, "frr version 8.4.4\n")


def test_an_unplugged_cable_and_numbers_of_nexthops_are_no_difference() -> None:
    before = "10.61.9.0/24 nhid 10 via 10.61.1.10 dev eth1 proto static metric 20 \nfe80::/64 dev eth0 proto kernel"
    after = "10.61.9.0/24 nhid 14 via 10.61.1.10 dev eth1 proto static metric 20 linkdown"
    assert device.routes(before) == device.routes(after)


def test_differences_name_what_is_gone_and_what_is_new() -> None:
    before = {"routes": ["a", "b"], "links": {"eth0": {"up": True}}, "filter": "x\n"}
    after = {"routes": ["a"], "links": {"eth0": {"up": False}}, "filter": "x\n"}
    assert device.differences(before, after) == [
        "routes: gone: b", 'links: gone: eth0 {"up": true}', 'links: new: eth0 {"up": false}',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (replace(GOOD, waited=None), "never ended"),
        (replace(GOOD, waited=BOUND + 1), "after the deadline"),
        (replace(GOOD, left=["routes: gone: b"]), "not as before: routes: gone: b"),
        (replace(GOOD, mail=["inbound.connect"]), "mail does not flow"),
        (replace(GOOD, open=True), "still open"),
        (replace(GOOD, steps=["unknown"]), "left unknown"),
        (replace(GOOD, left_at_last=["routes: gone: b"]), "after it was settled"),
        (replace(GOOD, switches=["1-1"]), "switches are left: 1-1"),
        (replace(GOOD, reached=False), "was not reached"),
        (replace(GOOD, broken="the lab is down"), "could not go on"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_that_went_wrong_is_called_well(cut: Cut, words: str) -> None:
    assert any(words in fault for fault in faults(cut))
    assert words in table.page([GOOD, cut]) and "1 of 2 cuts ended well" in table.page([GOOD, cut])


def test_a_step_that_was_confirmed_may_differ_until_it_is_undone_on_demand() -> None:
    kept = replace(GOOD, step="confirmed", by="a confirmation", left=["filter: new: drop"], steps=["undone"], kept=True)
    assert faults(kept) == [] and faults(GOOD) == []
    assert "kept, and undone on demand" in table.page([kept])


def test_cuts_on_record_are_read_again_and_a_torn_line_is_left_out(tmp_path: Path) -> None:
    results.append(tmp_path, GOOD)
    with (tmp_path / "cuts.jsonl").open("a") as stream:
        stream.write('{"change": "mail')
    results.append(tmp_path, other := replace(GOOD, kind="cable"))
    assert [(cut.key, cut.waited) for cut in results.read(tmp_path)] == [(GOOD.key, 0.5), (other.key, 0.5)]
