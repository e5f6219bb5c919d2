"""PDF is WeasyPrint's work; without it the message says what to install."""

from __future__ import annotations

import sys

import pytest

from pyremediate.errors import UsageError
from pyremediate.languages import Language
from pyremediate.pages import html, pdf
from pyremediate.pages.blocks import Page, Paragraph


def test_a_page_becomes_a_pdf_with_its_title() -> None:
    pytest.importorskip("weasyprint", exc_type=ImportError)
    made = pdf.render(html.render(Page(Language("en"), "Review of mail01", "x", [Paragraph("Mail flows.")])))
    assert made.startswith(b"%PDF-") and made.rstrip().endswith(b"%%EOF")


def test_without_weasyprint_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match=r"pip install 'pyremediate\[pdf\]'"):
        pdf.render("<p>x</p>")


def test_a_page_cannot_load_anything() -> None:
    with pytest.raises(ValueError, match="loads nothing"):
        pdf._nothing("https://example.org/x.png")
