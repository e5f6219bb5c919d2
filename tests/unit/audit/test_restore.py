"""Drifts are put back in transactions: the host is played by looks, the judgement of policy and of what remains is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pyremediate.audit import restore
from pyremediate.audit.judge import judge
from pyremediate.diagnosis import diagnose
from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.model import Answer, Difference, Leg, Look, Outcome, Remedy, Step
from pyremediate.progress import Silent
from pyremediate.repair import verify
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import PolicySettings, Settings
from pyremediate.stopwatch import Stopwatch
from pyremediate.transaction import Context
from tests.unit.incidents import Memory
from tests.unit.looks import healthy_evidence

RELAYHOST = Difference("postfix.parameter", "relayhost", "", "[smart]")
BANNER = Difference("postfix.parameter", "smtpd_banner", "$myhostname", "hello")
RULES = Difference("firewall", "ruleset", ["drop"], ["accept"], "rules")
SETTING = Difference("dovecot.setting", "ssl", "required", "yes")  # put back by its file


def look(*differences: Difference, answer: Answer = Answer.PASS) -> Look:
    leg = Leg("inbound", "connect", answer, "peer01", "refused" if answer is Answer.FAIL else "")
    return Look("mail01", healthy_evidence(), (leg,), differences=differences)


@dataclass
class Stage:
    """What each look after a step sees, and how the steps end."""

    looks: list[Look]
    verdicts: list[str] = field(default_factory=list)
    carried_out: list[Remedy] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def play(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(restore.looking, "thorough", lambda *_: {"mail01": self.looks.pop(0)})
        monkeypatch.setattr(diagnose, "diagnose", lambda *_: Diagnosis())
        monkeypatch.setattr(verify, "judge", lambda *_: verify.Judgement(self.verdicts.pop(0), "because", ()))
        monkeypatch.setattr(restore.tx, "carry_out", self.carry_out)
        monkeypatch.setattr(restore.tx, "release_queue", lambda context: self.ended.append("released"))
        monkeypatch.setattr(restore.tx, "settle", lambda context, step, was: replace(step, state="done"))
        for name, state in (("keep", "kept"), ("undo", "undone")):
            monkeypatch.setattr(restore.tx, name, self.ender(state))

    def carry_out(self, context: Context, code: str, remedy: Remedy, number: int, trial: bool) -> Step:
        assert trial  # it is protected, and a run that is cut off leaves it to be undone
        self.carried_out.append(remedy)
        return Step(number, code, remedy, f"incident-{number}", "tried")

    def ender(self, state: str) -> Any:
        def end(context: Context, step: Step, reason: str) -> Step:
            self.ended.append(state)
            return replace(step, state=state, reason=reason)

        return end


def run(
    monkeypatch: pytest.MonkeyPatch,
    stage: Stage,
    first: Look,
    drifted: Sequence[Difference] = (),
    policy: PolicySettings | None = None,
    **request: Any,
) -> Outcome:
    stage.play(monkeypatch)
    asked = Request("mail01", AnsibleOptions(), Settings(policy=policy or PolicySettings()), actor="test", **request)
    context = Context(asked, Memory(), "incident", "mail01", Silent())  # type: ignore[arg-type]
    drifts = judge("mail01", drifted or first.differences).drifts
    return restore.Restore(context, None, Stopwatch(), drifts).to_the_end(first)  # type: ignore[arg-type]


def names(remedy: Remedy) -> list[str]:
    return [each["name"] for each in remedy.variables["known_good_differences"]]


def test_what_has_one_owner_goes_back_in_one_step_and_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look()], [verify.KEPT])
    outcome = run(monkeypatch, stage, look(RELAYHOST, BANNER))
    assert (outcome.outcome, stage.ended) == ("repaired", ["kept", "released"])
    assert names(stage.carried_out[0]) == ["relayhost", "smtpd_banner"]


def test_a_step_after_which_mail_does_not_flow_is_undone_and_its_parts_are_tried_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    both, one = look(RELAYHOST, BANNER), look(RELAYHOST)
    stage = Stage([both, both, both, both, one], [verify.UNDO, verify.UNDO, verify.KEPT])
    outcome = run(monkeypatch, stage, both)
    assert [names(remedy) for remedy in stage.carried_out] == [["relayhost", "smtpd_banner"], ["relayhost"], ["smtpd_banner"]]
    assert (outcome.outcome, stage.ended) == ("escalated", ["undone", "undone", "kept", "released"])
    assert any("because" in sentence for sentence in outcome.human)


def test_what_drifts_again_at_once_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(RELAYHOST), look(RELAYHOST)], [verify.KEPT])
    outcome = run(monkeypatch, stage, look(RELAYHOST))
    assert (outcome.outcome, stage.ended) == ("undone", ["undone"])
    assert "it did not last" in outcome.reason


def test_what_policy_would_ask_about_is_left_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(RULES)], [verify.KEPT])
    outcome = run(monkeypatch, stage, look(RELAYHOST, RULES))
    assert [names(remedy) for remedy in stage.carried_out] == [["relayhost"]]
    assert outcome.outcome == "repaired" and "policy wants consent for network" in outcome.human[0]


def test_with_consent_it_is_put_back_last_as_the_riskiest_under_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([look(RULES), look()], [verify.KEPT, verify.KEPT])
    outcome = run(monkeypatch, stage, look(RULES, RELAYHOST), assume_yes=True)
    assert [names(remedy) for remedy in stage.carried_out] == [["relayhost"], ["ruleset"]]
    assert [remedy.class_ for remedy in stage.carried_out] == ["rollback", "network"]
    assert outcome.outcome == "repaired"


def test_what_policy_never_allows_is_not_done_with_consent_either(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = PolicySettings(unattended=("restart",), never=("rollback",))
    stage = Stage([])
    outcome = run(monkeypatch, stage, look(RELAYHOST), policy=policy, assume_yes=True)
    assert (outcome.outcome, stage.carried_out) == ("refused", [])


def test_nothing_is_touched_where_nobody_can_tell_whether_mail_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([])
    outcome = run(monkeypatch, stage, look(RELAYHOST, answer=Answer.UNKNOWN))
    assert (outcome.outcome, stage.carried_out) == ("unknown", [])


def test_what_was_put_back_meanwhile_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage([])
    assert run(monkeypatch, stage, look(), [RELAYHOST]).outcome == "healthy"
    assert stage.carried_out == []


def test_what_has_no_way_back_is_for_a_human(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run(monkeypatch, Stage([]), look(SETTING))
    assert outcome.outcome == "healthy" and "there is no way back on record" in outcome.human[0]


def test_what_went_back_with_its_file_is_nothing_for_a_human(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = run(monkeypatch, Stage([look()], [verify.KEPT]), look(RELAYHOST, SETTING))
    assert (outcome.outcome, outcome.human) == ("repaired", [])
