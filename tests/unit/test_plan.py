"""Which remedy comes next, and what policy says of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.model import Cause, Remedy
from pyremediate.repair.plan import ASK, ESCALATE, GO, REFUSE, Cured, human_steps, plan
from pyremediate.settings import PolicySettings
from tests.unit.looks import NOON, leg

START = Remedy("start", "restart", "Start it")
ROLLBACK = Remedy("rollback", "rollback", "Put it back")
PATCH = Remedy("patch", "patch", "Install the newer one")


def diagnosis(*remedies: Remedy) -> Diagnosis:
    return Diagnosis(causes=(cause("services/down", *remedies),))


def cause(code: str, *remedies: Remedy) -> Cause:
    skipped = (("other", "this host has no last known good"),)
    advice = "Look at it.\nMend it."
    return Cause(code, "T", code.partition("/")[0], "high", (), remedies=remedies, skipped=skipped, advice=advice)


def test_what_policy_allows_goes_and_the_rest_is_asked_for_with_the_reason() -> None:
    planned = plan(diagnosis(START, ROLLBACK, PATCH), PolicySettings())
    assert [(item.remedy.name, item.decision) for item in planned] == [("start", GO), ("rollback", GO), ("patch", ASK)]
    assert planned[2].reason == "policy wants consent for patch"


def test_what_policy_forbids_is_refused_and_never_asked_for() -> None:
    (item,) = plan(diagnosis(PATCH), PolicySettings(never=("patch",)))
    assert (item.decision, item.reason) == (REFUSE, "policy never allows patch")


def test_a_remedy_that_was_tried_for_this_cause_is_not_offered_again() -> None:
    planned = plan(diagnosis(START, ROLLBACK), PolicySettings(), tried={("services/down", "start")})
    assert [item.remedy.name for item in planned] == ["rollback"]
    assert len(plan(diagnosis(START), PolicySettings(), tried={("services/other", "start")})) == 1


def test_the_remedies_of_the_deeper_cause_come_first() -> None:
    both = Diagnosis(causes=(cause("dns/x", ROLLBACK), cause("services/y", START)))
    assert [item.cause for item in plan(both, PolicySettings())] == ["dns/x", "services/y"]


def test_after_so_many_attempts_nothing_more_may_be_tried() -> None:
    tried = {("a/b", "1"), ("a/b", "2"), ("a/b", "3")}
    (item,) = plan(diagnosis(START), PolicySettings(attempts=3), tried)
    assert item.decision == ESCALATE
    assert "3 remedies were tried" in item.reason


@pytest.mark.parametrize(
    ("code", "remedy", "minutes_ago", "window", "decision"),
    [
        ("services/down", "start", 10, 60, ESCALATE),
        ("services/down", "start", 61, 60, GO),
        ("services/down", "rollback", 10, 60, GO),
        ("services/other", "start", 10, 60, GO),
        ("services/down", "start", 0, 0, GO),
    ],
)
def test_a_cause_that_comes_back_within_the_window_is_not_restarted_again(
    code: str, remedy: str, minutes_ago: int, window: int, decision: str
) -> None:
    earlier = [Cured(code, remedy, NOON - timedelta(minutes=minutes_ago))]
    (item,) = plan(diagnosis(START), PolicySettings(recurrence_minutes=window), earlier=earlier, now=NOON)
    assert item.decision == decision
    if decision == ESCALATE:
        assert "11:50 UTC" in item.reason


def test_a_human_gets_the_advice_what_was_not_done_and_what_nothing_explains() -> None:
    failing = leg("inbound.connect", "fail", detail="refused")
    found = Diagnosis(causes=(cause("services/down", PATCH),), unexplained=(failing,))
    steps = human_steps(found, plan(found, PolicySettings()))
    assert steps[:2] == ["Look at it.", "Mend it."]
    assert "Install the newer one was not done: policy wants consent for patch." in steps
    assert "The remedy other does not apply: this host has no last known good." in steps
    assert steps[-1] == "No known fault explains inbound.connect failing from client01: refused."
