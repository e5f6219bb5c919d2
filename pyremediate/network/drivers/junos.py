"""Juniper Junos: state as JSON, configuration as ``set`` commands, whose words have been the same for twenty years.

The JSON wraps every value in lists (``{"name": [{"data": "xe-0/0/0"}]}``). What runs is what was committed, and what the
device starts with, so that the saved configuration is the running one.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pyremediate.network.drivers.driver import Driver
from pyremediate.network.drivers.junos_filters import rules
from pyremediate.network.evidence import DeviceEvidence, Interface, LldpNeighbour, Neighbour, Route, Vlan
from pyremediate.network.reading import Reading, gathered, mac, number
from pyremediate.network.session import Session
from pyremediate.network.templates import rows

CONFIGURATION = "show configuration | display set"
_DISCARDS = frozenset({"Discard", "Reject"})
_MASTERS = ("inet.0", "inet6.0")


def look(device: str, session: Session, shell: Session) -> DeviceEvidence:
    """Everything that the command line tells; a shell is not needed."""
    reading = Reading(session)
    parts = {
        "version": lambda: _version(reading.data("show version | display json")),
        "interfaces": lambda: tuple(_interfaces(reading.data("show interfaces | display json"))),
        "routes": lambda: tuple(_routes(reading.data("show route | display json"))),
        "neighbours": lambda: _neighbours(reading.text("show arp no-resolve"), _configuration(reading)),
        "filters": lambda: rules(reading.text(CONFIGURATION)),
        "vlans": lambda: _vlans(reading.text("show vlans")),
        "lldp": lambda: tuple(_lldp(reading.data("show lldp neighbors | display json"))),
        "running": lambda: reading.text(CONFIGURATION),
        "saved": lambda: reading.text(CONFIGURATION),
    }
    return gathered(device, "junos", reading, parts)


def _configuration(reading: Reading) -> str | None:
    return reading.part("neighbours.static", lambda: reading.text(CONFIGURATION))


def _children(node: Mapping[str, Any], *path: str) -> list[Mapping[str, Any]]:
    """All nodes at the end of a path of names."""
    nodes: list[Mapping[str, Any]] = [node]
    for name in path:
        nodes = [child for each in nodes for child in each.get(name, ())]
    return nodes


def _word(node: Mapping[str, Any], *path: str) -> str:
    """The first value at the end of a path; empty when there is none."""
    return next((str(each["data"]) for each in _children(node, *path) if isinstance(each.get("data"), str)), "")


def _version(data: Mapping[str, Any]) -> str:
    software = _children(data, "multi-routing-engine-results", "multi-routing-engine-item", "software-information")
    found = next((_word(each, "junos-version") for each in [*_children(data, "software-information"), *software]), "")
    if not found:
        raise ValueError("no junos-version")
    return found


def _interfaces(data: Mapping[str, Any]) -> Iterator[Interface]:
    """Physical interfaces, and after each its logical ones, which have the addresses."""
    for node in _children(data, "interface-information", "physical-interface"):
        link = _physical(node)
        yield link
        for unit in _children(node, "logical-interface"):
            yield _logical(link, unit)


def _physical(node: Mapping[str, Any]) -> Interface:
    errors = {
        key: value
        for side in ("input-error-list", "output-error-list")
        for key, value in _numbers(node, side)
        if "error" in key or "drop" in key
    }
    return Interface(
        name=_word(node, "name"),
        up=_word(node, "oper-status") == "up",
        admin_up=_word(node, "admin-status") == "up",
        mtu=number(_word(node, "mtu")),
        addresses=(),
        mac=mac(_word(node, "current-physical-address")),
        vlan=0,
        description=_word(node, "description"),
        errors=errors or None,  # only "extensive" tells them
        counters=_counters(node),
    )


def _numbers(node: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    return [
        (key, value)
        for each in _children(node, name)
        for key in each
        if (value := number(_word(each, key))) is not None
    ]


def _counters(node: Mapping[str, Any]) -> dict[str, int] | None:
    told = {
        key: number(_word(node, "traffic-statistics", f"{way}-packets"))
        for key, way in (("in_packets", "input"), ("out_packets", "output"))
    }
    return {key: value for key, value in told.items() if value is not None} or None


def _logical(link: Interface, unit: Mapping[str, Any]) -> Interface:
    """A unit is up as its link is, unless its own flags say otherwise; its MTU is that of IP."""
    flags = next(iter(_children(unit, "if-config-flags")), {})
    families = _children(unit, "address-family")
    inet = next((each for each in families if _word(each, "address-family-name") in {"inet", "inet6"}), {})
    tag = _word(unit, "link-address").rpartition(".")[2]
    return replace(
        link,
        name=_word(unit, "name"),
        up=link.up and "iff-up" in flags and "iff-hardware-down" not in flags,
        admin_up=link.admin_up and "iff-down" not in flags,
        mtu=number(_word(inet, "mtu")),
        addresses=tuple(address for family in families for address in _addresses(family)),
        vlan=number(tag) if tag else 0,
        description=_word(unit, "description"),
        errors=None,
        counters=_counters(unit),
    )


def _addresses(family: Mapping[str, Any]) -> Iterator[str]:
    """The prefix length stands in the destination ("10.10.50/24"); without one the address stands alone."""
    alone = "128" if _word(family, "address-family-name") == "inet6" else "32"
    for node in _children(family, "interface-address"):
        if local := _word(node, "ifa-local"):
            yield f"{local.partition('/')[0]}/{_word(node, 'ifa-destination').partition('/')[2] or alone}"


def _routes(data: Mapping[str, Any]) -> Iterator[Route]:
    for table in _children(data, "route-information", "route-table"):
        name = _word(table, "table-name")
        if not name.endswith(_MASTERS):
            continue  # MPLS, EVPN and the like
        vrf = "" if name in _MASTERS else name.rpartition(".inet")[0]
        for node in _children(table, "rt"):
            for entry in _children(node, "rt-entry"):
                yield from _ways(_word(node, "rt-destination"), entry, vrf)


def _ways(prefix: str, entry: Mapping[str, Any], vrf: str) -> Iterator[Route]:
    """One route per next hop. The last active entry may bear the tag too; only the current one forwards."""
    active = _word(entry, "active-tag") in {"*", "+"} and ("current-active" in entry or "last-active" not in entry)
    protocol = {"direct": "connected"}.get(_word(entry, "protocol-name").lower(), _word(entry, "protocol-name").lower())
    for hop in _children(entry, "nh") or [{}]:
        interface = _word(hop, "via") or _word(hop, "nh-local-interface")
        yield Route(prefix, _word(hop, "to"), interface, protocol, active, _word(entry, "nh-type") in _DISCARDS, vrf)


def _neighbours(text: str, running: str | None) -> tuple[Neighbour, ...]:
    """The listing does not tell static entries from others; the configuration does."""
    static = {
        words[words.index("arp") + 1]
        for words in _commands(running or "")
        if "arp" in words[:-1] and words[1] == "interfaces"
    }
    return tuple(
        Neighbour(
            row["ip_address"],
            mac(row["mac_address"]),
            row["interface"],
            _state(row["ip_address"], static, running),
        )
        for row in rows("juniper_junos", "show arp no-resolve", text)
    )


def _state(address: str, static: set[str], running: str | None) -> str:
    return "" if running is None else "static" if address in static else "dynamic"


def _commands(configuration: str) -> Iterator[list[str]]:
    for line in configuration.splitlines():
        if line.startswith("set "):
            yield shlex.split(line)


def _vlans(text: str) -> tuple[Vlan, ...]:
    return tuple(
        Vlan(int(row["tag"]), row["vlan_name"], tuple(name.rstrip("*") for name in row["interfaces"]))
        for row in rows("juniper_junos", "show vlans", text)
        if row["tag"]
    )


def _lldp(data: Mapping[str, Any]) -> Iterator[LldpNeighbour]:
    for node in _children(data, "lldp-neighbors-information", "lldp-neighbor-information"):
        port = _word(node, "lldp-remote-port-id") or _word(node, "lldp-remote-port-description")
        interface = _word(node, "lldp-local-port-id") or _word(node, "lldp-local-interface")
        yield LldpNeighbour(interface, _word(node, "lldp-remote-system-name"), port)


DRIVER = Driver("junos", ("junos", "junipernetworks.junos.junos"), "juniper_junos", "recordings", look)
