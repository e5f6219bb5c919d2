"""When mail should flow again, by how long repairs took: of this cause here, or those that pyremediate is shipped with. Pure.

The estimate is corrected as time passes: repairs that ended sooner than this one has lasted say nothing of it any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import quantiles

from pyremediate.communication.values import Doing, Estimate, Facts, Past
from pyremediate.journal.incident import IncidentSummary
from pyremediate.model import SEARCHED

FIGURES = Path(__file__).with_name("figures.json")
ENOUGH = 3  # repairs of a cause here, before they say more than those of others
TOO_FEW = 2  # longer ones than this one by now: there is no spread any more


BY_ITSELF = frozenset({Doing.LOOKING, Doing.SEARCHING, Doing.REPAIRING, Doing.VERIFYING})


def past(summaries: Iterable[IncidentSummary]) -> tuple[Past, ...]:
    """The repairs on record."""
    return tuple(
        Past(item.causes, (item.ended - item.began).total_seconds())
        for item in summaries
        if item.outcome == "repaired" and item.ended and not item.open
    )


def estimated(facts: Facts, repairs: Sequence[Past], now: datetime) -> Facts:
    """The facts with an estimate; without one where a human must act first, or it is not known."""
    if facts.doing not in BY_ITSELF or (not facts.causes and facts.doing is not Doing.SEARCHING):
        return facts
    seconds, here = _comparable(facts, repairs)
    longer = sorted(each for each in seconds if each > (now - facts.run_since).total_seconds())
    if len(longer) < TOO_FEW:
        return replace(facts, overdue=True)
    low, median, high = (facts.run_since + timedelta(seconds=each) for each in quantiles(longer, n=4, method="inclusive"))
    return replace(facts, estimate=Estimate(median, low, high, len(longer), here))


def _comparable(facts: Facts, repairs: Sequence[Past]) -> tuple[Sequence[float], bool]:
    """How long repairs of this cause took here, if there were enough; else the shipped ones that were found in the same way."""
    code = facts.causes[0].code if facts.causes else ""
    same = [repair.seconds for repair in repairs if code in repair.codes]
    if len(same) >= ENOUGH:
        return same, True
    searched = facts.doing is Doing.SEARCHING or code.startswith(SEARCHED)
    return shipped()["search" if searched else "rules"], False


@cache
def shipped() -> dict[str, list[float]]:
    """Seconds of repairs in the lab, by who found the cause."""
    figures: dict[str, list[float]] = json.loads(FIGURES.read_text())["seconds"]
    return figures
