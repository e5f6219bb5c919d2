"""``audit --fix``: drifts put back in transactions, each proved by real test mail, or undone. The loop over one host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyremediate import transaction as tx
from pyremediate.audit.batches import Batch, OfHost, Subject, cause_of
from pyremediate.audit.values import Drift, key
from pyremediate.diagnosis import assess, diagnose, matrix
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.ledger.ledger import Looks
from pyremediate.looking import look as looking
from pyremediate.model import Answer, Assessment, Cause, Look, Outcome, Planned, Step, Verification, to_json
from pyremediate.repair import plan, verify
from pyremediate.search.trial import soft_bounce
from pyremediate.stopwatch import Stopwatch


class Restore:
    """What one run has put back so far. ``to_the_end`` is its only entry."""

    def __init__(
        self, context: tx.Context, faults: Catalogue, watch: Stopwatch, drifts: Sequence[Drift], subject: Subject | None = None
    ) -> None:
        self.subject: Subject = subject or OfHost()
        self.context = context
        self.faults = faults
        self.watch = watch
        self.drifts = drifts
        self.looks = Looks()
        self.steps: list[Step] = []
        self.causes: dict[str, Cause] = {}
        self.checks: Sequence[Verification] = ()
        self.left: list[tuple[Batch, Planned]] = []  # what policy, or the operator, did not allow
        self.vantage: Mapping[str, Any] | None = None
        self.typed: Sequence[str] = ()  # by a human, where nothing can be changed from here

    def to_the_end(self, look: Look) -> Outcome:
        """From the first look to the outcome; every step is kept, or undone, by then."""
        self.vantage = matrix.told(look)
        self._note("assess", look)
        assessment = assess.assess_look(look)
        self.context.record("assess", "assess", {"assessment": assessment})
        if assessment.answer is Answer.UNKNOWN:
            return self._end("unknown", assessment, look, f"nothing was put back: whether mail flows {assessment.sentence}")
        self.typed = self.subject.by_hand(look)
        todo = list(self.subject.batches(self.drifts, look))
        while todo:
            batch = self._still(todo.pop(0), look)
            if not batch.differences:
                continue  # it went back along with an earlier one
            item = self.subject.planned(batch, look, self.context.request.settings.policy)
            if not self._may(item):
                self.left.append((batch, item))
                continue
            step, look = self._attempt(batch, item, look)
            if step.state not in tx.ENDED_WELL:
                return self._end("escalated", assessment, look, f"stopped: {step.remedy.title}: {step.reason}")
            todo[:0] = self.subject.parts(batch) if step.state != "kept" else ()
        return self._ended(assess.assess_look(look), look)

    def _still(self, batch: Batch, look: Look) -> Batch:
        """What is left of it in this look."""
        there = {key(difference) for difference in self.subject.differences(look)}
        return replace(batch, differences=tuple(each for each in batch.differences if key(each) in there))

    def _may(self, item: Planned) -> bool:
        self.context.record("plan", "plan", {"planned": [item]})
        return item.decision == plan.GO or (item.decision == plan.ASK and self.context.consented(item))

    def _attempt(self, batch: Batch, item: Planned, before: Look) -> tuple[Step, Look]:
        """One transaction; the look after it."""
        cause = cause_of(batch)
        self.causes.setdefault(cause.code, cause)
        self.context.listener.stage("fix")
        with self.watch.stage("fix"):
            step = tx.carry_out(self.context, item.cause, item.remedy, len(self.steps) + 1, trial=self.subject.trial)
            if step.state == "tried":
                step = tx.settle(self.context, step, soft_bounce(before))
        after = self._look("verify")
        if step.state == "done":
            step, after = self._proved(step, batch, cause, before, after)
        self.steps.append(step)
        return step, after

    def _proved(self, step: Step, batch: Batch, cause: Cause, before: Look, after: Look) -> tuple[Step, Look]:
        """Kept, when the drift is gone and nothing that worked fails; else undone."""
        judgement = verify.judge(cause, before, after, diagnose.diagnose(self.faults, after))
        self.checks = judgement.checks
        self.context.record("verify", "verify", {"judgement": to_json(judgement)})
        there = {key(difference) for difference in self.subject.differences(after)}
        stays = [difference.sentence() for difference in batch.differences if key(difference) in there]
        if judgement.verdict != verify.UNDO and not stays:
            return tx.keep(self.context, step, "it is as its known good again, and nothing that worked fails"), after
        self.context.listener.stage("undo")
        with self.watch.stage("undo"):
            words = judgement.reason if judgement.verdict == verify.UNDO else f"it did not last: {'; '.join(stays)}"
            step = tx.undo(self.context, step, words)
        return step, self._look("verify")

    def _look(self, stage: str) -> Look:
        self.context.listener.stage(stage)
        host, views = self.context.host, looking.Views.named("both", self.looks.since())
        with self.watch.stage(stage):
            look = looking.thorough(self.context.request, host, views)[host]
        self._note(stage, look)
        return look

    def _note(self, stage: str, look: Look) -> None:
        self.looks.note(look)
        self.context.record(stage, "look", {"look": look})

    def _ended(self, assessment: Assessment, look: Look) -> Outcome:
        """repaired: all that was allowed is put back; refused: nothing was; undone: nothing of what was tried was kept."""
        if not self.steps:
            reasons = [item.reason for _, item in self.left] or ["nothing that can be put back has drifted"]
            return self._end("refused" if self.left else "healthy", assessment, look, reasons[0])
        if not any(step.state == "kept" for step in self.steps):
            return self._end("undone", assessment, look, self.steps[-1].reason)
        tx.release_queue(self.context)  # what came while services restarted waits for its next try
        forbidden = {key(difference) for batch, _ in self.left for difference in batch.differences}
        left = self.subject.batches(self.drifts, look)
        stays = {key(each) for batch in left for each in batch.differences} - forbidden
        whole = not stays and assessment.answer is Answer.PASS
        return self._end("repaired" if whole else "escalated", assessment, look, assessment.sentence)

    def _end(self, outcome: str, assessment: Assessment, look: Look, reason: str) -> Outcome:
        """The outcome, on record."""
        outcome, missing, ledger = self.looks.ending(outcome)
        human = [*missing, *self._human(look)]
        ended = Outcome(
            incident=self.context.incident,
            host=self.context.host,
            outcome=outcome,
            scope=assessment.scope,
            severity=assessment.severity,
            causes=tuple(self.causes.values()),
            actions=tuple(self.steps),
            verification=(*self.checks, *looking.checks(look)),
            seconds=self.watch.seconds,
            reason=reason,
            human=human,
            planned=tuple(item for _, item in self.left),
            ledger=ledger,
            vantage=self.vantage,
        )
        if outcome == "escalated":
            self.context.record("fix", "escalate", {"human": human})
        self.context.record("review", "end", {"outcome": ended})
        return ended

    def _human(self, look: Look) -> list[str]:
        there = {key(difference) for difference in self.subject.differences(look)}
        left = [f"{item.remedy.title} was not done: {item.reason}." for _, item in self.left]
        no_way = "there is no way back on record, or it would take back what a rule accepts"
        left_over = [drift for drift in self.drifts if not drift.can_be_put_back and key(drift.difference) in there]
        cannot = [f"{drift.sentence}: {no_way}." for drift in left_over]
        undone = [f"{step.remedy.title} was undone: {step.reason}." for step in self.steps if step.state == "undone"]
        return [*left, *undone, *cannot, *self.typed]
