"""The runs on record.

Beside them, in ``evidence/``, what the product said of each run that did not end in a repair.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import records
from benchmarks.campaign.run import Run, from_json, to_json

RUNS = "runs.jsonl"
MOST_CHARACTERS = 200_000  # of one text of the evidence: enough for an incident with all trials of a search


def read(directory: Path) -> list[Run]:
    """All of them, sorted by campaign and seed; of a run that was made twice the last."""
    runs = [from_json(data) for data in records.read(directory / RUNS)]
    return sorted({run.key: run for run in runs}.values(), key=lambda run: (run.pair, not run.rules, run.seed))


def append(directory: Path, run: Run) -> None:
    """Add one."""
    records.append(directory / RUNS, to_json(run))


def keep(directory: Path, run: Run, told: Mapping[str, Any]) -> None:
    """Write the run with its differences, and what the product said, to ``evidence/<run>.txt``; {name: text or answer}."""
    folder = directory / "evidence"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = {
        name: text if isinstance(text, str) else json.dumps(text, indent=1, ensure_ascii=False)
        for name, text in {"run": to_json(run), **told}.items()
    }
    texts = [f"==== {name} ====\n{_bounded(text)}\n" for name, text in parts.items()]
    (folder / f"{run.name}.txt").write_text("\n".join(texts))


def _bounded(text: str) -> str:
    """The beginning and the end of a text that is too long: what was found, and what came of it."""
    half = MOST_CHARACTERS // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n[… {left_out} characters …]\n{text[-half:]}" if left_out > 0 else text
