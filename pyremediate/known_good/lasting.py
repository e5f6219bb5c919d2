"""An observation without what changes by itself, so that two captures of a host that nobody touched are equal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

# Ways from the section inwards; ``*`` is any key, and any place in a list.
PASSING = tuple(
    tuple(way.split(" "))
    for way in (
        "hardware", "log", "resources",
        "dns lookups * seconds",
        "files tracked * modified",
        "packages available", "packages history", "packages manager_locked", "packages updates",
        "postfix queue", "postfix running", "postfix services * line",
        "services failed", "services processes", "services start_limit_hit", "services listeners * pid",
        "services units * exit_status", "services units * main_pid", "services units * restarts", "services units * result",
        "services units * since",
        "tls certificates * days_left", "tls certificates * expired",
    )
)  # fmt: skip


def lasting(value: Any, *way: str) -> Any:
    """The part of the evidence at this way, without what passes."""
    if isinstance(value, Mapping):
        return {key: lasting(item, *way, key) for key, item in value.items() if not passes(*way, key)}
    if isinstance(value, (list, tuple)):
        return [lasting(item, *way, "*") for item in value]
    return value


def passes(*way: str) -> bool:
    """Does what is at this way change by itself?"""
    return any(len(way) == len(passing) and all(map(fnmatchcase, way, passing)) for passing in PASSING)
