"""The parts of a board, one like the other: what it is, where it sits, how it is, and its serial number. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

KINDS: Mapping[str, str] = {
    "power_supplies": "power supply",
    "fans": "fan",
    "memory": "memory module",
    "drives": "drive",
    "temperatures": "temperature",
}


def of(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each part of a ``Board`` as JSON: {list (key of ``KINDS``), kind, name, slot, serial, model, health, words}.

    Fans, supplies and modules are called by their place; only a drive has a ``slot`` apart from its name. ``words``: what it shows.
    A drive that foretells its end is at least a Warning.
    """
    for list_, kind in KINDS.items():
        for part in board.get(list_) or ():
            yield {
                "list": list_,
                "kind": kind,
                "name": part["name"],
                "slot": part.get("slot") or part["name"],
                "serial": part.get("serial"),
                "model": part.get("model") or part.get("part"),
                "health": _health(part),
                "words": _words(kind, part),
            }


def _health(part: Mapping[str, Any]) -> str | None:
    health: str | None = part["health"]
    return "Warning" if part.get("failure_predicted") and health in (None, "OK") else health


def _words(kind: str, part: Mapping[str, Any]) -> str:
    if kind == "temperature":
        limit = f", where {part['critical']:g} is the limit" if part["critical"] is not None else ""
        return f"{part['celsius']:g} degrees Celsius{limit}" if part["celsius"] is not None else ""
    if kind == "fan":
        return f"{part['speed']:g} {part['unit']}" if part["speed"] is not None else ""
    if kind == "power supply":
        return f"{part['watts']:g} W" if part["watts"] is not None else ""
    return "it foretells its end" if part.get("failure_predicted") else ""
