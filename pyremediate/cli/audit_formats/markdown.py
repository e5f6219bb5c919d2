"""Markdown, for a ticket or a chat."""

from __future__ import annotations

from pyremediate.audit.values import Audit
from pyremediate.cli.audit_formats import words
from pyremediate.report.report import rendered


def render(audit: Audit) -> str:
    """One page."""
    return rendered("audit.md.j2", {"audit": audit, "words": words})
