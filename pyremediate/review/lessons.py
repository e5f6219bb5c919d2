"""What in the procedure an incident speaks for changing: each by what is on record, none by opinion. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pyremediate.journal import Entry, IncidentSummary, steps
from pyremediate.model import SEARCHED
from pyremediate.review.values import Beginning, Interval, Lesson, Notice

RECENT = timedelta(days=90)


def lessons(
    entries: Sequence[Entry],
    report: Mapping[str, Any],
    intervals: Iterable[Interval],
    beginning: Beginning,
    notices: Sequence[Notice],
    earlier: Sequence[IncidentSummary],
) -> tuple[Lesson, ...]:
    """The gravest first."""
    if report["outcome"] == "healthy" and not report["actions"]:
        return ()  # nothing happened from which to learn
    found = [
        *_of_mail(report),
        *_of_times(intervals, beginning),
        *_of_causes(entries, report, earlier),
        *_of_steps(entries),
        *([] if notices else [Lesson("nobody_told", {})]),
    ]
    return tuple(found)


def _of_mail(report: Mapping[str, Any]) -> Iterator[Lesson]:
    counts = (report["ledger"] or {}).get("counts", {})
    if missing := sum(fates.get("missing", 0) for fates in counts.values()):
        yield Lesson("mail_missing", {"count": missing})


def _of_times(intervals: Iterable[Interval], beginning: Beginning) -> Iterator[Lesson]:
    for interval in intervals:
        if interval.verdict == "missed":
            yield Lesson(f"{interval.name}_missed", {"spent": interval.seconds, "target": interval.target})
    if beginning.at is None:
        yield Lesson("beginning_not_known", {})


def _of_causes(
    entries: Sequence[Entry], report: Mapping[str, Any], earlier: Sequence[IncidentSummary]
) -> Iterator[Lesson]:
    looks = [entry.payload["look"] for entry in entries if entry.kind == "look"]
    if looks and not looks[0].get("known_good_at") and not looks[0].get("unreachable"):
        yield Lesson("no_known_good", {})
    codes = [cause["code"] for cause in report["causes"]]
    if not codes:
        yield Lesson("no_cause", {})
    elif any(code.startswith(SEARCHED) for code in codes):
        yield Lesson("no_rule", {})
    recent = [item for item in earlier if entries[0].time - item.began <= RECENT]
    for code in codes:
        if times := sum(code in item.causes for item in recent):
            yield Lesson("recurred", {"cause": code, "count": times})


def _of_steps(entries: Sequence[Entry]) -> Iterator[Lesson]:
    trials = {step.number for step in steps(entries) if step.cause.startswith(SEARCHED)}
    for step in steps(entries):
        if step.state in {"undone", "failed", "undo_refused"} and step.number not in trials:
            yield Lesson("in_vain", {"title": step.remedy.title, "seconds": step.seconds})
    asked = [
        item
        for entry in entries
        if entry.kind == "plan"
        for item in entry.payload["planned"]
        if item["decision"] == "ask"
    ]
    for class_ in dict.fromkeys(item["remedy"]["class"] for item in asked):
        yield Lesson("consent", {"class_": class_})
