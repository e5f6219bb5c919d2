"""From causes to steps: which remedy comes next, and what policy says of it (go, ask, refuse), and why. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pyremediate.diagnosis.diagnose import Diagnosis
from pyremediate.diagnosis.facts import dotted
from pyremediate.model import Cause, Planned, Remedy

GO, ASK, REFUSE, ESCALATE = "go", "ask", "refuse", "escalate"


class Policy(Protocol):
    """What the settings allow."""

    @property
    def unattended(self) -> Collection[str]:
        """Classes of remedies that need nobody's consent."""

    @property
    def never(self) -> Collection[str]:
        """Classes of remedies that are refused, consent or not."""

    @property
    def attempts(self) -> int:
        """How many remedies one incident may try on one host."""

    @property
    def recurrence_minutes(self) -> float:
        """A cause that comes back within this time was not cured by what was done then; 0 switches this off."""


@dataclass(frozen=True)
class Cured:
    """A remedy of an earlier incident on this host that was kept."""

    cause: str
    remedy: str
    at: datetime


def plan(
    diagnosis: Diagnosis,
    policy: Policy,
    tried: Collection[tuple[str, str]] = (),
    earlier: Iterable[Cured] = (),
    now: datetime | None = None,
) -> list[Planned]:
    """The remedies that are left, cause by cause from the ground up; the first that may go is the next step.

    ``tried`` are (cause, remedy) of this incident, which are not offered again; ``earlier`` are of other incidents.
    """
    recent = _recent(earlier, policy.recurrence_minutes, now)
    return [
        Planned(cause.code, remedy, *_decision(cause, remedy, policy, len(tried), recent))
        for cause in diagnosis.causes
        for remedy in cause.remedies
        if (cause.code, remedy.name) not in tried
    ]


def _decision(
    cause: Cause, remedy: Remedy, policy: Policy, attempts: int, recent: dict[tuple[str, str], datetime]
) -> tuple[str, str]:
    """What policy says of one remedy, and why."""
    if remedy.class_ in policy.never:
        return permission(remedy, policy)
    if attempts >= policy.attempts:
        return ESCALATE, f"{attempts} remedies were tried in this incident, and policy allows no more"
    if last := recent.get((cause.code, remedy.name)):
        came_back = f"it came back within {policy.recurrence_minutes:g} minutes of the same remedy at {last:%H:%M} UTC"
        return ESCALATE, f"{came_back}: the remedy hides a cause that a human must find"
    return permission(remedy, policy)


def permission(remedy: Remedy, policy: Policy) -> tuple[str, str]:
    """What policy says of remedies of this class, and why."""
    if remedy.class_ in policy.never:
        return REFUSE, f"policy never allows {remedy.class_}"
    if remedy.class_ in policy.unattended:
        return GO, f"policy allows {remedy.class_} unattended"
    return ASK, f"policy wants consent for {remedy.class_}"


def _recent(earlier: Iterable[Cured], minutes: float, now: datetime | None) -> dict[tuple[str, str], datetime]:
    """The last time that each remedy was kept, within the window."""
    found: dict[tuple[str, str], datetime] = {}
    for cured in sorted(earlier, key=lambda cured: cured.at):
        if now is not None and minutes and now - cured.at <= timedelta(minutes=minutes):
            found[cured.cause, cured.remedy] = cured.at
    return found


def human_steps(diagnosis: Diagnosis, planned: Iterable[Planned]) -> list[str]:
    """What is left for a human: each cause's advice, and the remedies that were not carried out, with the reason."""
    return list(dict.fromkeys(_human_steps(diagnosis, list(planned))))


def _human_steps(diagnosis: Diagnosis, planned: list[Planned]) -> Iterator[str]:
    for cause in diagnosis.causes:
        yield from cause.advice.splitlines()
        yield from cause.by_hand
        for item in planned:
            if item.cause == cause.code and item.decision != GO:
                yield f"{item.remedy.title} was not done: {item.reason}."
        for name, reason in cause.skipped:
            yield f"The remedy {name} does not apply: {reason}."
    for leg in diagnosis.unexplained:
        yield f"No known fault explains {dotted(leg)} failing from {leg.vantage}: {leg.detail or 'no detail'}."
