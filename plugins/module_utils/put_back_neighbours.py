# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Neighbours that somebody wrote down, whatever a host itself says of its link-layer address (ip-neighbour(8)).

    {"eth2": "02:61:00:00:02:10"}      by interface; {} is none: the address is asked for

Named by the address. What was learnt changes by itself and is not told.
"""

from __future__ import annotations

import json

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run


def look(names):
    """{address: state}. Raises ``OSError`` where the neighbours cannot be read."""
    done = run(["ip", "-json", "neighbour", "show", "nud", "permanent"])
    if not done.ok:
        raise OSError("the neighbours cannot be read: " + done.words())
    found = {name: {} for name in names}
    for entry in json.loads(done.out or "[]"):
        found.setdefault(entry["dst"], {})[entry["dev"]] = entry.get("lladdr", "")
    return {name: found[name] for name in names}


def put_back(name, wanted):
    """Make it so; returns what went wrong, or nothing."""
    wrong = [done.words() for done in map(run, commands(name, wanted, look([name])[name])) if not done.ok]
    return "; ".join(wrong)


def commands(name, wanted, now):
    """The commands that lead from one state to the other; pure."""
    gone = [["ip", "neighbour", "del", name, "dev", interface] for interface in now if interface not in wanted]
    return gone + [
        ["ip", "neighbour", "replace", name, "lladdr", mac, "nud", "permanent", "dev", interface]
        for interface, mac in wanted.items()
        if now.get(interface) != mac
    ]
