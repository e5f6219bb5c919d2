"""The way of a packet, from what devices say of their routes; and what stops it there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pyremediate.model import Answer
from pyremediate.network.evidence import DeviceEvidence, FilterRule, Interface, Route
from pyremediate.network.filtering import Packet, matches, stops
from pyremediate.network.path import Hop, Link, Path, path
from tests.unit.network.recordings import frr

CLIENT, MAIL = "10.61.1.10", "10.61.2.10"


def device(name: str, interfaces: dict[str, str], routes: tuple[Route, ...], mtu: int | None = 1500) -> DeviceEvidence:
    """A router with these interfaces, their connected routes, and more routes."""
    connected = tuple(Route(_network(own), "", each, "connected", selected=True) for each, own in interfaces.items())
    return DeviceEvidence(
        name, "frr", filters=(),
        interfaces=tuple(Interface(each, True, True, mtu, (own,)) for each, own in interfaces.items()),
        routes=(*connected, *routes),
    )  # fmt: skip


def _network(own: str) -> str:
    return own.rpartition(".")[0] + ".0/" + own.partition("/")[2]


def static(prefix: str, via: str, interface: str = "") -> Route:
    return Route(prefix, via, interface, "static", selected=True)


EDGE = device("edge", {"eth0": "10.61.1.2/24", "eth1": "10.61.5.1/30"}, (static("10.61.2.0/24", "10.61.5.2"),))
CORE = device("core", {"eth0": "10.61.5.2/30", "eth1": "10.61.2.2/24"}, (static("10.61.1.0/24", "10.61.5.1", "eth0"),))
BOTH = {"edge": EDGE, "core": CORE}


def way(devices: dict[str, DeviceEvidence | None], **more: object) -> Path:
    return path(Packet(CLIENT, MAIL), devices, **more)  # type: ignore[arg-type]


def test_a_packet_passes_from_device_to_device_by_the_longest_prefix() -> None:
    wrong = replace(EDGE, routes=(*(EDGE.routes or ()), static("10.61.0.0/16", "10.61.1.99", "eth0")))
    found = way({**BOTH, "edge": wrong})
    assert found.hops == (Hop("edge", "eth0", "eth1"), Hop("core", "eth0", "eth1"))
    assert (found.answer, found.mtu, found.stops, found.unclear) == (Answer.PASS, 1500, (), ())


def test_the_smallest_mtu_on_the_way_counts_and_one_that_is_not_known_makes_it_unknown() -> None:
    first, second = CORE.interfaces or ()
    assert way({**BOTH, "core": replace(CORE, interfaces=(first, replace(second, mtu=1400)))}).mtu == 1400
    assert way({**BOTH, "core": replace(CORE, interfaces=(first, replace(second, mtu=None)))}).mtu is None


def test_without_a_route_the_packet_ends_there() -> None:
    found = way({**BOTH, "edge": replace(EDGE, routes=(EDGE.routes or ())[:2])})
    assert (found.answer, found.reason) == (Answer.FAIL, f"edge has no route to {MAIL}")


def test_a_route_that_is_not_selected_forwards_nothing() -> None:
    backup = replace(static("10.61.2.0/24", "10.61.5.2"), selected=False)
    assert way({**BOTH, "edge": replace(EDGE, routes=(*(EDGE.routes or ())[:2], backup))}).answer is Answer.FAIL


def test_a_discarding_route_is_told() -> None:
    hole = Route("10.61.2.10/32", "", "", "static", selected=True, discards=True)
    assert (
        way({**BOTH, "core": replace(CORE, routes=(*(CORE.routes or ()), hole))}).reason
        == "core discards what is for 10.61.2.10/32"
    )


def test_an_interface_that_is_down_is_told() -> None:
    first, second = CORE.interfaces or ()
    found = way({**BOTH, "core": replace(CORE, interfaces=(first, replace(second, up=False)))})
    assert (found.answer, found.reason) == (Answer.FAIL, f"core: eth1, towards {MAIL}, is down")


def test_an_interface_that_is_down_lets_nothing_in() -> None:
    first, second = EDGE.interfaces or ()
    found = way({**BOTH, "edge": replace(EDGE, interfaces=(replace(first, up=False), second))})
    assert (found.answer, found.reason) == (Answer.FAIL, f"edge: eth0, from {CLIENT}, is down")


def test_a_loop_is_told() -> None:
    back = replace(CORE, routes=((CORE.routes or ())[0], static("10.61.2.0/24", "10.61.5.1", "eth0")))
    found = way({**BOTH, "core": back})
    assert (found.answer, found.reason) == (Answer.FAIL, "the packet comes to edge again: a loop")


def test_a_device_that_could_not_be_read_makes_the_way_unknown() -> None:
    found = way({"edge": EDGE, "core": None})
    assert found.answer is Answer.UNKNOWN
    assert "10.61.5.2" in found.reason and "core" in found.reason
    assert found.mtu == 1500  # of what is known of it


def test_a_link_of_the_inventory_leads_to_a_device_whose_addresses_are_not_known() -> None:
    routed = replace(EDGE, routes=(*(EDGE.routes or ())[:2], static("10.61.2.0/24", "10.61.5.2", "eth1")))
    found = way({"edge": routed, "core": None}, links=(Link("core", "eth0", "edge", "eth1"),))
    assert found.hops == (Hop("edge", "eth0", "eth1"), Hop("core", "eth0", None))
    assert (found.answer, found.reason, found.mtu) == (Answer.UNKNOWN, "core could not be read: no answer", None)


def test_several_devices_in_the_senders_network_need_a_gateway() -> None:
    twin = device("twin", {"eth0": "10.61.1.3/24"}, ())
    assert "name its gateway" in way({**BOTH, "twin": twin}).reason
    assert way({**BOTH, "twin": twin}, gateway="10.61.1.2").answer is Answer.PASS


def test_in_one_network_nothing_lies_in_between() -> None:
    found = path(Packet(CLIENT, "10.61.1.11"), BOTH)
    assert (found.hops, found.answer) == ((), Answer.PASS)


def test_equal_ways_are_said() -> None:
    twice = replace(EDGE, routes=(*(EDGE.routes or ()), static("10.61.2.0/24", "10.61.5.6", "eth1")))
    assert way({**BOTH, "edge": twice}).unclear == (
        f"edge has 2 equal ways to {MAIL}; the one by 10.61.5.2 was followed",
    )


def test_a_filter_that_could_not_be_read_is_said() -> None:
    assert way({**BOTH, "core": replace(CORE, filters=None, notes={"filters": "no shell"})}).unclear == (
        "the packet filter of core is not known: no shell",
    )


@pytest.mark.parametrize(("port", "stopped"), [(25, 1), (587, 0), (993, 0)])
def test_the_recorded_router_refuses_mail_and_lets_submission_pass(port: int, stopped: int) -> None:
    found = path(Packet("10.61.241.10", "10.61.242.9", "tcp", port), {"r1": frr()})
    assert (found.hops, found.mtu) == ((Hop("r1", "eth1", "eth2"),), 1400)
    assert [stop.certain for _, stop in found.stops if stop.rule.action == "reject"] == [True] * stopped


def test_a_mark_that_nobody_knows_makes_a_rule_uncertain_and_no_other() -> None:
    found = path(Packet("10.61.241.10", "10.61.242.9", "icmp", None), {"r1": frr()}).stops
    assert [(stop.rule.text, stop.certain) for _, stop in found] == [
        ("meta mark 1 drop", False),
        ("ip daddr 10.61.242.0/24 meta l4proto 1 drop", True),
    ]


def test_address_translation_that_may_apply_is_said() -> None:
    elsewhere = FilterRule(
        "ip nat",
        "prerouting",
        "tcp dport 25 dnat to 10.61.9.9",
        "in",
        action="translate",
        protocol="tcp",
        ports=((25, 25),),
    )
    assert way({**BOTH, "edge": replace(EDGE, filters=(elsewhere,))}).unclear == (
        "edge may send it elsewhere by address translation: tcp dport 25 dnat to 10.61.9.9",
    )
    assert way({**BOTH, "edge": replace(EDGE, filters=(replace(elsewhere, ports=((80, 80),)),))}).unclear == ()


def test_where_a_part_was_not_read_a_missing_route_is_unknown() -> None:
    bare = replace(EDGE, routes=(EDGE.routes or ())[1:2])
    vrf = replace(bare, notes={"routes.vrf": "only the main routing table is read"})
    assert way({**BOTH, "edge": bare}).answer is Answer.FAIL
    assert way({**BOTH, "edge": vrf}).answer is Answer.UNKNOWN
    first, second = EDGE.interfaces or ()
    six = replace(EDGE, interfaces=(replace(first, addresses=("2001:db8:1::1/64",)), second))
    packet = Packet("2001:db8:1::9", "2001:db8:2::9")
    assert path(packet, {"edge": six}).answer is Answer.FAIL
    unread = path(packet, {"edge": replace(six, notes={"routes.ipv6": "not read", "filters.ipv6": "not read"})})
    assert (unread.answer, unread.reason) == (Answer.UNKNOWN, "edge: not read")
    assert unread.unclear == ("the packet filter of edge is not known: not read",)


MAIL_PACKET = Packet(CLIENT, MAIL)


def rule(text: str = "rule", **fields: object) -> FilterRule:
    return FilterRule(
        **{"table": "access-list", "name": "mail", "text": text, "direction": "in", "interfaces": ("eth0",), **fields}
    )  # type: ignore[arg-type]


def stopped(*rules: FilterRule) -> list[tuple[str, bool]]:
    return [(stop.rule.text, stop.certain) for stop in stops(rules, MAIL_PACKET, "eth0", "eth1")]


def test_the_first_rule_that_matches_decides() -> None:
    assert stopped(rule(action="accept", ports=((25, 25),)), rule("end", action="drop")) == []
    assert stopped(rule(action="accept", ports=((80, 80),)), rule("end", action="drop")) == [("end", True)]


def test_behind_a_rule_that_is_not_understood_nothing_is_certain() -> None:
    assert stopped(rule(action="accept", unclear=("time-range night",)), rule("end", action="drop")) == [("end", False)]
    assert stopped(rule(action=None), rule("end", action="drop")) == [("end", False)]


def test_a_list_of_another_interface_or_direction_is_not_asked() -> None:
    assert stopped(rule(action="drop", interfaces=("eth9",))) == []
    assert stopped(rule(action="drop", direction="out")) == []
    assert stopped(rule(action="drop", direction="out", interfaces=("eth1",))) == [("rule", True)]
    assert stopped(rule(action="drop", direction="")) == []


def test_where_a_list_is_applied_may_be_unknown() -> None:
    assert stopped(rule(action="drop", direction=None, interfaces=None)) == [("rule", False)]


def test_jumps_are_followed_and_return() -> None:
    jump = rule("jump", action="jump", target="guests")
    guests = [
        rule("known", name="guests", direction="", action="return", source=(CLIENT,)),
        rule("others", name="guests", direction="", action="drop"),
    ]
    assert stopped(jump, *guests, rule("end", action="drop")) == [("end", True)]
    assert stopped(jump, guests[1], rule("end", action="accept")) == [("others", True)]


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({}, True),
        ({"protocol": "udp"}, False),
        ({"destination": ("10.61.2.0/24",)}, True),
        ({"source": ("10.61.9.0/24",)}, False),
        ({"source": ("a-group",)}, None),
        ({"ports": ((1, 24), (26, 99))}, False),
        ({"source_ports": ((0, 65535),)}, True),
        ({"source_ports": ((25, 25),)}, False),
        ({"source_ports": ((1024, 2000),)}, None),
        ({"states": ("established", "related")}, False),
        ({"states": ("new",)}, True),
        ({"unclear": ("mark",)}, None),
        ({"unclear": ("mark",), "protocol": "udp"}, False),
        ({"in_interfaces": ("eth0",), "out_interfaces": ("eth9", "eth8")}, False),
    ],
)
def test_a_rule_matches_when_all_of_its_conditions_do(fields: dict[str, object], answer: bool | None) -> None:
    assert matches(rule(**fields), MAIL_PACKET, "eth0", "eth1") is answer


def test_a_table_of_the_other_family_is_not_asked() -> None:
    for table in ("ip6 filter", "ipv6 access-list", "firewall inet6"):
        assert stopped(rule(action="drop", table=table)) == []
    for table in ("inet filter", "ip filter", "firewall inet"):
        assert stopped(rule(action="drop", table=table)) == [("rule", True)]
