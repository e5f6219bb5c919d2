"""What the sensors of a lab host show: healthy, unless a file says otherwise. Pure but for ``load`` and ``save``.

The file has only what differs: ``{"fans": {"Fan 1": {"rpm": 0, "health": "Critical"}}}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

State = Mapping[str, Any]

HEALTHY: State = {
    "temperatures": {
        "Inlet": {"celsius": 24, "critical": 42, "health": "OK"},
        "CPU 1": {"celsius": 41, "critical": 95, "health": "OK"},
    },
    "fans": {"Fan 1": {"rpm": 5400, "health": "OK"}, "Fan 2": {"rpm": 5400, "health": "OK"}},
    "power_supplies": {
        "PSU 1": {"watts": 110, "health": "OK", "state": "Enabled", "serial": "PS1LAB"},
        "PSU 2": {"watts": 105, "health": "OK", "state": "Enabled", "serial": "PS2LAB"},
    },
    "memory": {
        "DIMM A1": {"mebibytes": 16384, "health": "OK", "serial": "DA1LAB", "part": "M393A2K40"},
        "DIMM B1": {"mebibytes": 16384, "health": "OK", "serial": "DB1LAB", "part": "M393A2K40"},
    },
    "drives": {
        "Disk 0": {"model": "ST4000NM0043", "serial": "D0LAB", "health": "OK", "failure_predicted": False, "slot": 0},
        "Disk 1": {"model": "ST4000NM0043", "serial": "D1LAB", "health": "OK", "failure_predicted": False, "slot": 1},
    },
    "events": [],  # {"at": "2026-11-25T01:02:03Z", "severity": "Critical", "message": "Fan 1 stands still"}
}
WORST_FIRST = ("Critical", "Warning", "OK")


def merged(was: Any, change: Any) -> Any:
    """``was`` with the change; mappings are merged, everything else is replaced."""
    if not (isinstance(was, Mapping) and isinstance(change, Mapping)):
        return change
    return {**was, **{key: merged(was.get(key), value) for key, value in change.items()}}


def health(state: State) -> str:
    """The worst of all parts (Redfish's HealthRollup)."""
    found = set(_healths(state))
    return next(each for each in WORST_FIRST if each in found or each == "OK")


def _healths(state: State) -> Iterator[str]:
    for parts in state.values():
        if isinstance(parts, Mapping):
            yield from (part["health"] for part in parts.values())


def load(path: Path) -> State:
    """The state that the file makes; without one everything is healthy."""
    changes = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    state: State = merged(HEALTHY, changes)
    return state


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Set what differs from healthy, at once: whoever reads sees the whole file or the one before it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(changes), encoding="utf-8")
    fresh.replace(path)
