"""What differs from a device's last known good, as a human would say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pyremediate.network.compare import Growth, compare, growing
from pyremediate.network.evidence import DeviceEvidence, FilterRule, Interface, Neighbour, Route, Vlan
from tests.unit.network import vlan_machines
from tests.unit.network.recordings import frr

RUNNING = """\
Building configuration...
!
hostname edge
!
interface eth1
 description clients
 mtu 1500
exit
!
interface eth2
 ip access-group mail in
exit
!
end
"""
GOOD = DeviceEvidence(
    "edge", "ios",
    interfaces=(Interface("eth1", up=True, admin_up=True, mtu=1500, addresses=("10.0.0.1/24",)), Interface("eth2", up=True)),
    routes=(Route("0.0.0.0/0", "10.0.0.254", "eth1", "static", True), Route("10.0.0.0/24", "", "eth1", "connected", True)),
    neighbours=(
        Neighbour("10.0.0.5", "02:00:00:00:00:05", "eth1", "static"), Neighbour("10.0.0.6", "02:00:00:00:00:06", "eth1", "dynamic"),
    ),
    filters=(FilterRule("access-list", "mail", "permit ip any any", "in", ("eth2",), "accept"),),
    running=RUNNING, saved=RUNNING,
)  # fmt: skip


def sentences(now: DeviceEvidence, was: DeviceEvidence = GOOD) -> list[str]:
    return [difference.sentence() for difference in compare(was, now).differences]


def test_a_device_as_it_was_has_no_differences() -> None:
    assert compare(GOOD, GOOD).differences == ()


def test_an_interface_differs_by_its_properties() -> None:
    first, second = GOOD.interfaces or ()
    now = replace(GOOD, interfaces=(replace(first, up=False, mtu=1400), second))
    assert sentences(now) == [
        "device.interface eth1: up was True, is False",
        "device.interface eth1: mtu was 1500, is 1400",
    ]


def test_an_interface_that_is_gone_is_told_once() -> None:
    assert sentences(replace(GOOD, interfaces=(GOOD.interfaces or ())[:1])) == [
        "device.interface eth2: gone (was there)"
    ]


def test_counters_and_learnt_neighbours_are_no_differences() -> None:
    first, second = GOOD.interfaces or ()
    now = replace(
        GOOD, interfaces=(replace(first, counters={"in_packets": 9}), second), neighbours=(GOOD.neighbours or ())[:1]
    )
    assert sentences(now) == []


def test_a_route_differs_by_its_ways() -> None:
    default, connected = GOOD.routes or ()
    assert sentences(replace(GOOD, routes=(connected,))) == [
        "device.route 0.0.0.0/0: gone (was via 10.0.0.254 eth1 static)"
    ]
    other = sentences(replace(GOOD, routes=(replace(default, via="10.0.0.253"), connected)))
    assert other == ["device.route 0.0.0.0/0: value was via 10.0.0.254 eth1 static, is via 10.0.0.253 eth1 static"]


def test_a_rule_that_was_put_in_front_is_told_with_its_list() -> None:
    rule = FilterRule("access-list", "mail", "deny tcp any any eq smtp", "in", ("eth2",), "drop")
    assert sentences(replace(GOOD, filters=(rule, *(GOOD.filters or ())))) == [
        "device.filter access-list mail in eth2: new: deny tcp any any eq smtp"
    ]


def test_rules_in_another_order_are_a_difference() -> None:
    one, two = (FilterRule("t", "n", text) for text in ("a", "b"))
    (difference,) = compare(replace(GOOD, filters=(one, two)), replace(GOOD, filters=(two, one))).differences
    assert difference.aspect == "order"


def test_address_translation_is_told_apart_from_filtering() -> None:
    hide, send = (FilterRule("ip nat", "post", f"ip saddr 10.0.{net}.0/24 masquerade", action="hide") for net in (1, 2))
    was = replace(GOOD, filters=(hide, send))
    aspects = {
        found.aspect: found.kind
        for filters in ((hide,), (send, hide), (hide, replace(send, text="other")), (hide, send, hide))
        for found in compare(was, replace(GOOD, filters=filters)).differences
    }
    assert aspects == dict.fromkeys(("missing", "order", "value", "added"), "device.translation")


def test_a_translation_that_is_gone_altogether_is_missing() -> None:
    rule = FilterRule("ip nat", "post", "masquerade", "out", action="hide")
    (found,) = compare(replace(GOOD, filters=(rule,)), replace(GOOD, filters=())).differences
    assert (found.kind, found.aspect, found.was, found.is_) == ("device.translation", "missing", ["masquerade"], [])


def test_lines_are_told_in_their_section() -> None:
    now = replace(GOOD, running=RUNNING.replace(" description clients\n", " description clients\n shutdown\n"))
    line, unsaved = compare(GOOD, now).differences
    assert line.sentence() == "device.line interface eth1: new: shutdown"
    assert line.place == {"before": "description clients"}
    assert unsaved.sentence() == "device.unsaved edge: new: interface eth1 / shutdown"


def test_a_section_that_lost_its_lines_is_still_the_same_section() -> None:
    now = replace(GOOD, running=RUNNING.replace(" ip access-group mail in\n", ""), saved=None)
    assert sentences(now) == ["device.line interface eth2: gone: ip access-group mail in"]


def test_lines_of_routeros_are_told_with_their_menu() -> None:
    addresses = "/ip address\nadd address=10.0.0.1/24 \\\n    interface=ether1\n"
    was = f"# 2026-11-25 by RouterOS 7\n{addresses}/ip route\nadd gateway=10.0.0.254\n"
    now = was.replace("# 2026-11-25", "# 2026-11-26").replace("add gateway=10.0.0.254\n", "")
    told = sentences(replace(GOOD, running=now, saved=now), replace(GOOD, running=was, saved=was))
    assert told == ["device.line /ip route: gone: add gateway=10.0.0.254"]


def test_what_a_device_says_of_its_listing_is_no_difference() -> None:
    listed = RUNNING.replace(
        "Building configuration...\n", "Using 1 out of 9 bytes\n! Last configuration change at 18:41:02 UTC\n"
    )
    assert sentences(replace(GOOD, running=listed)) == []


def test_a_static_neighbour_that_points_elsewhere_is_a_difference() -> None:
    static, learnt = GOOD.neighbours or ()
    (told,) = sentences(replace(GOOD, neighbours=(replace(static, mac="02:00:00:00:00:99"), learnt)))
    assert told == "device.neighbour 10.0.0.5: value was 02:00:00:00:00:05 eth1, is 02:00:00:00:00:99 eth1"


def test_what_cannot_be_read_now_is_unknown_and_no_difference() -> None:
    found = compare(GOOD, replace(GOOD, routes=None, notes={"routes": "refused"}))
    assert found.differences == ()
    assert found.unknown == ("edge: routes could not be read: refused",)


def test_what_was_never_known_is_not_compared() -> None:
    assert compare(replace(GOOD, routes=None), GOOD).differences == ()


def test_the_recorded_router_has_a_route_that_was_not_saved() -> None:
    evidence = frr()
    assert sentences(evidence, evidence) == ["device.unsaved device: new: ip route 10.61.8.0/24 10.61.241.10"]


@pytest.mark.parametrize(
    ("switch", "port", "was", "now"),
    [(vlan_machines.ios, "FastEthernet0/5", 50, 10), (vlan_machines.junos, "ge-0/0/3.0", 100, 109)],
)
def test_a_port_in_another_vlan_is_told_once(
    switch: Callable[[], tuple[DeviceEvidence, DeviceEvidence]], port: str, was: int, now: int
) -> None:
    (found,) = compare(*switch()).differences
    assert (found.kind, found.name, found.aspect, found.was, found.is_) == ("device.interface", port, "vlan", was, now)


def test_a_port_that_is_listed_in_no_vlan_or_in_several_is_not_called_moved() -> None:
    was = replace(GOOD, vlans=(Vlan(10, "", ("a", "b")), Vlan(20, "", ())))
    assert sentences(replace(GOOD, vlans=(Vlan(10, "", ("a",)), Vlan(20, "", ("a",)))), was) == []
    assert sentences(replace(GOOD, vlans=(Vlan(10, "", ()), Vlan(20, "", ("b",)))), was) == [
        "device.interface b: vlan was 10, is 20"
    ]


def test_counters_that_grow_between_two_observations_are_told_by_how_much() -> None:
    rule = FilterRule("inet acl", "forward", "tcp dport 25 drop", "forward", action="drop", packets=3)
    before = replace(GOOD, interfaces=(Interface("eth1", errors={"crc": 5, "runts": 1}),), filters=(rule,))
    now = replace(
        GOOD, interfaces=(Interface("eth1", errors={"crc": 9, "runts": 0}),), filters=(replace(rule, packets=10),)
    )
    assert growing(before, now) == (
        Growth("interface", "eth1", "crc", 4),
        Growth("filter", "inet acl forward", "tcp dport 25 drop", 7),
    )
