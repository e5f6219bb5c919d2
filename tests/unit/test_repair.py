"""The loop: judge, try, look again, keep or undo. The hosts are played by recorded looks; the judgement is the real one's shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pyremediate.diagnosis import diagnose
from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.lock import host_lock
from pyremediate.model import Answer, Cause, Difference, Leg, Look, Planned, Remedy, Step
from pyremediate.progress import Silent
from pyremediate.repair import repair, verify
from pyremediate.repair.plan import Cured
from pyremediate.request import AnsibleOptions, Request
from pyremediate.search import empty_trial
from pyremediate.search.search import Found
from pyremediate.search.suspects import Suspect
from pyremediate.search.trial import code_of
from pyremediate.settings import Settings
from pyremediate.stopwatch import Stopwatch
from pyremediate.transaction import Context
from tests.unit.incidents import Memory
from tests.unit.looks import healthy_evidence

RESTART = Remedy("start", "restart", "Start the service", "services", "start")
ROLLBACK = Remedy("roll_back", "rollback", "Roll the parameter back", "postfix", "rollback")
PATCH = Remedy("patch", "patch", "Install the newer package", "packages", "upgrade")


def cause(*remedies: Remedy, code: str = "services/postfix_stopped") -> Cause:
    return Cause(
        code, "Postfix is stopped", "services", "critical", ("seen",), remedies=remedies, legs=("inbound.connect",)
    )


def look(broken: bool, inside: bool = True) -> Look:
    answer = Answer.FAIL if broken else Answer.PASS
    leg = Leg("inbound", "connect", answer, "peer01", "Connection refused" if broken else "")
    return Look("mail01", healthy_evidence() if inside else None, (leg,), unreachable="" if inside else "refused")


@dataclass
class Stage:
    """The host and its judges: what each look sees, what each diagnosis says, how each step ends."""

    looks: list[Look]
    diagnoses: list[Diagnosis]
    step_states: list[str] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def play(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(repair.looking, "thorough", lambda *_: {"mail01": self.looks.pop(0)})
        monkeypatch.setattr(
            diagnose, "diagnose", lambda *_: self.diagnoses[0] if len(self.diagnoses) == 1 else self.diagnoses.pop(0)
        )
        monkeypatch.setattr(verify, "judge", lambda *_: verify.Judgement(self.verdicts.pop(0), "because", ()))
        monkeypatch.setattr(repair.tx, "carry_out", self.carry_out)
        monkeypatch.setattr(repair.tx, "keep", self.ender("kept"))
        monkeypatch.setattr(repair.tx, "undo", self.ender("undone"))

    def carry_out(self, _: Context, code: str, remedy: Remedy, number: int) -> Step:
        self.done.append(remedy.name)
        return Step(number, code, remedy, f"incident-{number}", self.step_states.pop(0) if self.step_states else "done")

    def ender(self, state: str) -> Callable[..., Step]:
        def end(_: Context, step: Step, reason: str) -> Step:
            self.done.append(state)
            return replace(step, state=state, reason=reason)

        return end


def run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, first: Look, refused: str = "", **request: Any
) -> tuple[Any, Memory]:
    stage.play(monkeypatch)
    memory = Memory()
    asked = Request("mail01", AnsibleOptions(), Settings(), actor="test", **request)
    context = Context(asked, memory, "incident", "mail01", Silent())  # type: ignore[arg-type]
    return repair.Repair(context, None, Stopwatch(), refused=refused).to_the_end(first), memory  # type: ignore[arg-type]


def test_a_host_that_a_person_says_is_broken_is_not_called_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([], diagnoses(()))
    outcome, _ = run(stage, monkeypatch, look(broken=False), refused="bob refused to sign X: sales cannot send")
    assert outcome.outcome == "escalated" and "sales cannot send; every check passes" in outcome.reason
    assert outcome.human == ("bob refused to sign X: sales cannot send.", repair.ASK_THE_REFUSER)


def test_what_a_person_says_is_broken_is_repaired_when_a_cause_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(broken=False)], diagnoses([cause(RESTART)], (), ()), verdicts=[verify.KEPT])
    outcome, _ = run(stage, monkeypatch, look(broken=True), refused="bob refused to sign X: sales cannot send")
    assert outcome.outcome == "repaired"


def diagnoses(*causes: Sequence[Cause]) -> list[Diagnosis]:
    return [Diagnosis(causes=tuple(found)) for found in causes]


def test_a_healthy_host_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([], diagnoses(()))
    outcome, memory = run(stage, monkeypatch, look(broken=False))
    assert (outcome.outcome, stage.done) == ("healthy", [])
    assert memory.kinds[-1] == "end"


def test_a_remedy_that_is_proved_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(broken=False)], diagnoses([cause(RESTART)], (), ()), verdicts=[verify.KEPT])
    outcome, _ = run(stage, monkeypatch, look(broken=True))
    assert (outcome.outcome, stage.done) == ("repaired", ["start", "kept"])
    assert [item.code for item in outcome.causes] == ["services/postfix_stopped"]


def test_a_remedy_that_proves_nothing_is_undone_and_the_next_one_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [cause(RESTART, ROLLBACK)]
    stage = Stage(
        [look(broken=True), look(broken=True), look(broken=False)],
        diagnoses(found, found, found, ()),
        verdicts=[verify.UNDO, verify.KEPT],
    )
    outcome, _ = run(stage, monkeypatch, look(broken=True))
    assert stage.done == ["start", "undone", "roll_back", "kept"]
    assert outcome.outcome == "repaired"


def test_when_nothing_helps_everything_is_put_back_and_a_human_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(broken=True)] * 2, diagnoses([cause(RESTART)]), verdicts=[verify.UNDO])
    outcome, memory = run(stage, monkeypatch, look(broken=True))
    assert (outcome.outcome, stage.done) == ("escalated", ["start", "undone"])
    assert "escalate" in memory.kinds


def test_a_step_that_could_not_be_put_back_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(broken=True)], diagnoses([cause(RESTART, ROLLBACK)]), step_states=["undo_refused"])
    outcome, _ = run(stage, monkeypatch, look(broken=True))
    assert (outcome.outcome, stage.done) == ("escalated", ["start"])
    assert outcome.reason.startswith("stopped:")


def test_what_policy_wants_consent_for_is_not_done_when_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([], diagnoses([cause(PATCH)]))
    outcome, _ = run(stage, monkeypatch, look(broken=True))
    assert (outcome.outcome, stage.done) == ("refused", [])
    assert "consent" in outcome.reason


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_at_the_terminal_decides(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    asked: list[Planned] = []

    def approve(item: Planned) -> bool:
        asked.append(item)
        return answer

    stage = Stage(
        [look(broken=False)],
        diagnoses([cause(PATCH)], (), ()) if answer else diagnoses([cause(PATCH)]),
        verdicts=[verify.KEPT],
    )
    outcome, _ = run(stage, monkeypatch, look(broken=True), approve=approve)
    assert outcome.outcome == ("repaired" if answer else "refused")
    assert len(asked) == 1


def test_a_plan_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([], diagnoses([cause(RESTART)]))
    outcome, _ = run(stage, monkeypatch, look(broken=True), plan_only=True)
    assert (outcome.outcome, stage.done) == ("planned", [])
    assert [item.remedy.name for item in outcome.planned] == ["start"]


def test_a_host_that_cannot_be_observed_is_unknown_and_never_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([], diagnoses(()))
    outcome, _ = run(stage, monkeypatch, look(broken=False, inside=False))
    assert outcome.outcome == "unknown"


def test_a_cause_that_comes_back_goes_to_a_human_instead_of_being_restarted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage([], diagnoses([cause(RESTART)]))
    stage.play(monkeypatch)
    asked = Request("mail01", AnsibleOptions(), Settings(), actor="test", assume_yes=True)
    context = Context(asked, Memory(), "incident", "mail01", Silent())  # type: ignore[arg-type]
    earlier = [Cured("services/postfix_stopped", "start", datetime.now(UTC))]
    outcome = repair.Repair(context, None, Stopwatch(), earlier).to_the_end(look(broken=True))  # type: ignore[arg-type]
    assert (outcome.outcome, stage.done) == ("escalated", [])
    assert "came back" in outcome.human[0]


class Searched:
    """In place of a search: what it was asked to open, and what it comes to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, finds: bool) -> None:
        self.legs: list[str] = []
        found_step = Step(1, "difference/file /etc/x", ROLLBACK, "incident-1", "done") if finds else None
        found_cause = cause(code="difference/file /etc/x") if finds else None
        outer = self

        class Fake:
            steps: Sequence[Step] = ()

            def __init__(self, context: Context, seen: Look, leg: Leg, number: int, restart: Remedy | None) -> None:
                outer.legs.append(f"{leg.path}.{leg.name}")

            def run(self, suspected: Sequence[Any]) -> Found:
                return Found(
                    found_cause, found_step, told=() if finds else ("Why inbound.connect fails is not known.",)
                )

        monkeypatch.setattr(repair, "Search", Fake)
        monkeypatch.setattr(repair, "with_differences", lambda _, seen: seen)


def differing() -> Look:
    """A broken host that differs from its known good in something that its first leg depends on."""
    different = Difference("postfix.parameter", "inet_interfaces", "all", "loopback-only")
    return replace(look(broken=True), differences=(different,), known_good_at=datetime(2026, 11, 25, tzinfo=UTC))


def test_what_no_rule_names_is_searched_for_and_verified_like_any_other_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = Searched(monkeypatch, finds=True)
    stage = Stage([look(broken=False)], diagnoses((), (), ()), verdicts=[verify.KEPT])
    outcome, memory = run(stage, monkeypatch, differing())
    assert searched.legs == ["inbound.connect"]
    assert (outcome.outcome, stage.done) == ("repaired", ["kept"])
    assert [item.code for item in outcome.causes] == ["difference/file /etc/x"]
    assert "verify" in memory.kinds


def test_what_a_search_found_and_the_verification_did_not_bear_out_is_no_cause_and_the_others_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[bool, list[str]]] = []

    class Fake:
        steps: Sequence[Step] = ()

        def __init__(self, context: Context, seen: Look, leg: Leg, number: int, restart: Remedy | None) -> None:
            self.restart = restart

        def run(self, suspected: Sequence[Suspect]) -> Found:
            asked.append((self.restart is not None, [each.difference.name for each in suspected]))
            code = empty_trial.CODE if self.restart else code_of(suspected[:1])
            return Found(cause(code=code), Step(1, code, ROLLBACK, "incident-1", "done"))

    monkeypatch.setattr(repair, "Search", Fake)
    monkeypatch.setattr(repair, "with_differences", lambda _, seen: seen)
    monkeypatch.setattr(empty_trial, "remedy_for", lambda *_: RESTART)
    other = Difference("postfix.parameter", "inet_protocols", "all", "ipv6")
    first = replace(differing(), differences=(*differing().differences, other))
    stage = Stage([first] * 4 + [look(broken=False)], diagnoses(()), verdicts=["undo", "undo", verify.KEPT])
    outcome, _ = run(stage, monkeypatch, first)
    both = ["inet_interfaces", "inet_protocols"]
    assert asked == [(True, both), (False, both), (False, ["inet_protocols"])]
    assert [item.code for item in outcome.causes] == ["difference/postfix.parameter inet_protocols"]
    assert outcome.outcome == "repaired"


def test_a_search_that_finds_nothing_is_made_once_and_told_to_the_human(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = Searched(monkeypatch, finds=False)
    outcome, _ = run(Stage([], diagnoses(())), monkeypatch, differing())
    assert searched.legs == ["inbound.connect"]
    assert outcome.outcome == "escalated"
    assert "Why inbound.connect fails is not known." in outcome.human


def test_a_rule_that_waits_for_consent_does_not_keep_from_searching_for_what_it_does_not_account_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched = Searched(monkeypatch, finds=False)
    waiting = replace(cause(PATCH, code="packages/postfix_patch_available"), legs=())
    first = differing()
    run(Stage([], [Diagnosis(causes=(waiting,), unexplained=tuple(first.legs))]), monkeypatch, first)
    assert searched.legs == ["inbound.connect"]


def test_where_a_rule_knows_the_cause_and_a_human_has_the_say_nothing_is_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched = Searched(monkeypatch, finds=True)
    outcome, _ = run(Stage([], diagnoses([cause(PATCH)])), monkeypatch, differing())
    assert (outcome.outcome, searched.legs) == ("refused", [])


def test_a_router_that_another_run_works_on_is_left_to_it_and_the_step_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    stage = Stage([], diagnoses([cause(replace(RESTART, on="router01"))]))
    with host_lock("router01"):
        outcome, _ = run(stage, monkeypatch, look(broken=True))
    assert (outcome.outcome, stage.done) == ("escalated", [])
    assert [step.state for step in outcome.actions] == ["failed"]
    assert outcome.actions[0].reason.startswith("router01 is being worked on by pyremediate, process ")


def test_two_machines_can_be_switched_on_at_once_from_the_controller(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    away = replace(RESTART, on="localhost")
    stage = Stage([look(broken=False)], diagnoses([cause(away)], (), ()), verdicts=[verify.KEPT])
    with host_lock("localhost"):
        outcome, _ = run(stage, monkeypatch, look(broken=True))
    assert [step.state for step in outcome.actions] == ["kept"]
