"""When an audience is told: of what is new, every so often, and never for each try."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pyremediate.communication import due
from pyremediate.communication.example import CONSENT, FAULT, OUTAGE, OVER, PEOPLE, SIGNED, after
from pyremediate.communication.settings import AudienceSettings, CommunicationSettings
from pyremediate.communication.values import Doing, Facts, Notice

SETTINGS = CommunicationSettings.model_validate(
    {
        "channels": {"c": {"url": "json://localhost"}},
        "audiences": {name: {"channels": ["c"]} for name in ("it", "users", "partners")},
        "every_minutes": 30,
        "least_minutes": 5,
    }
)
IT, USERS, PARTNERS = (SETTINGS.audiences[name] for name in ("it", "users", "partners"))


def told(message: str, facts: Facts, at: datetime) -> Notice:
    return Notice(f"x-{message}", facts.incident, message, "x", "en", "s", "b", ("c",), due.told(facts), at=at)


def message(facts: Facts, audience: AudienceSettings, *sent: Notice, at: float) -> str | None:
    return due.message(facts, audience, sent, SETTINGS, after(at))


def test_an_outage_is_told_at_once_and_once():
    first = told("outage", OUTAGE, after(0))

    assert message(OUTAGE, USERS, at=0) == "outage"
    assert message(OUTAGE, USERS, first, at=0.1) is None
    assert message(replace(OUTAGE, step=2, doing=Doing.VERIFYING), USERS, first, at=12) is None, "a try is no news"


def test_nothing_is_told_while_mail_flows():
    assert message(replace(OUTAGE, outage=False, affected=()), IT, at=0) is None


def test_those_whom_it_does_not_concern_are_not_told():
    assert message(replace(OUTAGE, affected=("retrieval",)), PARTNERS, at=0) is None
    assert message(replace(OUTAGE, affected=("retrieval",)), USERS, at=0) == "outage"


def test_an_update_comes_every_so_often():
    first = told("outage", OUTAGE, after(0))

    assert message(OUTAGE, USERS, first, at=29) is None
    assert message(OUTAGE, USERS, first, at=30) == "update"


def test_what_is_affected_now_is_news_but_not_within_the_least_time():
    first, wider = told("outage", OUTAGE, after(0)), replace(OUTAGE, affected=("inbound", "submission"))

    assert message(wider, USERS, first, at=4) is None
    assert message(wider, USERS, first, at=5) == "update"


def test_a_cause_that_is_found_is_news():
    first = told("outage", replace(OUTAGE, causes=()), after(0))

    assert message(replace(OUTAGE, causes=(FAULT,)), IT, first, at=6) == "update"


def test_an_estimate_is_news_when_it_moves_by_minutes_and_when_it_is_gone():
    assert OUTAGE.estimate
    first = told("outage", OUTAGE, after(0))
    later = replace(OUTAGE, estimate=replace(OUTAGE.estimate, at=after(20)))
    hardly = replace(OUTAGE, estimate=replace(OUTAGE.estimate, at=after(6)))

    assert message(later, USERS, first, at=6) == "eta_changed"
    assert message(replace(OUTAGE, estimate=None, overdue=True), USERS, first, at=6) == "eta_changed"
    assert message(hardly, USERS, first, at=6) is None
    assert message(later, PARTNERS, first, at=6) is None, "partners are not told each estimate"
    assert message(later, PARTNERS, first, at=30) == "update"


def test_consent_that_is_given_at_the_terminal_is_asked_of_nobody_else():
    asked, first = replace(CONSENT, changed=after(1)), told("outage", OUTAGE, after(0))

    assert message(asked, IT, first, at=1.1) is None
    assert message(asked, IT, first, at=1.3) == "waiting"
    assert message(replace(asked, ended=after(1.1)), IT, first, at=1.1) == "waiting", "nobody is at a terminal any more"
    assert message(asked, IT, first, told("waiting", asked, after(1.3)), at=2) is None


def test_users_are_told_of_the_time_while_consent_is_awaited():
    assert message(replace(CONSENT, everywhere=True), USERS, told("outage", OUTAGE, after(0)), at=30) == "eta_changed"


def test_specialists_are_called_at_once_and_the_others_told_that_it_takes_longer():
    first = told("outage", OUTAGE, after(8.9))

    assert message(PEOPLE, IT, first, at=9) == "escalated"
    assert message(PEOPLE, USERS, first, at=9) == "update"
    assert message(PEOPLE, USERS, told("update", PEOPLE, after(9)), at=90) is None, "what people do is not on record"


def test_the_end_is_told_once_and_at_once():
    first, end = told("outage", OUTAGE, after(11.9)), told("resolved", OVER, after(12))

    assert message(OVER, USERS, first, at=12) == "resolved"
    assert message(OVER, USERS, first, end, at=60) is None


def test_the_review_is_told_when_the_incident_is_signed_to_those_who_read_it():
    sent = (told("outage", OUTAGE, after(0)), told("resolved", OVER, after(12)))

    assert message(SIGNED, IT, *sent, at=20) == "review_ready"
    assert message(SIGNED, USERS, *sent, at=20) is None
    assert message(SIGNED, IT, *sent, told("review_ready", SIGNED, after(20)), at=21) is None


def test_an_incident_that_ended_before_anybody_was_told_is_told_by_its_end_alone_unless_it_is_past():
    assert message(OVER, USERS, at=13) == "resolved"
    assert message(OVER, USERS, at=22.1) is None
    assert message(PEOPLE, USERS, at=69.1) is None


def test_a_run_that_left_it_to_people_before_anybody_was_told_is_told_once():
    assert message(PEOPLE, IT, at=9) == "escalated"
    assert message(replace(CONSENT, ended=after(9)), IT, at=9) == "waiting"
    assert message(PEOPLE, USERS, at=9) == "outage"
    assert message(PEOPLE, IT, told("escalated", PEOPLE, after(9)), at=9.1) is None


def test_the_first_moments_are_left_to_the_diagnosis():
    assert message(replace(OUTAGE, doing=Doing.LOOKING), USERS, at=0.01) is None
    assert message(replace(OUTAGE, doing=Doing.LOOKING), USERS, at=0.02) == "outage"


def test_mail_that_fails_again_in_the_same_incident_is_told_again():
    sent = (told("outage", OUTAGE, after(0)), told("resolved", OVER, after(12)))

    assert message(replace(PEOPLE, ended=after(40)), IT, *sent, at=40) == "escalated"
