"""One seed on one host, from a fresh host to what is left after the repair."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.campaign import damage, edits, pairs, product, results
from benchmarks.campaign.run import Run, is_named, judge
from pyremediate.lab.description import Host, Lab
from pyremediate.lab.mutation import compare, host
from pyremediate.model import SEARCHED

FIX_SECONDS = 1200.0  # beyond any budget of a search: then the run failed


@dataclass(frozen=True)
class Plan:
    """Which run to make.

    ``settings`` is a file for --settings, where the rules are off; ``keep`` is where evidence goes; ``alone`` as in ``Run``.
    """

    seed: int
    rules: bool
    pair: bool
    settings: Path | None = None
    kinds: Sequence[str] = ()
    keep: Path | None = None
    alone: bool = False


def make(lab: Lab, target: Host, plan: Plan) -> Run:
    """The run. Damage that is not to be had is in ``refused``; raises ``PyremediateError`` when the lab does not work."""
    blank = Run(plan.seed, target.name, plan.rules, plan.pair, alone=plan.alone)
    try:
        damaged = damage.done(lab, target, plan.seed, plan.pair, plan.kinds)
    except (host.NotApplied, pairs.NoPair) as error:
        return replace(blank, refused=str(error))
    run = replace(
        blank,
        mutations=[{"kind": item.kind, "target": item.target, "sentence": item.sentence} for item in damaged.mutations],
        edits=[edit.change.sentence for edit in damaged.edits],
        damage=compare.differences(damaged.before, damaged.now),
        hidden=damage.missing(lab, target, damaged.stock),
    )
    run, told = _repaired(target, plan, run)
    run = _left(lab, target, run, damaged)
    if plan.keep and judge(run).word in {"escalated", "failed"}:
        results.keep(plan.keep, run, {"report": product.incident(told["fix"].get("incident", "")), **told})
    return run


def _repaired(target: Host, plan: Plan, run: Run) -> tuple[Run, Mapping[str, Any]]:
    """Does mail pass? Then ``fix``, timed, and again: does mail pass? The run, and what the product said each time."""
    found = product.outcome(["verify"], target.name, plan.settings)
    broken_by = product.legs_not_passing(found)
    began = time.monotonic()
    outcome = product.outcome(["fix", "--yes"], target.name, plan.settings, FIX_SECONDS)
    seconds = time.monotonic() - began
    steps = outcome.get("actions", [])
    idle = not broken_by and outcome["outcome"] == "healthy" and not steps  # mail flowed, and nobody did anything
    proof = found if idle else product.outcome(["verify"], target.name, plan.settings)
    run = replace(
        run,
        broken_by=broken_by,
        outcome=outcome["outcome"],
        reason=outcome.get("reason", ""),
        causes=[f"{cause['code']}: {cause['title']}" for cause in outcome.get("causes", [])],
        trials=sum(step["cause"].startswith(SEARCHED) for step in steps),
        steps=len(steps),
        seconds=round(seconds, 2),
        flows=not product.legs_not_passing(proof),
        named=[is_named(str(mutation["target"]), outcome) for mutation in run.mutations],
    )
    return run, {"found": found, "fix": outcome, "proof": proof}


def _left(lab: Lab, target: Host, run: Run, damaged: damage.Damaged) -> Run:
    """What the fix left on the host."""
    after = host.survey(lab, target)
    survivors = [edit for edit in damaged.edits if edits.kept(edit, damaged.now)]
    return replace(
        run,
        left=compare.differences(damaged.before, after),
        changed=compare.differences(damaged.now, after),
        edits_undone=[edit.change.sentence for edit in survivors if not edits.kept(edit, after)],
        missing=damage.missing(lab, target, damaged.stock),
    )
