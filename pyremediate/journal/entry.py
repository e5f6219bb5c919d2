"""One entry of the journal, and the hash that chains it to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FIRST = "0" * 64  # what the first entry names as the hash before it
TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    seq: int
    incident: str
    host: str
    time: datetime
    actor: str
    stage: str
    kind: str
    payload: Mapping[str, Any]
    previous: str
    hash: str


def canonical(value: Any) -> str:
    """The one JSON text of a value: keys sorted, no spaces, ASCII alone, which every database gives back unchanged."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def digest(row: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a row without its own hash. The payload counts as the text that is stored."""
    content = {name: value for name, value in row.items() if name != "hash"}
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def row_after(last: tuple[int, str] | None, content: Mapping[str, Any], time: datetime) -> dict[str, Any]:
    """The next row of the chain, after the (seq, hash) of the last."""
    seq, previous = last or (0, FIRST)
    row = {
        **content,
        "seq": seq + 1,
        "time": time.astimezone(UTC).strftime(TIME),
        "payload": canonical(content["payload"]),
        "previous": previous,
    }
    return {**row, "hash": digest(row)}


def from_row(row: Mapping[str, Any]) -> Entry:
    """A stored row as a value."""
    time = datetime.strptime(row["time"], TIME).replace(tzinfo=UTC)
    return Entry(**{**row, "time": time, "payload": json.loads(row["payload"])})


def fault_of(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """Why a row does not continue the chain; empty when it does."""
    last, previous = (before["seq"], before["hash"]) if before else (0, FIRST)
    if row["seq"] != last + 1:
        return f"entries are missing between {last} and it"
    if row["previous"] != previous:
        return "it does not follow from the entry before it"
    if row["hash"] != digest(row):
        return "it is not as it was written"
    return ""
