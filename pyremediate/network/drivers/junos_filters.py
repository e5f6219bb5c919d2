"""Junos firewall filters from ``set`` commands. Pure.

Terms are asked in the order in which they stand; of a condition named twice one value must fit; a filter that ends without a
match discards (Juniper, Routing Policies, Firewall Filters: "implicit discard"). A list of filters is asked as one.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from pyremediate.network.evidence import FilterRule

_PORTS = {
    "bgp": 179, "domain": 53, "ftp": 21, "http": 80, "https": 443, "imap": 143, "ldap": 389, "ntp": 123, "pop3": 110, "smtp": 25,
    "snmp": 161, "ssh": 22, "syslog": 514, "tacacs": 49, "telnet": 23, "tftp": 69,
}  # fmt: skip
_ACTIONS = {"accept": "accept", "discard": "drop", "reject": "reject"}
_HARMLESS = frozenset({"count", "log", "syslog", "sample", "port-mirror", "loss-priority", "forwarding-class"})
_WAYS = {"input": "in", "output": "out", "input-list": "in", "output-list": "out"}


def rules(configuration: str) -> tuple[FilterRule, ...]:
    """All terms of all filters of IPv4 and IPv6, once for each direction in which they are applied."""
    commands = [shlex.split(line) for line in configuration.splitlines() if line.startswith("set ")]
    uses = list(_uses(commands))
    found: list[FilterRule] = []
    for family, name, terms in _filters(commands):
        places = {
            way: tuple(interface for key, there, interface in uses if (key, there) == ((family, name), way))
            for way in ("in", "out")
        }
        lines = [*terms, FilterRule(f"firewall {family}", name, "discard (implicit)", action="drop")]
        applied = [
            replace(rule, direction=way, interfaces=there) for way, there in places.items() if there for rule in lines
        ]
        found += applied or [replace(rule, direction="") for rule in lines]
    return tuple(found)


def _uses(commands: Sequence[list[str]]) -> Iterator[tuple[tuple[str, str], str, str]]:
    """((family, filter), direction, logical interface) of ``set interfaces ge-0/0/0 unit 0 family inet filter input NAME``."""
    for words in commands:
        applied = len(words) >= 10 and (words[1], *words[3:8:2]) == ("interfaces", "unit", "family", "filter")
        if applied and words[8] in _WAYS:
            yield (words[6], words[9]), _WAYS[words[8]], f"{words[2]}.{words[4]}"


def _filters(commands: Sequence[list[str]]) -> Iterator[tuple[str, str, list[FilterRule]]]:
    """(family, name, terms) in their order; ``set firewall filter NAME`` is of IPv4."""
    found: dict[tuple[str, str], dict[str, FilterRule]] = {}
    for words in commands:
        if words[1] != "firewall":
            continue
        family, rest = (words[3], words[4:]) if words[2] == "family" else ("inet", words[2:])
        if len(rest) < 4 or rest[0] != "filter" or rest[2] != "term" or family not in {"inet", "inet6"}:
            continue
        terms = found.setdefault((family, rest[1]), {})
        term = terms.get(rest[3], FilterRule(f"firewall {family}", rest[1], f"term {rest[3]}:", action="none"))
        terms[rest[3]] = _told(replace(term, text=f"{term.text} {' '.join(rest[4:])}"), rest[4:])
    for (family, name), terms in found.items():
        yield family, name, [_settled(term) for term in terms.values()]


def _settled(term: FilterRule) -> FilterRule:
    """A term that only counts or marks accepts: a terminating action is implied by any other but ``next term``."""
    settled = {"none": "accept", "next": "none"}
    return replace(term, action=settled.get(term.action or "", term.action))


def _told(term: FilterRule, words: list[str]) -> FilterRule:
    """The term with one more condition or action."""
    side, key, value = (*words, "", "", "")[:3]
    if side == "then":
        return _acting(term, key, value)
    if side != "from":
        return replace(term, unclear=(*term.unclear, " ".join(words))) if words else term
    if key in {"source-address", "destination-address"} and len(words) == 3:
        name = key.partition("-")[0]
        return _with(term, name, value)
    if key in {"source-port", "destination-port"} and (ports := _ports(value)):
        name = "ports" if key.startswith("destination") else "source_ports"
        return _with(term, name, ports)
    if key in {"protocol", "next-header"} and term.protocol == "any":
        return replace(term, protocol=value)
    if key == "tcp-established":
        return replace(term, states=("established",))
    return replace(term, unclear=(*term.unclear, " ".join(words[1:])))


def _with(term: FilterRule, name: str, value: Any) -> FilterRule:
    """The term with one more value of a condition, of which one must fit."""
    values: dict[str, Any] = {name: (*getattr(term, name), value)}
    return replace(term, **values)


def _acting(term: FilterRule, key: str, value: str) -> FilterRule:
    if key in _ACTIONS:
        return replace(term, action=_ACTIONS[key])
    if (key, value) == ("next", "term"):
        return replace(term, action="next")
    harmless = key in _HARMLESS or not key
    return term if harmless else replace(term, unclear=(*term.unclear, f"then {key} {value}".strip()))


def _ports(word: str) -> tuple[int, int] | None:
    words = word.split("-", 1) if word[:1].isdigit() else [word]
    ends = [int(end) if end.isdigit() else _PORTS.get(end) for end in words]
    low, high = ends[0], ends[-1]
    return None if low is None or high is None else (low, high)
