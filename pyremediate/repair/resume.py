"""What a killed run left: found by its intents without an end, settled by looking at the host, never repeated blindly."""

from __future__ import annotations

from collections.abc import Sequence

from pyremediate import transaction as tx
from pyremediate.ansible import plays
from pyremediate.diagnosis import assess, catalogue, diagnose
from pyremediate.errors import UsageError
from pyremediate.journal import steps
from pyremediate.journal.incident import is_open
from pyremediate.ledger.ledger import Looks, recorded
from pyremediate.looking import look as looking
from pyremediate.model import Answer, Look, Outcome, Step
from pyremediate.repair import plan
from pyremediate.stopwatch import Stopwatch

OPEN = frozenset({"intent", "tried", "done", "unknown"})  # neither kept nor undone


def finish(context: tx.Context) -> Outcome:
    """Settle an unfinished incident: a host that is healthy by test mail keeps the step, any other gets it undone."""
    plays.end_left_over(context.incident)
    watch = Stopwatch()
    context.record("fix", "note", {"text": _why(context)})
    look = _look(context, watch, _looks(context))
    settled = [_settle(context, step, _is_healthy(context, look)) for step in _steps(context) if step.state in OPEN]
    if any(step.state != "kept" for step in settled):
        look = _look(context, watch, _looks(context))
    return _end(context, look, watch, _looks(context))


def undo_all(context: tx.Context) -> Outcome:
    """Put back every step of an incident that was kept or left open, the last one first."""
    changed = [step for step in _steps(context) if step.state in OPEN | {"kept"}]
    if not changed:
        raise UsageError(f"incident {context.incident} changed nothing that is still in place")
    watch = Stopwatch()
    with watch.stage("undo"):
        for step in reversed(changed):
            if tx.undo(context, step, f"asked for by {context.request.actor}").state != "undone":
                break
    return _end(context, _look(context, watch, Looks()), watch, Looks())


def _steps(context: tx.Context) -> Sequence[Step]:
    return steps(context.journal.entries(context.incident))


def _why(context: tx.Context) -> str:
    if is_open(context.journal.entries(context.incident)):
        return "resumed: the run before this one did not end"
    return f"looked at again, as {context.request.actor} asked"


def _looks(context: tx.Context) -> Looks:
    """The looks that are on record, those of the run that did not end included: its first one is where the ledger begins."""
    found = Looks()
    for entry in context.journal.entries(context.incident, kinds=("look",)):
        found.note(recorded(entry.payload["look"]))
    return found


def _look(context: tx.Context, watch: Stopwatch, before: Looks) -> Look:
    context.listener.stage("verify")
    with watch.stage("verify"):
        look = looking.thorough(context.request, context.host, looking.Views.named("both", before.since()))[context.host]
    context.record("verify", "look", {"look": look})
    return look


def _settle(context: tx.Context, step: Step, healthy: bool) -> Step:
    """Never repeated blindly: proved now, or put back; so is a trial, which has its protection still in place."""
    trial = step.state == "tried" or (step.remedy.role == tx.TRIAL_ROLE and step.state != "done")
    if healthy and not trial:
        return tx.keep(context, step, "found by resume: no fault is left, and test mail passes in every direction")
    return tx.undo(context, step, "found by resume: the run ended before this step was verified")


def _is_healthy(context: tx.Context, look: Look) -> bool:
    faults = catalogue.load(context.request.settings.faults, context.request.settings.builtin_faults)
    return assess.overall(assess.assess_look(look), diagnose.diagnose(faults, look).causes) is Answer.PASS


def _end(context: tx.Context, look: Look, watch: Stopwatch, seen: Looks) -> Outcome:
    """The outcome of an incident that was settled afterwards."""
    faults = catalogue.load(context.request.settings.faults, context.request.settings.builtin_faults)
    assessment, diagnosis = assess.assess_look(look), diagnose.diagnose(faults, look)
    actions = _steps(context)
    outcome, missing, ledger = seen.ending(_outcome(actions, assess.overall(assessment, diagnosis.causes)))
    ended = Outcome(
        incident=context.incident,
        host=context.host,
        outcome=outcome,
        scope=assessment.scope,
        severity=assess.severity(assessment, diagnosis.causes),
        causes=diagnosis.causes,
        actions=tuple(actions),
        verification=looking.checks(look),
        seconds=watch.seconds,
        reason=assessment.sentence,
        human=(*missing, *plan.human_steps(diagnosis, ())),
        ledger=ledger,
    )
    context.record("review", "end", {"outcome": ended})
    return ended


def _outcome(actions: Sequence[Step], answer: Answer) -> str:
    """repaired: kept and healthy; undone: everything was put back; escalated: something could not be, or was not enough."""
    if any(step.state not in {"kept", "undone", "failed"} for step in actions):
        return "escalated"
    if answer is Answer.PASS:
        return "repaired" if any(step.state == "kept" for step in actions) else "healthy"
    if answer is Answer.UNKNOWN:
        return "unknown"
    return "escalated" if any(step.state == "kept" for step in actions) else "undone"
