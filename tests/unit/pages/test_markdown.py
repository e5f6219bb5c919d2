"""A page as Markdown: whatever hosts said stays text."""

from __future__ import annotations

from pyremediate.languages import Language
from pyremediate.pages import html, markdown
from pyremediate.pages.blocks import Bullets, Cell, Figure, Figures, Page, Paragraph, Picture, Section, Table

PAGE = Page(
    Language("it"),
    "Title *one*",
    "sub",
    [Figures([Figure("3", "Steps", "good")])],
    [
        Section("Things", [Table("Things", ["a", "b"], [["x|y", Cell("<b>", "bad", recorded=True)]], numbers=frozenset({1}))]),
        Section("More", [Bullets(["first", "1. second"], numbered=True), Picture("<svg/>", "In words"), Paragraph("End", "dim")]),
    ],
    "foot",
)


def test_tables_lists_figures_and_pictures_have_their_marks() -> None:
    text = markdown.render(PAGE)
    assert text.startswith("# Title \\*one\\*\n\nsub\n\n* Steps: **3**\n")
    assert "## Things\n\n| a | b |\n|---|---:|\n| x\\|y | \\<b\\> |" in text  # a caption that repeats its heading is left out
    assert "1. first\n2. 1\\. second" in text and "In words" in text and text.endswith("foot\n")


def test_html_escapes_texts_keeps_pictures_and_tells_the_language_of_what_the_record_said() -> None:
    page = html.render(PAGE)
    assert '<html lang="it">' in page and "<svg/>" in page
    assert '<td class="number" lang="en"><span class="bad"><span class="mark">&lt;b&gt;</span></span></td>' in page
