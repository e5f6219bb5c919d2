"""What was measured so far, one JSON line each, appended when it is over: an interrupted campaign goes on where it was."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def read(file: Path) -> Iterator[Any]:
    """The lines as data, in their order. A line that a kill cut off is left out."""
    for line in file.read_text().splitlines() if file.is_file() else []:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue


def append(file: Path, data: Any) -> None:
    """Add a line, on a line of its own even after one that was cut off; one at a time, whoever else appends (flock(2))."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        text = stream.read()
        stream.write(("\n" if text and not text.endswith("\n") else "") + json.dumps(data) + "\n")
