"""Which drifts are put back together, as which remedy, and what policy says of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pyremediate.audit.values import Drift, key
from pyremediate.comparison import differences as kinds
from pyremediate.model import Cause, Difference, Look, Planned
from pyremediate.repair import plan
from pyremediate.search import trial

CODE = "drift/"  # what the code of a cause begins with that an audit found
NETWORK = frozenset({"firewall", "firewall.rule", "route", "listener"})
MAPS = "postfix.map"


@dataclass(frozen=True)
class Batch:
    """The drifts of one owner that one transaction puts back."""

    owner: str
    class_: str  # of remedies, for policy
    differences: tuple[Difference, ...]

    @property
    def risk(self) -> int:
        """That of the riskiest."""
        return max(kinds.risk(difference) for difference in self.differences)

    def alone(self) -> tuple[Batch, ...]:
        """Each of several for itself; nothing when there is only one."""
        each = tuple(replace(self, differences=(difference,)) for difference in self.differences)
        return each if len(each) > 1 else ()


class Subject(Protocol):
    """Whose drifts are put back: a host's own, or those of a router that its mail passes (``device_batches``)."""

    @property
    def trial(self) -> bool:
        """Is a step protected as a trial of a search is?"""

    def differences(self, look: Look) -> Sequence[Difference]:
        """In which it is not as its known good, in this look."""

    def batches(self, drifts: Sequence[Drift], look: Look) -> tuple[Batch, ...]:
        """What can be put back of these drifts, as far as they are there in this look; what risks least first."""

    def planned(self, batch: Batch, look: Look, policy: plan.Policy) -> Planned:
        """The remedy of a batch, and what policy says of it."""

    def parts(self, batch: Batch) -> tuple[Batch, ...]:
        """What is tried of a batch that was undone."""

    def by_hand(self, look: Look) -> tuple[str, ...]:
        """What a human types, where it cannot be changed from here."""


class OfHost:
    """The mail host itself."""

    trial = True

    def differences(self, look: Look) -> Sequence[Difference]:
        """See ``Subject``, as of the others."""
        return look.differences

    def batches(self, drifts: Sequence[Drift], look: Look) -> tuple[Batch, ...]:
        """By owner and class."""
        return batches(drifts, look.differences)

    def planned(self, batch: Batch, look: Look, policy: plan.Policy) -> Planned:
        """By the role ``known_good``."""
        return planned(batch, look, policy)

    def parts(self, batch: Batch) -> tuple[Batch, ...]:
        """Each difference for itself."""
        return batch.alone()

    def by_hand(self, look: Look) -> tuple[str, ...]:
        """A mail host can be changed."""
        return ()


def batches(drifts: Iterable[Drift], differences: Sequence[Difference]) -> tuple[Batch, ...]:
    """What can be put back of these drifts, as far as they are among the differences of the newest look; what risks least first.

    A database is made anew together with its source, so it goes with the files of its owner.
    """
    now = {key(difference): difference for difference in differences}
    ways = {key(drift.way_back): drift for drift in drifts if drift.way_back and not drift.accepted}
    found: dict[tuple[str, str], list[Difference]] = {}
    for way, drift in ways.items():
        if difference := now.get(way):
            found.setdefault((drift.owner, _class(difference)), []).append(difference)
    made = [Batch(owner, class_, tuple(members)) for (owner, class_), members in found.items()]
    return tuple(sorted(made, key=lambda batch: (batch.risk, batch.owner)))




def planned(batch: Batch, look: Look, policy: plan.Policy) -> Planned:
    """The remedy of a batch, and what policy says of it."""
    remedy = replace(trial.remedy_for(batch.differences, look), class_=batch.class_)
    decision, reason = plan.permission(remedy, policy)
    return Planned(f"{CODE}{batch.owner}", remedy, decision, reason)


def cause_of(batch: Batch) -> Cause:
    """The batch as a cause, for the verification and the record: no leg is known to fail because of it."""
    return Cause(
        code=f"{CODE}{batch.owner}",
        title=f"{batch.owner} has drifted from its known good",
        layer="configuration",
        severity="medium",
        evidence=tuple(f"{difference.sentence()}." for difference in batch.differences),
        prevention=("Approve a wanted change as known good, or accept it by a rule of the audit in the settings.",),
    )


def _class(difference: Difference) -> str:
    if difference.kind == "package":
        return "rollback_package"
    return "network" if difference.kind in NETWORK or kinds.risk(difference) > 2 else "rollback"
