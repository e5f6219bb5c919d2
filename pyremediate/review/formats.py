"""The review as Markdown, HTML, PDF or JSON."""

from __future__ import annotations

import json
from typing import Any

from pyremediate.languages import Language
from pyremediate.model import to_json
from pyremediate.pages import html, markdown, pdf
from pyremediate.report.narrative import sentence
from pyremediate.review.page import page
from pyremediate.review.values import Review

SCHEMA = 1
FORMATS = ("markdown", "html", "pdf", "json")


def render(review: Review, language: Language, form: str) -> bytes:
    """The whole document. Raises ``UsageError`` when what makes PDF is not installed."""
    if form == "json":
        return (json.dumps(data(review, language), indent=2, ensure_ascii=False, default=str) + "\n").encode()
    built = page(review, language)
    if form == "pdf":
        return pdf.render(html.render(built))
    return (markdown.render(built) if form == "markdown" else html.render(built)).encode()


def data(review: Review, language: Language) -> dict[str, Any]:
    """The report of the incident as ``incident export`` has it, and what the review adds; sentences in the language."""
    own = {
        name: to_json(getattr(review, name))
        for name in review.__dataclass_fields__
        if name not in {"report", "entries"}
    }
    timeline = [
        {**moment, "text": sentence(entry, language)}
        for moment, entry in zip(review.report["timeline"], review.entries, strict=True)
    ]
    return {**review.report, "schema": SCHEMA, "language": language.code, "timeline": timeline, "review": own}
