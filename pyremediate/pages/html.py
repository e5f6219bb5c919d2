"""One self-contained page: no script, nothing loaded from elsewhere, light, dark and in print, readable aloud."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from pyremediate.languages import Language, catalogue
from pyremediate.pages.blocks import Page, cell


def render(page: Page) -> str:
    """The page; every text is escaped, and pictures are taken as they are."""
    return template("page.html.j2", page.language, page=page, cell=cell, picture=Markup)


def template(name: str, language: Language, **values: Any) -> str:
    """A template of HTML in a language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pyremediate"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    environment.install_gettext_translations(catalogue(language.code), newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template(name).render(language=language, **values)
