"""From differences to drifts: how bad each is, whose, since when, what the settings' rules say of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from pyremediate import differences as kinds
from pyremediate import telling
from pyremediate.audit import diffs, rules, security
from pyremediate.audit.owner import owner
from pyremediate.audit.values import Drift, Severity
from pyremediate.dependence import DOVECOT, NETWORK
from pyremediate.model import LEGS, Difference, Evidence

ORDER = tuple(dict.fromkeys(leg for names in LEGS.values() for leg in names))
DEVICE = "device."
ATTRIBUTES = frozenset({"owner", "group", "mode", "immutable", "acl"})
TOLD_ONLY = frozenset({"description"})  # of an interface: words for people


@dataclass(frozen=True)
class Judged:
    """The drifts of one host or device, and how many a rule says to ignore."""

    drifts: tuple[Drift, ...]
    ignored: int


def judge(
    host: str,
    differences: Sequence[Difference],
    finer: Sequence[Difference] = (),
    evidence: Evidence | None = None,
    settings_rules: Sequence[rules.Rule] = (),
    today: date = date.max,
) -> Judged:
    """Judge the differences of one host or device.

    ``finer`` are the same with each changed text as its places (``hunks.finer``): they say which lines have changed, and that a
    text in which only comments did is no drift. ``today`` is the day in UTC, for rules that expire; by default every rule with a
    date has.
    """
    changed = diffs.Changed.of(finer)
    view = security.View(_tracked(evidence), changed.gained)
    drifts, ignored = [], 0
    for difference in differences:
        if changed.only_comments(difference):
            continue
        rule = rules.applying(settings_rules, host, difference, today)
        if rule is not None and rule.action == "ignore":
            ignored += 1
            continue
        drifts.append(_ruled(_drift(difference, view, changed), rule))
    return Judged(tuple(drifts), ignored)


def _drift(difference: Difference, view: security.View, changed: diffs.Changed) -> Drift:
    severity, reason = _severity(difference, view)
    if difference.aspect in ATTRIBUTES:  # its time is that of the content
        difference = replace(difference, since=None)
    return Drift(
        difference=difference,
        severity=severity,
        reason=reason,
        owner=owner(difference),
        sentence=telling.had_happened(
            replace(difference, since=None)
        ),  # the day belongs to it here, and has a place of its own
        legs=_legs(difference),
        can_be_put_back=kinds.can_be_put_back(difference),
        diff=diffs.unified(difference, changed),
    )


def _severity(difference: Difference, view: security.View) -> tuple[Severity, str]:
    if reason := security.concern(difference, view):
        return Severity.SECURITY, reason
    legs = _legs(difference)
    if not legs or difference.harmless:
        return Severity.NOISE, "no part of the mail's way is known to depend on it"
    return Severity.BREAKS_MAIL, f"{_listed(legs)} can depend on it"


def _listed(legs: Sequence[str]) -> str:
    return "every part of the mail's way" if len(legs) > 8 else ", ".join(legs)


def _legs(difference: Difference) -> tuple[str, ...]:
    """In the order of the mail's way. What a router does with packets concerns every leg of the network."""
    found = DOVECOT if difference.kind == "dovecot.setting" else kinds.legs(difference)
    if difference.kind.startswith(DEVICE) and difference.kind != "device.line" and difference.aspect not in TOLD_ONLY:
        found = NETWORK
    return tuple(leg for leg in ORDER if leg in found)


def _ruled(drift: Drift, rule: rules.Rule | None) -> Drift:
    if rule is None:
        return drift
    if rule.action == "raise" and rule.severity:
        return replace(drift, severity=Severity(rule.severity), reason=f"a rule of the settings says so: {rule.reason}")
    return replace(drift, accepted=rule.reason)


def _tracked(evidence: Evidence | None) -> dict[str, dict[str, object]]:
    return dict(evidence.data().get("files", {}).get("tracked", {})) if evidence else {}
