"""One seed on one host, from a fresh host to what is left after the repair. The only part of the campaign that touches a host."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.campaign import edits
from benchmarks.campaign.run import Run, is_named
from pyremediate.errors import PyremediateError
from pyremediate.lab.description import Host, Lab
from pyremediate.lab.mutation import choice, compare, host, record
from pyremediate.lab.mutation.model import Mutation
from pyremediate.lab.mutation.survey import Survey
from pyremediate.model import SEARCHED

ROOT = Path(__file__).resolve().parents[2]
PYREMEDIATE = Path(sys.executable).with_name("pyremediate")
INVENTORY = ROOT / "inventory" / "lab"
STOCK = Path(__file__).with_name("host_stock.py")
FIX_SECONDS = 1200.0  # beyond any budget of a search: then the run failed
OTHER_SECONDS = 240.0
NOWHERE = 250  # no network of the lab: without a default route, Postfix is told so at once (ENETUNREACH, connect(2))
PASSES = {"pass", "impossible"}


@dataclass(frozen=True)
class Plan:
    """Which run to make: ``settings`` is a file for --settings, where the rules are off."""

    seed: int
    rules: bool
    pair: bool
    settings: Path | None = None
    kinds: Sequence[str] = ()


@dataclass(frozen=True)
class Damaged:
    """A host after the damage: what it was like before and is now, and what must survive."""

    before: Survey
    now: Survey
    mutations: Sequence[Mutation]
    edits: Sequence[edits.Edit]
    stock: Sequence[str]


def make(lab: Lab, target: Host, plan: Plan) -> Run:
    """The run. Damage that the host does not allow is in ``refused``; raises ``PyremediateError`` when the lab does not work."""
    blank = Run(plan.seed, target.name, plan.rules, plan.pair)
    try:
        damaged = _damaged(lab, target, plan)
    except host.NotApplied as error:
        return replace(blank, refused=str(error))
    run = replace(
        blank,
        mutations=[{"kind": item.kind, "target": item.target, "sentence": item.sentence} for item in damaged.mutations],
        edits=[edit.change.sentence for edit in damaged.edits],
        damage=compare.differences(damaged.before, damaged.now),
        hidden=_missing(lab, target, damaged.stock),
    )
    return _left(lab, target, _repaired(target, plan, run), damaged)


def _damaged(lab: Lab, target: Host, plan: Plan) -> Damaged:
    """A fresh host with its known good; then edits, mail, and the damage."""
    _pyremediate(["lab", "reset", target.name], OTHER_SECONDS)
    chosen = edits.choose(host.survey(lab, target), plan.seed)
    host.apply(lab, target, [edit.change for edit in chosen])
    stock = _stock(lab, target, f"s{plan.seed}")
    before = host.survey(lab, target)
    mutations = choice.choose(before, plan.seed, 2 if plan.pair else 1, plan.kinds)
    done = host.apply(lab, target, mutations)
    record.write(lab, target, plan.seed, done)
    return Damaged(before, host.survey(lab, target), done, chosen, stock)


def _repaired(target: Host, plan: Plan, run: Run) -> Run:
    """Does mail pass? Then ``fix``, timed, and again: does mail pass?"""
    broken_by = _not_passing(_verify(target, plan))
    began = time.monotonic()
    outcome = _outcome(["fix", "--host", target.name, "--yes"], target, plan, FIX_SECONDS)
    seconds = time.monotonic() - began
    steps = outcome.get("actions", [])
    return replace(
        run,
        broken_by=broken_by,
        outcome=outcome["outcome"],
        reason=outcome.get("reason", ""),
        causes=[f"{cause['code']}: {cause['title']}" for cause in outcome.get("causes", [])],
        trials=sum(step["cause"].startswith(SEARCHED) for step in steps),
        steps=len(steps),
        seconds=round(seconds, 2),
        flows=_flows(target, plan, broken_by, outcome),
        named=[is_named(str(mutation["target"]), outcome) for mutation in run.mutations],
    )


def _flows(target: Host, plan: Plan, broken_by: Sequence[str], outcome: Mapping[str, Any]) -> bool:
    """Whether every leg passes after the fix; asked anew unless mail flowed before, too, and the fix did nothing."""
    idle = not broken_by and outcome["outcome"] == "healthy" and not outcome.get("actions")
    return idle or not _not_passing(_verify(target, plan))


def _left(lab: Lab, target: Host, run: Run, damaged: Damaged) -> Run:
    """What the fix left on the host."""
    after = host.survey(lab, target)
    survivors = [edit for edit in damaged.edits if edits.kept(edit, damaged.now)]
    return replace(
        run,
        left=compare.differences(damaged.before, after),
        changed=compare.differences(damaged.now, after),
        edits_undone=[edit.change.sentence for edit in survivors if not edits.kept(edit, after)],
        missing=_missing(lab, target, damaged.stock),
    )


def _verify(target: Host, plan: Plan) -> Mapping[str, Any]:
    return _outcome(["verify", "--host", target.name], target, plan, OTHER_SECONDS)


def _not_passing(outcome: Mapping[str, Any]) -> list[str]:
    """The legs that did not pass, each once; when there is no leg at all, the reason."""
    legs = outcome.get("verification", [])
    found = [leg["name"] for leg in legs if leg["answer"] not in PASSES]
    return found if legs else [outcome.get("reason") or "nothing could be looked at"]


def _outcome(verb: Sequence[str], target: Host, plan: Plan, seconds: float) -> Mapping[str, Any]:
    """What a verb says of the host in JSON; when it says nothing of the kind, its end in words under ``outcome``."""
    settings = ["--settings", str(plan.settings)] if plan.settings else []
    try:
        done = _run([*verb, "-i", str(INVENTORY), "--format", "json", *settings], seconds)
    except subprocess.TimeoutExpired:
        return {"outcome": f"not over after {seconds:.0f} s"}
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        words = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        return {"outcome": f"ended with status {done.returncode}", "reason": words}
    outcome: Mapping[str, Any] = answer["hosts"][0] if "hosts" in answer else answer
    return outcome


def _pyremediate(words: Sequence[str], seconds: float) -> None:
    """A verb that must work; raises ``PyremediateError`` with its words."""
    try:
        done = _run(words, seconds)
    except subprocess.TimeoutExpired as error:
        raise PyremediateError(str(error)) from None
    if done.returncode:
        raise PyremediateError(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")


def _run(words: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYREMEDIATE), *words], capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
    )


def _stock(lab: Lab, target: Host, token: str) -> Sequence[str]:
    """Put messages on the host; their Message-IDs. Raises ``PyremediateError`` when they did not come to rest."""
    nowhere = f"somebody@[{lab.prefix}.{NOWHERE}.1]"
    answer = host.python(lab, target, _stock_script({"do": "put", "token": token, "nowhere": nowhere}), OTHER_SECONDS)
    if answer["error"]:
        raise PyremediateError(f"{target.name}: {answer['error']}")
    ids: Sequence[str] = answer["ids"]
    return ids


def _missing(lab: Lab, target: Host, ids: Sequence[str]) -> list[str]:
    places = host.python(lab, target, _stock_script({"do": "find", "ids": list(ids)}), OTHER_SECONDS)
    return [name for name, place in places.items() if place == "missing"]


def _stock_script(request: Mapping[str, Any]) -> str:
    return f"REQUEST = {request!r}\n{STOCK.read_text()}"
