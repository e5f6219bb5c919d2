"""When it began is said by evidence, or not at all; a target is met or missed only where the time is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pyremediate.journal import Entry, IncidentSummary, Journal
from pyremediate.model import to_json
from pyremediate.review import times
from pyremediate.settings import ReviewTargets
from tests.unit.incidents import UNDONE, WRONG, record

OPENED = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
TARGETS = ReviewTargets(detection_minutes=15, response_minutes=5, repair_minutes=60)
HARMLESS = {**WRONG, "name": "a comment", "harmless": True}


def before(minutes: float) -> str:
    return str(to_json(OPENED - timedelta(minutes=minutes)))


def entry(kind: str, minutes: float = 0, **payload: Any) -> Entry:
    return Entry(1, "x", "mail01", OPENED + timedelta(minutes=minutes), "anna", "fix", kind, payload, "", "")


def opened(look: dict[str, Any]) -> list[Entry]:
    return [entry("begin"), entry("look", look={"differences": [], "legs": [], **look})]


def earlier(minutes: float, outcome: str = "repaired") -> IncidentSummary:
    ended = OPENED - timedelta(minutes=minutes)
    return IncidentSummary("w", "mail01", ended - timedelta(minutes=1), ended, outcome, (), False)


def log(minutes: float) -> dict[str, Any]:
    problem = {"first": before(minutes), "example": "fatal: no such file"}
    return {"evidence": {"sections": {"log": {"data": {"first_problem": before(minutes), "problems": [problem]}}}}}


def test_the_change_whose_undoing_cured_it_is_the_first_sign(journal: Journal) -> None:
    entries = list(journal.entries(record(journal)))
    look = next(item for item in entries if item.kind == "look")
    since = str(to_json(entries[0].time - timedelta(minutes=4)))
    other = {**WRONG, "name": "other", "since": str(to_json(entries[0].time - timedelta(minutes=9)))}
    look.payload["look"]["differences"] = [other, {**WRONG, "since": since}]

    found = times.beginning(entries)

    assert (found.sign, found.named, to_json(found.at)) == ("put_back", "postfix.parameter virtual_transport", since)


def test_a_change_that_could_have_done_it_comes_before_the_log() -> None:
    look = {**log(30), "differences": [{**HARMLESS, "since": before(50)}, {**WRONG, "since": before(8)}]}
    assert times.beginning(opened(look)).sign == "change"


def test_without_a_change_the_first_complaint_of_the_log_is_the_sign() -> None:
    found = times.beginning(opened(log(30)))
    assert (found.sign, found.named, found.at) == ("log", "fatal: no such file", OPENED - timedelta(minutes=30))


def test_a_sign_from_before_the_host_was_known_to_be_well_is_none_of_this_incident() -> None:
    found = times.beginning(opened(log(30)), [earlier(20), earlier(10, "escalated")])
    assert (found.at, found.good) == (None, OPENED - timedelta(minutes=20))


def test_a_known_good_says_that_the_host_was_well_then() -> None:
    assert times.beginning(opened({"known_good_at": before(3), **log(30)})).good == OPENED - timedelta(minutes=3)


def test_without_any_sign_the_beginning_is_not_known_and_no_verdict_is_guessed() -> None:
    entries = [*opened({}), entry("intent", 1, step=to_json(UNDONE))]
    detection, response, repair = times.intervals(entries, times.beginning(entries), TARGETS)
    assert (detection.seconds, detection.verdict) == (None, "not_known")
    assert (response.seconds, response.verdict) == (60.0, "met")
    assert (repair.seconds, repair.verdict) == (None, "not_known")


def test_a_recent_good_end_bounds_the_detection() -> None:
    entries = opened({})
    detection = times.intervals(entries, times.beginning(entries, [earlier(10)]), TARGETS)[0]
    assert (detection.seconds, detection.at_most, detection.verdict) == (None, 600.0, "met")
    late = times.intervals(entries, times.beginning(entries, [earlier(20)]), TARGETS)[0]
    assert late.verdict == "not_known"


@pytest.mark.parametrize(("minutes", "verdict"), [(59, "met"), (61, "missed")])
def test_a_repair_is_measured_until_its_proof(minutes: float, verdict: str) -> None:
    entries = [*opened({}), entry("end", minutes, outcome={"outcome": "repaired"})]
    assert times.intervals(entries, times.beginning(entries), TARGETS)[2].verdict == verdict


def test_calling_somebody_is_a_response() -> None:
    entries = [*opened({}), entry("escalate", 6, human=["Replace the disk."])]
    assert times.intervals(entries, times.beginning(entries), TARGETS)[1].verdict == "missed"


def test_without_a_target_there_is_no_verdict() -> None:
    entries = opened(log(1))
    targets = replace_targets(detection_minutes=None)
    assert times.intervals(entries, times.beginning(entries), targets)[0].verdict == "no_target"


def replace_targets(**given: float | None) -> ReviewTargets:
    return TARGETS.model_copy(update=given)


def test_mail_that_flows_at_the_last_look_is_restored_although_somebody_was_called() -> None:
    end = entry("end", 2, outcome={"outcome": "escalated"})
    flows = [*opened({}), entry("assess", 1, assessment={"answer": "pass"}), end]
    assert times.restored(flows) == end.time
    assert times.restored([*opened({}), entry("assess", 1, assessment={"answer": "fail"}), end]) is None
    assert times.restored([replace(flows[0])]) is None
