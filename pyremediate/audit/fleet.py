"""Hosts of one group compared with each other: the one that differs from its siblings, without any known good. Pure.

What is different on each host (its name, its keys) has no usual value, and so nobody is odd in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyremediate.audit.values import Odd
from pyremediate.model import Evidence

SMALLEST = 3  # hosts of a group: of two nobody is the odd one
ABSENT = "(not there)"
Things = Mapping[str, Mapping[str, str]]  # kind to name to value


def odd_ones(seen: Mapping[str, Evidence], groups: Mapping[str, Sequence[str]]) -> tuple[Odd, ...]:
    """What two thirds of a group have alike and a host has not; told once, of the largest group in which it is so."""
    things = {host: things_of(evidence) for host, evidence in seen.items()}
    members = {group: [host for host in dict.fromkeys(hosts) if host in things] for group, hosts in groups.items()}
    found: dict[tuple[str, str, str], Odd] = {}
    for group in sorted(members, key=lambda name: (-len(members[name]), name)):
        if len(members[group]) >= SMALLEST:
            for odd in _of_group(group, {host: things[host] for host in members[group]}):
                found.setdefault((odd.host, odd.kind, odd.name), odd)
    return tuple(sorted(found.values(), key=lambda odd: (odd.host, odd.kind, odd.name)))


def _of_group(group: str, things: Mapping[str, Things]) -> Iterator[Odd]:
    for kind in sorted({kind for own in things.values() for kind in own}):
        known = {host: own[kind] for host, own in things.items() if kind in own}  # of the others it could not be observed
        if len(known) < SMALLEST:
            continue
        for name, usual, alike in _usual(known):
            for host, own in known.items():
                if (value := own.get(name, ABSENT)) != usual:
                    yield Odd(host, kind, name, value, usual, group, alike, len(known))


def _usual(known: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, int]]:
    """Of each name in which not all are alike, and two thirds are: (name, its usual value, how many have it)."""
    counts, there = Counter[tuple[str, str]](), Counter[str]()
    for own in known.values():
        counts.update(own.items())
        there.update(own.keys())
    best = {name: (len(known) - number, ABSENT) for name, number in there.items()}
    for (name, value), number in counts.items():
        best[name] = max(best[name], (number, value))
    for name, (alike, usual) in sorted(best.items()):
        if len(known) > alike >= len(known) * 2 / 3:
            yield name, usual, alike


def things_of(evidence: Evidence) -> dict[str, dict[str, str]]:
    """What can be compared between hosts, by kind and name; a section that was not observed has no kind."""
    data = evidence.data()
    found: dict[str, dict[str, str]] = {}
    if postfix := data.get("postfix"):
        found["postfix.parameter"] = _texts(postfix["main"]["parameters"])
        found["postfix.service"] = _texts(postfix["services"])
    if settings := data.get("dovecot", {}).get("settings"):
        found["dovecot.setting"] = _texts(settings)
    if packages := data.get("packages"):
        found["package"] = _texts(packages["installed"])
    if services := data.get("services"):
        found["unit"] = {name: str(unit["enabled"]) for name, unit in services["units"].items()}
    if settings := data.get("network", {}).get("settings"):
        found["sysctl"] = _texts(settings)
    if files := data.get("files"):
        tracked = files["tracked"].items()
        found["file"] = {path: f"{entry['mode']} {entry['owner']}:{entry['group']}" for path, entry in tracked}
        found["file content"] = {path: str(entry["digest"])[:19] for path, entry in tracked if entry["digest"]}
    return found


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: " ".join(_words(value)) for name, value in values.items()}


def _words(value: Any) -> list[str]:
    """White space and the order of options mean nothing."""
    if isinstance(value, Mapping) and "columns" in value:
        options = [f"-o {name}={item}" for name, item in sorted(value.get("options", {}).items())]
        return [*str(value["columns"]).split(), *options]
    return str(value).split()
