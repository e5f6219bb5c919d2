"""An incident as the view of its entries: its summary, its steps, whether it was left open. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pyremediate.journal.entry import Entry
from pyremediate.model import Remedy, Step

BEGUN, ENDED = frozenset({"intent", "undo"}), frozenset({"done", "kept", "undone"})
TELLING = ("begin", "diagnose", "end", *sorted(BEGUN | ENDED))  # the kinds that a summary needs


@dataclass(frozen=True)
class IncidentSummary:
    """One line of ``incident list``."""

    id: str
    host: str
    began: datetime
    ended: datetime | None
    outcome: str  # empty while there is none
    causes: tuple[str, ...]  # codes, the first diagnosed first
    open: bool


@dataclass(frozen=True)
class Unfinished:
    """An incident that was left in the middle, and what became of its steps as far as the record goes."""

    incident: str
    host: str
    began: datetime
    steps: tuple[Step, ...]


def summary(entries: Sequence[Entry]) -> IncidentSummary:
    """The summary of one incident's entries; the kinds in ``TELLING`` are enough."""
    first = entries[0]
    ends = [entry for entry in entries if entry.kind == "end"]
    outcome = ends[-1].payload.get("outcome") if ends else None
    causes = [code for entry in entries for code in _codes(entry.payload)]
    return IncidentSummary(
        id=first.incident,
        host=first.host,
        began=first.time,
        ended=ends[-1].time if ends else None,
        outcome=str((outcome.get("outcome") if isinstance(outcome, Mapping) else outcome) or ""),
        causes=tuple(dict.fromkeys(causes)),
        open=is_open(entries),
    )


def is_open(entries: Sequence[Entry]) -> bool:
    """Without an end, or with something begun after it (an undo, later) that has not ended."""
    kinds = [entry.kind for entry in entries]
    if "end" not in kinds:
        return True
    after = kinds[len(kinds) - kinds[::-1].index("end") :]
    moves = [kind for kind in after if kind in BEGUN | ENDED]
    return bool(moves) and moves[-1] in BEGUN


def steps(entries: Sequence[Entry]) -> tuple[Step, ...]:
    """The steps as the record leaves them. What was begun and never ended is "unknown": only the host can tell."""
    found: dict[int, Step] = {}
    for entry in entries:
        if entry.kind in BEGUN | ENDED and "step" in entry.payload:
            step = step_from(entry.payload["step"])
            if entry.kind in BEGUN:
                step = replace(step, state="unknown", reason=f"the record has its {entry.kind}, and no end of it")
            found[step.number] = step
    return tuple(found[number] for number in sorted(found))


def step_from(data: Mapping[str, Any]) -> Step:
    """The inverse of ``model.to_json`` for a step. Fields that a later version added are left out."""
    remedy, changed = remedy_from(data["remedy"]), tuple(data.get("changed", ()))
    return Step(**{**_known(Step, data), "remedy": remedy, "changed": changed})


def remedy_from(data: Mapping[str, Any]) -> Remedy:
    """The inverse of ``model.to_json`` for a remedy."""
    return Remedy(**_known(Remedy, data))


def _known(shape: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    names = {name.rstrip("_"): name for name in shape.__dataclass_fields__}
    return {names[key]: value for key, value in data.items() if key in names}


def _codes(payload: Mapping[str, Any]) -> list[str]:
    """The codes of the causes that a diagnosis names."""
    return [str(cause["code"]) for cause in payload.get("diagnosis", {}).get("causes", ())]
