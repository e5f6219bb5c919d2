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
    found = {}
    for family, suffix in FAMILIES:
        done = run(["ip", family, "-json", "route"])
        if not done.ok and family == "-4":
            raise OSError("the routes cannot be read: " + done.words())
        found.update(named(entry, suffix) for entry in json.loads((done.out if done.ok else "") or "[]"))
    return {name: found.get(name, {}) for name in names}


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
