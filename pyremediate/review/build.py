"""The review of one incident: its entries, the targets and the host's earlier incidents in; one value out. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pyremediate.comparison.differences import named_in
from pyremediate.journal import Entry, IncidentSummary, steps
from pyremediate.model import moment
from pyremediate.report import report as reporting
from pyremediate.review import people, times
from pyremediate.review.lessons import lessons
from pyremediate.review.values import Change, Impact, Review
from pyremediate.settings import ReviewTargets
from pyremediate.sign_off.standing import Standing

LONGEST = 200  # characters of a value; the bundle has them whole


def build(
    entries: Sequence[Entry],
    targets: ReviewTargets,
    earlier: Sequence[IncidentSummary] = (),
    sign_off: Standing | None = None,
    told: Sequence[Entry] = (),
) -> Review:
    """``earlier`` are the host's incidents that began before this one, the newest first.

    ``told`` are the notices about an outage that an earlier incident found and this one took up: they are on record there.
    """
    report, began = reporting.build(entries, sign_off), times.beginning(entries, earlier)
    quiet = report["outcome"] == "healthy" and not report["actions"]  # there was nothing to be detected or repaired
    intervals, notices = () if quiet else times.intervals(entries, began, targets), people.notices([*told, *entries])
    ends = [entry.time for entry in entries if entry.kind == "end"]
    return Review(
        report=report,
        entries=tuple(entries),
        began=entries[0].time,
        ended=ends[-1] if ends else None,
        restored=times.restored(entries),
        beginning=began,
        intervals=intervals,
        impact=_impact(report, began.at or entries[0].time, None if quiet else times.restored(entries)),
        changes=_changes(entries),
        notices=notices,
        signatures=people.signatures(entries),
        statements=people.statements(entries),
        measures=people.measures(entries, report["prevention"]),
        lessons=lessons(entries, report, intervals, began, notices, earlier),
    )


def _impact(report: Mapping[str, Any], began: datetime, restored: datetime | None) -> Impact:
    """From the first sign, or where none is on record from the opening, until mail flowed again."""
    ledger = report["ledger"]
    counts = ledger["counts"] if ledger else {}
    return Impact(
        seconds=(restored - began).total_seconds() if restored else None,
        delayed=sum(counts.get("queued", {}).values()) if ledger and ledger["since"] else None,
        fates=counts,
    )


def _changes(entries: Sequence[Entry]) -> tuple[Change, ...]:
    """What could have broken mail, the newest first; what is harmless is not suspected."""
    looks = [entry.payload["look"] for entry in entries if entry.kind == "look"]
    back = {
        (each["kind"], each["name"])
        for step in steps(entries)
        if step.state == "kept"
        for each in named_in(step.remedy.variables)
    }
    suspected = [each for each in looks[0]["differences"] if not each.get("harmless")] if looks else []
    suspected.sort(key=lambda each: str(each.get("since") or ""), reverse=True)
    return tuple(_change(each, (each["kind"], each["name"]) in back) for each in suspected)


def _change(difference: Mapping[str, Any], back: bool) -> Change:
    withheld = (
        difference.get("secret") or difference["aspect"] == "content"
    )  # secrets, and digests that tell nobody anything
    return Change(
        kind=difference["kind"],
        name=difference["name"],
        aspect=difference["aspect"],
        was=None if withheld else _value(difference.get("was")),
        now=None if withheld else _value(difference.get("is")),
        since=moment(difference["since"]) if difference.get("since") else None,
        became="put_back" if back else "left",
    )


def _value(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        value = " ".join(value)
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
