"""Is it down, for whom, how badly: the legs of all vantage points as one sentence. Pure.

Nobody looked, or could not: unknown, never healthy. A way that fails from some vantage points and works from others is
the trouble of those networks first, and the scope says from where.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyremediate.diagnosis.facts import spoken
from pyremediate.model import LEGS, Answer, Assessment, Cause, Evidence, Leg, Look, State

SEVERITIES = ("none", "low", "medium", "high", "critical")
MATTERS = ("medium", "high", "critical")  # a latent fault of these is a problem although mail still flows


def assess(legs: Sequence[Leg], evidence: Evidence | None, blind: Sequence[str] = ()) -> Assessment:
    """One judgement over every vantage point; ``blind`` are those that could not look, with the reason."""
    failing = tuple(leg for leg in legs if leg.answer is Answer.FAIL)
    unknown = (*blind, *_unseen(legs), *_unobserved(evidence))
    if failing:
        scope, everywhere = _scope(legs)
        sentence = _sentence(scope, _first_failing(failing))
        return Assessment(Answer.FAIL, scope, _severity(scope, everywhere), failing, unknown, sentence)
    if not legs or evidence is None or not _certain(legs) or _queue_unread(evidence):
        return Assessment(Answer.UNKNOWN, "none", "none", (), unknown, f"could not be determined: {'; '.join(unknown)}")
    return Assessment(Answer.PASS, "none", "none", (), unknown, "mail flows in every way that was tried")


def assess_look(look: Look) -> Assessment:
    """The same for a look."""
    return assess(look.legs, look.evidence, (*((look.unreachable,) if look.unreachable else ()), *look.blind))


def overall(assessment: Assessment, causes: Iterable[Cause]) -> Answer:
    """The answer of a check: a fault that has not broken mail yet is a problem too, unless it is of low severity."""
    if any(cause.severity in MATTERS for cause in causes):
        return Answer.FAIL
    return assessment.answer


def severity(assessment: Assessment, causes: Iterable[Cause]) -> str:
    """The worse of what mail users feel and what the faults may yet do."""
    return max((assessment.severity, *(cause.severity for cause in causes)), key=SEVERITIES.index)


def _certain(legs: Sequence[Leg]) -> bool:
    """Something passes, and no leg is unknown for now."""
    answers = {leg.answer for leg in legs}
    return Answer.PASS in answers and Answer.UNKNOWN not in answers


def _scope(legs: Sequence[Leg]) -> tuple[str, bool]:
    """Which ways fail; and whether they fail for everybody who came as far."""
    paths = [path for path in LEGS if any(leg.path == path for leg in legs)]
    stopped = {path: {leg.vantage for leg in _failing(legs, path)} for path in paths if _failing(legs, path)}
    everywhere = [path for path in stopped if not _gets_through(legs, path)]
    if everywhere:
        whole = len(everywhere) == len(paths) and len(paths) > 1
        return "all" if whole else ", ".join(everywhere), True
    names = sorted(set().union(*stopped.values()))
    return f"{'all' if len(stopped) == len(paths) > 1 else ', '.join(stopped)} from {', '.join(names)}", False


def _failing(legs: Sequence[Leg], path: str) -> list[Leg]:
    return [leg for leg in legs if leg.path == path and leg.answer is Answer.FAIL]


def _gets_through(legs: Sequence[Leg], path: str) -> bool:
    """Does any vantage point pass a leg of this way at which another one fails? Who did not look so far proves nothing."""
    closed = {leg.name for leg in _failing(legs, path)}
    stopped = {leg.vantage for leg in _failing(legs, path)}
    return any(
        leg.path == path and leg.name in closed and leg.answer is Answer.PASS and leg.vantage not in stopped
        for leg in legs
    )


def _severity(scope: str, everywhere: bool) -> str:
    """Mail that is turned away or lost is worse than mail that waits."""
    if not everywhere:
        return "medium"
    if scope == "all" or "inbound" in scope:
        return "critical"
    return "high"


def _first_failing(failing: Sequence[Leg]) -> list[Leg]:
    """The first failing leg of each way and vantage; the later ones follow from it."""
    found: dict[tuple[str, str], Leg] = {}
    for leg in sorted(failing, key=lambda leg: LEGS[leg.path].index(leg.name)):
        found.setdefault((leg.path, leg.vantage), leg)
    return list(found.values())


def _sentence(scope: str, first: Sequence[Leg]) -> str:
    details = [f"{leg.path} fails at {leg.name} from {leg.vantage} ({leg.detail or 'no detail'})" for leg in first]
    return f"{scope}: {'; '.join(details)}"


def _unseen(legs: Sequence[Leg]) -> list[str]:
    """The first leg of each way and vantage that could not be told; those after it could not be tried either."""
    if not legs:
        return ["nobody looked from outside"]
    found: dict[tuple[str, str], str] = {}
    for leg in legs:
        if leg.answer in (Answer.UNKNOWN, Answer.IMPOSSIBLE) and not _blocked(legs, leg):
            found.setdefault((leg.path, leg.vantage), f"{spoken(leg)} ({leg.answer})")
    return list(found.values())


def _blocked(legs: Sequence[Leg], later: Leg) -> bool:
    """It could not be tried because an earlier leg of the way fails."""
    order = LEGS[later.path]
    return any(
        leg.answer is Answer.FAIL
        and (leg.path, leg.vantage) == (later.path, later.vantage)
        and order.index(leg.name) < order.index(later.name)
        for leg in legs
    )


def _unobserved(evidence: Evidence | None) -> list[str]:
    if evidence is None:
        return ["the host was not observed from inside"]
    sections = [
        f"{name} could not be observed: {section.error}"
        for name, section in evidence.sections.items()
        if section.state is State.FAILED
    ]
    return [*sections, *_queue_unread(evidence)]


def _queue_unread(evidence: Evidence) -> list[str]:
    """Why it is not known whether mail waits: the one thing about it that no test mail tells."""
    section = evidence.sections.get("postfix")
    if section is None or section.state is not State.OK:
        return ["so the queue is not known"] if section and section.state is State.FAILED else []
    counts = section.data.get("queue", {}).get("counts", {})
    return [
        f"the queue {queue} could not be looked at{f': {section.error}' if section.error else ''}"
        for queue, count in counts.items()
        if count is None
    ][:1]
