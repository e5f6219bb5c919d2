"""Did the step cure its cause, and harm nothing: the look before it against the look after it. Pure.

kept            the fault is gone, its legs pass, nothing that passed fails, every message is accounted for
kept_but_more   the fault is gone and its part of the way is open again, but another fault stops mail further on
undo            anything else, with the reason; what could not be verified is undone too
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.diagnosis.facts import dotted, hangs
from pyremediate.ledger import ledger as accounts
from pyremediate.model import LEGS, Answer, Cause, Leg, Look, Verification

KEPT, KEPT_BUT_MORE, UNDO = "kept", "kept_but_more", "undo"
# Who is stopped at the door, whoever he is: mail users want TLS (RFC 8314), servers do without when they must (RFC 3207).
DOOR = frozenset({"resolve", "route", "connect", "banner"})
DOORS = {
    "inbound": DOOR,
    "submission": DOOR | {"starttls"},
    "retrieval": DOOR | {"starttls"},
    "outbound": frozenset[str](),
}


@dataclass(frozen=True)
class Judgement:
    """What becomes of the step, why, and every check behind it."""

    verdict: str
    reason: str
    checks: tuple[Verification, ...]


def judge(cause: Cause, before: Look, after: Look, diagnosis: Diagnosis) -> Judgement:
    """Judge one step; ``diagnosis`` is that of the look after it."""
    rule = _rule(cause, after, diagnosis)
    legs = tuple(_own_legs(cause, before, after))
    harm = _harm(before, after)
    ledger = accounts.verification(accounts.reconcile(before, after))
    checks = (rule, *legs, harm, ledger)
    if wrong := [check for check in (rule, harm, ledger) if check.answer is Answer.FAIL]:
        return Judgement(UNDO, _words(wrong), checks)
    if rule.answer is Answer.UNKNOWN:
        return Judgement(UNDO, f"not verified: {rule.detail}", checks)
    closed = [check for check in legs if check.answer in (Answer.FAIL, Answer.UNKNOWN)]
    if back := [path for path in {check.name.partition(".")[0] for check in legs} if _stops_earlier(path, before, after)]:
        return Judgement(UNDO, f"{', '.join(sorted(back))}: mail stops earlier on its way than before", checks)
    if not closed:
        return Judgement(KEPT, "the cause is gone, and the mail that it stopped flows again", checks)
    if other := _further_on(closed, before, after, diagnosis):
        return Judgement(KEPT_BUT_MORE, other, checks)
    return Judgement(UNDO, _words(closed), checks)


def _words(checks: Sequence[Verification]) -> str:
    return "; ".join(f"{check.name}: {check.detail}" for check in checks)


def _rule(cause: Cause, after: Look, diagnosis: Diagnosis) -> Verification:
    """The condition of the fault must be false now, not merely unknown."""
    name = f"no longer {cause.code}"
    if diagnosis.names(cause.code):
        return Verification(name, Answer.FAIL, "its condition still holds")
    for unsettled in diagnosis.unknown:
        if unsettled.code == cause.code:
            return Verification(name, Answer.UNKNOWN, unsettled.reason)
    if after.evidence is None:
        return Verification(name, Answer.UNKNOWN, after.unreachable or "the host was not observed")
    return Verification(name, Answer.PASS, "its condition does not hold any more")


def _own_legs(cause: Cause, before: Look, after: Look) -> Iterator[Verification]:
    """The legs that the fault breaks. One that nobody looks at, then as now, cannot be known from here."""
    for name in cause.legs:
        seen = [leg for leg in after.legs if dotted(leg) == name]
        if not seen:
            looked = any(dotted(leg) == name for leg in before.legs)
            answer = Answer.UNKNOWN if looked else Answer.IMPOSSIBLE
            yield Verification(name, answer, "nobody looked" if looked else "no vantage point looks at it")
            continue
        answer = _proved({leg.answer for leg in seen})
        words = "; ".join(f"{leg.vantage}: {leg.detail or leg.answer}" for leg in seen if leg.answer is answer)
        yield Verification(name, answer, words, max(leg.seconds for leg in seen))


def _proved(answers: set[Answer]) -> Answer:
    """One vantage point that sees it fail disproves it; else one that sees it pass proves it."""
    order = (Answer.FAIL, Answer.PASS, Answer.UNKNOWN, Answer.IMPOSSIBLE)
    return next(answer for answer in order if answer in answers)


def _harm(before: Look, after: Look) -> Verification:
    """No leg that passed before fails now, from the same vantage point.

    Where a door was shut before, nobody got in: what is shut at it now for another reason was only hidden, and harms nobody.
    Nor did anybody where the server broke down when it was asked who he is, which is not the same as refusing him.
    """
    passed = {(leg.vantage, dotted(leg)) for leg in before.legs if leg.answer is Answer.PASS}
    shut = {(leg.vantage, leg.path) for leg in before.legs if leg.answer is Answer.FAIL and _lets_nobody_in(leg)}
    worse = [
        leg
        for leg in after.legs
        if leg.answer is Answer.FAIL
        and (leg.vantage, dotted(leg)) in passed
        and not ((leg.vantage, leg.path) in shut and leg.name in DOORS[leg.path])
    ]
    if worse:
        words = "; ".join(f"{dotted(leg)} from {leg.vantage}: {leg.detail}" for leg in worse)
        return Verification("nothing that worked fails now", Answer.FAIL, words)
    return Verification("nothing that worked fails now", Answer.PASS, f"{len(passed)} legs passed before")


def _lets_nobody_in(leg: Leg) -> bool:
    return leg.name in DOORS[leg.path] or (leg.name == "auth" and hangs(leg))


def _stops_earlier(path: str, before: Look, after: Look) -> bool:
    """Is mail stopped on this way before it comes to where it was stopped at first? Then what was proved is not what was cured."""
    first, then = (
        [_position(leg) for leg in look.legs if leg.path == path and leg.answer is Answer.FAIL] for look in (before, after)
    )
    return bool(first and then) and min(then) < min(first)


def _further_on(closed: Sequence[Verification], before: Look, after: Look, diagnosis: Diagnosis) -> str:
    """Why legs that stay closed are another fault's doing; empty when they are not."""
    accounted = {leg: cause.code for cause in diagnosis.causes for leg in cause.legs}
    others = {accounted.get(check.name, "") for check in closed}
    if all(others):
        return f"right but not sufficient: {', '.join(sorted(others))} remains"
    paths = {check.name.partition(".")[0] for check in closed}
    if all(_first_stop(before, path) < _first_stop(after, path) < len(LEGS[path]) for path in paths):
        return "right but not sufficient: mail comes further than before, and stops later on its way"
    return ""


def _first_stop(look: Look, path: str) -> int:
    """How far mail comes on this way: the position of the first leg that does not pass."""
    stops = [_position(leg) for leg in look.legs if leg.path == path and leg.answer in (Answer.FAIL, Answer.UNKNOWN)]
    return min(stops, default=len(LEGS[path]))


def _position(leg: Leg) -> int:
    return LEGS[leg.path].index(leg.name)
