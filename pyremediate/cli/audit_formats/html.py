"""One self-contained page: no script, nothing loaded from elsewhere, light and dark, readable aloud."""

from __future__ import annotations

from pyremediate.audit.values import Audit
from pyremediate.cli.audit_formats import words


def render(audit: Audit) -> str:
    """The page; whatever hosts said is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pyremediate"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    return environment.get_template("audit.html.j2").render(audit=audit, words=words)
