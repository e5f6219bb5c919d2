"""Words that several formats use."""

from __future__ import annotations

from pyremediate.audit.values import WORST_FIRST, Audit, Audited, Drift, Severity

NAMES = {Severity.SECURITY: "security", Severity.BREAKS_MAIL: "can break mail", Severity.NOISE: "noise"}
OUTCOMES = {"clean": "as its known good", "drifted": "drifted", "unknown": "cannot be known", "unapproved": "not approved yet"}


def since(drift: Drift) -> str:
    """``since 2026-11-26 03:45 UTC``; empty where that is not known."""
    time = drift.difference.since
    return f"since {time:%Y-%m-%d %H:%M} UTC" if time else ""


def counted(target: Audited | Audit) -> str:
    """``2 security, 1 noise``; empty when there is nothing."""
    return ", ".join(f"{target.count(each)} {NAMES[each]}" for each in WORST_FIRST if target.count(each))


def beside(target: Audited) -> list[str]:
    """What is not told drift by drift."""
    accepted = sum(bool(drift.accepted) for drift in target.drifts)
    told = {
        "accepted by rule": accepted,
        "ignored by rule": target.ignored,
        "told before": target.left_out,
        "gone since the last audit": len(target.gone),
    }
    return [f"{number} {words}" for words, number in told.items() if number]


def ordered(target: Audited) -> list[Drift]:
    """The worst first; those that are accepted last."""
    return sorted(target.drifts, key=lambda drift: (bool(drift.accepted), WORST_FIRST.index(drift.severity)))


def summary(audit: Audit) -> str:
    """``3 hosts and devices: 1 drifted (2 security), 1 cannot be known, 1 as its known good``."""
    found = [target.outcome for target in audit.targets]
    parts = []
    for outcome in ("drifted", "unknown", "unapproved", "clean"):
        if number := found.count(outcome):
            detail = counted(audit) if outcome == "drifted" else ""
            words = "as known to be good" if outcome == "clean" else OUTCOMES[outcome]
            parts.append(f"{number} {words}{f' ({detail})' if detail else ''}")
    return f"{len(found)} hosts and devices: {', '.join(parts)}" if found else "nothing was audited"
