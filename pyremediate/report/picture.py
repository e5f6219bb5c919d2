"""Who reaches what as a picture (SVG): each vantage point's ways as chains of legs, and the leg at which each chain breaks. Pure.

Stands alone: no script, nothing from elsewhere, readable in light and in dark; colour is never the only sign (WCAG 2.2, 1.4.1).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from pyremediate.model import LEGS, Answer

WIDTH, MARGIN, COLUMN = 800, 16, 192
TOP, ROW, STEP = 64, 74, 18  # of the first row; its height; from leg to leg
LINE, LINE_HEIGHT = 112, 18  # characters and height of a line of text
STYLE = """
  .paper { fill: #ffffff } .ink, text { fill: #1c2024 } .faint { fill: #5b636b } .rule { stroke: #d5dade }
  .pass { fill: #1a7f37 } .fail { stroke: #c62828; stroke-width: 3 } .broken { fill: #c62828; font-weight: bold }
  .unknown { fill: none; stroke: #5b636b; stroke-width: 1.5 } .way { stroke: #5b636b; stroke-width: 1.5 }
  text { font: 13px system-ui, sans-serif } .head { font-weight: bold }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #14181c } .ink, text { fill: #e6e9ec } .faint { fill: #a3abb3 } .rule { stroke: #363d44 }
    .pass { fill: #4fc26b } .fail { stroke: #ff7b72 } .broken { fill: #ff7b72 }
    .unknown { stroke: #a3abb3 } .way { stroke: #a3abb3 }
  }
"""
TITLE = "From where the mail host is reached"
Cell = Mapping[str, Any]


def svg(vantage: Mapping[str, Any]) -> str:
    """The picture of what ``matrix.told`` says."""
    cells: Sequence[Cell] = vantage["cells"]
    names = sorted({cell["vantage"] for cell in cells})
    ways = [way for way in LEGS if any(cell["path"] == way for cell in cells)]
    said = textwrap.wrap(vantage["sentence"], LINE)
    legend = TOP + ROW * len(names) + 10
    height = legend + LINE_HEIGHT * (len(said) + 1) + MARGIN
    port = {cell["path"]: cell["port"] for cell in cells}
    body = [
        _text(MARGIN, 24, TITLE, "head"),
        *(_text(_column(ways.index(way)), 48, f"{way} ({port[way]})", "faint") for way in ways),
        *(line for row, name in enumerate(names) for line in _row(name, TOP + ROW * row, cells, ways)),
        *_legend(legend),
        *(_text(MARGIN, legend + LINE_HEIGHT * (number + 1) + 4, line) for number, line in enumerate(said)),
    ]
    return "\n".join([*_head(height, _described(cells, vantage["sentence"])), *body, "</svg>\n"])


def _head(height: int, description: str) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        ' aria-labelledby="title description">',
        f'<title id="title">{TITLE}</title>',
        f'<desc id="description">{escape(description)}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>',
    ]


def _described(cells: Sequence[Cell], sentence: str) -> str:
    """The whole of it in words, for who hears it."""
    return " ".join([*(f"{cell['vantage']}, {cell['path']}: {_words(cell)}." for cell in cells), sentence]).strip()


def _row(name: str, top: int, cells: Sequence[Cell], ways: Sequence[str]) -> Iterator[str]:
    yield f'<line class="rule" x1="{MARGIN}" y1="{top - 8}" x2="{WIDTH - MARGIN}" y2="{top - 8}"/>'
    yield _text(MARGIN, top + 10, name, "head")
    for cell in cells:
        if cell["vantage"] == name:
            yield from _chain(cell, _column(ways.index(cell["path"])), top + 28)


def _chain(cell: Cell, left: int, height: int) -> Iterator[str]:
    """One way: a sign for each leg that was planned, and what came of it below."""
    legs = [(leg, Answer(cell["legs"][leg])) for leg in LEGS[cell["path"]] if leg in cell["legs"]]
    broken = next((place for place, (_, answer) in enumerate(legs) if answer is Answer.FAIL), None)
    last = len(legs) - 1 if broken is None else broken
    x = left + 7
    if last > 0:
        yield f'<line class="way" x1="{x}" y1="{height}" x2="{x + STEP * last}" y2="{height}"/>'
    for place, (leg, answer) in enumerate(legs):
        yield _sign(x + STEP * place, height, answer, f"{leg}: {answer.value}")
    yield _text(left, height + 24, _words(cell), "broken" if broken is not None else "")


def _sign(x: int, y: int, answer: Answer, words: str) -> str:
    """A disc for what passes, a cross for what fails, a ring for what is not known."""
    if answer is Answer.FAIL:
        shape = f'<path class="fail" d="M{x - 6} {y - 6}L{x + 6} {y + 6}M{x - 6} {y + 6}L{x + 6} {y - 6}"/>'
    elif answer is Answer.PASS:
        shape = f'<circle class="pass" cx="{x}" cy="{y}" r="5"/>'
    else:
        shape = f'<circle class="paper" cx="{x}" cy="{y}" r="5"/><circle class="unknown" cx="{x}" cy="{y}" r="5"/>'
    return f"<g><title>{escape(words)}</title>{shape}</g>"


def _words(cell: Cell) -> str:
    """``stopped at banner``, ``passes, 12 ms, packets of 1500``."""
    answer = Answer(cell["answer"])
    if answer is Answer.PASS:
        size = f", packets of {cell['path_mtu']}" if cell.get("path_mtu") else ""
        return f"passes, {1000 * cell['seconds']:.0f} ms{size}"
    if answer is Answer.IMPOSSIBLE:
        return "cannot be known"
    return f"{'stopped' if answer is Answer.FAIL else 'not known'} at {cell['stopped']}"


def _legend(y: int) -> Iterator[str]:
    signs = ((Answer.PASS, "passes"), (Answer.FAIL, "stopped here"), (Answer.UNKNOWN, "not reached, or not known"))
    for number, (answer, words) in enumerate(signs):
        x = MARGIN + 7 + 120 * number
        yield _sign(x, y - 4, answer, words)
        yield _text(x + 12, y, words, "faint")


def _column(number: int) -> int:
    return MARGIN + COLUMN * number


def _text(x: int, y: int, words: str, class_: str = "") -> str:
    named = f' class="{class_}"' if class_ else ""
    return f'<text{named} x="{x}" y="{y}">{escape(words)}</text>'
