"""What the journal keeps of an audit, and what an audit learns from it: which drifts are new, which are gone, the trend. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pyremediate.audit.values import UNAPPROVED, UNKNOWN, WORST_FIRST, Audited, Drift, Past, Severity
from pyremediate.journal import Entry


def payload(target: Audited) -> dict[str, Any]:
    """One host or device, without its diffs: they are in the known good and on the host."""
    return {
        "outcome": target.outcome,
        "known_good_at": target.known_good_at,
        "counts": {str(severity): target.count(severity) for severity in WORST_FIRST},
        "drifts": [_told(drift) for drift in target.drifts],
        "unknown": list(target.unknown),
    }


def _told(drift: Drift) -> dict[str, Any]:
    return {
        "fingerprint": drift.fingerprint,
        "kind": drift.difference.kind,
        "name": drift.difference.name,
        "aspect": drift.difference.aspect,
        "severity": drift.severity,
        "owner": drift.owner,
        "sentence": drift.sentence,
        "since": drift.difference.since,
        "accepted": drift.accepted,
    }


def fingerprints(last: Mapping[str, Entry]) -> dict[str, dict[str, str]]:
    """By host, what its last audit had: {fingerprint: sentence}."""
    return {
        host: {drift["fingerprint"]: drift["sentence"] for drift in entry.payload["drifts"]}
        for host, entry in last.items()
    }


def compared(target: Audited, before: Mapping[str, str] | None) -> Audited:
    """With what is new marked, and what is gone told; without an earlier audit everything is new."""
    if before is None:
        return target
    now = {drift.fingerprint for drift in target.drifts}
    drifts = tuple(replace(drift, new=drift.fingerprint not in before) for drift in target.drifts)
    gone = () if target.unknown else tuple(sentence for mark, sentence in before.items() if mark not in now)
    return replace(target, drifts=drifts, gone=gone)


def trend(entries: Iterable[Entry]) -> tuple[Past, ...]:
    """The audits that these entries are of, in order."""
    return tuple(_past(tuple(group)) for _, group in groupby(entries, key=lambda entry: entry.incident))


def _past(entries: Sequence[Entry]) -> Past:
    counts = {
        severity: sum(entry.payload["counts"].get(str(severity), 0) for entry in entries) for severity in Severity
    }
    return Past(
        at=entries[0].time.replace(microsecond=0),
        targets=len(entries),
        security=counts[Severity.SECURITY],
        breaks_mail=counts[Severity.BREAKS_MAIL],
        noise=counts[Severity.NOISE],
        unknown=sum(entry.payload["outcome"] in {UNKNOWN, UNAPPROVED} for entry in entries),
    )
