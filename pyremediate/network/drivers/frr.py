"""FRRouting: vtysh answers in JSON; the kernel's side (neighbours, counters, packet filter) is seen only from a shell of root.

FRR's own access lists choose routes, not packets, so that the filter is nftables'. Its saved configuration is
``/etc/frr/frr.conf``, which vtysh 8 does not show (``show startup-config`` prints nothing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyremediate.network.drivers import linux, nftables
from pyremediate.network.drivers.driver import Driver
from pyremediate.network.evidence import DeviceEvidence, Interface, Route
from pyremediate.network.reading import Reading, gathered, mac
from pyremediate.network.session import Session

ROUTES = ("show ip route vrf all json", "show ipv6 route vrf all json")


def look(device: str, session: Session, shell: Session) -> DeviceEvidence:
    """Everything that vtysh and, where there is one, the shell tell."""
    router, kernel = Reading(session), Reading(shell)
    links = kernel.part("interfaces.counters", lambda: linux.interfaces(kernel.data(linux.ADDRESSES)))
    parts = {
        "version": lambda: _version(router.text("show version")),
        "interfaces": lambda: _interfaces(router.data("show interface json"), links),
        "routes": lambda: tuple(_routes([each for command in ROUTES for each in router.documents(command)])),
        "neighbours": lambda: linux.neighbours(kernel.data(linux.NEIGHBOURS)),
        "filters": lambda: nftables.rules(kernel.data(linux.RULES)),
        "running": lambda: router.text("show running-config"),
        "saved": lambda: kernel.text("cat /etc/frr/frr.conf"),
    }
    router.cannot(("vlans",), "a router has no VLANs of a switch; tagged interfaces say their tag")
    router.cannot(("lldp",), "FRRouting speaks no LLDP")
    router.notes.update(kernel.notes)
    return gathered(device, "frr", router, parts)


def _version(text: str) -> str:
    match = re.search(r"^FRRouting (\S+)", text, re.MULTILINE)
    if match is None:
        raise ValueError("no version in 'show version'")
    return match[1]


def _interfaces(data: Mapping[str, Any], links: tuple[Interface, ...] | None) -> tuple[Interface, ...]:
    """vtysh's interfaces, with the kernel's counters and tags where they are known."""
    kernel = {link.name: link for link in links or ()}
    return tuple(_interface(name, entry, kernel.get(name)) for name, entry in data.items())


def _interface(name: str, entry: Mapping[str, Any], link: Interface | None) -> Interface:
    absent = "index" not in entry  # only configured: the kernel has no such interface
    interface = Interface(
        name=name,
        up=entry.get("operationalStatus") == "up",
        admin_up=entry.get("administrativeStatus") == "up",
        mtu=entry.get("mtu"),
        addresses=() if absent else tuple(each["address"] for each in entry.get("ipAddresses", ())),
        mac=mac(entry.get("hardwareAddress")),
        description=entry.get("description", ""),
    )
    return interface if link is None else replace(interface, vlan=link.vlan, errors=link.errors, counters=link.counters)


def _routes(documents: Sequence[Mapping[str, Any]]) -> Iterator[Route]:
    """One route per next hop. Each document is {prefix: ways}, one behind the other for each VRF; FRRouting 10 puts them in one,
    {VRF: {prefix: ways}} (FRRouting pull request 15632)."""
    tables = [table for each in documents for table in (each.values() if _nested(each) else [each])]
    for table in tables:
        for prefix, ways in table.items():
            yield from (_route(prefix, way, hop) for way in ways for hop in way.get("nexthops", [{}]))


def _nested(document: Mapping[str, Any]) -> bool:
    return all(isinstance(value, Mapping) for value in document.values())


def _route(prefix: str, way: Mapping[str, Any], hop: Mapping[str, Any]) -> Route:
    vrf = way.get("vrfName", "default")
    return Route(
        prefix=prefix,
        via=hop.get("ip", ""),
        interface=hop.get("interfaceName", ""),
        protocol=way["protocol"],
        selected=bool(way.get("selected")) and bool(hop.get("fib")),
        discards=bool(hop.get("blackhole") or hop.get("unreachable")),
        vrf="" if vrf == "default" else vrf,
    )


# Netmiko's cisco_ios fits vtysh's prompt and its "terminal length"; its type for Linux expects a shell.
DRIVER = Driver("frr", ("frr", "frr.frr.frr"), "cisco_ios", "live", look, shell="linux")
