"""The cuts on record."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from benchmarks import records
from benchmarks.dead_man.cut import Cut, from_json

CUTS = "cuts.jsonl"
FIX = "fix.json"  # what the fix that was cut off said


def read(directory: Path) -> list[Cut]:
    """All of them, in the order in which they were made; of one that was made twice the last."""
    cuts = [from_json(data) for data in records.read(directory / CUTS)]
    return list({cut.key: cut for cut in cuts}.values())


def append(directory: Path, cut: Cut) -> None:
    """Add one."""
    records.append(directory / CUTS, dataclasses.asdict(cut))


def keep(directory: Path, cut: Cut) -> None:
    """What the fix said, as the evidence of a cut that did not end well."""
    said = directory / FIX
    if said.is_file():
        said.replace(directory / f"{cut.key.replace('/', '_')}.json")
