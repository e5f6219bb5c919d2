"""What was done to which host, in the lab's state: one JSON line for each time, with all that takes it away again."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pyremediate.lab.description import Host, Lab
from pyremediate.lab.mutation.model import Mutation, from_json, to_json


def path(lab: Lab, host: Host) -> Path:
    """The host's record."""
    return lab.directory / "mutations" / f"{host.name}.jsonl"


def write(lab: Lab, host: Host, seed: int | str, mutations: Sequence[Mutation]) -> Path:
    """Add a line; only root reads it, for it holds the keys and passwords of the files that were damaged."""
    file = path(lab, host)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    entry = {
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "seed": seed, "mutations": [to_json(item) for item in mutations],
    }  # fmt: skip
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as stream:
        stream.write(json.dumps(entry) + "\n")
    return file


def read(lab: Lab, host: Host) -> list[tuple[Mutation, ...]]:
    """What was done, each time; the last at the end."""
    file = path(lab, host)
    entries = [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []
    return [tuple(from_json(item) for item in entry["mutations"]) for entry in entries]


def forget_last(lab: Lab, host: Host) -> None:
    """Take the last line away: it was undone."""
    file = path(lab, host)
    kept = file.read_text().splitlines()[:-1]
    file.write_text("".join(f"{line}\n" for line in kept))
