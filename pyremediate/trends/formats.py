"""The trends as text, HTML or JSON."""

from __future__ import annotations

import json

from pyremediate.languages import Language
from pyremediate.model import to_json
from pyremediate.pages import html, markdown
from pyremediate.trends.page import page
from pyremediate.trends.values import Trends

SCHEMA = 1


def render(trends: Trends, language: Language, form: str) -> str:
    """The whole document; text is Markdown."""
    if form == "json":
        told = to_json(trends)
        for week, data in zip(trends.weeks, told["weeks"], strict=True):
            data["monday"] = week.monday.isoformat()
        return json.dumps({"schema": SCHEMA, **told}, indent=2, ensure_ascii=False) + "\n"
    built = page(trends, language)
    return html.render(built) if form == "html" else markdown.render(built)
