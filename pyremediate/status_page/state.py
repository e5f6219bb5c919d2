"""From the journal's entries to what users are told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pyremediate.journal import Entry
from pyremediate.model import LEGS
from pyremediate.review.times import restored
from pyremediate.sign_off.standing import refusal
from pyremediate.status_page.values import Checked, Day, Disruption, Service, Status, Update

DAYS = 90
KINDS = ("begin", "assess", "diagnose", "intent", "escalate", "end", "refuse")  # what the page is made from
UPDATES = {"diagnose": "cause", "intent": "repairing", "escalate": "people", "refuse": "denied"}


def status(
    entries: Iterable[Entry],
    now: datetime,
    zone: tzinfo = UTC,
    first: datetime | None = None,
    checked: Checked | None = None,
) -> Status:
    """``entries`` are those of ``KINDS`` in their order; ``first`` is when the record begins, None: there is none."""
    ordered = sorted(entries, key=lambda entry: entry.seq)
    found = [each for host in dict.fromkeys(entry.host for entry in ordered) for each in _of_host(host, ordered)]
    found.sort(key=lambda each: each.began, reverse=True)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    oldest = _midnight(days[0], zone)
    return Status(
        time=now,
        services=tuple(_service(way, found, days, now, zone, first) for way in LEGS),
        running=tuple(each for each in found if each.ended is None),
        past=tuple(each for each in found if each.ended is not None and each.ended > oldest),
        checked=checked,
    )


def _of_host(host: str, entries: Sequence[Entry]) -> Iterator[Disruption]:
    """A disruption goes on through the incidents of a host until one of them ends with mail that flows, and nobody denies it."""
    current: Disruption | None = None
    own = [entry for entry in entries if entry.host == host]
    for incident in dict.fromkeys(entry.incident for entry in own):
        run = [entry for entry in own if entry.incident == incident]
        seen = _disruption(run)
        current = _merged(current, seen) if seen and current else current or seen
        if current and refusal(run) is None and (end := restored(run)):
            yield replace(current, ended=end, updates=(*current.updates, Update(end, "restored")))
            current = None
    if current:
        yield current


def _disruption(run: Sequence[Entry]) -> Disruption | None:
    """What one incident saw; None where mail flowed from its first look on."""
    judged = [entry.payload["assessment"] for entry in run if entry.kind == "assess"]
    disrupted = [each for each in judged if each.get("answer") in {"fail", "unknown"}]
    if not judged or judged[0] not in disrupted:
        return None
    scopes = ", ".join(str(each["scope"]) for each in disrupted)
    ways = tuple(way for way in LEGS if way in scopes or "all" in scopes.split(", ") or "all from" in scopes)
    causes = [
        cause["title"] for entry in run if entry.kind == "diagnose" for cause in entry.payload["diagnosis"]["causes"]
    ]
    return Disruption(
        host=run[0].host,
        began=run[0].time,
        ended=None,
        ways=ways,
        partly=all(" from " in str(each["scope"]) for each in disrupted),
        updates=tuple(_updates(run)),
        causes=tuple(dict.fromkeys(causes)),
    )


def _updates(run: Sequence[Entry]) -> Iterator[Update]:
    """Each kind once: users want to know how it stands, not every attempt."""
    yield Update(run[0].time, "noticed")
    told: set[str] = set()
    for entry in run:
        if entry.kind not in UPDATES or (entry.kind == "diagnose" and not entry.payload["diagnosis"]["causes"]):
            continue
        if entry.kind not in told:
            told.add(entry.kind)
            yield Update(entry.time, UPDATES[entry.kind])


def _merged(current: Disruption, seen: Disruption) -> Disruption:
    again = tuple(Update(each.time, "again" if each.code == "noticed" else each.code) for each in seen.updates)
    return replace(
        current,
        ways=tuple(way for way in LEGS if way in {*current.ways, *seen.ways}),
        partly=current.partly and seen.partly,
        updates=(*current.updates, *again),
        causes=tuple(dict.fromkeys((*current.causes, *seen.causes))),
    )


def _service(
    way: str, found: Sequence[Disruption], days: Sequence[date], now: datetime, zone: tzinfo, first: datetime | None
) -> Service:
    own = [each for each in found if way in each.ways]
    running = [each for each in own if each.ended is None]
    blind = any(each.ended is None and not each.ways for each in found)
    state = (
        "disrupted"
        if any(not each.partly for each in running)
        else "partly"
        if running
        else "unknown"
        if blind
        else "well"
    )
    return Service(way, state, tuple(_day(day, own, now, zone, first) for day in days))


def _day(day: date, own: Sequence[Disruption], now: datetime, zone: tzinfo, first: datetime | None) -> Day:
    begins, ends = _midnight(day, zone), min(_midnight(day + timedelta(days=1), zone), now)
    if first is None or ends < first:
        return Day(day, "no_record")
    spans = sorted((max(each.began, begins), min(each.ended or now, ends)) for each in own)
    seconds, until = 0.0, begins
    for start, end in spans:  # two hosts at once are one disruption of the service
        seconds += max(0.0, (end - max(start, until)).total_seconds())
        until = max(until, end)
    touched = any(start <= end for start, end in spans)
    return Day(day, "disrupted" if touched else "well", seconds)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
