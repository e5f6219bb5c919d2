"""Which drifts are put back together, as which remedy, and what policy says of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyremediate import differences as kinds
from pyremediate import plan, trial
from pyremediate.audit.values import Drift
from pyremediate.model import Cause, Difference, Look, Planned

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


def batches(drifts: Iterable[Drift], differences: Sequence[Difference]) -> tuple[Batch, ...]:
    """What can be put back of these drifts, as far as they are among the differences of the newest look; what risks least first.

    A database is made anew together with its source, so it goes with the files of its owner.
    """
    now = {key(difference): difference for difference in differences}
    found: dict[tuple[str, str], list[Difference]] = {}
    for drift in drifts:
        if drift.can_be_put_back and not drift.accepted and (difference := now.get(key(drift.difference))):
            found.setdefault((drift.owner, _class(difference)), []).append(difference)
    made = [Batch(owner, class_, tuple(members)) for (owner, class_), members in found.items()]
    return tuple(sorted(made, key=lambda batch: (batch.risk, batch.owner)))


def key(difference: Difference) -> tuple[str, str, str]:
    """What a difference is about, whatever its values are."""
    return difference.kind, difference.name, difference.aspect


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
