"""JSON for programs; its schema is docs/audit.schema.json."""

from __future__ import annotations

import json
from typing import Any

from pyremediate.audit.values import WORST_FIRST, Audit, Audited, Drift
from pyremediate.model import to_json

SCHEMA = 1


def render(audit: Audit) -> str:
    """ASCII alone, so that no locale can spoil it."""
    return json.dumps(to_json(data(audit)), indent=2)


def data(audit: Audit) -> dict[str, Any]:
    """The audit as plain data."""
    return {
        "schema": SCHEMA,
        "audited_at": audit.audited_at,
        "outcome": audit.outcome,
        "changed_only": audit.changed_only,
        "counts": {str(severity): audit.count(severity) for severity in WORST_FIRST},
        "targets": [_target(target) for target in audit.targets],
        "odd": audit.odd,
        "trend": audit.trend,
        "notes": audit.notes,
    }


def _target(target: Audited) -> dict[str, Any]:
    return {
        "name": target.name,
        "device": target.device,
        "outcome": target.outcome,
        "known_good_at": target.known_good_at,
        "drifts": [_drift(drift) for drift in target.drifts],
        "unknown": target.unknown,
        "ignored": target.ignored,
        "left_out": target.left_out,
        "gone": target.gone,
        "seconds": round(target.seconds, 3),
    }


def _drift(drift: Drift) -> dict[str, Any]:
    what = drift.difference
    return {
        "fingerprint": drift.fingerprint,
        "kind": what.kind,
        "name": what.name,
        "aspect": what.aspect,
        "was": None if what.secret else what.was,
        "is": None if what.secret else what.is_,
        "secret": what.secret,
        "since": what.since,
        "severity": drift.severity,
        "reason": drift.reason,
        "owner": drift.owner,
        "sentence": drift.sentence,
        "legs": drift.legs,
        "can_be_put_back": drift.can_be_put_back,
        "diff": drift.diff,
        "accepted": drift.accepted,
        "present": drift.present,
        "new": drift.new,
    }
