"""What a shell on a Linux router tells: iproute2 and nft in JSON. Shared by the platforms that are Linux below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyremediate.network.evidence import Interface, Neighbour, Route

ADDRESSES = "ip -j -s -d address show"
NEIGHBOURS = "ip -j neighbour show"
ROUTES = "ip -j -d route show table main"
ROUTES6 = "ip -j -d -6 route show table main"
RULES = "nft -j list ruleset"

_DISCARDS = frozenset({"blackhole", "unreachable", "prohibit"})
_DELIVERED = frozenset({"broadcast", "multicast", "anycast"})
_UNRESOLVED = frozenset({"INCOMPLETE", "FAILED"})


def interfaces(links: Sequence[Mapping[str, Any]]) -> tuple[Interface, ...]:
    """Of ``ip -j -s -d address show``."""
    return tuple(_interface(link) for link in links if link)  # ip prints {} for what -4 and -6 leave out


def _interface(link: Mapping[str, Any]) -> Interface:
    flags, info, stats = link.get("flags", ()), link.get("linkinfo", {}), link.get("stats64")
    found = [
        (side, name)
        for side in ("rx", "tx")
        for name in (stats or {}).get(side, {})
        if name not in {"bytes", "packets", "multicast"}
    ]
    return Interface(
        name=link["ifname"],
        up="LOWER_UP" in flags and link.get("operstate") != "DOWN",
        admin_up="UP" in flags,
        mtu=link.get("mtu"),
        addresses=tuple(f"{entry['local']}/{entry['prefixlen']}" for entry in link.get("addr_info", ())),
        mac="" if link.get("link_type") == "loopback" else link.get("address", ""),
        vlan=info["info_data"]["id"] if info.get("info_kind") == "vlan" else 0,
        description=link.get("ifalias", ""),
        errors={f"{side}_{name}": stats[side][name] for side, name in found} if stats else None,
        counters={"in_packets": stats["rx"]["packets"], "out_packets": stats["tx"]["packets"]} if stats else None,
    )


def neighbours(entries: Sequence[Mapping[str, Any]]) -> tuple[Neighbour, ...]:
    """Of ``ip -j neighbour show``."""
    return tuple(
        Neighbour(entry["dst"], entry.get("lladdr", ""), entry.get("dev", ""), _state(entry.get("state", ())))
        for entry in entries
    )


def _state(states: Sequence[str]) -> str:
    if "PERMANENT" in states:
        return "static"
    return "incomplete" if _UNRESOLVED & set(states) else "dynamic"


def routes(entries: Sequence[Mapping[str, Any]], default: str) -> tuple[Route, ...]:
    """Of ``ip -j -d route show``; ``default`` is what "default" means in this family."""
    return tuple(
        route for entry in entries if entry.get("type", "unicast") not in _DELIVERED for route in _ways(entry, default)
    )


def _ways(entry: Mapping[str, Any], default: str) -> list[Route]:
    prefix, kind = entry["dst"], entry.get("type", "unicast")
    prefix = default if prefix == "default" else prefix if "/" in prefix else f"{prefix}/{128 if ':' in prefix else 32}"
    gone = {"dead", "linkdown"}
    return [
        Route(
            prefix=prefix, via=hop.get("gateway") or hop.get("via", {}).get("host", ""), interface=hop.get("dev", ""),
            protocol={"kernel": "connected"}.get(entry.get("protocol", ""), entry.get("protocol", "")),
            selected=not gone & set(hop.get("flags", ())), discards=kind in _DISCARDS,
        )
        for hop in entry.get("nexthops", [entry])
    ]  # fmt: skip
