"""Preventive measures that people set down: the view of the journal's entries. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pyremediate.journal import Entry

KINDS = ("measure", "measure_done")


@dataclass(frozen=True)
class Measure:
    """One thing to be done, so that it does not happen again; numbered within its incident, from 1."""

    incident: str
    host: str
    number: int
    text: str
    owner: str
    due: date
    stated_by: str
    done_at: datetime | None = None
    done_by: str = ""
    remark: str = ""  # of whoever did it

    def overdue(self, today: date) -> bool:
        """Still open after the day on which it was due?"""
        return self.done_at is None and self.due < today


def measures(entries: Sequence[Entry]) -> tuple[Measure, ...]:
    """The measures of any incidents' entries, in the order of their due dates."""
    ends = {(entry.incident, entry.payload["number"]): entry for entry in entries if entry.kind == "measure_done"}
    found = [_measure(entry, ends.get((entry.incident, entry.payload["number"]))) for entry in entries if entry.kind == "measure"]
    return tuple(sorted(found, key=lambda measure: (measure.due, measure.incident, measure.number)))


def _measure(entry: Entry, end: Entry | None) -> Measure:
    payload = entry.payload
    return Measure(
        incident=entry.incident,
        host=entry.host,
        number=payload["number"],
        text=payload["text"],
        owner=payload["owner"],
        due=date.fromisoformat(payload["due"]),
        stated_by=entry.actor,
        done_at=end.time if end else None,
        done_by=end.actor if end else "",
        remark=end.payload["text"] if end else "",
    )
