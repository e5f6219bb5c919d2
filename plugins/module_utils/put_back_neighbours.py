# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Neighbours that somebody wrote down, whatever a host itself says of its link-layer address (ip-neighbour(8)).

    {"mac": "02:61:00:00:02:10"}      {} is none: the address is asked for

Named by address and interface: ``10.61.2.10 eth2``. What was learnt changes by itself and is not told.
"""

from __future__ import annotations

import json

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run


def look(names):
    """{name: state}. Raises ``OSError`` where the neighbours cannot be read."""
    done = run(["ip", "-json", "neighbour", "show", "nud", "permanent"])
    if not done.ok:
        raise OSError("the neighbours cannot be read: " + done.words())
    found = {
        "%s %s" % (entry["dst"], entry["dev"]): {"mac": entry.get("lladdr", "")}
        for entry in json.loads(done.out or "[]")
    }
    return {name: found.get(name, {}) for name in names}


def put_back(name, wanted):
    """Make it so; returns what went wrong, or nothing."""
    if look([name])[name] == wanted:
        return ""
    done = run(command(name, wanted))
    return "" if done.ok else done.words()


def command(name, wanted):
    """The command that makes it so; pure. Raises ``ValueError`` for what is no name of a neighbour."""
    address, _, interface = name.partition(" ")
    if not address or not interface or " " in interface:
        raise ValueError("%r is no neighbour: an address and an interface were expected" % name)
    if not wanted:
        return ["ip", "neighbour", "del", address, "dev", interface]
    return ["ip", "neighbour", "replace", address, "lladdr", wanted["mac"], "nud", "permanent", "dev", interface]
