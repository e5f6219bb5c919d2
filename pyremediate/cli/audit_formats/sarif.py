"""SARIF 2.1.0 (OASIS): a rule for each kind of difference, a result for each drift."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from pyremediate import __version__
from pyremediate.audit.values import Audit, Audited, Drift, Severity
from pyremediate.comparison.differences import file_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.SECURITY: "error", Severity.BREAKS_MAIL: "error", Severity.NOISE: "note"}


def render(audit: Audit) -> str:
    """One log with one run."""
    kinds = sorted({drift.difference.kind for target in audit.targets for drift in target.drifts})
    driver = {
        "name": "pyremediate",
        "version": __version__,
        "rules": [
            {"id": kind, "shortDescription": {"text": f"A difference from the known good, of the kind {kind}"}}
            for kind in kinds
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(audit)],
        "results": [
            _result(target, drift, kinds.index(drift.difference.kind))
            for target in audit.targets
            for drift in target.drifts
        ],
        "columnKind": "utf16CodeUnits",
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _invocation(audit: Audit) -> dict[str, Any]:
    """What could not be known is a notification: the run itself went well."""
    told = [(target.name, reason) for target in audit.targets for reason in target.unknown]
    return {
        "executionSuccessful": True,
        "startTimeUtc": f"{audit.audited_at:%Y-%m-%dT%H:%M:%SZ}",
        "toolExecutionNotifications": [
            *({"level": "warning", "message": {"text": f"{name}: {reason}"}} for name, reason in told),
            *({"level": "note", "message": {"text": note}} for note in audit.notes),
        ],
    }


def _result(target: Audited, drift: Drift, rule: int) -> dict[str, Any]:
    what = drift.difference
    text = f"{target.name}: {drift.sentence}. {drift.reason[:1].upper()}{drift.reason[1:]}."
    return {
        "ruleId": what.kind,
        "ruleIndex": rule,
        "level": LEVELS[drift.severity],
        "message": {"text": text},
        "locations": [_location(target, drift)],
        "partialFingerprints": {"pyremediateDrift/v1": f"{target.name}/{drift.fingerprint}"},
        "baselineState": "new" if drift.new else "unchanged",
        "suppressions": [{"kind": "external", "justification": drift.accepted}] if drift.accepted else [],
        "properties": {"severity": str(drift.severity), "owner": drift.owner, "diff": drift.diff},
    }


def _location(target: Audited, drift: Drift) -> dict[str, Any]:
    what = drift.difference
    path = file_of(what) or (what.name if what.name.startswith("/") else f"/{what.kind}/{what.name}")
    return {
        "physicalLocation": {"artifactLocation": {"uri": quote(f"{target.name}{path}")}},
        "logicalLocations": [{"fullyQualifiedName": f"{target.name}/{what.kind}/{what.name}", "name": what.name}],
    }
