"""A device's configuration as lines in their sections, without what changes by itself. Pure.

A section is a line and what is indented below it (IOS, EOS, FRR), or a menu (RouterOS); ``set …`` commands have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

# Told by a device about a listing, not configured by anybody.
_TOLD = re.compile(
    r"\s*(?:[!#].*|//.*|)$|(?:Building configuration|Current configuration|Using \d+ out of|ntp clock-period|"
    r"\{master:\d+\}|exit\s*$|end\s*$)",
    re.IGNORECASE,
)
_CONTINUED = re.compile(r"\\\r?\n\s*")  # RouterOS breaks long lines
GLOBAL = "(global)"


class Hunk(NamedTuple):
    """Lines of one section that are gone and that came in their place, and the line before them."""

    section: str
    was: list[str]
    now: list[str]
    before: str


def _lines(text: str) -> list[tuple[int, str]]:
    """(depth, line) of what somebody configured. Below a menu of RouterOS (``/ip address``) lines are not indented."""
    whole = _CONTINUED.sub(" ", text)
    kept = [line.rstrip() for line in whole.splitlines() if not _TOLD.match(line)]
    menus = any(line.startswith("/") for line in kept)
    return [(len(line) - len(line.lstrip()) + (menus and line[:1] != "/"), line.strip()) for line in kept]


def _paths(text: str) -> list[tuple[str, ...]]:
    """Each line with the lines above it that it is indented below."""
    above: list[tuple[int, str]] = []
    found: list[tuple[str, ...]] = []
    for depth, line in _lines(text):
        above = [*((level, title) for level, title in above if level < depth), (depth, line)]
        found.append(tuple(title for _, title in above))
    return found


def _sections(paths: list[tuple[str, ...]], openers: set[tuple[str, ...]]) -> dict[str, list[str]]:
    """Section to its lines, in order; a line that opens a section stands in it, as its first."""
    found: dict[str, list[str]] = {}
    for way in paths:
        place = way if way in openers else way[:-1]
        found.setdefault(" / ".join(place) or GLOBAL, []).append(way[-1])
    return found


def hunks(was: str, now: str) -> list[Hunk]:
    """Where two configurations differ, section by section."""
    paths = _paths(was), _paths(now)
    openers = {way[:-1] for side in paths for way in side}  # of either: a section that has become empty is still one
    before, after = (_sections(side, openers) for side in paths)
    return [
        hunk
        for name in dict.fromkeys([*before, *after])
        for hunk in _of_section(name, before.get(name, []), after.get(name, []))
    ]


def _of_section(name: str, was: list[str], now: list[str]) -> Iterator[Hunk]:
    for kind, low, high, start, end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Hunk(name, was[low:high], now[start:end], was[low - 1] if low else "")
