"""Arista EOS: JSON for all but the access lists, whose JSON differs between releases and whose text is IOS's grammar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyremediate.network.drivers import access_lists
from pyremediate.network.drivers.driver import Driver
from pyremediate.network.evidence import DeviceEvidence, Interface, LldpNeighbour, Neighbour, Route, Vlan
from pyremediate.network.reading import Reading, gathered, mac
from pyremediate.network.session import Session

RUNNING = "show running-config"


def look(device: str, session: Session, shell: Session) -> DeviceEvidence:
    """Everything that the command line tells; a shell is not needed."""
    reading = Reading(session)
    running = reading.part(
        "filters.direction", lambda: reading.text(RUNNING)
    )  # None: where lists are applied is not known
    parts = {
        "version": lambda: str(reading.data("show version | json")["version"]),
        "interfaces": lambda: tuple(
            _interface(*item) for item in reading.data("show interfaces | json")["interfaces"].items()
        ),
        "routes": lambda: (
            *_routes(reading.data("show ip route vrf all | json")),
            *_routes(reading.data("show ipv6 route vrf all | json")),
        ),
        "neighbours": lambda: _neighbours(reading.data("show arp vrf all | json")),
        "filters": lambda: access_lists.rules(reading.text("show ip access-lists"), running),
        "vlans": lambda: tuple(_vlan(*item) for item in reading.data("show vlan | json")["vlans"].items()),
        "lldp": lambda: _lldp(reading.data("show lldp neighbors detail | json")),
        "running": lambda: reading.text(RUNNING),
        "saved": lambda: reading.text("show startup-config"),
    }
    reading.cannot(("filters.ipv6",), "only access lists of IPv4 are read on EOS")
    return gathered(device, "eos", reading, parts)


def _interface(name: str, entry: Mapping[str, Any]) -> Interface:
    status, statistics = entry["interfaceStatus"], entry.get("interfaceCounters")
    detail = {**(statistics or {}).get("inputErrorsDetail", {}), **(statistics or {}).get("outputErrorsDetail", {})}
    plain = (
        {
            key: statistics[key]
            for key in ("totalInErrors", "totalOutErrors", "inDiscards", "outDiscards")
            if key in statistics
        }
        if statistics
        else {}
    )
    return Interface(
        name=name,
        up=status == "connected" and entry["lineProtocolStatus"] == "up",
        admin_up=status not in {"disabled", "adminDown"},
        mtu=entry.get("mtu"),
        addresses=tuple(_addresses(entry)),
        mac=mac(entry.get("physicalAddress")),
        description=entry.get("description", ""),
        errors={**plain, **detail} if statistics else None,
        counters={"in_packets": _packets(statistics, "in"), "out_packets": _packets(statistics, "out")}
        if statistics
        else None,
    )


def _addresses(entry: Mapping[str, Any]) -> list[str]:
    """IPv4 and IPv6 addresses; 0.0.0.0 stands for none."""
    found: list[Mapping[str, Any]] = []
    for group in entry.get("interfaceAddress", ()):
        found += [group["primaryIp"], *group.get("secondaryIpsOrderedList", ())]
    four = [f"{each['address']}/{each['maskLen']}" for each in found if each["address"] != "0.0.0.0"]
    six = entry.get("interfaceAddressIp6", {}).get("globalUnicastIp6s", ())
    return [*four, *(f"{each['address']}/{each['subnet'].partition('/')[2]}" for each in six)]


def _packets(statistics: Mapping[str, Any], way: str) -> int:
    return sum(int(statistics.get(f"{way}{kind}Pkts", 0)) for kind in ("Ucast", "Multicast", "Broadcast"))


def _routes(data: Mapping[str, Any]) -> list[Route]:
    return [
        Route(
            prefix, hop.get("nexthopAddr", ""), hop.get("interface", ""), entry.get("routeType", "").lower(),
            selected=bool(entry.get("kernelProgrammed", True)), discards=entry.get("routeAction") in {"drop", "discard", "reject"},
            vrf="" if vrf == "default" else vrf,
        )
        for vrf, table in data["vrfs"].items()
        for prefix, entry in table["routes"].items()
        for hop in entry.get("vias") or [{}]
    ]  # fmt: skip


def _neighbours(data: Mapping[str, Any]) -> tuple[Neighbour, ...]:
    """An entry that never ages is a static one. The interface may be told with the port behind it ("Vlan1, Ethernet3")."""
    return tuple(
        Neighbour(
            entry["address"],
            mac(entry["hwAddress"]),
            entry["interface"].split(",")[0],
            "dynamic" if "age" in entry else "static",
        )
        for table in data["vrfs"].values()
        for entry in table["ipV4Neighbors"]
    )


def _vlan(number: str, entry: Mapping[str, Any]) -> Vlan:
    return Vlan(int(number), entry.get("name", ""), tuple(sorted(entry.get("interfaces", ()))))


def _lldp(data: Mapping[str, Any]) -> tuple[LldpNeighbour, ...]:
    return tuple(
        LldpNeighbour(
            interface, each.get("systemName", ""), each.get("neighborInterfaceInfo", {}).get("interfaceId", "").strip('"'),
            next((address["address"] for address in each.get("managementAddresses", ())), ""),
        )
        for interface, entry in data["lldpNeighbors"].items()
        for each in entry["lldpNeighborInfo"]
    )  # fmt: skip


DRIVER = Driver("eos", ("eos", "arista.eos.eos"), "arista_eos", "recordings", look)
