"""What a step put right without being about it is named, too."""

from __future__ import annotations

from collections.abc import Sequence

from pyremediate.model import Cause, Difference, Look, Remedy, Step
from pyremediate.search import put_right_along
from tests.unit.looks import look

STEP = Step(1, "dns/resolver_broken", Remedy("restore", "rollback", "Put the resolver back"), "incident-1", "done")
RESOLVER = Cause("dns/resolver_broken", "The host finds no names", "dns", "high", ("No name server answers.",))
STOPPED = Difference("unit.running", "rspamd.service", "active", "inactive", "running")
OTHER = Difference("postfix.parameter", "x", "a", "b")


def seen(state: str, differences: Sequence[Difference], known_good: bool = True) -> Look:
    units = {"rspamd.service": {"active": state}, "postfix@-.service": {"active": state}}
    return look({"services": {"units": units}}, differences=differences, known_good=known_good)


def named(before: Look, after: Look, *causes: Cause) -> list[str]:
    return [cause.code for cause in put_right_along.causes(STEP, before, after, (RESOLVER, *causes))]


def test_a_unit_that_somebody_had_stopped_and_that_a_step_started_with_others_is_a_cause_of_its_own() -> None:
    (cause,) = put_right_along.causes(STEP, seen("inactive", [STOPPED, OTHER]), seen("active", [OTHER]), [RESOLVER])
    assert cause.code == "difference/unit.running rspamd.service"
    assert cause.title == "rspamd.service had become inactive (it was active)"
    assert cause.evidence == (
        "It runs again since step 1 (Put the resolver back) started it with what that is about.",
    )


def test_one_that_a_cause_speaks_of_is_not_named_twice() -> None:
    spoken = Cause("services/rspamd", "T", "services", "high", ("rspamd.service is inactive.",))
    assert named(seen("inactive", [STOPPED]), seen("active", []), spoken) == []


def test_one_that_failed_by_itself_is_a_consequence_and_one_that_still_does_not_run_is_not_put_right() -> None:
    assert named(seen("failed", [STOPPED]), seen("active", [])) == []
    assert named(seen("inactive", [STOPPED]), seen("inactive", [STOPPED])) == []


def test_an_instance_is_named_by_its_frame_alone() -> None:
    instance = Difference("unit.running", "postfix@-.service", "active", "inactive", "running")
    assert named(seen("inactive", [instance]), seen("active", [])) == []


def test_without_a_last_known_good_afterwards_nothing_is_said() -> None:
    assert named(seen("inactive", [STOPPED]), seen("active", [], known_good=False)) == []
