"""Which other hosts a fault of a mail host broke as well, so that resetting the mail host leaves a whole lab.

Kept in the lab's directory, ``broken.json``: {mail host: [other hosts]}, written before anything is broken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from pyremediate.lab import keys
from pyremediate.lab.description import Lab

FILE = "broken.json"


def delegates(tasks: Path) -> frozenset[str]:
    """The hosts to which a fault's tasks are delegated, those in blocks too."""
    found: set[str] = set()
    waiting: list[Any] = list(yaml.safe_load(tasks.read_text(encoding="utf-8")) or [])
    while waiting:
        task = waiting.pop()
        found |= {task["delegate_to"]} if "delegate_to" in task else set()
        waiting += [inner for part in ("block", "rescue", "always") for inner in task.get(part, ())]
    return frozenset(found)


def note(lab: Lab, name: str, others: Iterable[str]) -> None:
    """Remember that breaking the host of that name breaks these as well."""
    if found := set(others):
        kept = _kept(lab)
        _write(lab, {**kept, name: sorted(found.union(kept.get(name, ())))})


def with_others(lab: Lab, name: str) -> tuple[str, ...]:
    """The host of that name, and those that were broken with it."""
    there = {host.name for host in lab.hosts}
    return (name, *(other for other in _kept(lab).get(name, ()) if other in there and other != name))


def forget(lab: Lab, names: Iterable[str]) -> None:
    """These are as new: nothing of them is broken any more, whosever fault it was."""
    new = set(names)
    _write(lab, {name: rest for name, others in _kept(lab).items() if (rest := [o for o in others if o not in new])})


def _kept(lab: Lab) -> Mapping[str, list[str]]:
    try:
        kept: Mapping[str, list[str]] = json.loads((lab.directory / FILE).read_text(encoding="utf-8"))
        return kept
    except FileNotFoundError:
        return {}


def _write(lab: Lab, kept: Mapping[str, list[str]]) -> None:
    wanted = {name: others for name, others in kept.items() if others}
    if wanted or (lab.directory / FILE).exists():
        keys.write(lab.directory / FILE, json.dumps(wanted).encode(), 0o644)
