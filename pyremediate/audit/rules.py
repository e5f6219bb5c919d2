"""The rules of the settings file: what is accepted, what is ignored, what counts for more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Protocol

from pyremediate.model import Difference


class Rule(Protocol):
    """One rule; see ``settings.AuditRule``."""

    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def aspect(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def severity(self) -> str | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def until(self) -> date | None: ...


def applying(rules: Sequence[Rule], host: str, difference: Difference, today: date) -> Rule | None:
    """The first rule that matches and holds; None when there is none."""
    return next((rule for rule in rules if holds(rule, today) and _matches(rule, host, difference)), None)


def holds(rule: Rule, today: date) -> bool:
    """Until the end of its last day, in UTC."""
    return rule.until is None or today <= rule.until


def expired(rules: Sequence[Rule], today: date) -> tuple[str, ...]:
    """For the reader: the rules that hold no more."""
    return tuple(
        f"the rule to {rule.action} {rule.kind} {rule.name} on {rule.host} ({rule.reason}) has expired on {rule.until}: "
        "it counts no more; renew it in the settings, or take it out"
        for rule in rules
        if not holds(rule, today)
    )


def _matches(rule: Rule, host: str, difference: Difference) -> bool:
    return (
        fnmatchcase(difference.kind, rule.kind)
        and fnmatchcase(difference.name, rule.name)
        and fnmatchcase(difference.aspect, rule.aspect)
        and fnmatchcase(host, rule.host)
    )
