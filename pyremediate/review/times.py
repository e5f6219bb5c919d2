"""When it began, by evidence; and how long detection, response and repair took, against their targets. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pyremediate.comparison.differences import named_in
from pyremediate.journal import Entry, IncidentSummary, steps
from pyremediate.model import moment
from pyremediate.review.values import Beginning, Interval
from pyremediate.settings import ReviewTargets

WELL = frozenset({"healthy", "repaired"})


def restored(entries: Sequence[Entry]) -> datetime | None:
    """When the record says that mail flows again: its last end, if that is a good one, or mail flows at the last look.

    (Somebody may be called although mail flows: a message is missing.)
    """
    ends = [entry for entry in entries if entry.kind == "end"]
    answers = [entry.payload["assessment"].get("answer") for entry in entries if entry.kind == "assess"]
    good = ends and (ends[-1].payload["outcome"]["outcome"] in WELL or answers[-1:] == ["pass"])
    return ends[-1].time if good else None


def beginning(entries: Sequence[Entry], earlier: Iterable[IncidentSummary] = ()) -> Beginning:
    """The first sign of the trouble. A sign from before the host was last known to be well is none of this incident's."""
    opened = entries[0].time
    look: Mapping[str, Any] = next((entry.payload["look"] for entry in entries if entry.kind == "look"), {})
    good = _last_good(look, earlier, opened)
    for at, sign, named in _signs(entries, look):
        if at <= opened and (good is None or at > good):
            return Beginning(at, sign, named, good)
    return Beginning(good=good)


def _last_good(look: Mapping[str, Any], earlier: Iterable[IncidentSummary], opened: datetime) -> datetime | None:
    """The known good was taken while mail flowed; and an earlier incident of the host may have ended well since."""
    known = [moment(look["known_good_at"])] if look.get("known_good_at") else []
    known += [item.ended for item in earlier if item.ended and item.outcome in WELL]
    return max((time for time in known if time < opened), default=None)


def _signs(entries: Sequence[Entry], look: Mapping[str, Any]) -> Iterator[tuple[datetime, str, str]]:
    """From the surest to the least sure, and of each kind the earliest."""
    changes = _dated(look.get("differences", ()))
    kept = [step for step in steps(entries) if step.state == "kept"]
    back = {(each["kind"], each["name"]) for step in kept for each in named_in(step.remedy.variables)}
    for at, each in changes:
        if (each["kind"], each["name"]) in back:
            yield at, "put_back", _named(each)
    for at, each in changes:
        if not each.get("harmless"):
            yield at, "change", _named(each)
    log = ((look.get("evidence") or {}).get("sections", {}).get("log") or {}).get("data") or {}
    if log.get("first_problem"):
        first: Mapping[str, Any] = min(log.get("problems", ()), key=lambda problem: str(problem["first"]), default={})
        yield moment(log["first_problem"]), "log", str(first.get("example", ""))


def _dated(differences: Iterable[Mapping[str, Any]]) -> list[tuple[datetime, Mapping[str, Any]]]:
    return sorted(
        ((moment(each["since"]), each) for each in differences if each.get("since")), key=lambda item: item[0]
    )


def _named(difference: Mapping[str, Any]) -> str:
    return f"{difference['kind']} {difference['name']}"


def intervals(
    entries: Sequence[Entry], began: Beginning, targets: ReviewTargets
) -> tuple[Interval, Interval, Interval]:
    """Detection: from the first sign until the incident was opened; response: until something was done or somebody called;
    repair: until mail was proved to flow again."""
    opened, back = entries[0].time, restored(entries)
    acted = next((entry.time for entry in entries if entry.kind in {"intent", "escalate"}), None)
    bound = None if began.at or began.good is None else _seconds(began.good, opened)
    return (
        _interval("detection", _seconds(began.at, opened), targets.detection_minutes, bound),
        _interval("response", _seconds(opened, acted), targets.response_minutes),
        _interval("repair", _seconds(opened, back), targets.repair_minutes),
    )


def _interval(name: str, seconds: float | None, minutes: float | None, at_most: float | None = None) -> Interval:
    target = None if minutes is None else 60.0 * minutes
    return Interval(name, seconds, at_most, target, _verdict(seconds, at_most, target))


def _verdict(seconds: float | None, at_most: float | None, target: float | None) -> str:
    if target is None:
        return "no_target"
    if seconds is not None:
        return "met" if seconds <= target else "missed"
    return "met" if at_most is not None and at_most <= target else "not_known"


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
