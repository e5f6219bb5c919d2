"""The search for a cause that no rule names: differences from the last known good, put back in trials until the leg opens.

Each trial is a transaction of its own (``pyremediate.transaction``) and probes one leg, from the vantage point that saw it fail.
What does not prove is undone before the next trial. Which trial comes next is decided by ``suspects``, which is pure.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyremediate import transaction
from pyremediate.comparison import packaged
from pyremediate.diagnosis.facts import dotted
from pyremediate.looking import look as looking
from pyremediate.looking.hunks import finer
from pyremediate.model import SEARCHED, Answer, Cause, Leg, Look, Planned, Remedy, Step
from pyremediate.request import Request
from pyremediate.search import empty_trial, suspects
from pyremediate.search.suspects import Strategy, Suspect
from pyremediate.search.trial import PUT_BACK, cause_of, code_of, remedy_for, soft_bounce

WITHOUT_KNOWN_GOOD = Planned(
    f"{SEARCHED}packages",
    Remedy("as_packaged", "rollback", "Try what the packages expect of their files, permissions and databases"),
    "ask",
    "this host has no last known good, so less is known, and with less confidence",
)


@dataclass(frozen=True)
class Found:
    """What a search came to. ``step`` is done and waits for the verification; None when nothing opened the leg.

    ``stopped``  why the search ended early, in words; the host is as it was found unless a step says otherwise
    ``told``     for the human who goes on, when nothing was found: what is excluded, and by which proof
    """

    cause: Cause | None = None
    step: Step | None = None
    stopped: str = ""
    told: Sequence[str] = ()


class Search:
    """One search on one host. ``steps`` are its trials, the proved one not among them.

    ``restart``: what is tried before anything is put back (``empty_trial``); None: nothing is.
    """

    def __init__(
        self, context: transaction.Context, look: Look, leg: Leg, number: int, restart: Remedy | None = None
    ) -> None:
        self.context = context
        self.look = look
        self.leg = leg
        self.number = number
        self.restart = restart
        self.steps: list[Step] = []
        self.refused: list[Step] = []  # of them, those that the host did not let be put back
        self.budget = context.request.settings.search
        self.began = time.monotonic()

    def run(self, suspected: Sequence[Suspect]) -> Found:
        """Try until the smallest set that opens the leg is in place, the suspects are used up, or the budget is."""
        self._announce(suspected)
        found = self._until_the_end(suspected)
        return found if found.step else replace(found, told=self._excluded(found, suspected))

    def _until_the_end(self, suspected: Sequence[Suspect]) -> Found:
        if self.restart and (found := self._restarted(self.restart)):
            return found
        strategy = suspects.trials(suspected)
        trial = next(strategy, None)
        while trial is not None:
            if spent := self._spent():
                return Found(stopped=spent)
            step, proved = self._try(trial)
            following, chosen = _answered(strategy, proved)
            if chosen == trial and proved:
                return self._settle(step, cause_of(chosen, self.leg, self._confidence()))
            if not self._undone(step, proved):
                return Found(stopped=f"stopped: {self.steps[-1].reason}")
            if chosen:
                return self._once_more(chosen)
            trial = following
        return Found()

    def _restarted(self, restart: Remedy) -> Found | None:
        """The empty trial; None where it proved nothing, and the search goes on."""
        step, proved = self._carried_out(empty_trial.CODE, restart)
        if proved:
            return self._settle(step, empty_trial.cause_of(restart, self.look, self.leg))
        if step.state == "tried":
            step = transaction.end_empty(self.context, step, f"{dotted(self.leg)} did not pass")
        self.steps.append(step)
        return None if step.state in {"undone", "failed"} else Found(stopped=f"stopped: {self.steps[-1].reason}")

    def _excluded(self, found: Found, suspected: Sequence[Suspect]) -> list[str]:
        """For the human who goes on: what is excluded, and by which proof."""
        ended = [step.remedy for step in self.steps if step.state in {"undone", "failed"} and step not in self.refused]
        tried = [remedy.title.removeprefix(PUT_BACK) for remedy in ended if remedy.title.startswith(PUT_BACK)]
        sentences = [f"Why {dotted(self.leg)} fails is not known: {self.leg.detail or 'no detail'}."]
        sentences += [f"{remedy.title}: that did not help." for remedy in ended if remedy == self.restart]
        if tried:
            sentences.append(f"Put back as last known good, and undone since it did not help: {'; '.join(tried)}.")
        for step in self.refused:
            tried.append(step.remedy.title.removeprefix(PUT_BACK))
            sentences.append(f"{tried[-1]} could not be put back: {step.reason}.")
        left = [
            each.difference.sentence()
            for each in suspected
            if not any(each.difference.name in title for title in tried)
        ]
        if left:
            sentences.append(f"Not tried: {'; '.join([*left[:10], *(['…'] if left[10:] else [])])}.")
        return [*sentences, found.stopped[:1].upper() + found.stopped[1:] + "."] if found.stopped else sentences

    def _announce(self, suspected: Sequence[Suspect]) -> None:
        told = [
            {"difference": suspect.difference, "score": suspect.score, "reasons": suspect.reasons}
            for suspect in suspected
        ]
        self.context.record(
            "diagnose", "search", {"leg": dotted(self.leg), "vantage": self.leg.vantage, "suspects": told}
        )
        self.context.listener.note(
            f"no rule says why {dotted(self.leg)} fails: {len(suspected)} differences are suspects"
        )

    def _spent(self) -> str:
        minutes = (time.monotonic() - self.began) / 60
        if len(self.steps) >= self.budget.trials:
            return f"the search ended after {len(self.steps)} trials, as many as the settings allow"
        if minutes >= self.budget.minutes:
            return f"the search ended after {minutes:.0f} minutes, as many as the settings allow"
        return ""

    def _try(self, trial: tuple[Suspect, ...]) -> tuple[Step, bool]:
        """Put the set back and probe the leg; the step is left as it is, whatever came of it."""
        return self._carried_out(code_of(trial), remedy_for([suspect.difference for suspect in trial], self.look))

    def _carried_out(self, code: str, remedy: Remedy) -> tuple[Step, bool]:
        number = self.number + len(self.steps)
        step = transaction.carry_out(self.context, code, remedy, number, trial=True)
        if step.state != "tried":
            return step, False
        seen = looking.probe(self.context.request, self.context.host, self.leg)
        proved = any(leg.answer is Answer.PASS for leg in seen) and not any(leg.answer is Answer.FAIL for leg in seen)
        words = "; ".join(leg.detail for leg in seen if leg.answer is not Answer.PASS) or "not probed"
        verdict = "passes now" if proved else f"still fails: {words}"
        self.context.record("fix", "trial", {"step": step, "proved": proved, "reason": f"{dotted(self.leg)} {verdict}"})
        return step, proved

    def _undone(self, step: Step, proved: bool) -> bool:
        """Take a trial back; False when the host may not be as it was found."""
        if step.state == "tried":
            why = "a smaller set is looked for" if proved else f"{dotted(self.leg)} did not pass"
            step = transaction.undo(self.context, step, why)
        else:
            self.refused.append(step)
        self.steps.append(step)
        return step.state in {"undone", "failed"}

    def _once_more(self, chosen: tuple[Suspect, ...]) -> Found:
        """The set was proved before, and other trials came after it."""
        step, proved = self._try(chosen)
        if proved:
            return self._settle(step, cause_of(chosen, self.leg, self._confidence()))
        undone = self._undone(step, proved)
        return Found(
            stopped="what had proved itself once did not a second time"
            if undone
            else f"stopped: {self.steps[-1].reason}"
        )

    def _settle(self, step: Step, cause: Cause) -> Found:
        """A trial is proved and in place: take its protection away."""
        settled = transaction.settle(self.context, step, soft_bounce(self.look))
        if settled.state != "done":
            self.steps.append(settled)
            return Found(stopped=f"stopped: {settled.reason}")
        return Found(cause, settled)

    def _confidence(self) -> float:
        return packaged.CONFIDENCE if self.look.known_good_at is None else 0.9


def _answered(strategy: Strategy, proved: bool) -> tuple[tuple[Suspect, ...] | None, tuple[Suspect, ...] | None]:
    """The next trial, or what the strategy came to; neither when nothing is left."""
    try:
        return strategy.send(proved), None
    except StopIteration as end:
        return None, end.value


def with_differences(request: Request, look: Look) -> Look:
    """The look with its differences as small as they make sense alone; without a last known good, those from its packages."""
    if look.known_good_at is None and look.evidence is not None:
        return replace(look, differences=packaged.differences(look.evidence))
    return replace(look, differences=finer(request, look))


def nothing_to_try(look: Look, leg: Leg, explained: bool) -> str:
    """Why there was no search; ``explained``: a rule does know why the leg fails, and its remedies did not help."""
    why = "what was found is not mended" if explained else "no rule knows why"
    if look.known_good_at is None:
        tried = (
            "what its packages expect was not tried without consent"
            if look.differences
            else "its packages are as shipped"
        )
        return f"{dotted(leg)} fails and {why}; the host has no last known good to compare it with, and {tried}."
    return f"{dotted(leg)} fails, {why}, and nothing else that could break it differs from the last known good."
