"""An answer for Nagios and its relatives: one line, performance data, an exit status (Nagios Core's plugin API)."""

from __future__ import annotations

from collections.abc import Sequence

from pyremediate.model import Answer, Outcome

OK, WARNING, CRITICAL, UNKNOWN = range(4)
NAMES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
WORST_FIRST = (CRITICAL, WARNING, UNKNOWN, OK)
MILD = frozenset({"none", "low", "medium"})


def answer(outcomes: Sequence[Outcome]) -> tuple[str, int]:
    """The line, and the exit status: that of the worst host."""
    status = next(level for level in WORST_FIRST if level in {_level(outcome) for outcome in outcomes} or level == OK)
    troubled = [outcome for outcome in outcomes if _level(outcome) != OK]
    words = "; ".join(_words(outcome) for outcome in troubled)
    text = words or f"{', '.join(outcome.host for outcome in outcomes)} healthy"
    return f"MAIL {NAMES[status]} - {plain(text)} | {' '.join(_performance(outcomes))}", status


def failure(text: str) -> str:
    """The line when the check itself could not be made."""
    return f"MAIL UNKNOWN - {plain(text)}"


def plain(text: str) -> str:
    """On one line, without the sign that begins performance data."""
    return " ".join(text.split()).replace("|", "/")


def _level(outcome: Outcome) -> int:
    if outcome.outcome in {"healthy", "repaired"}:
        return OK
    if outcome.outcome in {"unknown", "refused"}:
        return UNKNOWN
    return WARNING if outcome.severity in MILD else CRITICAL


def _words(outcome: Outcome) -> str:
    causes = ", ".join(f"{cause.title} [{cause.code}]" for cause in outcome.causes)
    return f"{outcome.host} {outcome.scope}: {causes or outcome.reason or outcome.outcome}"


def _performance(outcomes: Sequence[Outcome]) -> list[str]:
    """Seconds of the look, and how many checks gave which answer."""
    checks = [check for outcome in outcomes for check in outcome.verification]
    seconds = max((sum(outcome.seconds.values()) for outcome in outcomes), default=0.0)
    troubled = sum(_level(outcome) != OK for outcome in outcomes)
    failed = sum(check.answer is Answer.FAIL for check in checks)
    unknown = sum(check.answer is Answer.UNKNOWN for check in checks)
    return [
        f"seconds={seconds:.2f}s",
        f"hosts={len(outcomes)}",
        f"troubled={troubled};;0",
        f"checks={len(checks)}",
        f"failed={failed};;0",
        f"unknown={unknown}",
    ]
