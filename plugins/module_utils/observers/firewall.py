# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of nftables: as text that can be loaded again, and as single rules that can be compared."""

from __future__ import annotations

import re

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import run

HANDLE = re.compile(r"\s+# handle \d+$")
COUNTED = re.compile(r"\bcounter packets \d+ bytes \d+")
EXPIRES = re.compile(r"\s+expires \S+")
ELEMENTS = "elements = {"


def observe_firewall():
    """``available`` is whether the ruleset could be read; one that is empty was read."""
    # Stateless: without the values of counters, which change with every packet.
    answer = run(["nft", "--stateless", "list", "ruleset"])
    text = answer.stdout if answer.ok else ""
    return {"available": answer.ok, "ruleset": rules(text), "text": text, "error": answer.reason}


def rules(text):
    """Every table, chain, rule and set element as one string that says where it belongs, in the ruleset's own order.

    ``inet filter input: tcp dport 25 drop``
    """
    found, place, elements = [], [], None
    for line in map(_normal, text.splitlines()):
        if elements is not None or line.startswith(ELEMENTS):
            elements = f"{elements or ''} {line}"
            if line.endswith("}"):
                found += _elements(place, elements)
                elements = None
        elif line.endswith("{"):
            place.append(line[:-1].strip())
            found.append(" ".join(_names(place)))
        elif line == "}":
            place.pop()
        elif line:
            found.append(f"{' '.join(_names(place)[1:])}: {line}")
    return found


def _normal(line):
    return COUNTED.sub("counter", HANDLE.sub("", line)).strip()


def _names(place):
    """``["table inet filter", "chain input"]`` as ``["chain", "inet", "filter", "input"]``."""
    if not place:
        return ["", ""]
    table = place[0].split()[1:]
    if len(place) == 1:
        return ["table", *table]
    kind, *name = place[-1].split()
    return [kind, *table, *name]


def _elements(place, text):
    """The members of a set, one string each and sorted: their order means nothing."""
    inside = text.strip()[len(ELEMENTS) : -1]
    where = " ".join(_names(place)[1:])
    return sorted(f"{where}: element {EXPIRES.sub('', each.strip())}" for each in inside.split(",") if each.strip())
