"""Which devices and interfaces a packet passes from one address to another, how large it may be, and what stops it. Pure.

Each device is asked as it would forward: the longest prefix that matches among its selected routes. Where a device could not be
read, or an address belongs to none that is described, the way ends as *unknown*; nothing is guessed. Address translation is not
followed, but said where a rule of it may match.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface, ip_network

from pyremediate.model import Answer
from pyremediate.network.evidence import DeviceEvidence, FilterRule, Interface, Route
from pyremediate.network.filtering import Packet, Stop, matches, stops

Devices = Mapping[str, DeviceEvidence | None]  # by inventory name; None: it could not be read


@dataclass(frozen=True)
class Link:
    """A cable, as the inventory describes it; both directions."""

    device: str
    interface: str
    peer: str
    peer_interface: str


@dataclass(frozen=True)
class Hop:
    """One device on the way. None for an interface: not known; ``""`` leaving: the packet is for the device itself."""

    device: str
    entering: str | None
    leaving: str | None


@dataclass(frozen=True)
class Path:
    """The way of a packet.

    answer   pass: it reaches the destination's network, as far as routes say; fail: it does not; unknown: it could not be followed
    reason   where and why it ends
    mtu      the smallest of all interfaces on the way; None when one is not known
    stops    (device, rule that stops it); a stop may be uncertain
    left     it goes on to what no device is, and all could be read: the devices are behind it
    unclear  what else could not be told: filters that could not be read, equal ways, address translation
    """

    hops: tuple[Hop, ...]
    answer: Answer
    reason: str
    mtu: int | None = None
    stops: tuple[tuple[str, Stop], ...] = ()
    unclear: tuple[str, ...] = ()
    left: bool = False


def path(packet: Packet, devices: Devices, links: Sequence[Link] = (), gateway: str = "") -> Path:
    """Follow a packet. ``gateway`` is the sender's next hop, needed where several devices stand in its network."""
    walk = _Walk(packet, devices, links)
    answer, reason = walk.start(gateway)
    found = tuple((hop.device, stop) for hop in walk.hops for stop in _stops(devices.get(hop.device), packet, hop))
    unclear = (*walk.unclear, *_unread(walk.hops, devices, packet), *_translated(walk.hops, devices, packet))
    return Path(tuple(walk.hops), answer, reason, _mtu(walk.hops, devices), found, unclear, walk.left)


class _Walk:
    def __init__(self, packet: Packet, devices: Devices, links: Sequence[Link]) -> None:
        self._packet, self._devices = packet, devices
        self._owners = _owners(devices)
        self._links = {(link.device, link.interface): (link.peer, link.peer_interface) for link in links}
        self._links |= {(link.peer, link.peer_interface): (link.device, link.interface) for link in links}
        self.hops: list[Hop] = []
        self.unclear: list[str] = []
        self.left = False

    def start(self, gateway: str) -> tuple[Answer, str]:
        """From the sender to the first device, and on."""
        places = self._standing(self._packet.source)
        if self._same_network():
            return Answer.PASS, "sender and destination are in one network: nothing lies in between"
        if gateway:
            owner = self._owners.get(ip_address(gateway))
            return self._follow(*owner) if owner else self._lost(f"the gateway {gateway}")
        if len(places) == 1:
            return self._follow(*places[0])
        if places:
            names = ", ".join(sorted(device for device, _ in places))
            what = f"several devices stand in the network of {self._packet.source}: {names}"
            return Answer.UNKNOWN, f"{what}; name its gateway"
        return self._lost(f"the network of {self._packet.source}")

    def _standing(self, address: str) -> list[tuple[str, str]]:
        """(device, interface) of all that have an address in the network of this one."""
        return [
            (name, interface.name)
            for name, evidence in self._devices.items()
            for interface in (evidence.interfaces if evidence else None) or ()
            if any(_inside(address, own) for own in interface.addresses or ())
        ]

    def _same_network(self) -> bool:
        source, destination = self._packet.source, self._packet.destination
        return any(
            _inside(source, own) and _inside(destination, own)
            for evidence in self._devices.values()
            for interface in (evidence.interfaces if evidence else None) or ()
            for own in interface.addresses or ()
        )

    def _follow(self, name: str, entering: str | None) -> tuple[Answer, str]:
        """Device by device, until the way ends."""
        while True:
            evidence = self._devices.get(name)
            if name in {hop.device for hop in self.hops}:
                return Answer.FAIL, f"the packet comes to {name} again: a loop"
            if evidence is None or evidence.routes is None:
                self.hops.append(Hop(name, entering, None))
                reason = evidence.notes.get("routes", "no reason given") if evidence else "no answer"
                return Answer.UNKNOWN, f"{name} could not be read: {reason}"
            end = self._through(name, evidence, entering)
            if not isinstance(end, Hop):
                return end
            name, entering = end.device, end.entering

    def _through(self, name: str, evidence: DeviceEvidence, entering: str | None) -> Hop | tuple[Answer, str]:
        """One device: the next one's entrance, or the end."""
        destination = self._packet.destination
        if _down(evidence, entering):
            self.hops.append(Hop(name, entering, None))
            return Answer.FAIL, f"{name}: {entering}, from {self._packet.source}, is down"
        own = self._owners.get(ip_address(destination))
        if own and own[0] == name:
            self.hops.append(Hop(name, entering, ""))
            return Answer.PASS, f"{destination} is {name} itself"
        ways = _ways(evidence, destination, _vrf(evidence, entering))
        if not ways:
            self.hops.append(Hop(name, entering, None))
            unread = _not_read(evidence, entering, ip_address(destination).version)
            if unread:
                return Answer.UNKNOWN, f"{name}: {unread}"
            return Answer.FAIL, f"{name} has no route to {destination}"
        way = ways[0]
        if len(ways) > 1:
            followed = f"the one by {way.via or way.interface} was followed"
            self.unclear.append(f"{name} has {len(ways)} equal ways to {destination}; {followed}")
        leaving = way.interface or _resolved(evidence, way)
        self.hops.append(Hop(name, entering, leaving))
        return self._beyond(name, evidence, way, leaving)

    def _beyond(self, name: str, evidence: DeviceEvidence, way: Route, leaving: str | None) -> Hop | tuple[Answer, str]:
        if way.discards:
            return Answer.FAIL, f"{name} discards what is for {way.prefix}"
        if _down(evidence, leaving):
            return Answer.FAIL, f"{name}: {leaving}, towards {self._packet.destination}, is down"
        if not way.via and way.protocol in {"connected", "local", "direct"}:
            return Answer.PASS, f"{self._packet.destination} is in a network of {name}, behind {leaving}"
        owner = self._owners.get(ip_address(way.via)) if way.via else None
        owner = owner or self._links.get((name, leaving or ""))
        if owner is None:
            return self._lost(f"what {name} sends to {way.via or leaving}")
        return Hop(owner[0], owner[1], None)

    def _lost(self, what: str) -> tuple[Answer, str]:
        unread = sorted(name for name, each in self._devices.items() if each is None or each.interfaces is None)
        self.left = bool(self.hops) and not unread
        more = f" and could be read (not read: {', '.join(unread)})" if unread else ""
        return Answer.UNKNOWN, f"{what} belongs to no device that is described{more}"


def _owners(devices: Devices) -> dict[object, tuple[str, str]]:
    """Address to (device, interface)."""
    return {
        ip_interface(own).ip: (name, interface.name)
        for name, evidence in devices.items()
        for interface in (evidence.interfaces if evidence else None) or ()
        for own in interface.addresses or ()
        if not ip_interface(own).ip.is_link_local  # the same ones on many links
    }


def _inside(address: str, own: str) -> bool:
    network = ip_interface(own).network
    return network.prefixlen < network.max_prefixlen and ip_address(address) in network


def _ways(evidence: DeviceEvidence, destination: str, vrf: str) -> list[Route]:
    """The selected routes of the longest prefix that holds the destination."""
    target = ip_address(destination)
    fitting = [
        (ip_network(route.prefix, strict=False).prefixlen, route)
        for route in evidence.routes or ()
        if route.selected and route.vrf == vrf and target in ip_network(route.prefix, strict=False)
    ]
    longest = max((length for length, _ in fitting), default=0)
    return [route for length, route in fitting if length == longest]


def _vrf(evidence: DeviceEvidence, entering: str | None) -> str:
    """The routing table of an interface, as the route to its own network tells."""
    return next((route.vrf for route in evidence.routes or () if route.interface == entering and not route.via), "")


def _not_read(evidence: DeviceEvidence, entering: str | None, version: int) -> str:
    """Why a route may exist though none is known; empty: there is no such reason."""
    if version == 6 and "routes.ipv6" in evidence.notes:
        return evidence.notes["routes.ipv6"]
    if "routes.vrf" in evidence.notes and entering not in {route.interface for route in evidence.routes or ()}:
        return f"{entering} is not of the routing table that was read: {evidence.notes['routes.vrf']}"
    return ""


def _resolved(evidence: DeviceEvidence, way: Route) -> str | None:
    """The interface towards a next hop that is told without one."""
    nearer = _ways(evidence, way.via, way.vrf) if way.via else []
    return next((route.interface for route in nearer if route.interface), None)


def _interface(evidence: DeviceEvidence | None, name: str | None) -> Interface | None:
    return next((each for each in (evidence.interfaces if evidence else None) or () if each.name == name), None)


def _down(evidence: DeviceEvidence, name: str | None) -> bool:
    """Is it known to be down?"""
    interface = _interface(evidence, name)
    return interface is not None and interface.up is False


def _stops(evidence: DeviceEvidence | None, packet: Packet, hop: Hop) -> tuple[Stop, ...]:
    """What comes for the device itself is asked by other rules than what passes."""
    return () if hop.leaving == "" else stops(_filters(evidence), packet, hop.entering, hop.leaving)


def _unread(hops: Sequence[Hop], devices: Devices, packet: Packet) -> list[str]:
    """Why the packet filter of a device may hold more than is known."""
    six = ip_address(packet.destination).version == 6
    found: list[str] = []
    for hop in hops:
        evidence = devices.get(hop.device)
        reason = evidence.notes.get("filters.ipv6") if evidence and six else None
        if evidence and evidence.filters is None:
            reason = evidence.notes.get("filters", "no reason given")
        found += [f"the packet filter of {hop.device} is not known: {reason}"] if reason else []
    return found


def _filters(evidence: DeviceEvidence | None) -> tuple[FilterRule, ...]:
    return (evidence.filters if evidence else None) or ()


def _translated(hops: Sequence[Hop], devices: Devices, packet: Packet) -> list[str]:
    return [
        f"{hop.device} may send it elsewhere by address translation: {rule.text}"
        for hop in hops
        for rule in _filters(devices.get(hop.device))
        if rule.action == "translate" and matches(rule, packet, hop.entering, hop.leaving) is not False
    ]


def _mtu(hops: Sequence[Hop], devices: Devices) -> int | None:
    names = [(hop.device, name) for hop in hops for name in (hop.entering, hop.leaving) if name != ""]
    found = [interface.mtu if (interface := _interface(devices.get(device), name)) else None for device, name in names]
    known = [mtu for mtu in found if mtu is not None]
    return min(known) if known and len(known) == len(found) else None
