# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Routes of the main table as they were, one by one (ip-route(8)).

    {"destination": "10.61.1.0/24", "gateway": "10.61.2.2", "interface": "eth1", "type": "unicast", …}      {} is no route

A route is named by what the kernel tells it by: its destination, its metric, its family.
"""

from __future__ import annotations

import json

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

FAMILIES = (("-4", ""), ("-6", " inet6"))
BY_HAND = ("boot", "static")  # the protocols of a route that somebody wrote down (ip-route(8))
# Our names, those of "ip -json route", and the words of "ip route replace".
FURTHER = (
    ("metric", "metric", "metric"),
    ("source", "prefsrc", "src"),
    ("scope", "scope", "scope"),
    ("protocol", "protocol", "proto"),
)


def named(entry, suffix):
    """(name, state) of an entry of ``ip -json route``; no name where it cannot be put back: many ways, or by announcement."""
    state = {
        "destination": entry.get("dst", ""),
        "gateway": entry.get("gateway") or entry.get("via", {}).get("host"),
        "interface": entry.get("dev"),
        "type": entry.get("type", "unicast"),
    }
    state.update((ours, entry[theirs]) for ours, theirs, _ in FURTHER if theirs in entry)
    metric = " metric %s" % entry["metric"] if "metric" in entry else ""
    lasts = "nexthops" not in entry and entry.get("protocol") != "ra"
    return (state["destination"] + metric + suffix if lasts else "", state)


def look(names):
    """{name: state}. Raises ``OSError`` where the routes cannot be read."""
    found = dict(named(entry, suffix) for suffix, entry in _told())
    return {name: found.get(name, {}) for name in names}


def through(interfaces):
    """The names of the routes that are written down and lead through one of them, which go when it is switched off (ip-link(8)).

    Those of the kernel come back with the interface, and those of a daemon (DHCP, a routing protocol, zebra's, which have a
    nexthop id) are its own to bring back. Raises ``OSError`` where the routes cannot be read.
    """
    written = [
        (suffix, entry) for suffix, entry in _told() if entry.get("protocol", "boot") in BY_HAND and "nhid" not in entry
    ]
    names = (named(entry, suffix)[0] for suffix, entry in written if entry.get("dev") in interfaces)
    return [name for name in names if name]


def _told():
    """(suffix of its name, entry) of every route. Raises ``OSError`` where they cannot be read."""
    found = []
    for family, suffix in FAMILIES:
        done = run(["ip", family, "-json", "route"])
        if not done.ok and family == "-4":
            raise OSError("the routes cannot be read: " + done.words())
        found += [(suffix, entry) for entry in json.loads((done.out if done.ok else "") or "[]")]
    return found


def put_back(name, wanted):
    """Make the route so; returns what went wrong, or nothing."""
    done = run(command(name, wanted))
    return "" if done.ok else done.words()


def command(name, wanted):
    """The command that makes the route so; pure."""
    family = "-6" if name.endswith(" inet6") else "-4"
    if not wanted:
        words = name[: -len(" inet6")].split() if family == "-6" else name.split()
        return ["ip", family, "route", "del"] + words
    words = [] if wanted["type"] == "unicast" else [wanted["type"]]
    words.append(wanted["destination"])
    words += ["via", wanted["gateway"]] if wanted["gateway"] else []
    words += ["dev", wanted["interface"]] if wanted["interface"] and wanted["type"] == "unicast" else []
    for ours, _, theirs in FURTHER:
        words += [theirs, str(wanted[ours])] if wanted.get(ours) is not None else []
    return ["ip", family, "route", "replace"] + words
