"""Packets of the lab never leave this machine.

A lab address is real only while its bridge exists; without it the packet would follow the default route towards
somebody else's private network. An unreachable route over the whole range, worse than any bridge's own, stops it at
once (ip-route(8)).
"""

from __future__ import annotations

import ipaddress
import json
import subprocess
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pyremediate.errors import UsageError

METRIC = 999999


def lay(network: ipaddress.IPv4Network, bridges: Collection[str]) -> None:
    """Put the floor under the range; raises ``UsageError`` when somebody else's route is in it."""
    routes = _routes()
    foreign = conflicts(routes, network, bridges)
    if foreign:
        where = "; ".join(foreign)
        raise UsageError(f"{network} is already routed here ({where}); choose another range by PYREMEDIATE_LAB_RANGE")
    if not is_laid(network):
        _ip("route", "replace", "unreachable", str(network), "metric", str(METRIC))


def is_laid(network: ipaddress.IPv4Network) -> bool:
    """Only then may anything be sent to the range."""
    return any(_is_floor(route, network) for route in _routes())


def lift(network: ipaddress.IPv4Network) -> None:
    """Take the floor away, if it is there."""
    if is_laid(network):
        _ip("route", "del", "unreachable", str(network), "metric", str(METRIC))


def conflicts(
    routes: Iterable[Mapping[str, Any]], network: ipaddress.IPv4Network, bridges: Collection[str]
) -> list[str]:
    """Routes into the range that are neither the floor, nor the lab's own bridges, nor a default route."""
    found = []
    for route in routes:
        destination = _destination(route)
        if destination.prefixlen <= 1 or not destination.overlaps(network):  # two halves make a default route, too
            continue
        if not _is_floor(route, network) and route.get("dev") not in bridges:
            found.append(f"{route['dst']} by {route.get('dev') or route.get('type')}")
    return found


def _destination(route: Mapping[str, Any]) -> ipaddress.IPv4Network:
    return ipaddress.IPv4Network("0.0.0.0/0" if route["dst"] == "default" else route["dst"], strict=False)


def _is_floor(route: Mapping[str, Any], network: ipaddress.IPv4Network) -> bool:
    return route.get("type") == "unreachable" and _destination(route) == network and route.get("metric") == METRIC


def _routes() -> list[dict[str, Any]]:
    return list(json.loads(_ip("-4", "-json", "route", "show") or "[]"))


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False, timeout=10)
    if done.returncode:
        raise UsageError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
