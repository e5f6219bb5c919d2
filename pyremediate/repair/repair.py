"""The repair of one host: judge, try the next remedy in a transaction, look again, until it is healthy or nothing is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pyremediate import transaction as tx
from pyremediate.comparison.telling import leads_nowhere
from pyremediate.diagnosis import assess, diagnose, matrix
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.diagnosis.facts import dotted
from pyremediate.errors import Refused
from pyremediate.ledger.ledger import Looks
from pyremediate.lock import host_lock
from pyremediate.looking import look as looking
from pyremediate.model import (
    Answer,
    Assessment,
    Cause,
    Leg,
    Look,
    Outcome,
    Planned,
    Remedy,
    Step,
    Verification,
    to_json,
)
from pyremediate.repair import plan, verify
from pyremediate.search import empty_trial, put_right_along, suspects
from pyremediate.search.search import WITHOUT_KNOWN_GOOD, Found, Search, nothing_to_try, with_differences
from pyremediate.search.suspects import Suspect
from pyremediate.search.trial import code_of, may_be_narrowed, narrower
from pyremediate.stopwatch import Stopwatch

ASK_THE_REFUSER = (
    "Find out from them who cannot do what, and since when; then look from there:"
    " add that host to the group of vantage points, and run fix again."
)


class Repair:
    """What one run has seen and done so far. ``to_the_end`` is its only entry."""

    def __init__(
        self,
        context: tx.Context,
        faults: Catalogue,
        watch: Stopwatch,
        earlier: Sequence[plan.Cured] = (),
        refused: str = "",
    ) -> None:
        self.context = context
        self.faults = faults
        self.watch = watch
        self.earlier = earlier
        self.refused = refused  # what a person who refused to sign says is still wrong
        self.steps: list[Step] = []
        self.causes: dict[str, Cause] = {}
        self.tried: set[tuple[str, str]] = set()
        self.declined: list[Planned] = []
        self.checks: Sequence[Verification] = ()
        self.first: Assessment | None = None
        self.searched: set[str] = set()
        self.disproved: set[str] = set()  # what a search found and the verification did not bear out, by its code
        self.looks = Looks()
        self.vantage: Mapping[str, Any] | None = None
        self.in_vain: list[str] = []  # what a search excluded, for the human

    def to_the_end(self, look: Look) -> Outcome:
        """From the first look to the outcome; every remedy that was tried is kept, or undone, by then."""
        self.vantage = matrix.told(look)
        self._note_look("assess", look)
        while True:
            assessment, diagnosis = self._judge(look)
            if assess.overall(assessment, diagnosis.causes) is Answer.PASS:
                return self._healthy(assessment, look)
            planned = self._plan(diagnosis)
            if self.context.request.plan_only:
                return self._end(
                    "planned", assessment, diagnosis, planned, "nothing was done: only the plan was asked for"
                )
            chosen = self._choose(planned)
            if chosen is not None:
                look = self._attempt(chosen, self._cause(diagnosis, chosen.cause), look)
            elif (after := self._search(look, diagnosis, planned)) is not None:
                look = after
            else:
                return self._left_over(assessment, diagnosis, planned)
            if self._uncertain():
                return self._stopped(look)

    # -- looking -------------------------------------------------------------------------------------------------------------

    def _look(self, stage: str) -> Look:
        views, host = looking.Views.named("both", self.looks.since()), self.context.host
        with self.watch.stage(stage):
            look = looking.thorough(self.context.request, host, views)[host]
        self._note_look(stage, look)
        return look

    def _note_look(self, stage: str, look: Look) -> None:
        self.looks.note(look)
        self.context.record(stage, "look", {"look": look})

    # -- judging -------------------------------------------------------------------------------------------------------------

    def _judge(self, look: Look) -> tuple[Assessment, Diagnosis]:
        with self.watch.stage("diagnose"):
            assessment, diagnosis = assess.assess_look(look), diagnose.diagnose(self.faults, look)
        self.first = self.first or assessment
        self.causes |= {cause.code: cause for cause in diagnosis.causes if cause.code not in self.causes}
        self.context.record("assess", "assess", {"assessment": assessment})
        self.context.record("diagnose", "diagnose", {"diagnosis": to_json(diagnosis)})
        self.context.listener.stage("diagnose")
        for cause in diagnosis.causes:
            self.context.listener.note(f"{cause.code}: {cause.title}")
        return assessment, diagnosis

    def _cause(self, diagnosis: Diagnosis, code: str) -> Cause:
        return next(cause for cause in diagnosis.causes if cause.code == code)

    # -- choosing ------------------------------------------------------------------------------------------------------------

    def _plan(self, diagnosis: Diagnosis) -> list[Planned]:
        policy = self.context.request.settings.policy
        planned = plan.plan(diagnosis, policy, self.tried, self.earlier, datetime.now(UTC))
        self.context.record("plan", "plan", {"planned": planned})
        return planned

    def _choose(self, planned: Sequence[Planned]) -> Planned | None:
        """The first remedy that policy lets go, or that somebody consents to; those declined are remembered with the reason."""
        for item in planned:
            if item.decision == plan.GO or (item.decision == plan.ASK and self._consent(item)):
                return item
        return None

    def _consent(self, item: Planned) -> bool:
        if item in self.declined:
            return False
        if self.context.consented(item):
            return True
        self.declined.append(item)
        return False

    # -- acting --------------------------------------------------------------------------------------------------------------

    def _attempt(self, item: Planned, cause: Cause, before: Look) -> Look:
        """One transaction: apply, look again, keep or undo; returns the look after it."""
        self.tried.add((item.cause, item.remedy.name))
        device = item.remedy.device
        try:
            with host_lock(device) if device else nullcontext():
                return self._attempted(item, cause, before)
        except Refused as error:  # another run, for another mail host behind the same router
            self.steps.append(tx.not_begun(self.context, item.cause, item.remedy, len(self.steps) + 1, str(error)))
            return before

    def _attempted(self, item: Planned, cause: Cause, before: Look) -> Look:
        if (after := self._narrowed(item, cause, before)) is not None:
            return after
        self.context.listener.stage("fix")
        with self.watch.stage("fix"):
            step = tx.carry_out(self.context, item.cause, item.remedy, len(self.steps) + 1)
        self.context.listener.stage("verify")
        after = self._look("verify")
        if step.state in {"done", "unknown"}:
            step, after = self._settle(step, cause, before, after)
        self.steps.append(step)
        return after

    def _narrowed(self, item: Planned, cause: Cause, look: Look) -> Look | None:
        """A rollback of a whole file or ruleset in which several places differ: only those that are needed go back."""
        own = [leg for leg in look.legs if dotted(leg) in cause.legs]
        leg = suspects.target(own) or suspects.target(look.legs)
        if leg is None or look.known_good_at is None or item.remedy.class_ != "rollback":
            return None
        if not may_be_narrowed(item.remedy):
            return None
        look = with_differences(self.context.request, look)
        look = replace(look, differences=narrower(item.remedy, look))
        found = self._searched(look, leg, suspects.ranked(look, leg)) if look.differences else Found()
        if found.step is None:
            return self._look("verify") if self._uncertain() else None
        return self._proved(cause, found.step, look)

    def _settle(self, step: Step, cause: Cause, before: Look, after: Look) -> tuple[Step, Look]:
        judgement = verify.judge(cause, before, after, diagnose.diagnose(self.faults, after))
        self.checks = judgement.checks
        self.context.record("verify", "verify", {"judgement": to_json(judgement)})
        if judgement.verdict != verify.UNDO:
            named = (*self.causes.values(), cause)
            self.causes |= {each.code: each for each in put_right_along.causes(step, before, after, named)}
            return tx.keep(self.context, step, judgement.reason), after
        self.context.listener.stage("undo")
        with self.watch.stage("undo"):
            step = tx.undo(self.context, step, judgement.reason)
        return step, self._look("verify")

    # -- searching -----------------------------------------------------------------------------------------------------------

    def _search(self, look: Look, diagnosis: Diagnosis, planned: Sequence[Planned]) -> Look | None:
        """No rule has anything left: try the differences; returns the look after what was proved, None when nothing was."""
        leg = self._searchable(look, diagnosis, planned)
        if leg is None:
            return None
        self.searched.add(dotted(leg))
        look = with_differences(self.context.request, look)
        suspected = tuple(each for each in suspects.ranked(look, leg) if code_of((each,)) not in self.disproved)
        if not suspected or (look.known_good_at is None and not self._consent(WITHOUT_KNOWN_GOOD)):
            self.in_vain.append(nothing_to_try(look, leg, leg not in diagnosis.unexplained))
            suspected = ()
        may_restart = self._permits("restart") and empty_trial.CODE not in self.disproved
        restart = empty_trial.remedy_for(look, leg) if may_restart else None
        found = self._searched(look, leg, suspected, restart) if suspected or restart else Found()
        if found.step is None or found.cause is None:
            self.in_vain += [*found.told, *leads_nowhere(look)]
            return self._look("verify") if self._uncertain() else None
        self.causes.setdefault(found.cause.code, found.cause)
        self.context.record("diagnose", "diagnose", {"diagnosis": to_json(Diagnosis(causes=(found.cause,)))})
        self.context.listener.note(f"{found.cause.code}: {found.cause.title}")
        after = self._proved(found.cause, found.step, look)
        if self.steps[-1].state == "undone":
            self._disprove(found.cause.code, leg)
        return after

    def _disprove(self, code: str, leg: Leg) -> None:
        """One leg passed once, and mail did not flow: what was found is not the cause, and the others are still suspects."""
        self.causes.pop(code, None)
        if code not in self.disproved:
            self.disproved.add(code)
            self.searched.discard(dotted(leg))

    def _permits(self, class_: str) -> bool:
        """May remedies of this class go without asking about each?"""
        policy = self.context.request.settings.policy
        return class_ not in policy.never and (class_ in policy.unattended or self.context.request.assume_yes)

    def _searched(self, look: Look, leg: Leg, suspected: Sequence[Suspect], restart: Remedy | None = None) -> Found:
        """One search among suspects; its trials are steps of this run."""
        self.context.listener.stage("search")
        with self.watch.stage("search"):
            search = Search(self.context, look, leg, len(self.steps) + 1, restart)
            found = search.run(suspected)
        self.steps += search.steps
        if found.stopped:
            self.context.record("fix", "note", {"text": found.stopped})
        return found

    def _searchable(self, look: Look, diagnosis: Diagnosis, planned: Sequence[Planned]) -> Leg | None:
        """The leg to search for: one that no rule accounts for; where a rule does, only when its remedies were tried in vain.

        None where policy does not let a rollback go unattended, or forbids it.
        """
        policy, budget = self.context.request.settings.policy, self.context.request.settings.search.trials
        if not self._permits("rollback") or not budget or look.evidence is None:
            return None
        left = [item for item in planned if len(self.tried) < policy.attempts or item.remedy.class_ == "escalate"]
        leg = suspects.target(diagnosis.unexplained) or (None if left else suspects.target(look.legs))
        return None if leg is None or dotted(leg) in self.searched else leg

    def _proved(self, cause: Cause, step: Step, before: Look) -> Look:
        """A trial opened its leg: now the whole verification, as of every other remedy."""
        self.context.listener.stage("verify")
        step, after = self._settle(step, cause, before, self._look("verify"))
        self.steps.append(step)
        return after

    # -- ending --------------------------------------------------------------------------------------------------------------

    def _uncertain(self) -> bool:
        """Did the last step end in a way after which the host may not be as we think?"""
        return bool(self.steps) and self.steps[-1].state not in tx.ENDED_WELL

    def _kept(self) -> bool:
        return any(step.state == "kept" for step in self.steps)

    def _healthy(self, assessment: Assessment, look: Look) -> Outcome:
        if self._kept():
            self._release(look)
        elif self.refused:
            self.in_vain += [f"{self.refused}.", ASK_THE_REFUSER]
            reason = f"{self.refused}; every check passes, so what is wrong is nothing that is looked at here"
            return self._end("escalated", assessment, Diagnosis(), (), reason, look)
        outcome = "repaired" if self._kept() else "healthy"
        return self._end(outcome, self.first or assessment, Diagnosis(), (), assessment.sentence, look)

    def _release(self, look: Look) -> None:
        """Mail that waited because of the fault is tried once, now that it is proved gone."""
        if waiting(look):
            with self.watch.stage("verify"):
                tx.release_queue(self.context)
                self._note_look("verify", looking.after_release(self.context.request, look, self.looks.since()))

    def _left_over(self, assessment: Assessment, diagnosis: Diagnosis, planned: Sequence[Planned]) -> Outcome:
        """Nothing more may be tried: what is the outcome, and what must a human do?"""
        if assessment.answer is Answer.UNKNOWN and not diagnosis.causes:
            return self._end("unknown", assessment, diagnosis, planned, assessment.sentence)
        if not self.tried and any(item.decision in {plan.ASK, plan.REFUSE} for item in planned):
            return self._end("refused", assessment, diagnosis, planned, planned[0].reason)
        undone = self.steps and not self._kept() and not diagnosis.causes and not self.searched
        return self._end("undone" if undone else "escalated", assessment, diagnosis, planned, assessment.sentence)

    def _stopped(self, look: Look) -> Outcome:
        step = self.steps[-1]
        assessment, diagnosis = self._judge(look)
        self.context.record("fix", "error", {"step": step})
        return self._end("escalated", assessment, diagnosis, (), f"stopped: {step.remedy.title}: {step.reason}", look)

    def _end(
        self,
        outcome: str,
        assessment: Assessment,
        diagnosis: Diagnosis,
        planned: Sequence[Planned],
        reason: str,
        look: Look | None = None,
    ) -> Outcome:
        """The outcome, on record."""
        outcome, missing, ledger = self.looks.ending(outcome)
        human = (
            [*missing, *plan.human_steps(diagnosis, planned), *self.in_vain]
            if outcome not in {"healthy", "repaired"}
            else []
        )
        ended = Outcome(
            incident=self.context.incident,
            host=self.context.host,
            outcome=outcome,
            scope=assessment.scope,
            severity=assess.severity(assessment, self.causes.values()),
            causes=tuple(self.causes.values()),
            actions=tuple(self.steps),
            verification=(*self.checks, *(looking.checks(look) if look else ())),
            seconds=self.watch.seconds,
            reason=reason,
            human=tuple(human),
            planned=tuple(planned),
            ledger=ledger,
            vantage=self.vantage,
        )
        if outcome == "escalated":
            self.context.record("fix", "escalate", {"human": human})
        self.context.record("review", "end", {"outcome": ended})
        return ended


def waiting(look: Look) -> bool:
    """Is there deferred mail in the queue?"""
    section = look.evidence.data().get("postfix", {}) if look.evidence else {}
    return bool(section.get("queue", {}).get("counts", {}).get("deferred"))
