"""One line with performance data, as Nagios and its relatives read it."""

from __future__ import annotations

from pyremediate.audit.values import WORST_FIRST, Audit, Severity
from pyremediate.cli.audit_formats import words
from pyremediate.cli.nagios import CRITICAL, NAMES, OK, UNKNOWN, WARNING, plain

MOST = 5  # drifts that are told


def render(audit: Audit) -> str:
    """The line."""
    drifts = [(target.name, drift) for target in audit.targets for drift in target.counted]
    worst = sorted(drifts, key=lambda pair: WORST_FIRST.index(pair[1].severity))
    told = [f"{name}: {drift.sentence} ({words.NAMES[drift.severity]})" for name, drift in worst[:MOST]]
    told += [f"and {len(worst) - MOST} more"] if len(worst) > MOST else []
    told += [f"{target.name}: {reason}" for target in audit.targets for reason in target.unknown]
    text = "; ".join(told) or words.summary(audit)
    return f"AUDIT {NAMES[status(audit)]} - {plain(text)} | {_performance(audit)}"


def status(audit: Audit) -> int:
    """CRITICAL for what can break mail or is a matter of security, WARNING for the rest."""
    if audit.count(Severity.SECURITY) or audit.count(Severity.BREAKS_MAIL):
        return CRITICAL
    if audit.count(Severity.NOISE):
        return WARNING
    return UNKNOWN if any(target.unknown for target in audit.targets) else OK


def failure(text: str) -> str:
    """The line when the audit itself could not be made."""
    return f"AUDIT UNKNOWN - {plain(text)}"


def _performance(audit: Audit) -> str:
    seconds = max((target.seconds for target in audit.targets), default=0.0)
    counts = [
        f"{severity}={audit.count(severity)};;{'' if severity is Severity.NOISE else 0}" for severity in WORST_FIRST
    ]
    unknown = sum(bool(target.unknown) for target in audit.targets)
    return " ".join([f"seconds={seconds:.2f}s", f"targets={len(audit.targets)}", *counts, f"unknown={unknown}"])
