# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Interfaces as they were: switched on or off, MTU, addresses (ip-link(8), ip-address(8)).

    {"up": True, "mtu": 1500, "addresses": ["10.61.2.2/24"]}      {} is no such interface

Link-local addresses come and go with the interface itself, so they are not told.
"""

from __future__ import annotations

import json

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run


def look(names):
    """{name: state}. Raises ``OSError`` where the interfaces cannot be read."""
    done = run(["ip", "-json", "address", "show"])
    if not done.ok:
        raise OSError("the interfaces cannot be read: " + done.words())
    found = {entry["ifname"]: state_of(entry) for entry in json.loads(done.out or "[]") if entry}
    return {name: found.get(name, {}) for name in names}


def state_of(entry):
    """The state in an entry of ``ip -json address``; pure."""
    addresses = ["%(local)s/%(prefixlen)d" % each for each in entry.get("addr_info", []) if each.get("scope") != "link"]
    return {"up": "UP" in entry.get("flags", []), "mtu": entry["mtu"], "addresses": sorted(addresses)}


def put_back(name, wanted):
    """Make the interface so; returns what went wrong, or nothing."""
    now = look([name])[name]
    if not now or not wanted:
        return "" if now == wanted else "%s: an interface can be neither made nor removed" % name
    wrong = []
    for command in commands(name, wanted, now):
        done = run(command)
        wrong += [] if done.ok else [done.words()]
    return "; ".join(wrong)


def commands(name, wanted, now):
    """The commands that lead from one state to the other; pure. What was added goes first: it may stand in the way."""
    found = [
        ["ip", "address", "del", each, "dev", name] for each in now["addresses"] if each not in wanted["addresses"]
    ]
    if wanted["mtu"] != now["mtu"]:
        found.append(["ip", "link", "set", "dev", name, "mtu", str(wanted["mtu"])])
    if wanted["up"] != now["up"]:
        found.append(["ip", "link", "set", "dev", name, "up" if wanted["up"] else "down"])
    # All that are wanted: with an address that is deleted go those that were secondary to it (ip-address(8)).
    return found + [_address(name, each) for each in wanted["addresses"]]


def _address(name, address):
    return ["ip", "address", "replace", address] + ([] if ":" in address else ["brd", "+"]) + ["dev", name]
