"""What one network device says of itself: frozen values and their JSON shape. Imports nothing of ours but the vocabulary.

``None`` means that it could not be known, and ``notes`` says why under the part's name (``routes``, ``interfaces.counters``);
an empty value means that the device says there is none. Nothing is a default that the device did not state.
Addresses are text: with a prefix length where they stand on an interface (``10.0.0.1/24``), else bare. MAC addresses are lower case
with colons. MTUs and packets are numbers, MTUs in bytes of the IP packet where the platform tells them so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyremediate.model import to_json

PARTS = ("version", "interfaces", "routes", "neighbours", "filters", "vlans", "lldp", "running", "saved")
Ports = tuple[tuple[int, int], ...]  # ranges, both ends included; empty: any port


@dataclass(frozen=True)
class Interface:
    """One interface, physical or logical."""

    name: str
    up: bool | None = None  # does it carry packets now?
    admin_up: bool | None = None  # did somebody switch it on?
    mtu: int | None = None
    addresses: tuple[str, ...] | None = None
    mac: str | None = None  # "": it has none
    vlan: int | None = None  # its tag or access VLAN; 0: in none
    description: str | None = None  # "": none was given
    errors: Mapping[str, int] | None = None  # the device's names: {"crc": 0}
    counters: Mapping[str, int] | None = None  # {in_packets, out_packets}


@dataclass(frozen=True)
class Route:
    """One way of the routing table. Several equal ways are several routes of one prefix."""

    prefix: str
    via: str = ""  # the next hop; "": directly connected, or discarded
    interface: str = ""  # "": the device does not say
    protocol: str = ""  # the device's word in lower case: connected, static, ospf, bgp, local
    selected: bool | None = None  # does it forward by it?
    discards: bool = False  # what it matches is dropped or refused
    vrf: str = ""  # the routing table; "": the main one


@dataclass(frozen=True)
class Neighbour:
    """A link-layer neighbour (ARP, neighbour discovery)."""

    address: str
    mac: str | None  # "": not resolved
    interface: str = ""
    state: str = ""  # static, dynamic, incomplete; "": the device does not say


@dataclass(frozen=True)
class FilterRule:
    """One rule of a packet filter, in the order in which the device asks them.

    A rule matches when all of its conditions do. ``unclear`` are those that were not understood: with one of them nobody
    can say from here that it matches. ``text`` is the rule as the device tells it.
    """

    table: str  # what the list belongs to: "inet acl", "access-list"
    name: str  # the list, chain or filter
    text: str
    direction: str | None = None  # in, out, forward; "": asked only by a jump, or applied nowhere; None: not known
    interfaces: tuple[str, ...] | None = ()  # where the list is applied; empty with ``forward``: everywhere
    action: str | None = (
        None  # accept, drop, reject, jump, goto, return, translate (its destination), hide (its source), none (it only counts)
    )
    target: str = ""  # the chain that a jump goes to
    protocol: str | None = "any"  # or "tcp", "tcp,udp"
    source: tuple[str, ...] = ()  # prefixes; empty: any
    destination: tuple[str, ...] = ()
    source_ports: Ports = ()
    ports: Ports = ()  # of the destination
    in_interfaces: tuple[str, ...] = ()  # empty: any
    out_interfaces: tuple[str, ...] = ()
    states: tuple[str, ...] = ()  # of connection tracking; empty: any
    unclear: tuple[str, ...] = ()
    packets: int | None = None


@dataclass(frozen=True)
class Vlan:
    """One VLAN of a switch and its untagged ports."""

    number: int
    name: str = ""
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class LldpNeighbour:
    """Who stands at the other end of a cable."""

    interface: str
    system: str = ""
    port: str = ""
    address: str = ""


@dataclass(frozen=True)
class DeviceEvidence:
    """One observation of one device. ``running`` and ``saved`` are configurations without their secrets."""

    device: str
    platform: str
    version: str | None = None
    interfaces: tuple[Interface, ...] | None = None
    routes: tuple[Route, ...] | None = None
    neighbours: tuple[Neighbour, ...] | None = None
    filters: tuple[FilterRule, ...] | None = None
    vlans: tuple[Vlan, ...] | None = None
    lldp: tuple[LldpNeighbour, ...] | None = None
    running: str | None = None
    saved: str | None = None  # what it starts with
    notes: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain data, from which ``from_json`` makes an equal value."""
        data: dict[str, Any] = to_json(self)
        return data


_MEMBERS: Mapping[str, type] = {
    "interfaces": Interface, "routes": Route, "neighbours": Neighbour, "filters": FilterRule, "vlans": Vlan, "lldp": LldpNeighbour,
}  # fmt: skip


def from_json(data: Mapping[str, Any]) -> DeviceEvidence:
    """The value that ``DeviceEvidence.to_json`` told. Raises ``TypeError`` for a key of another shape."""
    fields = dict(data)
    for part, member in _MEMBERS.items():
        if fields.get(part) is not None:
            fields[part] = tuple(
                member(**{key: _frozen(item) for key, item in entry.items()}) for entry in fields[part]
            )
    return DeviceEvidence(**fields)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
