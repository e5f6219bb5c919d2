"""What the pictures of pages have in common: an SVG that stands alone, in light and dark, described for who hears it."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

# Scoped by class: a style sheet inside an SVG holds for the whole page that it is put into.
STYLE = """
  .plot .paper { fill: #ffffff } .plot text { fill: #1b1f24; font: 13px system-ui, sans-serif } .plot text.faint { fill: #57606a }
  .plot text.head { font-weight: bold } .plot text.on { fill: #ffffff; font-weight: bold; font-size: 12px }
  .plot .rule { stroke: #d0d7de; stroke-width: 1 } .plot .axis { stroke: #57606a; stroke-width: 1 }
  .plot .good { fill: #1a7f37 } .plot .info { fill: #0969da } .plot .warn { fill: #bc4c00 } .plot .quiet { fill: #6e7781 }
  .plot .hollow { fill: none; stroke: #a40e26; stroke-width: 2; stroke-dasharray: 4 2 }
  @media (prefers-color-scheme: dark) {
    .plot .paper { fill: #10141a } .plot text { fill: #e6edf3 } .plot text.faint { fill: #a0a9b3 } .plot text.on { fill: #10141a }
    .plot .rule { stroke: #39424d } .plot .axis { stroke: #a0a9b3 }
    .plot .good { fill: #4fc26b } .plot .info { fill: #6cb0ff } .plot .warn { fill: #ffa657 } .plot .quiet { fill: #a0a9b3 }
    .plot .hollow { stroke: #ff9c94 }
  }
  @media print {
    .plot .paper { fill: #ffffff } .plot text { fill: #000000 } .plot text.on { fill: #ffffff }
  }
"""


def svg(name: str, width: float, height: float, title: str, description: str, body: Iterable[str]) -> str:
    """A whole picture; ``name`` tells its ids from those of the other pictures of a page."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
            f' height="{height:g}" role="img" aria-labelledby="{name}-title {name}-description">',
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-description">{escape(description)}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="paper" width="{width:g}" height="{height:g}"/>',
            *body,
            "</svg>",
        ]
    )


def text(x: float, y: float, words: str, class_: str = "", anchor: str = "start") -> str:
    """Words at a place; ``anchor`` is start, middle or end."""
    return f'<text class={quoteattr(class_)} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def bar(x: float, y: float, width: float, height: float, class_: str, words: str = "") -> str:
    """A rectangle that can be seen however short it is, with its meaning as a tooltip."""
    said = f"<title>{escape(words)}</title>" if words else ""
    return f'<rect class="{class_}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 2):.1f}" height="{height:.1f}" rx="2">{said}</rect>'


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """A straight line."""
    return f'<line class="{class_}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def step(highest: float, steps: Iterable[float], most: int = 8) -> float:
    """The smallest of the steps by which an axis up to ``highest`` has at most so many marks."""
    *smaller, last = steps
    return next((each for each in smaller if highest / each <= most), last)
