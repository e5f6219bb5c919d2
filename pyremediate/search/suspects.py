"""When no rule matches, the differences are the suspects: which are tried, in which order, and what each trial teaches. Pure.

A suspect is one difference from the last known good. It ranks higher the better it accounts for the leg that fails: by what it
can break (``differences``), by being named in an error, by having come about shortly before, and by how little can go wrong in
putting it back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyremediate.comparison import dependence, differences
from pyremediate.model import LEGS, Answer, Difference, Leg, Look, moment

LIKELY = 4  # so many are tried by themselves before all that are harmless are tried together
HARMLESS = 1  # risk (``differences.risk``) up to which they may be tried together
RECENT = timedelta(hours=1)
NAMED, FITS, MISFIT, FRESH, STOPPED, CONSEQUENCE = 6, 4, -4, 2, 5, -3  # what each sign counts in the ranking

Strategy = Generator[tuple["Suspect", ...], bool, tuple["Suspect", ...] | None]


@dataclass(frozen=True, eq=False)
class Suspect:
    """One difference, how it ranks, and why. Two are never equal, since one difference is suspected once."""

    difference: Difference
    score: int
    risk: int
    reasons: tuple[str, ...] = ()


def target(legs: Iterable[Leg]) -> Leg | None:
    """The leg that a trial must open: of the first way that fails, the first leg, where it fails earliest."""
    failing = [leg for leg in legs if leg.answer is Answer.FAIL]
    return min(failing, key=lambda leg: (list(LEGS).index(leg.path), LEGS[leg.path].index(leg.name)), default=None)


def ranked(look: Look, leg: Leg, tried: Collection[Difference] = ()) -> tuple[Suspect, ...]:
    """The suspects for a failing leg, the likeliest first; those that cannot break mail, and those tried, are left out."""
    words, began = _words(look, leg), _first_problem(look)
    found = [
        _suspect(difference, leg, words, began, differences.is_stopped(difference, look))
        for difference in look.differences
        if difference not in tried and differences.is_suspect(difference)
    ]
    return tuple(
        sorted(
            found,
            key=lambda suspect: (-suspect.score, suspect.risk, _breadth(suspect.difference), _age(suspect.difference)),
        )
    )


def _suspect(difference: Difference, leg: Leg, words: str, began: datetime | None, stopped: bool) -> Suspect:
    risk, fits = differences.risk(difference), differences.can_break(difference, leg)
    signs: list[tuple[int, str]] = []
    if named := _named(difference, words):
        signs.append((NAMED, f"an error names {named}"))
    if fits:
        signs.append((FITS, f"{leg.path}.{leg.name} depends on it"))
    elif fits is False:
        signs.append((MISFIT, f"{leg.path}.{leg.name} does not depend on it"))
    if fits and stopped:  # before its files: a trial with one of them starts it too, and would be credited with that
        signs.append((STOPPED, "it does not run"))
    if fits and difference.kind == "postfix.map":  # before its source, for the same reason: that makes it anew
        signs.append((STOPPED, "Postfix cannot look anything up in it"))
    if difference.kind == "unit.running" and difference.is_ != "inactive":
        signs.append((CONSEQUENCE, "it did not stop by itself without a cause"))
    since = difference.since
    if since is not None and began is not None and began - RECENT <= since <= began + timedelta(minutes=1):
        signs.append((FRESH, "it changed shortly before the first error"))
    return Suspect(difference, sum(sign for sign, _ in signs) - risk, risk, tuple(reason for _, reason in signs))


def _breadth(difference: Difference) -> int:
    """How much it can break: what breaks little accounts better for the leg that fails, since the others would tell of the rest."""
    return len(differences.legs(difference)) or len(dependence.EVERYTHING)


def _age(difference: Difference) -> float:
    """The newest first; unknown times last."""
    return -difference.since.timestamp() if difference.since else 0.0


def _words(look: Look, leg: Leg) -> str:
    """What was said since mail failed: the servers' words, the problems in the log, the complaints of the owners' own tests."""
    said = [other.detail for other in look.legs if other.answer is Answer.FAIL]
    data = look.evidence.data() if look.evidence else {}
    said += [str(problem["example"]) for problem in data.get("log", {}).get("problems", ())]
    for section in ("postfix", "dovecot"):
        said += [str(message) for message in data.get(section, {}).get("check", {}).get("messages", ())]
    said += [str(each) for each in data.get("postfix", {}).get("maps", ()) if each.get("error")]
    return "\n".join(said)


def _named(difference: Difference, words: str) -> str:
    """The name of the difference, or the last part of its path, where an error says it as a word."""
    names = [difference.name, *re.split(r"[:/]", difference.name)[-1:], *differences.words(difference)]
    for name in names:
        if len(name) > 2 and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", words):
            return name
    return ""


def _first_problem(look: Look) -> datetime | None:
    log = look.evidence.data().get("log", {}) if look.evidence else {}
    first = log.get("first_problem")
    return moment(first) if first else (look.evidence.observed_at if look.evidence else None)


def trials(suspects: Sequence[Suspect]) -> Strategy:
    """Which suspects to put back next; each answer is whether the failing leg passed then. Returns the smallest set that opened it.

    The likely ones alone; then all that are harmless together, and from those whatever is not needed is taken away again
    (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002); then the risky ones alone; then
    everything; at last the harmless ones alone.
    """
    failed: set[tuple[Suspect, ...]] = set()
    harmless = tuple(suspect for suspect in suspects if suspect.risk <= HARMLESS)
    likely = suspects[:LIKELY]
    for suspect in likely:
        if (yield (suspect,)):
            return (suspect,)
        failed.add((suspect,))
    if len(harmless) > 1:
        if (yield harmless):
            return (yield from smallest(harmless, failed))
        failed.add(harmless)
    everything = tuple(suspects)
    risky = tuple(suspect for suspect in suspects[LIKELY:] if suspect not in harmless)
    # One of a group that did not open the leg together may still open it alone, when another of the group closes it.
    alone = tuple(suspect for suspect in suspects[LIKELY:] if suspect in harmless)
    for trial in [*((suspect,) for suspect in risky), everything, *((suspect,) for suspect in alone)]:
        if trial in failed or not trial:
            continue
        if (yield trial):
            return (yield from smallest(trial, failed))
        failed.add(trial)
    return None


def smallest(proved: tuple[Suspect, ...], failed: Collection[tuple[Suspect, ...]] = ()) -> Strategy:
    """Take away from a set that opens the leg whatever is not needed: ddmin over the suspects; what failed is not tried again."""
    known = set(failed)
    current, parts = proved, 2
    while len(current) > 1:
        pieces = _split(current, parts)
        complements = [tuple(suspect for suspect in current if suspect not in piece) for piece in pieces]
        for candidate in dict.fromkeys([*pieces, *complements]):
            if candidate in known or not candidate or candidate == current:
                continue
            if (yield candidate):
                current, parts = candidate, 2
                break
            known.add(candidate)
        else:
            if parts >= len(current):
                return current
            parts = min(len(current), parts * 2)
    return current


def _split(items: tuple[Suspect, ...], parts: int) -> list[tuple[Suspect, ...]]:
    """Into as many pieces, as equal as they can be, in order."""
    size, rest = divmod(len(items), parts)
    pieces, start = [], 0
    for number in range(parts):
        end = start + size + (number < rest)
        pieces.append(items[start:end])
        start = end
    return [piece for piece in pieces if piece]
