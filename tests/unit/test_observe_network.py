"""Interfaces, routes and the packet filter."""

from __future__ import annotations

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import firewall, network
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import Completed
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request

from .observe_recorded import output


def test_a_rule_says_where_it_belongs() -> None:
    rules = firewall.rules(output("nft_ruleset.txt"))
    assert "inet filter input: tcp dport { 22, 25, 143, 587, 993, 4190 } accept" in rules


def test_tables_and_chains_and_their_policies_are_told_in_order() -> None:
    rules = firewall.rules(output("nft_ruleset.txt"))
    assert rules[:3] == [
        "table inet filter",
        "chain inet filter input",
        "inet filter input: type filter hook input priority filter; policy accept;",
    ]


def test_the_members_of_a_set_are_single_and_sorted() -> None:
    rules = firewall.rules(output("nft_ruleset.txt"))
    assert [rule for rule in rules if "element" in rule] == [
        "inet f2b addr: element 192.0.2.7",
        "inet f2b addr: element 192.0.2.9",
    ]


def test_a_set_over_several_lines_is_one_set() -> None:
    text = "table inet t {\n\tset s {\n\t\telements = { 192.0.2.9,\n\t\t\t     192.0.2.1 expires 5m }\n\t}\n}\n"
    assert firewall.rules(text)[-2:] == ["inet t s: element 192.0.2.1", "inet t s: element 192.0.2.9"]


def test_counters_and_handles_make_no_difference() -> None:
    one = "table inet t {\n\tchain c {\n\t\ttcp dport 25 counter packets 7 bytes 420 drop # handle 4\n\t}\n}\n"
    other = one.replace("packets 7 bytes 420", "packets 9 bytes 540").replace("handle 4", "handle 5")
    assert firewall.rules(one) == firewall.rules(other)
    assert firewall.rules(one)[-1] == "inet t c: tcp dport 25 counter drop"


def test_no_rules_at_all_is_an_answer() -> None:
    assert firewall.rules("") == []


def test_a_ruleset_that_may_not_be_read_is_not_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Completed(1, stderr="Operation not permitted (you must be root)\n")
    monkeypatch.setattr(firewall, "run", lambda argv: refused)
    observed = firewall.observe_firewall()
    assert (observed["available"], observed["ruleset"]) == (False, [])
    assert "must be root" in observed["error"]


def test_an_interface_that_is_down_says_so_and_the_loopback_is_up() -> None:
    down = {"ifname": "eth0", "flags": ["BROADCAST"], "mtu": 600, "operstate": "DOWN", "addr_info": []}
    loopback = {"ifname": "lo", "flags": ["LOOPBACK", "UP"], "mtu": 65536, "operstate": "UNKNOWN"}
    assert network.interface_from(down) == {"name": "eth0", "state": "down", "mtu": 600, "addresses": []}
    assert network.interface_from(loopback)["state"] == "up"


def test_a_route_that_is_unreachable_is_told_from_an_ordinary_one() -> None:
    assert network.route_from({"type": "unreachable", "dst": "192.0.2.1", "dev": "lo"})["type"] == "unreachable"
    assert network.route_from({"dst": "default", "gateway": "192.0.2.1", "dev": "eth0"}) == {
        "destination": "default",
        "gateway": "192.0.2.1",
        "interface": "eth0",
        "type": "unicast",
        "name": "default",
    }


def test_without_the_ip_command_addresses_are_unknown_and_not_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "run", lambda argv: Completed(None, error="ip: not installed"))
    notes: list[str] = []
    section = network.observe(Request("here"), notes)
    assert (section["interfaces"], section["routes"]) == (None, None)
    assert "not installed" in notes[0]
