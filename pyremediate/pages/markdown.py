"""A page as Markdown (CommonMark with tables), for tickets, wikis and terminals."""

from __future__ import annotations

from collections.abc import Iterator

from pyremediate.pages.blocks import Block, Bullets, Figures, Page, Paragraph, Picture, Table
from pyremediate.pages.blocks import cell as as_cell
from pyremediate.report.report import cell, inline, step


def render(page: Page) -> str:
    """The page; whatever hosts said cannot pass for markup."""
    lines = [f"# {inline(page.title)}", "", inline(page.subtitle), ""]
    for block in page.lead:
        lines += [*_lines(block), ""]
    for section in page.sections:
        lines += [f"## {inline(section.title)}", ""]
        for block in section.blocks:
            lines += [*_lines(block, section.title), ""]
    return "\n".join([*lines, *([inline(page.foot), ""] if page.foot else [])])


def _lines(block: Block, heading: str = "") -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield inline(block.text)
    elif isinstance(block, Bullets):
        for number, item in enumerate(block.items, 1):
            yield f"{f'{number}.' if block.numbered else '*'} {step(as_cell(item).text)}"
    elif isinstance(block, Table):
        yield from _table(block, heading)
    elif isinstance(block, Figures):
        for figure in block.items:
            yield f"* {inline(figure.name)}: **{inline(figure.value)}**"
    elif isinstance(block, Picture):  # Markdown cannot hold an SVG
        yield inline(block.words)


def _table(table: Table, heading: str) -> Iterator[str]:
    if table.caption != heading:
        yield from (f"**{inline(table.caption)}**", "")
    yield f"| {' | '.join(map(cell, table.headings))} |"
    yield f"|{''.join('---:|' if number in table.numbers else '---|' for number in range(len(table.headings)))}"
    for row in table.rows:
        yield f"| {' | '.join(cell(as_cell(item).text) for item in row)} |"
