"""Indexed maps and their sources: changed, deleted, stale, damaged (postmap(1), postalias(1))."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

from pyremediate.lab.mutation.model import Action, Generator, Mutation, replaced, swapped
from pyremediate.lab.mutation.survey import Survey, reload_of


def _mutation(kind: str, path: str, sentence: str, difference: str, *actions: Action) -> Mutation:
    return Mutation(f"map.{kind}", path, sentence, (difference,), actions, reload_of("postfix"))


def _entry(survey: Survey, random: Random) -> tuple[str, int, str] | None:
    """A line of a map's source: path, number, the line."""
    found = [
        (path, number, line)
        for path in sorted(survey.data["maps"])
        for number, line in enumerate(survey.lines(path))
        if re.match(r"[^\s#]\S*\s+\S", line)
    ]
    return random.choice(found) if found else None


def _with_entry(kind: str, new: Callable[[str, Random], tuple[str, ...] | None], words: str, keep: bool) -> Generator:
    """A kind that changes one entry; without ``keep`` only the index has it, and the source is as it was."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        found = _entry(survey, random)
        lines = new(found[2], random) if found else None
        if found is None or lines is None:
            return None
        path, number, line = found
        told = " ".join(line.split())
        action = {"do": "index", "path": path, "text": replaced(survey.lines(path), number, *lines), "keep": keep}
        return _mutation(
            kind, path, words.format(entry=told, path=path), f"{path}: {told} → {' '.join(lines) or 'gone'}", action
        )

    return generate


def _misspelt(line: str, random: Random) -> tuple[str, ...] | None:
    """The entry with one of its two sides mistyped."""
    key, gap, value = re.split(r"(\s+)", line, maxsplit=1)
    sides = [swapped(key, random), swapped(value, random)]
    choices = [text for text in (sides[0] and sides[0] + gap + value, sides[1] and key + gap + sides[1]) if text]
    return (random.choice(choices),) if choices else None


def _gone(line: str, random: Random) -> tuple[str, ...]:
    return ()


def _on_file(kind: str, ending: str, action: Action, words: str) -> Generator:
    """A kind that damages a map's source or index as a file."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        paths = [path + ending for path in sorted(survey.data["maps"]) if path + ending in survey.files]
        if not paths:
            return None
        path = random.choice(paths)
        return _mutation(kind, path, words.format(path=path), f"{path}: {kind}", {**action, "path": path})

    return generate


KINDS: Mapping[str, Generator] = {
    "map.entry_deleted": _with_entry("entry_deleted", _gone, "{path} lost the entry {entry}", keep=True),
    "map.entry_changed": _with_entry("entry_changed", _misspelt, "In {path} the entry {entry} is mistyped", keep=True),
    "map.stale": _with_entry(
        "stale", _gone, "The index of {path} is older than its source: {entry} is not in it", keep=False
    ),
    "map.source_deleted": _on_file(
        "source_deleted", "", {"do": "delete"}, "The source {path} is gone; its index is still there"
    ),
    "map.index_deleted": _on_file("index_deleted", ".db", {"do": "delete"}, "The index {path} is gone"),
    "map.index_truncated": _on_file(
        "index_truncated", ".db", {"do": "truncate", "size": 512}, "The index {path} is cut off after 512 bytes"
    ),
}
