"""Access lists as IOS and EOS print them, and where a configuration applies them. Pure.

The grammar is Cisco's: ``[number] permit|deny protocol source [ports] destination [ports] [options]``; a standard list has a
source alone. IOS writes wildcard masks (0 bits must fit), EOS prefix lengths. A list that ends without a match denies.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from pyremediate.network.evidence import FilterRule, Ports

_HEAD = re.compile(r"^(?:(Standard|Extended) )?(IP|IPv6) access[ -]list (?:standard |extended )?(\S+)", re.IGNORECASE)
_RULE = re.compile(r"^\s+(?:sequence )?(?:\d+\s+)?(permit|deny)\s+(.*?)\s*(?:sequence \d+)?$", re.IGNORECASE)
_MATCHES = re.compile(r"\s*(?:\((\d+) match(?:es)?\)|\[match (\d+)[^\]]*\])")
_APPLIED = re.compile(r"^\s+(?:ip|ipv6) (?:access-group|traffic-filter) (\S+) (in|out)\b")
_INTERFACE = re.compile(r"^interface ", re.MULTILINE)
_PROTOCOLS = {"ip": "any", "ipv6": "any", "6": "tcp", "17": "udp", "1": "icmp"}
_UNTESTING = frozenset({"log", "log-input"})  # options that match nothing
# The names that both platforms print for ports (IANA's differ in places: www, whois).
_PORTS: Mapping[str, int] = {
    "bfd": 3784, "bgp": 179, "bootpc": 68, "bootps": 67, "domain": 53, "ftp": 21, "ftp-data": 20, "https": 443, "ident": 113,
    "imap": 143, "imaps": 993, "isakmp": 500, "ldap": 389, "lpd": 515, "msdp": 639, "nntp": 119, "non500-isakmp": 4500, "ntp": 123,
    "pop2": 109, "pop3": 110, "pop3s": 995, "rip": 520, "smtp": 25, "smtps": 465, "snmp": 161, "snmptrap": 162, "ssh": 22,
    "submission": 587, "syslog": 514, "tacacs": 49, "telnet": 23, "tftp": 69, "time": 37, "uucp": 540, "whois": 43, "www": 80,
}  # fmt: skip


def rules(listing: str, configuration: str | None) -> tuple[FilterRule, ...]:
    """All rules of a listing. Without a configuration nobody knows where the lists are applied (``direction`` is None)."""
    shown = (
        configuration if configuration and _INTERFACE.search(configuration) else None
    )  # a lesser privilege shows none
    uses = None if shown is None else tuple(_uses(shown))
    return tuple(rule for name, lines in _lists(listing) for rule in _applied(name, lines, uses))


def _lists(listing: str) -> Iterator[tuple[str, list[FilterRule]]]:
    """Each list's name and its rules, with the denial at its end when it has any."""
    name, table, standard, found = "", "", False, list[FilterRule]()
    for line in [*listing.splitlines(), "IP access list END"]:
        if head := _HEAD.match(line):
            if found:
                yield name, [*found, FilterRule(table, name, "deny any any (implicit)", action="drop")]
            name, standard, found = head[3], (head[1] or "").lower() == "standard", []
            table = "ipv6 access-list" if head[2].lower() == "ipv6" else "access-list"
        elif rule := _RULE.match(line):
            found.append(replace(_rule(name, rule[1].lower(), rule[2], standard), table=table))


def _uses(configuration: str) -> Iterator[tuple[str, str, str]]:
    """(list, direction, interface) for each interface that a list is applied to."""
    interface = ""
    for line in configuration.splitlines():
        if line and not line[0].isspace():
            interface = line.removeprefix("interface ").strip() if line.startswith("interface ") else ""
        elif interface and (match := _APPLIED.match(line)):
            yield match[1], match[2], interface


def _applied(name: str, lines: list[FilterRule], uses: tuple[tuple[str, str, str], ...] | None) -> Iterator[FilterRule]:
    """The list once for each direction in which it is asked."""
    if uses is None:
        yield from (replace(rule, direction=None, interfaces=None) for rule in lines)
        return
    places = {
        way: tuple(interface for used, there, interface in uses if (used, there) == (name, way))
        for way in ("in", "out")
    }
    for direction, interfaces in places.items():
        if interfaces:
            yield from (replace(rule, direction=direction, interfaces=interfaces) for rule in lines)
    if not any(places.values()):
        yield from (replace(rule, direction="") for rule in lines)


@dataclass
class _Words:
    """The words of a rule that are not read yet."""

    left: list[str]

    def take(self) -> str:
        return self.left.pop(0) if self.left else ""

    @property
    def next(self) -> str:
        return self.left[0] if self.left else ""


def _rule(name: str, verb: str, text: str, standard: bool) -> FilterRule:
    hits = _MATCHES.search(text)
    body = _MATCHES.sub("", text)
    rule = FilterRule(
        "access-list", name, f"{verb} {' '.join(body.split())}",
        action="accept" if verb == "permit" else "drop", packets=int(hits[1] or hits[2]) if hits else None,
    )  # fmt: skip
    words = _Words(body.replace(", wildcard bits ", " ").split())
    try:
        if not standard:
            rule = replace(rule, protocol=_protocol(words.take()))
        rule = replace(rule, source=_prefix(words))
        if not standard:
            rule = replace(rule, source_ports=_ports(words))
            rule = replace(rule, destination=_prefix(words))
            rule = replace(rule, ports=_ports(words))
        return _options(rule, words)
    except ValueError as error:
        return replace(rule, unclear=(*rule.unclear, str(error)))


def _protocol(word: str) -> str:
    return _PROTOCOLS.get(word, word)


def _prefix(words: _Words) -> tuple[str, ...]:
    word = words.take()
    if word == "any":
        return ()
    if word == "host":
        return (words.take(),)
    address = ipaddress.ip_interface(word)  # raises for a group's name
    if "/" in word:
        return (str(address.network),)
    if not re.fullmatch(r"[\d.]+", words.next):
        return (word,)
    wildcard = int(ipaddress.IPv4Address(words.take()))
    if wildcard & (wildcard + 1):
        raise ValueError(f"wildcard mask of {word} that is no prefix")
    return (str(ipaddress.ip_network((int(address.ip), 32 - wildcard.bit_length()), strict=False)),)


def _ports(words: _Words) -> Ports:
    operator = words.next
    if operator not in {"eq", "gt", "lt", "neq", "range"}:
        return ()
    words.take()
    if operator == "range":
        return ((_port(words.take()), _port(words.take())),)
    found = [_port(words.take())]
    while operator in {"eq", "neq"} and (words.next.isdigit() or words.next in _PORTS):
        found.append(_port(words.take()))
    if operator == "eq":
        return tuple((port, port) for port in found)
    if operator == "neq":
        return _without(sorted(found))
    return ((found[0] + 1, 65535),) if operator == "gt" else ((0, found[0] - 1),)


def _without(ports: list[int]) -> Ports:
    edges = [-1, *ports, 65536]
    return tuple((low + 1, high - 1) for low, high in pairwise(edges) if low + 1 <= high - 1)


def _port(word: str) -> int:
    if not word.isdigit() and word not in _PORTS:
        raise ValueError(f"port {word}")
    return int(word) if word.isdigit() else _PORTS[word]


def _options(rule: FilterRule, words: _Words) -> FilterRule:
    """What is left: ``established`` speaks of a connection that is open already; anything else is not understood."""
    rest = [word for word in words.left if word not in _UNTESTING]
    if rest == ["established"]:
        return replace(rule, states=("established",))
    return replace(rule, unclear=(*rule.unclear, " ".join(rest))) if rest else rule
