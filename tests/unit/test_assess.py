"""Is it down, for whom, how badly."""

from __future__ import annotations

import pytest

from pyremediate.diagnosis.assess import assess, assess_look, overall, severity
from pyremediate.model import Answer, Assessment, Cause, Leg, Look, State
from tests.unit.looks import evidence, leg

SEEN = evidence()


def legs(**answers: str) -> list[Leg]:
    """One leg of each way: ``inbound="pass", submission="fail"``."""
    last = {"inbound": "recipient", "submission": "auth", "outbound": "remote", "retrieval": "fetch"}
    return [leg(f"{path}.{last[path]}", answer) for path, answer in answers.items()]


def test_mail_flows_when_every_leg_passes() -> None:
    assessment = assess(legs(inbound="pass", submission="pass"), SEEN)
    assert (assessment.answer, assessment.scope, assessment.severity) == (Answer.PASS, "none", "none")


@pytest.mark.parametrize(
    ("answers", "scope", "severity"),
    [
        ({"inbound": "fail", "submission": "fail", "outbound": "fail", "retrieval": "fail"}, "all", "critical"),
        ({"inbound": "fail", "submission": "pass"}, "inbound", "critical"),
        ({"inbound": "pass", "submission": "fail"}, "submission", "high"),
        ({"inbound": "pass", "submission": "fail", "retrieval": "fail"}, "submission, retrieval", "high"),
        ({"outbound": "fail", "inbound": "pass"}, "outbound", "high"),
    ],
)
def test_the_scope_is_the_ways_that_fail(answers: dict[str, str], scope: str, severity: str) -> None:
    assessment = assess(legs(**answers), SEEN)
    assert (assessment.answer, assessment.scope, assessment.severity) == (Answer.FAIL, scope, severity)


def test_a_way_that_fails_from_one_place_and_works_from_another_says_from_where() -> None:
    assessment = assess([leg("inbound.connect", "fail", "client01"), leg("inbound.connect", "pass", "peer01")], SEEN)
    assert (assessment.scope, assessment.severity) == ("inbound from client01", "medium")


def test_who_did_not_look_as_far_as_the_failing_leg_does_not_say_that_it_works() -> None:
    assessment = assess([leg("inbound.delivery", "fail", "peer01"), leg("inbound.connect", "pass", "localhost")], SEEN)
    assert (assessment.scope, assessment.severity) == ("inbound", "critical")


def test_the_sentence_names_the_first_failing_leg_of_each_way_with_the_servers_words() -> None:
    failing = [leg("inbound.banner", "fail"), leg("inbound.connect", "fail", detail="Connection refused")]
    assert assess(failing, SEEN).sentence == "inbound: inbound fails at connect from client01 (Connection refused)"


def test_nobody_looked_is_unknown_and_never_healthy() -> None:
    assessment = assess([], SEEN)
    assert assessment.answer is Answer.UNKNOWN
    assert "nobody looked from outside" in assessment.unknown


def test_one_leg_that_could_not_be_told_keeps_the_host_from_being_called_healthy() -> None:
    assessment = assess(legs(inbound="pass", outbound="unknown"), SEEN)
    assert assessment.answer is Answer.UNKNOWN
    assert "outbound.remote from client01 (unknown)" in assessment.sentence


def test_what_can_never_be_known_from_here_is_told_and_does_not_count() -> None:
    assessment = assess(legs(inbound="pass", outbound="impossible"), SEEN)
    assert assessment.answer is Answer.PASS
    assert assessment.unknown == ("outbound.remote from client01 (impossible)",)


def test_only_impossible_legs_are_no_proof_of_health() -> None:
    assert assess(legs(inbound="impossible"), SEEN).answer is Answer.UNKNOWN


def test_a_leg_behind_a_failing_one_is_no_open_question() -> None:
    seen = [leg("inbound.connect", "fail"), leg("inbound.banner", "unknown")]
    assert assess(seen, SEEN).unknown == ()


def test_a_host_that_could_not_be_observed_is_not_called_healthy() -> None:
    look = Look("mail01", None, legs(inbound="pass"), unreachable="port 22: refused", blind=("x: no",))
    assessment = assess_look(look)
    assert assessment.answer is Answer.UNKNOWN
    assert assessment.unknown[:2] == ("port 22: refused", "x: no")


def test_a_host_whose_queue_could_not_be_looked_at_is_not_called_healthy() -> None:
    """Mail may wait there, and nobody would know."""
    unread = {"queue": {"counts": {"active": 0, "deferred": None}}}
    for postfix in (unread, State.FAILED):
        found = assess(legs(inbound="pass"), evidence(postfix=postfix))
        assert found.answer is Answer.UNKNOWN
        assert "postfix could not be observed: " in found.sentence or "the queue deferred could not be looked at" in found.sentence
    assert assess(legs(inbound="pass"), evidence(postfix={"queue": {"counts": {"deferred": 0}}})).answer is Answer.PASS


def test_a_section_that_failed_is_told() -> None:
    assert assess(legs(inbound="pass"), evidence(dns=State.FAILED)).unknown == ("dns could not be observed: timed out",)


def cause(level: str) -> Cause:
    return Cause("tls/expires_soon", "T", "tls", level, ())


@pytest.mark.parametrize(
    ("level", "answer"), [("low", Answer.PASS), ("medium", Answer.FAIL), ("critical", Answer.FAIL)]
)
def test_a_fault_in_waiting_is_a_problem_unless_it_is_slight(level: str, answer: Answer) -> None:
    healthy = assess(legs(inbound="pass"), SEEN)
    assert overall(healthy, [cause(level)]) is answer
    assert severity(healthy, [cause(level)]) == level


def test_an_unknown_state_stays_unknown_without_a_fault() -> None:
    unknown = Assessment(Answer.UNKNOWN, "none", "none")
    assert overall(unknown, []) is Answer.UNKNOWN
    assert overall(unknown, [cause("high")]) is Answer.FAIL
