"""What a kept step put right without being about it: units that somebody had stopped, and that it started with others. Pure.

Remedies start or restart what reads what they mend. A unit that did not run before, for a reason of its own, then runs: mail
flows, and the record would keep silent about one of the causes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyremediate.comparison import differences
from pyremediate.comparison.telling import had_happened
from pyremediate.model import SEARCHED, Cause, Difference, Look, Step


def causes(step: Step, before: Look, after: Look, named: Iterable[Cause]) -> Iterator[Cause]:
    """A cause for each unit that was stopped before the step, runs after it, and of which no cause speaks."""
    if after.evidence is None or after.known_good_at is None:
        return
    remain = {(each.kind, each.name) for each in after.differences}
    told = " ".join(text for cause in named for text in (cause.code, cause.title, *cause.evidence))
    for each in before.differences:
        stopped = each.kind == "unit.running" and differences.is_stopped(each, before)
        if stopped and (each.kind, each.name) not in remain and each.name not in told and "@" not in each.name:
            yield _cause(each, step)


def _cause(difference: Difference, step: Step) -> Cause:
    happened = had_happened(difference)
    return Cause(
        code=f"{SEARCHED}{difference.kind} {difference.name}",
        title=happened,
        layer="services",
        severity="high",
        evidence=(f"It runs again since step {step.number} ({step.remedy.title}) started it with what that is about.",),
        prevention=(f"Find out who or what stopped {difference.name}.",),
    )
