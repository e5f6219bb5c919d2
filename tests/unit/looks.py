"""Small looks at hosts, made by hand: only what the test speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pyremediate.model import Answer, Difference, Evidence, Leg, Look, Section, State

NOON = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)


def evidence(**sections: Mapping[str, Any] | State) -> Evidence:
    """Evidence of mail01 with these sections; a ``State`` instead of data makes a section that could not be observed."""
    return Evidence(
        host="mail01",
        observed_at=NOON,
        sections={
            name: Section(data, {}, "timed out") if isinstance(data, State) else Section(State.OK, data)
            for name, data in sections.items()
        },
    )


def leg(name: str, answer: Answer | str = Answer.PASS, vantage: str = "client01", detail: str = "") -> Leg:
    """``leg("inbound.connect", "fail")``."""
    path, _, step = name.partition(".")
    return Leg(path, step, Answer(answer), vantage, detail)


def look(
    sections: Mapping[str, Any] | None = None,
    legs: Sequence[Leg] = (),
    differences: Sequence[Difference] = (),
    known_good: bool = True,
) -> Look:
    """A look; ``sections=None`` means that the host could not be observed."""
    return Look(
        host="mail01",
        evidence=None if sections is None else evidence(**sections),
        legs=legs,
        differences=differences,
        known_good_at=NOON if known_good else None,
    )


def healthy_evidence() -> Evidence:
    """Evidence of a host on which nothing waits."""
    return evidence(postfix={"running": True, "queue": {"counts": {"deferred": 0}, "messages": []}}, log={"problems": []})
