"""What an audit found, as frozen values: every format is made of these alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from pyremediate.model import Difference, to_json


class Severity(StrEnum):
    """How bad a drift is."""

    SECURITY = "security"  # somebody could do what he should not
    BREAKS_MAIL = "breaks_mail"  # a leg of the mail path depends on it
    NOISE = "noise"  # nothing of either kind is known


WORST_FIRST = (Severity.SECURITY, Severity.BREAKS_MAIL, Severity.NOISE)
TROUBLED = frozenset({"postfix.map"})  # their value now is a complaint, whose words may vary
CLEAN, DRIFTED, UNKNOWN, UNAPPROVED = "clean", "drifted", "unknown", "unapproved"
Key = tuple[str, str, str]
EXIT_STATUS = {CLEAN: 0, DRIFTED: 1, UNKNOWN: 3, UNAPPROVED: 5}  # see docs/exit-status.md


def key(difference: Difference) -> Key:
    """What a difference is about, whatever its values are."""
    return difference.kind, difference.name, difference.aspect


@dataclass(frozen=True)
class Drift:
    """One difference from the known good, judged."""

    difference: Difference
    severity: Severity
    reason: str  # why this severity, with its authority
    owner: str  # the service, package or part of the system that it belongs to
    sentence: str  # ``mynetworks had been changed from … to …``
    legs: Sequence[str] = ()  # names of ``model.LEGS`` that depend on it
    way_back: Difference | None = None  # what puts it back: itself, or the file that it is in
    diff: str = ""  # unified diff, known good against now; secrets withheld
    accepted: str = ""  # the reason of the rule that accepts it
    present: Sequence[str] = ()  # who was logged in or ran sudo when it came about, as far as the host can tell
    new: bool = True  # the last audit of this host did not have it

    @property
    def can_be_put_back(self) -> bool:
        """Is there a way back?"""
        return self.way_back is not None

    @property
    def fingerprint(self) -> str:
        """The same for the same drift in every audit."""
        what = self.difference
        value = None if what.kind in TROUBLED else what.is_
        text = json.dumps(to_json([what.kind, what.name, what.aspect, value]), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Audited:
    """One host or network device. ``unknown``: what could not be compared, and why; of an unreachable one that alone."""

    name: str
    drifts: Sequence[Drift] = ()
    unknown: Sequence[str] = ()
    ignored: int = 0  # drifts that a rule says to ignore
    known_good_at: datetime | None = None
    device: bool = False
    seconds: float = 0.0
    gone: Sequence[str] = ()  # sentences of drifts that the last audit had and this one has not
    left_out: int = 0  # drifts that no rule accepts and that are not told again, since the last audit had them
    unapproved: bool = False  # nothing was approved of it yet: that alone is what cannot be known

    @property
    def counted(self) -> tuple[Drift, ...]:
        """Those that no rule accepts."""
        return tuple(drift for drift in self.drifts if not drift.accepted)

    @property
    def outcome(self) -> str:
        """drifted over unknown over unapproved over clean."""
        if self.counted or self.left_out:
            return DRIFTED
        return UNAPPROVED if self.unapproved else UNKNOWN if self.unknown else CLEAN

    def count(self, severity: Severity) -> int:
        """How many that no rule accepts have this severity."""
        return sum(drift.severity == severity for drift in self.counted)


@dataclass(frozen=True)
class Odd:
    """A host that differs from most of its siblings in one thing."""

    host: str
    kind: str
    name: str
    value: str  # its own; "(not there)"
    usual: str  # that of ``alike`` of the ``of`` hosts in the group
    group: str
    alike: int
    of: int


@dataclass(frozen=True)
class Past:
    """An earlier audit, from the journal: how many drifts it counted on how many hosts and devices."""

    at: datetime
    targets: int
    security: int
    breaks_mail: int
    noise: int
    unknown: int  # hosts and devices of which it could not be known


@dataclass(frozen=True)
class Audit:
    """One run over hosts and devices. ``notes``: what its reader must know beside, such as rules that have expired."""

    audited_at: datetime
    targets: Sequence[Audited]
    notes: Sequence[str] = ()
    odd: Sequence[Odd] = ()
    trend: Sequence[Past] = ()  # the oldest first, this one not among them
    changed_only: bool = False

    @property
    def outcome(self) -> str:
        """That of the worst host or device: drifted, unknown, unapproved, clean."""
        found = {target.outcome for target in self.targets}
        return next((outcome for outcome in (DRIFTED, UNKNOWN, UNAPPROVED) if outcome in found), CLEAN)

    def count(self, severity: Severity) -> int:
        """How many drifts of this severity, on all of them."""
        return sum(target.count(severity) for target in self.targets)

    def changes(self) -> Audit:
        """Told is only what the last audit of each host did not have; the outcome stays."""
        return replace(self, targets=tuple(map(changes, self.targets)), changed_only=True)


def changes(target: Audited) -> Audited:
    """Told is only what its last audit did not have."""
    told = tuple(drift for drift in target.drifts if drift.new)
    return replace(target, drifts=told, left_out=sum(not drift.new for drift in target.counted))
