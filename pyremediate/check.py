"""The verbs that only look: is mail down, for whom, and why? They need neither the journal nor a play."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pyremediate.diagnosis import assess, catalogue, diagnose, matrix
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.looking import look as looking
from pyremediate.model import Answer, Look, Outcome
from pyremediate.request import Request
from pyremediate.stopwatch import Stopwatch


def check(request: Request) -> tuple[Outcome, ...]:
    """Look at the hosts and judge, changing nothing: ``healthy``, ``failing`` or ``unknown`` for each."""
    watch = Stopwatch()
    with ThreadPoolExecutor(1) as meanwhile, watch.stage("assess"):
        faults = meanwhile.submit(catalogue.load, request.settings.faults, request.settings.builtin_faults)
        looks = looking.thorough(request, request.hosts, looking.Views.named(request.look))
    return tuple(_checked(faults.result(), look, watch.seconds) for look in looks.values())


def _checked(faults: Catalogue, look: Look, seconds: Mapping[str, float]) -> Outcome:
    assessment, diagnosis = assess.assess_look(look), diagnose.diagnose(faults, look)
    answer = assess.overall(assessment, diagnosis.causes)
    return Outcome(
        incident="",
        host=look.host,
        outcome={Answer.PASS: "healthy", Answer.FAIL: "failing"}.get(answer, "unknown"),
        scope=assessment.scope,
        severity=assess.severity(assessment, diagnosis.causes),
        causes=diagnosis.causes,
        verification=looking.checks(look),
        seconds=seconds,
        reason=assessment.sentence,
        vantage=matrix.told(look),
    )


def verify(request: Request) -> tuple[Outcome, ...]:
    """Prove by real test mail, in every direction, that mail flows: a check that looks from both sides, always."""
    return check(replace(request, look="both"))
