"""Which message an audience ought to get now, given the facts and what it was told before. Pure.

Quiet by design: one thread for each incident, a message when something changes that the audience is told of, and otherwise one
every so often; never one for each try of the repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pyremediate.communication.settings import AudienceSettings, CommunicationSettings
from pyremediate.communication.values import Doing, Facts, Notice
from pyremediate.model import to_json

JUDGED_WITHIN = timedelta(seconds=1)  # of the first look, as a rule: then the cause can be told, too
CONSENT_GIVEN_WITHIN = timedelta(seconds=15)  # by somebody at the terminal: nobody else is asked so soon
STALE = timedelta(hours=1)  # an outage that was left to people before that, and of which nobody was told, they know of
PAST = timedelta(minutes=10)  # one that was over before that is no news
ETA_SHIFT = timedelta(minutes=5)  # a smaller change of the estimate is no news
HUMAN = frozenset({Doing.CONSENT, Doing.PEOPLE})


def told(facts: Facts) -> dict[str, Any]:
    """What a notice tells, for comparing later ones with it."""
    return {
        "affected": list(facts.affected),
        "everywhere": facts.everywhere,
        "causes": [fault.code for fault in facts.causes],
        "human": facts.doing if facts.doing in HUMAN else "",
        "eta": to_json(facts.estimate.at) if facts.estimate else None,
    }


def message(
    facts: Facts, audience: AudienceSettings, sent: Sequence[Notice], settings: CommunicationSettings, now: datetime
) -> str | None:
    """The message that is due; None: nothing new."""
    if not facts.outage or (not sent and not set(facts.affected) & set(audience.concerned or ())):
        return None
    wanted = _next(facts, sent, settings, now) if sent else _first(facts, now)
    return next((each for each in wanted if each in (audience.messages or ())), None)


def _first(facts: Facts, now: datetime) -> Iterator[str]:
    judging = facts.doing is Doing.LOOKING and now - facts.run_since < JUDGED_WITHIN
    if judging or now - (facts.ended or facts.changed) >= (PAST if facts.doing is Doing.OVER else STALE):
        return
    if facts.doing is Doing.OVER:
        yield "resolved"
        return
    if facts.doing is Doing.PEOPLE:
        yield "escalated"
    if facts.doing is Doing.CONSENT and facts.ended:
        yield "waiting"
    yield "outage"


def _next(facts: Facts, sent: Sequence[Notice], settings: CommunicationSettings, now: datetime) -> Iterator[str]:
    """What would be told now, the more telling first: not every audience is told everything."""
    last, messages = sent[-1], [notice.message for notice in sent]
    if facts.doing is Doing.OVER:
        if last.message not in {"resolved", "review_ready"}:
            yield "resolved"
        elif facts.signed and "review_ready" not in messages:
            yield "review_ready"
        return
    news = last.told.get("human") != facts.doing
    if facts.doing is Doing.PEOPLE:  # what they do, and for how long, is not on record
        yield from ("escalated", "update") if news else ()
        return
    if facts.doing is Doing.CONSENT and news and (facts.ended or now - facts.changed >= CONSENT_GIVEN_WITHIN):
        yield "waiting"
    if facts.ended:  # nobody is at a terminal: until the next run nothing more is known
        return
    since = now - last.at if last.at else timedelta()
    if since < timedelta(minutes=settings.least_minutes):
        return
    if not _same(facts, last):
        yield "update"
    if _shifted(facts, last):
        yield "eta_changed"
    if since >= timedelta(minutes=settings.every_minutes):
        yield "update"


def _same(facts: Facts, last: Notice) -> bool:
    now: Mapping[str, Any] = told(facts)
    return all(now[name] == last.told.get(name) for name in ("affected", "everywhere", "causes"))


def _shifted(facts: Facts, last: Notice) -> bool:
    before = last.told.get("eta")
    if facts.estimate is None or not before:
        return bool(facts.estimate) != bool(before)
    return abs(facts.estimate.at - datetime.fromisoformat(str(before))) >= ETA_SHIFT


def next_moment(facts: Facts, settings: CommunicationSettings, now: datetime) -> datetime | None:
    """When the next message comes if nothing changes; None: only when something does."""
    return None if facts.ended or facts.doing is Doing.PEOPLE else now + timedelta(minutes=settings.every_minutes)
