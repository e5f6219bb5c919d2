"""From differences to drifts: how bad each is, whose, since when, what the settings' rules say of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pyremediate.audit import diffs, rules, security, tell_once
from pyremediate.audit.owner import owner
from pyremediate.audit.values import Drift, Key, Severity, key
from pyremediate.comparison import differences as kinds
from pyremediate.comparison import telling
from pyremediate.comparison.dependence import DOVECOT, NETWORK
from pyremediate.comparison.witnesses import witnesses
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
    sessions: Mapping[str, Any] | None = None,
) -> Judged:
    """Judge the differences of one host or device.

    ``finer`` are the same with each changed text as its places (``hunks.finer``): they say which lines have changed, and that a
    text in which only comments did is no drift. ``today`` is the day in UTC, for rules that expire; by default every rule with a
    date has. ``sessions`` is what the host keeps of logins (section ``sessions``): who was there when it came about.
    """
    changed = diffs.Changed.of(finer)
    view = security.View(tracked(evidence), changed.gained, _certificates(evidence))
    files = tell_once.files_of(differences, changed)
    told_by_entries = _told_by_entries(differences, files, view) | tell_once.told_by_lines(differences)
    drifts, ignored, stays = [], 0, set[Key]()
    for difference in differences:
        if changed.only_comments(difference) or key(difference) in told_by_entries:
            continue
        file = files.get(key(difference))
        applying = (rules.applying(settings_rules, host, each, today) for each in (difference, file) if each)
        rule = next(filter(None, applying), None)
        drift = ruled(_drift(_timed(difference, file), file, view, changed), rule)
        if drift.difference.since:
            drift = replace(drift, present=witnesses(drift.difference.since, sessions).told())
        if drift.way_back and rule and rule.action != "raise":
            stays.add(key(drift.way_back))
        if rule and rule.action == "ignore":
            ignored += 1
        else:
            drifts.append(drift)
    return Judged(tuple(_unless_it_stays(drift, stays) for drift in drifts), ignored)


def _timed(difference: Difference, file: Difference | None) -> Difference:
    """What has no time of its own has that of its file."""
    return replace(difference, since=difference.since or file.since) if file else difference


def _told_by_entries(differences: Sequence[Difference], files: Mapping[Key, Difference], view: security.View) -> set[Key]:
    """The files of which nothing has to be told beside their entries: all but those whose settings do not say what they are, such
    as a unit that nobody's package brought."""
    telling_all = {key(files[key(each)]) for each in differences if key(each) in files and each.kind != "setting"}
    return {key(file) for file in files.values() if key(file) in telling_all or not security.concern(file, view)}


def _unless_it_stays(drift: Drift, stays: set[Key]) -> Drift:
    """What a rule accepts in a file would go back with the rest of it."""
    shared = drift.way_back is not None and key(drift.way_back) in stays
    return replace(drift, way_back=None) if shared and not drift.accepted else drift


def _drift(difference: Difference, file: Difference | None, view: security.View, changed: diffs.Changed) -> Drift:
    how_bad, reason = severity(difference, view)
    if difference.aspect in ATTRIBUTES:  # its time is that of the content
        difference = replace(difference, since=None)
    way_back = file or difference
    return Drift(
        difference=difference,
        severity=how_bad,
        reason=reason,
        owner=owner(difference),
        sentence=telling.had_happened(
            replace(difference, since=None)
        ),  # the day belongs to it here, and has a place of its own
        legs=legs(difference),
        way_back=way_back if kinds.can_be_put_back(way_back) else None,
        diff=diffs.unified(difference, changed),
    )


def severity(difference: Difference, view: security.View) -> tuple[Severity, str]:
    """How bad it is, and why."""
    if reason := security.concern(difference, view):
        return Severity.SECURITY, reason
    found = legs(difference)
    if difference.harmless:
        return Severity.NOISE, "mail does not depend on what changed in it"
    if not found:
        return Severity.NOISE, "no part of the mail's way is known to depend on it"
    return Severity.BREAKS_MAIL, f"{_listed(found)} can depend on it"


def _listed(found: Sequence[str]) -> str:
    return "every part of the mail's way" if len(found) > 8 else ", ".join(found)


def legs(difference: Difference) -> tuple[str, ...]:
    """In the order of the mail's way. What a router does with packets concerns every leg of the network."""
    found = DOVECOT if difference.kind == "dovecot.setting" else kinds.legs(difference)
    if difference.kind.startswith(DEVICE) and difference.kind != "device.line" and difference.aspect not in TOLD_ONLY:
        found = NETWORK
    return tuple(leg for leg in ORDER if leg in found)


def ruled(drift: Drift, rule: rules.Rule | None) -> Drift:
    """What a rule of the settings makes of it."""
    if rule is None:
        return drift
    if rule.action == "raise" and rule.severity:
        return replace(drift, severity=Severity(rule.severity), reason=f"a rule of the settings says so: {rule.reason}")
    return replace(drift, accepted=rule.reason)


def _certificates(evidence: Evidence | None) -> dict[str, Mapping[str, object]]:
    return {each["path"]: each for each in evidence.data().get("tls", {}).get("certificates", ())} if evidence else {}


def tracked(evidence: Evidence | None) -> dict[str, dict[str, object]]:
    """The files as they were observed, by path."""
    return dict(evidence.data().get("files", {}).get("tracked", {})) if evidence else {}
