# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interfaces, routes, the packet filter, and kernel settings."""

from __future__ import annotations

import json

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_settings as settings
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.firewall import observe_firewall


def observe(request, notes):
    """The section ``network``."""
    return {
        "interfaces": _interfaces(notes),
        "routes": _routes(notes),
        "firewall": observe_firewall(),
        "settings": settings.look(settings.NAMES),
    }


def _interfaces(notes):
    entries = _listed(["ip", "-j", "address"], notes)
    return None if entries is None else [interface_from(entry) for entry in entries if entry.get("ifname")]


def interface_from(entry):
    """One interface from ``ip -j address``. A loopback device says UNKNOWN when it is up: it has no carrier."""
    flags = entry.get("flags", [])
    state = entry.get("operstate", "UNKNOWN").lower()
    if state == "unknown":
        state = "up" if "UP" in flags else "down"
    return {
        "name": entry["ifname"],
        "state": state,
        "mtu": entry.get("mtu"),
        "addresses": [f"{each['local']}/{each['prefixlen']}" for each in entry.get("addr_info", []) if "local" in each],
    }


def _routes(notes):
    found = []
    for family, suffix in routes.FAMILIES:
        entries = _listed(["ip", family, "-j", "route"], notes)
        if entries is None:
            return None
        found += [route_from(entry, suffix) for entry in entries]
    return found


def route_from(entry, suffix=""):
    """One route from ``ip -j route``; ``type`` tells a blackhole or an unreachable from an ordinary one.

    ``name`` is by what the kernel tells it from others; empty where it is announced, or has several ways.
    """
    name, state = routes.named(entry, suffix)
    return dict(state, name=name)


def _listed(argv, notes):
    answer = run(argv)
    if not answer.ok:
        notes.append(f"{' '.join(argv)}: {answer.reason}")
        return None
    try:
        return json.loads(answer.stdout or "[]")
    except ValueError:
        notes.append(f"{' '.join(argv)}: not JSON")
        return None
