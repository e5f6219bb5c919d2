"""What an audit looks like: one small module for each format, each with ``render(audit)``, all from the same frozen value."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyremediate.audit.values import Audit

# By the name of the option; imported when asked for.
FORMATS = {
    "text": "text",
    "json": "as_json",
    "junit": "junit",
    "sarif": "sarif",
    "markdown": "markdown",
    "html": "html",
    "prometheus": "prometheus",
    "nagios": "nagios",
}


def render(audit: Audit, name: str) -> str:
    """The audit in one of the ``FORMATS``; ends with a line feed."""
    text: str = importlib.import_module(f"{__name__}.{FORMATS[name]}").render(audit)
    return text if text.endswith("\n") else f"{text}\n"
