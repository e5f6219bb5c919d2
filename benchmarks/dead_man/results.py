"""The cuts on record: one JSON line each, appended when a cut is over, so that an interrupted drill goes on where it was."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from benchmarks.dead_man.cut import Cut, from_json

FIX = "fix.json"  # what the fix that was cut off said


def read(directory: Path) -> list[Cut]:
    """All of them, in the order in which they were made; of one that was made twice the last. A torn line is left out."""
    file = directory / "cuts.jsonl"
    found = {}
    for line in file.read_text().splitlines() if file.is_file() else []:
        try:
            cut = from_json(json.loads(line))
        except json.JSONDecodeError:
            continue
        found[cut.key] = cut
    return list(found.values())


def append(directory: Path, cut: Cut) -> None:
    """Add a line, on a line of its own even after one that was cut off."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "cuts.jsonl").open("a+") as stream:
        stream.seek(0)
        text = stream.read()
        stream.write(("\n" if text and not text.endswith("\n") else "") + json.dumps(dataclasses.asdict(cut)) + "\n")


def keep(directory: Path, cut: Cut) -> None:
    """What the fix said, as the evidence of a cut that did not end well."""
    said = directory / FIX
    if said.is_file():
        said.replace(directory / f"{cut.key.replace('/', '_')}.json")
