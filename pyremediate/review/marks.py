"""What the chapters of a review have in common: the colours of words, and lengths and numbers that may not be known. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pyremediate.languages import Language

MARKS: Mapping[str, str] = {
    "repaired": "good", "healthy": "good", "kept": "good", "met": "good", "sent": "good",
    "escalated": "bad", "undone": "warn", "missed": "bad", "failed": "bad", "undo_refused": "bad", "open": "warn",
    "unknown": "warn", "refused": "warn", "not_known": "warn", "waiting": "warn", "no_target": "dim",
}  # fmt: skip


def span(seconds: float | None, language: Language) -> str:
    """A length of time in words."""
    return language.gettext("not known") if seconds is None else language.span(seconds)


def count(number: int | None, language: Language) -> str:
    """A number in words."""
    return language.gettext("not known") if number is None else language.number(number)
