"""Which devices can have stopped mail: those on its way, there or back, as it is or as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyremediate.diagnosis import matrix
from pyremediate.diagnosis.facts import facts
from pyremediate.model import Device, Difference, Leg, Look
from pyremediate.network import ways
from pyremediate.network.evidence import DeviceEvidence, FilterRule, LldpNeighbour, Vlan
from tests.unit.looks import NOON, leg, look
from tests.unit.network.test_path import BOTH, CLIENT, CORE, EDGE, MAIL, device, static

AWAY = device("away", {"eth0": "10.61.77.1/24"}, ())  # a router of another site
SWITCH = DeviceEvidence("switch01", "ios", vlans=(Vlan(10, "mail", ("Gi0/1",)),), interfaces=())
CHANGED = Difference("device.line", "interface eth0", [], ["mtu 1400"])


def seen(vantage: str = "client01", answer: str = "fail", source: str = CLIENT) -> list[Leg]:
    told = f"{MAIL} port 587" if answer == "pass" else f"timeout: {MAIL} port 587 does not answer within 3 s"
    return [
        replace(leg("submission.route", "pass", vantage), detail=f"from {source}"),
        replace(leg("submission.connect", answer, vantage), detail=told),
    ]


Devices = Mapping[str, DeviceEvidence | None]


def looked(now: Devices, legs: Sequence[Leg] | None = None, good: Devices = BOTH) -> Look:
    """A look at a host whose devices all differ from what they were."""
    around = look({}, seen() if legs is None else legs)
    devices = [_device(name, each, good.get(name)) for name, each in now.items()]
    return replace(around, devices=devices, ways=ways.of(around, now, good))


def _device(name: str, now: DeviceEvidence | None, good: DeviceEvidence | None) -> Device:
    known = now or good
    switching = known is None or ways.switches(known)
    if now is None:
        return Device(name, unreachable="no answer", switches=switching)
    return Device(name, now.to_json(), "", (CHANGED,), NOON, switches=switching)


def blamed(found: Look) -> list[str]:
    names: dict[str, Any] = facts(found)
    return [each["device"] for each in names["device_differences"]("device.line")]


def test_a_router_beside_the_way_is_not_blamed_however_much_it_changed() -> None:
    assert blamed(looked({"away": AWAY, **BOTH})) == ["edge", "core"]


def test_while_mail_flows_every_device_that_changed_is_told() -> None:
    assert blamed(looked({"away": AWAY, **BOTH}, seen(answer="pass"))) == ["away", "edge", "core"]


def test_a_way_that_was_led_elsewhere_has_the_devices_of_both() -> None:
    wrong = replace(EDGE, routes=(*(EDGE.routes or ())[:2], static("10.61.2.0/24", "10.61.77.1")))
    (way,) = looked({"edge": wrong, "core": CORE, "away": AWAY}).ways
    assert set(way.devices) == {"edge", "away", "core"}


def test_where_the_way_cannot_be_known_nobody_is_left_out() -> None:
    everybody = {"away", "edge", "core"}
    assert set(blamed(looked({"away": AWAY, **BOTH}, seen(source="10.61.200.1")))) == everybody
    assert set(blamed(looked({"away": AWAY, **BOTH}, [leg("submission.connect", "fail", "client01")]))) == everybody


def test_an_address_that_is_none_makes_the_way_unknown_and_loses_nothing_else() -> None:
    strange = device("strange", {"eth0": "10.61.88.1/24"}, ())
    port = replace((strange.interfaces or ())[0], addresses=("unassigned",))
    found = looked({**BOTH, "strange": replace(strange, interfaces=(port,))})
    assert [way.known for way in found.ways] == [False] and len(blamed(found)) == 3


def test_senders_behind_the_last_device_come_by_the_one_that_leads_to_them() -> None:
    users = replace(EDGE, routes=(*(EDGE.routes or ()), static("10.61.9.0/24", "10.61.1.10", "eth0")))
    core = replace(CORE, routes=(*(CORE.routes or ()), static("10.61.9.0/24", "10.61.5.1", "eth0")))
    found = looked({"away": AWAY, "edge": users, "core": core}, seen(source="10.61.9.1"), {"edge": users, "core": core})
    assert found.ways[0].known and blamed(found) == ["edge", "core"]


def test_a_router_that_does_not_answer_is_on_the_way_by_what_it_was() -> None:
    found = looked({"away": AWAY, "edge": EDGE, "core": None})
    assert "core" in found.ways[0].devices
    assert [each["device"] for each in facts(found)["devices_unreachable"]()] == ["core"]


def test_a_silent_router_of_another_site_is_no_cause() -> None:
    silent = looked({**BOTH, "away": None}, good={**BOTH, "away": AWAY})
    assert [each["device"] for each in facts(silent)["devices_unreachable"]()] == []


def test_a_switch_may_lie_between_any_two_unless_its_links_say_otherwise() -> None:
    assert blamed(looked({**BOTH, "switch01": SWITCH})) == ["edge", "core", "switch01"]
    elsewhere = replace(SWITCH, lldp=(LldpNeighbour("Gi0/1", "away.example.com", "eth0"),))
    assert blamed(looked({**BOTH, "away": AWAY, "switch01": elsewhere})) == ["edge", "core"]
    between = replace(SWITCH, lldp=(LldpNeighbour("Gi0/1", "core", "eth0"),))
    assert blamed(looked({**BOTH, "switch01": between})) == ["edge", "core", "switch01"]


def test_where_mail_stops_is_said_and_where_it_passes_nothing() -> None:
    rule = FilterRule("inet acl", "forward", "tcp dport 587 drop", "forward", action="drop", protocol="tcp", ports=((587, 587),))
    stopped = looked({**BOTH, "core": replace(CORE, filters=(rule,))})
    assert ways.stops(stopped) == (f"What goes from {CLIENT} to {MAIL} port 587 stops at core: tcp dport 587 drop.",)
    assert ways.stops(stopped)[0] in str(matrix.told(stopped))
    no_way_back = looked({**BOTH, "core": replace(CORE, routes=(CORE.routes or ())[:2])})
    assert ways.stops(no_way_back) == (f"The answers of {MAIL} to {CLIENT} stop: core has no route to {CLIENT}.",)
    assert ways.stops(looked(BOTH)) == ()
