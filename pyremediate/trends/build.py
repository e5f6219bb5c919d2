"""From the entries of many incidents to their trends. Pure."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby, pairwise

from pyremediate.journal import Entry
from pyremediate.model import SEARCHED
from pyremediate.review.times import restored
from pyremediate.trends.values import Case, CauseCount, Recurrence, Spread, Trends, Week

KINDS = ("begin", "assess", "diagnose", "note", "end")  # what the trends are made from
HOW = ("automatic", "consented", "people", "open")
COMES_BACK = timedelta(days=30)
BINS = (10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)
NOTHING_WRONG = frozenset({"healthy", "planned"})


def trends(entries: Iterable[Entry], since: datetime, until: datetime, zone: tzinfo = UTC) -> Trends:
    """``entries`` are those of ``KINDS``, whole incidents; those that began before ``since`` are left out."""
    ordered = sorted(entries, key=lambda entry: (entry.incident, entry.seq))
    runs = [list(run) for _, run in groupby(ordered, key=lambda entry: entry.incident)]
    titles = {code: title for run in runs for code, title in _causes(run)}
    found = (_case(run) for run in runs if run[0].kind == "begin" and since <= run[0].time <= until)
    cases = tuple(sorted(filter(None, found), key=lambda case: case.began))
    return Trends(
        since=since,
        until=until,
        cases=cases,
        automatic=sum(case.how == "automatic" for case in cases) / len(cases) if cases else None,
        repairs=_spread([case.seconds for case in cases if case.seconds is not None]),
        causes=tuple(_by_cause(cases, titles)),
        recurrences=tuple(_recurrences(cases, titles)),
        weeks=tuple(_weeks(cases, since, until, zone)),
    )


def _case(run: Sequence[Entry]) -> Case | None:
    """None where nothing was wrong, or nothing was to be done about it but a plan."""
    ends = [str(entry.payload["outcome"]["outcome"]) for entry in run if entry.kind == "end"]
    if ends and set(ends) <= NOTHING_WRONG:
        return None
    asked = any(entry.kind == "note" and "consented to by" in str(entry.payload.get("text")) for entry in run)
    how = "open" if not ends else "people" if ends[-1] != "repaired" else "consented" if asked else "automatic"
    back = restored(run) if how in {"automatic", "consented"} else None
    return Case(
        id=run[0].incident,
        host=run[0].host,
        began=run[0].time,
        how=how,
        seconds=(back - run[0].time).total_seconds() if back else None,
        causes=tuple(dict.fromkeys(code for code, _ in _causes(run))),
    )


def _causes(run: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for entry in run:
        if entry.kind == "diagnose":
            for cause in entry.payload["diagnosis"]["causes"]:
                code = str(cause["code"])
                yield code, "" if code.startswith(SEARCHED) else str(cause["title"])  # which has the time of one occurrence


def _spread(lengths: Sequence[float]) -> Spread:
    ordered = sorted(lengths)
    edges = (0.0, *BINS, math.inf)
    bins = [
        (upper if math.isfinite(upper) else None, sum(lower <= each < upper for each in ordered))
        for lower, upper in pairwise(edges)
    ]
    if not ordered:
        return Spread(0, None, None, None, None, tuple(bins))
    return Spread(
        count=len(ordered),
        mean=statistics.fmean(ordered),
        median=statistics.median(ordered),
        ninetieth=ordered[math.ceil(0.9 * len(ordered)) - 1],
        longest=ordered[-1],
        bins=tuple(bins),
    )


def _by_cause(cases: Sequence[Case], titles: Mapping[str, str]) -> Iterator[CauseCount]:
    """The most frequent first."""
    for code, count in Counter(code for case in cases for code in case.causes).most_common():
        own = [case for case in cases if code in case.causes]
        lengths = [case.seconds for case in own if case.seconds is not None]
        hosts = tuple(sorted({case.host for case in own}))
        yield CauseCount(code, titles[code], count, hosts, statistics.median(lengths) if lengths else None)


def _recurrences(cases: Sequence[Case], titles: Mapping[str, str]) -> Iterator[Recurrence]:
    """The most frequent first."""
    places: dict[tuple[str, str], list[datetime]] = {}
    for case in cases:
        for code in case.causes:
            places.setdefault((case.host, code), []).append(case.began)
    found = []
    for (host, code), times in places.items():
        if any(later - earlier <= COMES_BACK for earlier, later in pairwise(times)):
            found.append(Recurrence(host, code, titles[code], len(times), times[-1]))
    yield from sorted(found, key=lambda each: (-each.times, each.host, each.code))


def _weeks(cases: Sequence[Case], since: datetime, until: datetime, zone: tzinfo) -> Iterator[Week]:
    """Every week, those without an incident too."""
    monday, last = _monday(since, zone), _monday(until, zone)
    while monday <= last:
        counts = Counter(case.how for case in cases if _monday(case.began, zone) == monday)
        yield Week(monday, {how: counts[how] for how in HOW})
        monday += timedelta(days=7)


def _monday(time: datetime, zone: tzinfo) -> date:
    day = time.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
