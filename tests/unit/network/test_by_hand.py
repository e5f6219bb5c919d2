"""What a human types at a device is in the words of its own command line, and leaves out what nobody knows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pyremediate.model import Device
from pyremediate.network import by_hand
from pyremediate.network.compare import compare
from pyremediate.network.evidence import DeviceEvidence
from tests.unit.looks import NOON
from tests.unit.network import vlan_machines

PORT = """\
interface GigabitEthernet0/1
 description mail
 switchport access vlan 20
 no shutdown
!
ip access-list extended mail
 permit tcp any any eq 25
 permit tcp any any eq 587
!
ip route 10.0.0.0 255.0.0.0 10.1.1.1
"""


def typed(platform: str, was: str, now: str) -> list[str]:
    good = DeviceEvidence("sw01", platform, running=was)
    found = compare(good, replace(good, running=now)).differences
    return list(by_hand.lines(Device("sw01", {"platform": platform}, "", found, NOON)))


def inside(lines: list[str]) -> list[str]:
    """Without how the configuration is opened and saved."""
    assert (lines[0], lines[-2:]) == ("configure terminal", ["end", "write memory"])
    return lines[1:-2]


@pytest.mark.parametrize("platform", ["ios", "eos", "frr"])
def test_a_line_that_came_is_taken_back_and_the_one_that_went_is_typed_again(platform: str) -> None:
    now = PORT.replace("vlan 20", "vlan 30").replace(" no shutdown\n", " shutdown\n")
    assert inside(typed(platform, PORT, now)) == [
        "interface GigabitEthernet0/1", " no switchport access vlan 30", " no shutdown",
        " switchport access vlan 20", " no shutdown", "exit",
    ]  # fmt: skip


def test_a_section_that_is_new_goes_as_a_whole_and_one_that_is_gone_comes_with_its_lines() -> None:
    new = "interface Vlan9\n ip address 10.9.9.1 255.255.255.0\n"
    assert inside(typed("ios", PORT, PORT + new)) == ["no interface Vlan9"]
    assert inside(typed("ios", PORT + new, PORT)) == ["interface Vlan9", " ip address 10.9.9.1 255.255.255.0", "exit"]


def test_lines_outside_of_sections_stand_alone() -> None:
    route = "ip route 10.0.0.0 255.0.0.0 10.1.1.1\n"
    assert inside(typed("eos", PORT, PORT.replace(route, ""))) == [route.strip()]
    assert inside(typed("eos", PORT.replace(route, ""), PORT)) == [f"no {route.strip()}"]


def test_a_rule_of_an_access_list_says_behind_which_other_it_belongs() -> None:
    told = inside(typed("ios", PORT, PORT.replace(" permit tcp any any eq 587\n", "")))
    assert told == ["ip access-list extended mail", " ! behind: permit tcp any any eq 25", " permit tcp any any eq 587", "exit"]


def test_junos_and_vyos_are_told_by_set_and_delete_and_confirm_before_they_stay() -> None:
    was, now = "set protocols lldp interface all\nset system a 1\n", "set system a 2\ndeactivate protocols lldp\n"
    lines = typed("junos", was, now)
    assert lines[0] == "configure" and lines[-4:] == ["show | compare", "commit confirmed 5", "# mail flows? then:", "commit"]
    taken_back = {"delete system a 2", "activate protocols lldp"}
    assert set(lines[1:-4]) == {*taken_back, "set protocols lldp interface all", "set system a 1"}
    assert typed("vyos", was, now)[-3:] == ["# mail flows? then:", "confirm", "save"]


def test_routeros_finds_what_came_by_what_it_says_of_itself() -> None:
    was = "/ip route\nadd gateway=10.0.0.254\n/interface ethernet\nset [ find default-name=ether1 ] mtu=1500\n"
    now = '/ip route\nadd comment="by hand" gateway=10.0.0.9\n/interface ethernet\nset [ find default-name=ether1 ] mtu=1400\n'
    lines = typed("routeros", was, now)
    assert lines[1:-1] == [
        '/ip route remove [find comment="by hand" gateway=10.0.0.9]', "/ip route add gateway=10.0.0.254",
        "/interface ethernet set [ find default-name=ether1 ] mtu=1500",
    ]  # fmt: skip


def test_a_line_with_a_secret_is_named_and_not_to_be_typed() -> None:
    told = inside(typed("ios", "snmp-server community (withheld) RO\n", "hostname a\n"))
    assert told == ["no hostname a", "! with its secret: snmp-server community (withheld) RO"]


def test_where_nothing_differs_or_the_platform_is_strange_there_is_no_step() -> None:
    assert typed("ios", PORT, PORT) == [] and typed("nxos", PORT, "") == []
    assert by_hand.steps([Device("sw01", None, "no answer")]) == ()


def test_a_port_in_another_vlan_is_put_back_by_what_the_switch_shows_where_its_configuration_says_nothing() -> None:
    step = by_hand.step(vlan_machines.device("switch01", *vlan_machines.ios()))
    assert step.splitlines()[0].startswith("At switch01 (ios), this puts its configuration back")
    assert inside(step.splitlines()[1:]) == ["interface FastEthernet0/5", " switchport access vlan 50", "exit"]
