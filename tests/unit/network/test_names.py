"""What rules may ask about network devices: nothing is told that was not seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from jinja2 import UndefinedError

from pyremediate.diagnosis.conditions import Condition, Truth
from pyremediate.diagnosis.facts import facts
from pyremediate.model import Device, Difference, Look
from tests.unit.looks import NOON, leg, look

SEEN = look({}, [leg("inbound.connect", "fail", "peer01")])
SHUT = Difference("device.interface", "eth2", True, False, "admin_up")
ROUTER = Device("router01", {"platform": "frr", "interfaces": [{"name": "eth2", "admin_up": False}]}, "", (SHUT,), NOON)
SILENT = Device("router02", None, "router02 port 22: no answer")


def with_devices(*devices: Device) -> Look:
    return replace(SEEN, devices=devices)


def judged(expression: str, seen: Look) -> Truth:
    return Condition(expression).judge(facts(seen))


def test_the_differences_of_every_device_are_told_with_its_name() -> None:
    names: dict[str, Any] = facts(with_devices(ROUTER, SILENT))
    (told,) = names["device_differences"]("device.interface", "eth*")
    assert (told["device"], told["name"], told["was"], told["is"]) == ("router01", "eth2", True, False)
    assert [each["device"] for each in names["devices"]()] == ["router01"]
    assert names["devices_unreachable"]() == [
        {"device": "router02", "reason": "router02 port 22: no answer", "platform": ""}
    ]


def test_no_difference_is_an_answer_only_where_all_could_be_compared() -> None:
    assert judged("device_differences('device.route')", with_devices(ROUTER)).value is False
    silent = judged("device_differences('device.route')", with_devices(ROUTER, SILENT))
    assert (silent.value, silent.reasons) == (None, ("router02 could not be asked: router02 port 22: no answer",))
    never = judged(
        "device_differences('device.route')", with_devices(replace(ROUTER, known_good_at=None, differences=()))
    )
    assert never.reasons == ("router01 has no last known good",)


def test_where_none_is_described_no_rule_about_devices_can_ever_hold() -> None:
    truth = judged("devices_unreachable()", SEEN)
    assert truth.value is None
    assert truth.impossible


def test_where_nobody_looked_from_outside_it_may_still_be_told() -> None:
    truth = judged("devices_unreachable()", look({}))
    assert truth.value is None
    assert not truth.impossible


def test_a_name_asked_in_another_way_is_unknown_and_no_crash() -> None:
    with pytest.raises(UndefinedError):
        facts(SEEN)["device_differences"]("device.*", name="eth1")
