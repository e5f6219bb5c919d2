"""Which rules of a device's packet filter stop a packet on its way through. Pure, and three-valued: yes, no, cannot be told.

The packet is the first of a new connection: rules for connections that exist already do not match it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from pyremediate.network.evidence import FilterRule, Ports

EPHEMERAL = (1024, 65535)  # where a client's source port lies; which, nobody knows beforehand
STOPS = frozenset({"drop", "reject"})
JUMPS = frozenset({"jump", "goto"})
DEPTH = 16  # of jumps; nftables allows as many (NFT_JUMP_STACK_SIZE)


@dataclass(frozen=True)
class Packet:
    """The first packet of a connection; ``port`` is the destination's, None where the protocol has none."""

    source: str
    destination: str
    protocol: str = "tcp"
    port: int | None = 25


@dataclass(frozen=True)
class Stop:
    """A rule that stops the packet: certainly, or unless what was not understood says otherwise (``reason``)."""

    rule: FilterRule
    certain: bool
    reason: str = ""


def stops(rules: Sequence[FilterRule], packet: Packet, entering: str | None, leaving: str | None) -> tuple[Stop, ...]:
    """The rules of one device that stop the packet between two of its interfaces, list by list, in the order of asking.

    ``None`` for an interface: it is not known.
    """
    found: list[Stop] = []
    for table, name in dict.fromkeys((rule.table, rule.name) for rule in rules):
        chain = [rule for rule in rules if (rule.table, rule.name) == (table, name)]
        for way in dict.fromkeys((rule.direction, rule.interfaces) for rule in chain):
            asked = _asked(*way, entering, leaving)
            own = [rule for rule in chain if (rule.direction, rule.interfaces) == way]
            if asked is not False and _of_family(table, packet) and own:
                walk = _Walk(rules, packet, entering, leaving, "" if asked else f"where {name} is applied is not known")
                walk.through(own, 0)
                found += walk.found
    return tuple(found)


def matches(rule: FilterRule, packet: Packet, entering: str | None, leaving: str | None) -> bool | None:
    """Does the rule match? None: it cannot be told, since the rule, or where the packet comes along, is not wholly known."""
    answers = [
        _same(rule.protocol, packet.protocol),
        _within(rule.source, packet.source),
        _within(rule.destination, packet.destination),
        _port(rule.ports, packet.port),
        _source_port(rule.source_ports),
        not rule.states or "new" in rule.states,
        _interface(rule.in_interfaces, entering),
        _interface(rule.out_interfaces, leaving),
        None if rule.unclear else True,
    ]
    return False if False in answers else None if None in answers else True


def _asked(
    direction: str | None, interfaces: tuple[str, ...] | None, entering: str | None, leaving: str | None
) -> bool | None:
    """Is a list asked for what passes between these interfaces?"""
    if direction is None or interfaces is None:
        return None
    if direction == "":
        return False
    here = {"in": (entering,), "out": (leaving,)}.get(direction, (entering, leaving))
    if not interfaces:
        return True
    return True if set(here) & set(interfaces) else None if None in here else False


def _of_family(table: str, packet: Packet) -> bool:
    """Is a table asked for IPv4, or for IPv6? ``inet`` of nftables is for both."""
    first, second, *_ = (*table.split(), "", "")
    word = second if first == "firewall" else first
    version = {"ip": 4, "access-list": 4, "ip6": 6, "ipv6": 6, "inet6": 6, "arp": 0, "bridge": 0}.get(word)
    if (first, second) == ("firewall", "inet"):
        version = 4
    return version in {None, ip_address(packet.destination).version}


class _Walk:
    """One way through a list and what it jumps to. ``doubt`` is why what comes later may not be reached."""

    def __init__(
        self, rules: Sequence[FilterRule], packet: Packet, entering: str | None, leaving: str | None, doubt: str
    ) -> None:
        self._rules, self._packet, self._entering, self._leaving = rules, packet, entering, leaving
        self._doubt = doubt
        self.found: list[Stop] = []

    def through(self, chain: Iterable[FilterRule], depth: int) -> bool:
        """Ask the rules in order; True when the packet's fate is decided."""
        for rule in chain:
            answer = matches(rule, self._packet, self._entering, self._leaving)
            if answer is False:
                continue
            if answer is None or rule.action is None:
                self._uncertain(rule, depth)
            elif rule.action == "return":
                return False
            elif self._decided(rule, depth):
                return True
        return False

    def _decided(self, rule: FilterRule, depth: int) -> bool:
        if rule.action in STOPS:
            self.found.append(Stop(rule, not self._doubt, self._doubt))
            return True
        if rule.action in JUMPS and self._jump(rule, depth):
            return True
        if rule.action == "goto":  # the list does not go on behind it, though its policy applies
            self._doubt = self._doubt or f"what comes after {rule.text} is not followed"
        return rule.action == "accept"

    def _uncertain(self, rule: FilterRule, depth: int) -> None:
        """What follows a rule that may have let the packet through is uncertain as well; if it is stopped, it is stopped."""
        reason = f"not understood: {'; '.join(rule.unclear) or rule.text}"
        if rule.action in STOPS:
            self.found.append(Stop(rule, False, reason))
        elif rule.action != "none":
            self._doubt = self._doubt or reason
        if rule.action in JUMPS:
            self._jump(rule, depth)

    def _jump(self, rule: FilterRule, depth: int) -> bool:
        target = [each for each in self._rules if (each.table, each.name) == (rule.table, rule.target)]
        return depth < DEPTH and self.through(target, depth + 1)


def _same(named: str | None, protocol: str) -> bool | None:
    return None if named is None else named == "any" or protocol in named.split(",")


def _within(prefixes: tuple[str, ...], address: str) -> bool | None:
    """Is the address in one of the prefixes?"""
    try:
        return not prefixes or any(ip_address(address) in ip_network(prefix, strict=False) for prefix in prefixes)
    except ValueError:
        return None  # a name, a range


def _port(ranges: Ports, port: int | None) -> bool:
    return not ranges or (port is not None and any(low <= port <= high for low, high in ranges))


def _source_port(ranges: Ports) -> bool | None:
    low, high = EPHEMERAL
    if not ranges or any(first <= low and last >= high for first, last in ranges):
        return True
    return None if any(first <= high and last >= low for first, last in ranges) else False


def _interface(named: tuple[str, ...], passed: str | None) -> bool | None:
    return True if not named else None if passed is None else passed in named
