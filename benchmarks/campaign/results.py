"""The runs on record: one JSON line each, appended when a run is over, so that an interrupted campaign goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Lock

from benchmarks.campaign.run import Run, from_json, to_json

_appending = Lock()


def read(directory: Path) -> list[Run]:
    """All of them, sorted by campaign and seed; of a run that was made twice the last. A line that a kill cut off is left out."""
    file = directory / "runs.jsonl"
    found = {}
    for line in file.read_text().splitlines() if file.is_file() else []:
        try:
            run = from_json(json.loads(line))
        except json.JSONDecodeError:
            continue
        found[run.key] = run
    return sorted(found.values(), key=lambda run: (run.pair, not run.rules, run.seed))


def append(directory: Path, run: Run) -> None:
    """Add a line, on a line of its own even after one that was cut off."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "runs.jsonl"
    with _appending, file.open("a+") as stream:
        stream.seek(0)
        cut_off = file.stat().st_size and not stream.read().endswith("\n")
        stream.write(("\n" if cut_off else "") + json.dumps(to_json(run)) + "\n")
