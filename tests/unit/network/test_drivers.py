"""Each platform's recordings become evidence, and what a device declines loses its own part alone."""

from __future__ import annotations

import json

import pytest

from pyremediate.errors import UsageError
from pyremediate.network.drivers import DRIVERS, driver_for, nftables
from pyremediate.network.evidence import DeviceEvidence, FilterRule, Interface, Neighbour, Route, from_json
from tests.unit.network.recordings import RECORDED, REFUSALS, Recorded, frr, observed

PLATFORMS = [driver.platform for driver in DRIVERS]


def interface(evidence: DeviceEvidence, name: str) -> Interface:
    assert evidence.interfaces is not None
    return next(each for each in evidence.interfaces if each.name == name)


def test_a_router_of_frrouting_tells_its_interfaces_with_the_counters_that_its_kernel_keeps() -> None:
    eth2 = interface(frr(), "eth2")
    assert (eth2.up, eth2.admin_up, eth2.mtu, eth2.addresses, eth2.vlan) == (True, True, 1400, ("10.61.242.2/24",), 0)
    assert eth2.mac == "02:61:00:00:f2:02"
    assert eth2.counters is not None and eth2.counters["in_packets"] > 0
    assert interface(frr(), "eth1").description == "towards the clients"
    assert interface(frr(), "lo").mac == ""


def test_a_router_of_frrouting_tells_what_it_forwards_and_what_it_discards() -> None:
    routes = {route.prefix: route for route in frr().routes or ()}
    assert routes["10.61.9.0/24"] == Route("10.61.9.0/24", "10.61.241.10", "eth1", "static", selected=True)
    assert routes["10.61.99.0/24"].discards
    assert routes["10.61.242.0/24"].protocol == "connected"


def test_without_a_shell_what_only_the_kernel_knows_is_unknown_with_the_reason() -> None:
    evidence = observed("frr")
    assert evidence.filters is None and evidence.neighbours is None and evidence.saved is None
    assert evidence.notes["filters"] == "no shell"
    assert interface(evidence, "eth1").counters is None and interface(evidence, "eth1").vlan is None
    assert evidence.routes and evidence.running


def test_rules_of_nftables_are_read_as_far_as_they_are_understood() -> None:
    rules = {rule.text: rule for rule in frr().filters or ()}
    refusing = rules["ip saddr 10.61.241.0/24 tcp dport 25 reject with icmpx admin-prohibited"]
    assert (refusing.action, refusing.protocol, refusing.ports) == ("reject", "tcp", ((25, 25),))
    assert (refusing.source, refusing.direction, refusing.packets) == (("10.61.241.0/24",), "forward", 0)
    assert rules["meta mark 1 drop"].unclear == ("meta mark 1",)
    assert rules["jump guests"].target == "guests"
    assert rules["ip daddr 10.61.242.0/24 meta l4proto 1 drop"].direction == ""


def rich(text: str) -> list[FilterRule]:
    """The rules of a larger recorded ruleset whose text begins so."""
    rules = json.loads((RECORDED / "nft_rich.json").read_text(encoding="utf-8"))
    return [rule for rule in nftables.rules(rules) if rule.text.startswith(text)]


def test_a_verdict_map_is_as_many_rules_as_it_has_elements() -> None:
    states = [(rule.states, rule.action) for rule in rich("ct state")]
    assert sorted(states) == [(("established",), "accept"), (("invalid",), "drop"), (("related",), "accept")]
    assert sorted((rule.ports, rule.action, rule.target) for rule in rich("tcp dport")) == [
        (((110, 110),), "drop", ""),
        (((143, 143),), "goto", "slow"),
    ]


def test_sets_and_ranges_are_read_and_named_sets_and_negations_are_not_understood() -> None:
    (accepted,) = rich("iifname {")
    assert (accepted.in_interfaces, accepted.out_interfaces) == (("eth1", "eth3"), ("eth2",))
    assert (accepted.ports, accepted.unclear) == (((25, 25), (465, 587)), ())
    assert rich("meta l4proto")[0].protocol == "tcp,udp"
    for text in ("ip saddr @bad drop", "ip saddr != 10.61.241.0/24", "ip saddr . tcp dport", "limit rate", "tcp flags"):
        assert all(rule.unclear for rule in rich(text)), text


def test_a_policy_that_drops_and_address_translation_are_told() -> None:
    assert [rule.action for rule in rich("policy drop")] == ["drop"]
    (translated,) = [rule for rule in rich("iifname eth1") if rule.action == "translate"] or [None]
    assert translated is not None and translated.ports == ((25, 25),)
    (hiding,) = rich("oifname eth2 masquerade")
    assert (hiding.action, hiding.direction, hiding.out_interfaces) == ("hide", "out", ("eth2",))


def test_a_rule_in_a_shape_that_nobody_knows_loses_no_other() -> None:
    chain = {"chain": {"family": "inet", "table": "t", "name": "c", "hook": "forward", "type": "filter"}}
    rules = [
        {"rule": {"family": "inet", "table": "t", "chain": "c", "expr": expr}}
        for expr in ([{"match": 7}], [{"drop": None}])
    ]
    strange, plain = nftables.rules({"nftables": [chain, *rules]})
    assert (strange.action, plain.action) == (None, "drop") and strange.unclear


def test_a_static_link_layer_neighbour_is_told_apart() -> None:
    assert Neighbour("10.61.241.10", "02:61:00:00:f1:10", "eth1", "static") in (frr().neighbours or ())


@pytest.mark.parametrize("told", ["{default}{red}", '{{"default": {default}, "red": {red}}}'])
def test_routes_of_several_vrfs_are_told_apart_in_either_form(told: str) -> None:
    table = '{"10.0.0.0/8": [{"protocol": "static", "vrfName": "NAME", "nexthops": [{"fib": true, "ip": "10.1.1.1"}]}]}'
    text = told.format(default=table.replace("NAME", "default"), red=table.replace("NAME", "red"))
    evidence = observed("frr", {"show ip route vrf all json": text, "show ipv6 route vrf all json": "{\n}"})
    assert [(route.prefix, route.vrf) for route in evidence.routes or ()] == [("10.0.0.0/8", ""), ("10.0.0.0/8", "red")]


IOS_VERSION = "Cisco IOS Software, CSR1000V Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 15.5(2)S, RELEASE SOFTWARE (fc3)\n"


def test_ios_is_read_by_templates() -> None:
    evidence = observed("ios", {"show version": IOS_VERSION})
    assert evidence.version == "15.5(2)S"
    second, third = interface(evidence, "GigabitEthernet2"), interface(evidence, "GigabitEthernet3")
    assert (second.up, second.mtu, second.addresses) == (True, 1500, ("192.168.0.1/24",))
    assert (second.mac, second.description) == ("08:00:27:79:e8:96", "blah bleh")
    assert second.errors is not None and second.errors["crc"] == 0
    assert second.counters == {"in_packets": 118, "out_packets": 177}
    assert (third.up, third.admin_up, third.addresses) == (False, False, ())
    routes = evidence.routes or ()
    assert [route.via for route in routes if route.prefix == "1.1.1.1/32"] == ["212.0.0.1", "192.168.0.1"]
    assert Route("0.0.0.0/0", "194.0.0.2", "FastEthernet0/0", "ospf", selected=True) in routes
    assert [vlan.number for vlan in evidence.vlans or ()] == [1, 10, 50, 1002]
    assert [(each.system, each.address) for each in evidence.lldp or ()] == [("HpSwitch", "192.168.1.81")]
    assert [each.state for each in evidence.neighbours or ()] == ["own", "incomplete", "dynamic", "dynamic"]
    assert evidence.saved is None and "show startup-config" in evidence.notes["saved"]


# Cisco's command references: "ip access-group {name} {in | out}" stands in the interface's section.
APPLIED = """\
hostname edge
interface GigabitEthernet0/1
 ip address 10.61.1.2 255.255.255.0
 ip access-group 102 in
interface GigabitEthernet0/2
 ip access-group 102 in
"""


def rules_of(evidence: DeviceEvidence, name: str) -> list[FilterRule]:
    return [rule for rule in evidence.filters or () if rule.name == name]


def test_access_lists_are_told_with_where_they_are_applied_and_with_the_denial_at_their_end() -> None:
    evidence = observed("ios", {"show running-config": APPLIED})
    ftp, above, end = rules_of(evidence, "102")
    assert (ftp.direction, ftp.interfaces) == ("in", ("GigabitEthernet0/1", "GigabitEthernet0/2"))
    assert (ftp.action, ftp.protocol, ftp.destination, ftp.ports) == ("accept", "tcp", ("192.168.1.100",), ((21, 21),))
    assert above.ports == ((1025, 65535),)
    assert (end.action, end.text) == ("drop", "deny any any (implicit)")
    assert {rule.direction for rule in rules_of(evidence, "ciao")} == {""}


def test_wildcard_masks_and_standard_lists_are_prefixes() -> None:
    evidence = observed("ios")
    assert [rule.source for rule in rules_of(evidence, "1")] == [
        ("10.1.2.3",),
        ("10.1.1.1",),
        ("192.168.1.0/24",),
        (),
        (),
    ]
    listed, *_, ranged, _ = rules_of(evidence, "ciao")
    assert listed.source_ports == ((80, 80), (43, 43), (540, 540), (53, 53), (113, 113))
    assert listed.unclear == ("tos normal",)
    assert (ranged.destination, ranged.source_ports) == (("10.10.10.0/24",), ((80, 53),))


def test_without_the_configuration_nobody_knows_where_access_lists_are_applied() -> None:
    refused = "% Invalid input detected at '^' marker."
    evidence = observed("ios", {"show running-config": refused})
    assert {rule.direction for rule in evidence.filters or ()} == {None}
    assert "Invalid input" in evidence.notes["filters.direction"]


def test_a_configuration_without_interfaces_tells_nothing_of_where_access_lists_are_applied() -> None:
    evidence = observed("ios", {"show running-config": "Building configuration...\n\nversion 15.5\n!\nend\n"})
    assert {rule.direction for rule in evidence.filters or ()} == {None}


def test_secondary_addresses_of_ios_are_those_of_its_configuration() -> None:
    told = "interface GigabitEthernet2\n ip address 192.168.0.1 255.255.255.0\n ip address 192.168.9.1 255.255.255.0 secondary\n"
    evidence = observed("ios", {"show running-config": f"{told} ipv6 address 2001:DB8::1/64\n"})
    assert interface(evidence, "GigabitEthernet2").addresses == ("192.168.0.1/24", "192.168.9.1/24", "2001:db8::1/64")


def test_matches_of_a_rule_are_its_packets() -> None:
    listing = "Extended IP access list mail\n    10 deny tcp any any eq smtp (17 matches)\n    20 permit ip any any\n"
    deny, permit, _ = rules_of(observed("ios", {"show access-lists": listing}), "mail")
    assert (deny.packets, deny.text, deny.ports) == (17, "deny tcp any any eq smtp", ((25, 25),))
    assert permit.packets is None


def test_eos_is_read_as_json_and_its_access_lists_by_their_grammar() -> None:
    evidence = observed("eos", {"show ipv6 route vrf all | json": '{"vrfs": {}}'})
    assert evidence.version == "4.36.0.1F-47401373.43601F (engineering build)"
    management = interface(evidence, "Management1")
    assert (management.addresses, management.mtu, management.mac) == (("10.0.2.15/24",), 1500, "08:00:27:20:b9:04")
    assert management.counters == {"in_packets": 15, "out_packets": 19575}
    assert management.errors is not None and management.errors["fcsErrors"] == 0
    assert Route("10.10.40.0/24", "10.10.30.1", "Ethernet1", "ebgp", selected=True) in (evidence.routes or ())
    assert [each.state for each in evidence.neighbours or ()] == ["static", "dynamic"]
    assert [(each.interface, each.system) for each in evidence.lldp or ()] == [("Ethernet22", "linux")]
    ports = rules_of(evidence, "default-control-plane-acl")[3].ports
    assert ports == ((22, 22), (23, 23), (80, 80), (161, 161), (179, 179), (443, 443), (639, 639))
    assert rules_of(evidence, "test2")[1].unclear  # a port's name that nobody told us
    assert rules_of(evidence, "test2")[0].unclear == ("fragments",)


# Juniper, "Guidelines for Applying Standard Firewall Filters": the words of both statements.
JUNOS = """\
set system host-name edge
set system root-authentication encrypted-password "$6$abc"
set interfaces xe-0/0/0 unit 0 family inet filter input mail
set interfaces xe-0/0/0 unit 0 family inet address 10.10.50.2/24 arp 10.10.50.9 mac 00:00:5e:00:53:01
set firewall family inet filter mail term smtp from source-address 10.61.1.0/24
set firewall family inet filter mail term smtp from protocol tcp
set firewall family inet filter mail term smtp from destination-port smtp
set firewall family inet filter mail term smtp from destination-port 587
set firewall family inet filter mail term smtp then count refused
set firewall family inet filter mail term smtp then reject
set firewall family inet filter mail term rest then accept
"""


def test_junos_is_read_as_json_and_its_filters_from_its_commands() -> None:
    evidence = observed("junos", {"show configuration | display set": JUNOS})
    logical = interface(evidence, "xe-0/0/0.0")
    assert (logical.up, logical.mtu, logical.addresses) == (True, 1500, ("10.10.50.2/24",))
    assert logical.counters == {"in_packets": 11594, "out_packets": 8359}
    assert interface(evidence, "gr-0/0/0").mtu is None  # "Unlimited"
    assert Route("10.10.10.0/24", "10.10.50.1", "xe-0/0/0.0", "bgp", selected=True) in (evidence.routes or ())
    discarded = next(route for route in evidence.routes or () if route.discards)
    assert (discarded.prefix, discarded.vrf) == ("10.100.0.0/16", "DATA")
    assert next((vlan.number, vlan.interfaces) for vlan in evidence.vlans or ()) == (100, ("ae0.0", "ge-0/0/3.0"))
    smtp, rest, end = evidence.filters or ()
    assert (smtp.direction, smtp.interfaces, smtp.action) == ("in", ("xe-0/0/0.0",), "reject")
    assert (smtp.source, smtp.protocol, smtp.ports) == (("10.61.1.0/24",), "tcp", ((25, 25), (587, 587)))
    assert (rest.action, end.action, smtp.unclear) == ("accept", "drop", ())
    assert evidence.running == evidence.saved and "$6$abc" not in (evidence.running or "")


def test_routeros_prints_records() -> None:
    empty = {
        "/interface vlan print terse without-paging": "0 R name=vlan30 vlan-id=30 interface=ether5\n",
        "/export": "/ip address\n",
    }
    evidence = observed("routeros", empty)
    assert evidence.version == "6.48.6"
    uplink = interface(evidence, "ether5")
    assert (uplink.up, uplink.admin_up, uplink.mtu, uplink.description) == (True, True, 1500, "uplink to internet")
    assert interface(evidence, "ether4").up is False
    routes = {route.prefix: route for route in evidence.routes or ()}
    assert routes["0.0.0.0/0"] == Route("0.0.0.0/0", "192.168.8.1", "lte1", "static", selected=True)
    assert routes["192.168.8.0/24"] == Route("192.168.8.0/24", "", "lte1", "connected", selected=True)
    forward = [rule for rule in evidence.filters or () if rule.direction == "forward"]
    dmz, outside, ipsec, invalid, wan, last = forward
    assert (dmz.in_interfaces, dmz.out_interfaces, dmz.states) == (
        ("dmz-1-vlan",),
        ("pppoe-out1",),
        ("established", "related", "new"),
    )
    assert outside.destination == ("185.163.212.156/30",)
    assert ipsec.unclear == ("ipsec-policy=in,ipsec",)
    assert (invalid.action, invalid.states, last.protocol) == ("drop", ("invalid",), "tcp")
    assert wan.unclear == ("connection-nat-state=!dstnat", "in-interface-list=WAN")
    assert not any("fasttrack" in rule.text for rule in evidence.filters or ())  # it is disabled
    assert [(vlan.number, vlan.name) for vlan in evidence.vlans or ()] == [(30, "vlan30")]


def test_vyos_is_read_as_the_linux_that_it_is() -> None:
    told = {
        "show version": "\nVersion:          VyOS 1.4.0\nRelease train:    sagitta\n",
        "show configuration commands": "set system host-name 'edge'\n",
    }
    evidence = observed("vyos", told)
    assert evidence.version == "1.4.0"
    routes = {route.prefix: route for route in evidence.routes or ()}
    assert routes["10.61.9.0/24"] == Route("10.61.9.0/24", "10.61.241.10", "eth1", "static", selected=True)
    assert routes["10.61.99.0/24"].discards
    assert routes["10.61.242.0/24"].protocol == "connected"
    assert len(evidence.filters or ()) == 7


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_command_that_the_device_declines_loses_its_own_part_and_no_other(platform: str) -> None:
    session = Recorded(platform)
    driver_for(platform).look("device", session, Recorded("frr_shell"))
    for command in dict.fromkeys(session.sent):
        refused = REFUSALS[platform].replace("{{", "{").replace("}}", "}").replace("{}", command)
        full, less = observed(platform), observed(platform, {command: refused})
        lost = {
            part
            for part in ("interfaces", "routes", "version", "lldp")
            if getattr(full, part) is not None and getattr(less, part) is None
        }
        assert len(lost) <= 1, command
        assert all(less.notes.get(part) for part in lost)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_output_that_nobody_expects_is_unknown_and_never_an_empty_answer(platform: str) -> None:
    session = Recorded(platform)
    driver_for(platform).look("device", session, Recorded("frr_shell"))
    evidence = observed(platform, dict.fromkeys(session.sent, "{ nonsense"))
    assert evidence.version is None and evidence.notes["version"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_drivers_only_look(platform: str) -> None:
    session, shell = Recorded(platform), Recorded("frr_shell")
    driver_for(platform).look("device", session, shell)
    looking = ("show ", "ip -j ", "nft -j list ", "sudo -n nft -j list ", "cat ", "/export")
    for command in (*session.sent, *shell.sent):
        assert command.startswith(looking) or " print" in command, command


@pytest.mark.parametrize("platform", PLATFORMS)
def test_evidence_survives_as_json(platform: str) -> None:
    evidence = observed(platform)
    assert from_json(evidence.to_json()) == evidence


def test_what_no_driver_knows_is_said_with_what_they_know() -> None:
    with pytest.raises(UsageError, match=r"'junk'.*cisco\.ios\.ios.*frr\.frr\.frr"):
        driver_for("junk")


def test_every_name_of_a_platform_is_that_of_one_driver() -> None:
    names = [name for driver in DRIVERS for name in driver.network_os]
    assert len(names) == len(set(names))
    assert [driver.platform for driver in DRIVERS if driver.proven == "live"] == ["frr"]
