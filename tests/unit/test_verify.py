"""Did the step cure its cause, and harm nothing."""

from __future__ import annotations

from pyremediate.diagnosis.diagnose import Diagnosis, Unsettled
from pyremediate.ledger.ledger import NAME
from pyremediate.model import Answer, Cause, Leg, Look
from pyremediate.repair.verify import KEPT, KEPT_BUT_MORE, UNDO, Judgement, judge
from tests.unit.accounts import after, before
from tests.unit.looks import leg, look

CAUSE = Cause("services/down", "T", "services", "high", (), legs=("inbound.connect", "inbound.delivery"))
OTHER = Cause("postfix/lost", "T", "postfix", "high", (), legs=("inbound.delivery",))
CLEAR = Diagnosis()
DOWN = (leg("inbound.connect", "fail"), leg("inbound.delivery", "unknown"), leg("retrieval.fetch"))


def way(connect: str, delivery: str, fetch: str = "pass") -> tuple[Leg, ...]:
    return leg("inbound.connect", connect), leg("inbound.delivery", delivery), leg("retrieval.fetch", fetch)


def judged(legs: tuple[Leg, ...], diagnosis: Diagnosis = CLEAR, before: tuple[Leg, ...] = DOWN) -> Judgement:
    return judge(CAUSE, look({}, before), look({}, legs), diagnosis)


def test_a_cause_that_is_gone_with_its_legs_open_is_kept() -> None:
    judgement = judged(way("pass", "pass"))
    assert judgement.verdict == KEPT
    assert [check.name for check in judgement.checks[:3]] == [
        "no longer services/down", "inbound.connect", "inbound.delivery",
    ]  # fmt: skip


def test_a_fault_that_still_matches_is_undone_even_as_a_symptom() -> None:
    assert judged(way("pass", "pass"), Diagnosis(causes=(CAUSE,))).verdict == UNDO


def test_a_fault_that_cannot_be_judged_any_more_is_not_verified() -> None:
    judgement = judged(way("pass", "pass"), Diagnosis(unknown=(Unsettled("services/down", "T", "no postfix"),)))
    assert (judgement.verdict, judgement.reason) == (UNDO, "not verified: no postfix")


def test_a_leg_that_stays_closed_is_undone() -> None:
    judgement = judged(way("fail", "unknown"))
    assert judgement.verdict == UNDO
    assert "inbound.connect" in judgement.reason


def test_a_leg_that_worked_before_and_fails_now_is_harm() -> None:
    judgement = judged(way("pass", "pass", fetch="fail"))
    assert judgement.verdict == UNDO
    assert "retrieval.fetch from client01" in judgement.reason


def test_a_door_that_was_shut_before_and_is_shut_now_for_another_reason_is_no_harm() -> None:
    before = (*DOWN, leg("submission.banner"), leg("submission.starttls", "fail", detail="454 TLS not available"))
    after = (*way("pass", "pass"), leg("submission.banner", "fail", detail="timeout"), leg("submission.starttls", "unknown"))
    assert judged(after, before=before).verdict == KEPT


def test_a_door_that_only_some_could_not_pass_must_not_be_shut_for_all() -> None:
    before = (*DOWN, leg("submission.banner"), leg("submission.auth", "fail", detail="535 authentication failed"))
    after = (*way("pass", "pass"), leg("submission.banner", "fail", detail="timeout"), leg("submission.auth", "unknown"))
    assert judged(after, before=before).verdict == UNDO


def test_where_the_server_broke_down_at_the_login_nobody_got_in_and_a_shut_door_is_no_harm() -> None:
    before = (*DOWN, leg("retrieval.banner"), leg("retrieval.auth", "fail", detail="the server ended the session: EOF"))
    after = (*way("pass", "pass"), leg("retrieval.banner", "fail", detail="timeout"), leg("retrieval.auth", "unknown"))
    assert judged(after, before=before).verdict == KEPT


def test_a_step_after_which_mail_stops_earlier_on_its_way_is_undone_although_its_own_leg_passes() -> None:
    before, after = (
        (leg("inbound.connect", connect), leg("inbound.delivery", delivery), leg("inbound.resolve", resolve))
        for connect, delivery, resolve in (("fail", "unknown", "unknown"), ("pass", "pass", "fail"))
    )
    judgement = judged(after, before=before)
    assert (judgement.verdict, judgement.reason) == (UNDO, "inbound: mail stops earlier on its way than before")


def test_a_right_step_that_another_fault_hides_is_kept_and_says_what_remains() -> None:
    judgement = judged(way("pass", "fail"), Diagnosis(causes=(OTHER,)))
    assert (judgement.verdict, judgement.reason) == (KEPT_BUT_MORE, "right but not sufficient: postfix/lost remains")


def test_mail_that_comes_further_than_before_proves_the_step_although_nothing_explains_the_rest() -> None:
    assert judged(way("pass", "fail")).verdict == KEPT_BUT_MORE


def test_mail_that_comes_no_further_does_not() -> None:
    assert judged(way("pass", "fail"), before=way("pass", "fail")).verdict == UNDO


def test_a_leg_that_nobody_ever_looks_at_does_not_keep_a_step_from_being_kept() -> None:
    only = (leg("inbound.connect"),)
    judgement = judged(only, before=(leg("inbound.connect", "fail"),))
    assert judgement.verdict == KEPT
    assert next(check for check in judgement.checks if check.name == "inbound.delivery").answer is Answer.IMPOSSIBLE


def test_a_leg_that_was_looked_at_before_must_be_looked_at_again() -> None:
    assert judged((leg("inbound.connect"),)).verdict == UNDO


def test_one_vantage_point_that_sees_it_pass_proves_a_leg_and_one_that_sees_it_fail_disproves_it() -> None:
    both = way("pass", "pass")
    assert judged((*both, leg("inbound.delivery", "unknown", "other"))).verdict == KEPT
    assert judged((*both, leg("inbound.delivery", "fail", "other"))).verdict != KEPT


def test_a_host_that_cannot_be_observed_afterwards_is_not_verified() -> None:
    after = Look("mail01", None, way("pass", "pass"), unreachable="port 22: timed out")
    judgement = judge(CAUSE, look({}, DOWN), after, Diagnosis())
    assert (judgement.verdict, judgement.reason) == (UNDO, "not verified: port 22: timed out")


def test_a_missing_message_is_named_and_undoes_the_step() -> None:
    first, last = before("deferred/2C765170331@900", "deferred/2C765170332@900"), after("deferred/2C765170332@900")
    judgement = judge(CAUSE, first, last, Diagnosis())
    assert judgement.verdict == UNDO
    assert judgement.reason == f"{NAME}: 2 delayed: 1 still queued, 1 missing. Missing: 2C765170331"


def test_a_queue_that_could_not_be_listed_is_no_reason_to_undo() -> None:
    assert next(check for check in judged(way("pass", "pass")).checks if check.name == NAME).answer is Answer.IMPOSSIBLE
