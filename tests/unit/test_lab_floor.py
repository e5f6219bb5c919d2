"""The range of the lab is only taken when nobody else's route is in it."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from pyremediate.lab import floor

RANGE = ipaddress.IPv4Network("10.61.0.0/16")
DEFAULT = {"dst": "default", "gateway": "192.0.2.1", "dev": "eth0"}
FLOOR = {"type": "unreachable", "dst": "10.61.0.0/16", "metric": floor.METRIC}
BRIDGE = {"dst": "10.61.2.0/24", "dev": "podman3", "scope": "link"}


def test_the_floor_and_the_labs_own_bridges_are_no_conflict() -> None:
    assert floor.conflicts([DEFAULT, FLOOR, BRIDGE], RANGE, {"podman3"}) == []


def test_a_bridge_of_somebody_else_is_a_conflict() -> None:
    assert floor.conflicts([DEFAULT, BRIDGE], RANGE, set()) == ["10.61.2.0/24 by podman3"]


@pytest.mark.parametrize("destination", ["10.0.0.0/8", "10.61.0.0/16", "10.61.7.7"])
def test_a_route_over_or_into_the_range_is_a_conflict(destination: str) -> None:
    route: dict[str, Any] = {"dst": destination, "gateway": "192.0.2.9", "dev": "tun0"}
    assert floor.conflicts([DEFAULT, route], RANGE, {"podman3"}) == [f"{destination} by tun0"]


def test_the_two_halves_of_a_private_networks_default_route_are_no_conflict() -> None:
    halves = [{"dst": "0.0.0.0/1", "dev": "tun0"}, {"dst": "128.0.0.0/1", "dev": "tun0"}]
    assert floor.conflicts(halves, RANGE, set()) == []


def test_an_unreachable_route_that_the_lab_did_not_lay_is_a_conflict() -> None:
    foreign = {"type": "unreachable", "dst": "10.61.0.0/16", "metric": 5}
    assert floor.conflicts([foreign], RANGE, set()) == ["10.61.0.0/16 by unreachable"]
