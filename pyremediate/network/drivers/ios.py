"""Cisco IOS and IOS XE: output for eyes, read by ntc-templates; the access lists by our own grammar, which EOS shares.

``show running-config`` needs privilege 15; without it nobody sees where the access lists are applied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_interface
from typing import Any

from pyremediate.network.drivers import access_lists
from pyremediate.network.drivers.driver import Driver
from pyremediate.network.evidence import DeviceEvidence, Interface, LldpNeighbour, Neighbour, Route, Vlan
from pyremediate.network.reading import Reading, gathered, mac, number
from pyremediate.network.session import Session
from pyremediate.network.templates import rows

PLATFORM = "cisco_ios"
RUNNING = "show running-config"
_ERRORS = (
    "runts",
    "giants",
    "input_errors",
    "crc",
    "frame",
    "overrun",
    "abort",
    "output_errors",
    "queue_drops",
    "queue_output_drops",
)
# The codes in front of a route ("show ip route" prints the legend).
_CODES = {"L": "local", "C": "connected", "S": "static", "R": "rip", "B": "bgp", "D": "eigrp", "O": "ospf", "i": "isis"}
_ADDRESS = re.compile(r"\s+(?:ip address (\S+) (\S+) secondary|ipv6 address ([0-9A-Fa-f:]+/\d+))\s*")
_SHORT = (
    ("Gi", "GigabitEthernet"),
    ("Fa", "FastEthernet"),
    ("Te", "TenGigabitEthernet"),
    ("Po", "Port-channel"),
    ("Et", "Ethernet"),
)


def look(device: str, session: Session, shell: Session) -> DeviceEvidence:
    """Everything that the command line tells; there is no shell."""
    reading = Reading(session)
    running = reading.part(
        "filters.direction", lambda: reading.text(RUNNING)
    )  # None: where lists are applied is not known
    vlans = reading.part("vlans", lambda: _vlans(_rows(reading, "show vlan")))
    if running is None:
        reading.cannot(
            ("interfaces.addresses",), f"only the first of each interface: {reading.notes['filters.direction']}"
        )
    parts = {
        "version": lambda: str(_rows(reading, "show version")[0]["version"]),
        "interfaces": lambda: _interfaces(
            _rows(reading, "show interfaces"), vlans or (), _more_addresses(running or "")
        ),
        "routes": lambda: tuple(_route(row) for row in _rows(reading, "show ip route")),
        "neighbours": lambda: _neighbours(_rows(reading, "show ip arp"), running),
        "filters": lambda: access_lists.rules(reading.text("show access-lists"), running),
        "vlans": lambda: vlans,
        "lldp": lambda: _lldp(reading),
        "running": lambda: reading.text(RUNNING),
        "saved": lambda: reading.text("show startup-config"),
    }
    reading.cannot(("routes.vrf",), "only the main routing table is read")
    reading.cannot(("routes.ipv6", "filters.ipv6"), "of IPv6 only addresses are read on IOS")
    return gathered(device, "ios", reading, parts)


def _rows(reading: Reading, command: str) -> list[dict[str, Any]]:
    return rows(PLATFORM, command, reading.text(command))


def _more_addresses(running: str) -> dict[str, tuple[str, ...]]:
    """Interface to the addresses that ``show interfaces`` leaves out: secondary ones, and those of IPv6."""
    found: dict[str, tuple[str, ...]] = {}
    name = ""
    for line in running.splitlines():
        if line[:1].strip():
            name = line.partition("interface ")[2].strip() if line.startswith("interface ") else ""
        elif name and (match := _ADDRESS.match(line)):
            address = ip_interface(f"{match[1]}/{match[2]}") if match[1] else ip_interface(match[3])
            found[name] = (*found.get(name, ()), str(address))
    return found


def _interfaces(
    table: list[dict[str, Any]], vlans: tuple[Vlan, ...], more: Mapping[str, tuple[str, ...]]
) -> tuple[Interface, ...]:
    access = {port: vlan.number for vlan in vlans for port in vlan.interfaces}
    return tuple(_interface(row, access, more.get(row["interface"], ())) for row in table)


def _interface(row: Mapping[str, Any], access: Mapping[str, int], more: tuple[str, ...]) -> Interface:
    name, status = row["interface"], row["link_status"].lower()
    tag = re.fullmatch(r"(?i)vlan(\d+)", name)
    first = (f"{row['ip_address']}/{row['prefix_length']}",) if row["ip_address"] else ()
    counters = {"in_packets": number(row["input_packets"]), "out_packets": number(row["output_packets"])}
    return Interface(
        name=name,
        up=status == "up" and row["protocol_status"].lower().startswith("up"),
        admin_up="administratively" not in status,
        mtu=number(row["mtu"]),
        addresses=(*first, *more),
        mac=mac(row["mac_address"]),
        vlan=int(tag[1]) if tag else number(row["vlan_id"]) or access.get(name),
        description=row["description"],
        errors={key: value for key in _ERRORS if (value := number(row[key])) is not None} or None,
        counters={key: value for key, value in counters.items() if value is not None} or None,
    )


def _long(port: str) -> str:
    """``Gi0/1`` as ``GigabitEthernet0/1``."""
    return next((long + port[2:] for short, long in _SHORT if re.match(rf"{short}\d", port)), port)


def _route(row: Mapping[str, Any]) -> Route:
    interface = row["nexthop_if"]
    return Route(
        prefix=f"{row['network']}/{row['prefix_length']}",
        via=row["nexthop_ip"],
        interface=interface,
        protocol=_CODES.get(row["protocol"][:1], row["protocol"].lower()),
        selected=True,  # the routing table holds what forwards; others are not shown
        discards=interface == "Null0",
        vrf=row["vrf"],
    )


def _neighbours(table: list[dict[str, Any]], running: str | None) -> tuple[Neighbour, ...]:
    """A static entry has no age in the listing, nor have the device's own addresses: the configuration tells them apart."""
    static = set(re.findall(r"^arp (?:vrf \S+ )?(\S+) [0-9a-f.]+ ", running or "", re.MULTILINE))
    return tuple(_neighbour(row, static if running is not None else None) for row in table)


def _neighbour(row: Mapping[str, Any], static: set[str] | None) -> Neighbour:
    address, link = row["ip_address"], mac(row["mac_address"])
    if not link or row["age"] != "-":
        state = "dynamic" if link else "incomplete"
    else:
        state = "" if static is None else "static" if address in static else "own"
    return Neighbour(address, link, row["interface"], state)


def _vlans(table: list[dict[str, Any]]) -> tuple[Vlan, ...]:
    return tuple(
        Vlan(int(row["vlan_id"]), row["vlan_name"], tuple(_long(port) for port in row["interfaces"])) for row in table
    )


def _lldp(reading: Reading) -> tuple[LldpNeighbour, ...]:
    text = reading.text("show lldp neighbors detail")
    if "Total entries displayed: 0" in text:
        return ()
    return tuple(
        LldpNeighbour(
            row["local_interface"],
            row["neighbor_name"],
            row["neighbor_interface"] or row["neighbor_port_id"],
            row["mgmt_address"],
        )
        for row in rows(PLATFORM, "show lldp neighbors detail", text)
    )


DRIVER = Driver("ios", ("ios", "cisco.ios.ios"), "cisco_ios", "recordings", look)
