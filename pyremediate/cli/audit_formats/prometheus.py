"""For the textfile collector of node_exporter: samples without timestamps, which it refuses."""

from __future__ import annotations

from collections.abc import Iterator

from pyremediate.audit.values import WORST_FIRST, Audit

Sample = tuple[dict[str, str], float]


def render(audit: Audit) -> str:
    """The text format of the exposition formats (version 0.0.4)."""
    accepted: list[Sample] = [({"host": each.name}, len(each.drifts) - len(each.counted)) for each in audit.targets]
    unknown: list[Sample] = [({"host": each.name}, bool(each.unknown)) for each in audit.targets]
    unapproved: list[Sample] = [({"host": each.name}, each.unapproved) for each in audit.targets]
    at: list[Sample] = [({}, audit.audited_at.timestamp())]
    metrics = (
        ("drifts", "Differences from the known good that no rule accepts, by severity", list(_drifts(audit))),
        ("accepted", "Differences that a rule accepts", accepted),
        ("unknown", "Whether something could not be known (1), or all could (0)", unknown),
        ("unapproved", "Whether nothing was approved yet that it could be compared with (1)", unapproved),
        ("last_run_timestamp_seconds", "When the audit was made, in Unix time", at),
    )
    return "\n".join(line for metric in metrics for line in _metric(*metric))


def _drifts(audit: Audit) -> Iterator[Sample]:
    for target in audit.targets:
        for severity in WORST_FIRST:
            yield {"host": target.name, "severity": str(severity)}, target.count(severity)


def _metric(name: str, help_: str, samples: list[Sample]) -> Iterator[str]:
    yield f"# HELP pyremediate_audit_{name} {help_}."
    yield f"# TYPE pyremediate_audit_{name} gauge"
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"pyremediate_audit_{name}{f'{{{told}}}' if told else ''} {value:.0f}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
