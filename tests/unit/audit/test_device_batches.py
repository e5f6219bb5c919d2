"""A router's drifts go back by the remedies of its role: what its configuration says first, and what the kernel has then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pyremediate.audit import device_batches, restore
from pyremediate.audit.device_batches import OfDevice
from pyremediate.audit.judge import judge
from pyremediate.audit.values import Drift
from pyremediate.diagnosis import diagnose
from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.model import Answer, Device, Difference, Leg, Look, Remedy, Step
from pyremediate.progress import Silent
from pyremediate.repair import verify
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import PolicySettings, Settings
from pyremediate.stopwatch import Stopwatch
from pyremediate.transaction import Context
from tests.unit.incidents import Memory
from tests.unit.looks import healthy_evidence

LINE = Difference("device.line", "interface eth3", [], [" shutdown"])
ROUTE_LINE = Difference("device.line", "(global)", ["ip route 192.0.2.0/24 eth1"], [])
PORT = Difference("device.interface", "eth3", True, False, "admin_up")
MTU = Difference("device.interface", "eth2", 1500, 1400, "mtu")
CABLE = Difference("device.interface", "eth1", True, False, "up")
ROUTE = Difference("device.route", "192.0.2.0/24", "via eth1 static", None)
FILTER = Difference("device.filter", "inet filter forward", ["drop"], ["accept", "drop"])
NAT = Difference("device.translation", "ip nat postrouting", ["masquerade"], [], "missing")
UNSAVED = Difference("device.unsaved", "router01", [], ["interface eth3 / shutdown"])
EVERYTHING = (LINE, ROUTE_LINE, PORT, MTU, CABLE, ROUTE, FILTER, NAT, UNSAVED)


def look(*differences: Difference, platform: str = "frr") -> Look:
    router = Device("router01", {"platform": platform}, differences=differences)
    leg = Leg("inbound", "connect", Answer.PASS, "peer01")
    return Look("mail01", healthy_evidence(), (leg,), devices=(router, Device("router02", differences=(MTU,))))


def drifts(*differences: Difference, platform: str = "frr", accepted: Sequence[Difference] = ()) -> list[Drift]:
    found = judge("router01", differences).drifts
    ways = [each.difference if device_batches.can_be_put_back(each.difference, platform) else None for each in found]
    words = ["wanted" if each.difference in accepted else "" for each in found]
    return [replace(each, way_back=way, accepted=why) for each, way, why in zip(found, ways, words, strict=True)]


def batches(*differences: Difference, platform: str = "frr", accepted: Sequence[Difference] = ()) -> list[tuple[Difference, ...]]:
    now = look(*differences, platform=platform)
    found = OfDevice("router01").batches(drifts(*differences, platform=platform, accepted=accepted), now)
    return [batch.differences for batch in found]


def remedies(*differences: Difference) -> list[Remedy]:
    now = look(*differences)
    found = OfDevice("router01").batches(drifts(*differences), now)
    return [OfDevice("router01").planned(batch, now, PolicySettings()).remedy for batch in found]


def test_the_configuration_goes_back_first_then_the_kernel_then_the_filter() -> None:
    assert batches(*EVERYTHING) == [(LINE, ROUTE_LINE), (PORT, MTU), (FILTER, NAT)]


def test_what_runs_is_saved_only_where_it_is_what_was_known_to_be_good() -> None:
    assert batches(UNSAVED) == [(UNSAVED,)]
    assert batches(LINE, UNSAVED) == [(LINE,)]


def test_what_follows_from_something_else_has_no_way_back_of_its_own() -> None:
    assert batches(CABLE, ROUTE) == []


def test_a_configuration_of_which_a_part_is_accepted_is_not_put_back_whole() -> None:
    assert batches(LINE, ROUTE_LINE, accepted=[LINE]) == []
    assert batches(PORT, MTU, accepted=[PORT]) == [(MTU,)]


def test_a_device_that_cannot_be_changed_from_here_is_told_to_a_human() -> None:
    assert batches(*EVERYTHING, platform="ios") == []
    (typed,) = OfDevice("router01").by_hand(look(LINE, platform="ios"))
    assert "router01" in typed and "interface eth3" in typed
    assert OfDevice("router01").by_hand(look(LINE)) == ()


def test_each_remedy_is_carried_out_on_the_router_with_what_its_undo_needs_saved() -> None:
    configuration, interfaces, rules = remedies(*EVERYTHING)
    assert {remedy.on for remedy in (configuration, interfaces, rules)} == {"router01"}
    assert [remedy.tasks for remedy in (configuration, interfaces, rules)] == ["running_configuration", "interfaces", "filter"]
    assert configuration.checkpoint == {"files": ["/etc/frr"], "frr": True, "links": ["eth3", "eth2", "eth1"]}
    assert interfaces.checkpoint["links"] == ["eth3", "eth2", "eth1"]
    assert rules.checkpoint == {"firewall": True}
    assert [each["name"] for each in interfaces.variables["router_differences"]] == ["eth3", "eth2"]
    assert all(remedy.class_ == "network" for remedy in (configuration, interfaces, rules))


def test_what_went_back_along_with_the_configuration_is_not_put_back_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks, done = [look(MTU), look()], list[str]()

    def carry_out(context: Context, code: str, remedy: Remedy, number: int, trial: bool) -> Step:
        assert not trial
        done.append(f"{remedy.tasks} {[each['name'] for each in remedy.variables['router_differences']]}")
        return Step(number, code, remedy, f"incident-{number}", "done")

    monkeypatch.setattr("pyremediate.looking.look.thorough", lambda *_: {"mail01": looks.pop(0)})
    monkeypatch.setattr(diagnose, "diagnose", lambda *_: Diagnosis())
    monkeypatch.setattr(verify, "judge", lambda *_: verify.Judgement(verify.KEPT, "because", ()))
    monkeypatch.setattr("pyremediate.transaction.carry_out", carry_out)
    monkeypatch.setattr("pyremediate.transaction.keep", lambda context, step, why: replace(step, state="kept", reason=why))
    request = Request("mail01", AnsibleOptions(), Settings(), actor="test", assume_yes=True)
    context = Context(request, Memory(), "incident", "mail01", Silent())  # type: ignore[arg-type]
    first = look(LINE, PORT, MTU, CABLE, UNSAVED)
    told = drifts(LINE, PORT, MTU, CABLE, UNSAVED)
    outcome = restore.Restore(context, None, Stopwatch(), told, OfDevice("router01")).to_the_end(first)  # type: ignore[arg-type]
    assert done == ["running_configuration ['interface eth3']", "interfaces ['eth2']"]
    assert (outcome.outcome, outcome.human) == ("repaired", [])
