"""Makes the notices that are due: the facts of an incident, put into words for each audience, and into the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyremediate.communication import due, eta, outbox, render
from pyremediate.communication.facts import KINDS, WELL
from pyremediate.communication.facts import facts as known_of
from pyremediate.communication.outbox import Letter
from pyremediate.communication.render import Reader
from pyremediate.communication.values import NOTICE, STAGE, Facts, Notice, Past
from pyremediate.journal import IncidentSummary, Journal
from pyremediate.settings import Settings

RECORD = 200  # incidents, the newest, whose repairs tell how long one takes
RECENT = timedelta(days=7)  # an incident that began later after the one before it has nothing to do with it
Outage = tuple[str, str]  # incidents of one host: the one that found it, and the last one about it


@dataclass(frozen=True)
class Told:
    """One outage, for telling people of it, and what they were told."""

    facts: Facts
    letters: Sequence[Letter]


def past(journal: Journal) -> tuple[Past, ...]:
    """How long repairs took here."""
    return eta.past(journal.incidents(limit=RECORD))


def outages(journal: Journal, host: str | None = None) -> tuple[Outage, ...]:
    """The outages on record, the oldest first: what a run leaves to people, the next one of the host takes up."""
    under_way: dict[str, list[IncidentSummary]] = {}
    found: list[list[IncidentSummary]] = []
    for item in reversed(journal.incidents(host, limit=RECORD)):
        if item.outcome == "planned":
            continue
        before = under_way.get(item.host)
        if before is None or item.began - before[-1].began > RECENT:
            before = under_way[item.host] = []
            found.append(before)
        before.append(item)
        if item.outcome in WELL and not item.open:
            del under_way[item.host]
    return tuple((_finder(journal, chain), chain[-1].id) for chain in found)


def _finder(journal: Journal, chain: Sequence[IncidentSummary]) -> str:
    """The first that saw mail fail; an earlier one of some other trouble is not of this outage."""
    for item in chain[:-1]:
        entries = journal.entries(item.id, ("begin", "assess"))
        if any(entry.payload["assessment"]["answer"] == "fail" for entry in entries if entry.kind == "assess"):
            return item.id
    return chain[-1].id


def outage_of(journal: Journal, incident: str) -> Outage:
    """The outage that an incident is about, up to that incident."""
    for finder, last in outages(journal, journal.host_of(incident)):
        if incident in {finder, last}:
            return finder, last
    return incident, incident


def told(journal: Journal, outage: Outage, settings: Settings, repairs: Sequence[Past], now: datetime) -> Told:
    """What the record says of an outage now."""
    kinds = (*KINDS, *outbox.KINDS)
    entries = [entry for incident in dict.fromkeys(outage) for entry in journal.entries(incident, kinds)]
    known = known_of([entry for entry in entries if entry.kind in KINDS], settings.sign_off, now)
    mine = [entry for entry in entries if entry.incident == known.thread]
    return Told(eta.estimated(known, repairs, now), outbox.current(outbox.letters(mine), settings.communication))


def due_now(before: Told, settings: Settings, now: datetime) -> dict[str, str]:
    """The message that each audience ought to get, by audience; those who ought to get none are not among them."""
    found = {}
    for name, audience in settings.communication.audiences.items():
        message = due.message(before.facts, audience, _sent(before, name), settings.communication, now)
        if message:
            found[name] = message
    return found


def _sent(before: Told, audience: str) -> Sequence[Notice]:
    return [letter.notice for letter in before.letters if letter.notice.audience == audience]


def make(journal: Journal, outage: Outage, settings: Settings, repairs: Sequence[Past], now: datetime) -> tuple[Notice, ...]:
    """Put every notice that is due on record; nobody else may do so for this host meanwhile (``lock.delivery_lock``)."""
    before = told(journal, outage, settings, repairs, now)
    found = due_now(before, settings, now)
    return tuple(_made(journal, before, settings, name, message, now) for name, message in found.items())


def _made(journal: Journal, before: Told, settings: Settings, name: str, message: str, now: datetime) -> Notice:
    communication, sent, facts = settings.communication, _sent(before, name), before.facts
    audience = communication.audiences[name]
    following = due.next_moment(facts, communication, now)
    text = render.text(message, Reader.of(name, audience), facts, following, communication.templates)
    if text.trouble:
        journal.write(facts.incident, STAGE, "note", {"text": text.trouble})
    notice = Notice(
        id=f"{name}-{len(sent) + 1}",
        incident=facts.thread,
        message=message,
        audience=name,
        language=audience.language,
        subject=text.subject,
        body=text.body,
        ladder=audience.channels,
        told=due.told(facts),
        after=tuple(each.id for each in sent),
    )
    journal.write(facts.thread, STAGE, NOTICE, outbox.payload(notice))
    return notice
