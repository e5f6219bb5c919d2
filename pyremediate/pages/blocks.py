"""What a document is made of. Texts are plain; whoever renders them escapes them.

``mark`` colours what has been said in words already (WCAG 2.2, 1.4.1): good, bad, warn, info, dim; empty: none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pyremediate.languages import Language


@dataclass(frozen=True)
class Cell:
    """One cell of a table, one item of a list.

    ``recorded``: words of the record, in English or a host's own, whatever the page's language is.
    """

    text: str
    mark: str = ""
    recorded: bool = False


@dataclass(frozen=True)
class Paragraph:
    kind: ClassVar[str] = "paragraph"
    text: str
    mark: str = ""


@dataclass(frozen=True)
class Bullets:
    kind: ClassVar[str] = "bullets"
    items: Sequence[str | Cell]
    numbered: bool = False


@dataclass(frozen=True)
class Table:
    """``numbers`` are the columns, from 0, that are set to the right, ``whole`` those that are not broken into lines.

    ``folded``: shown when asked for, and in print.
    """

    kind: ClassVar[str] = "table"
    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str | Cell]]
    numbers: frozenset[int] = frozenset()
    whole: frozenset[int] = frozenset()
    folded: bool = False


@dataclass(frozen=True)
class Figure:
    """One figure that is read at a glance: ``12 minutes``, and what it is."""

    value: str
    name: str
    mark: str = ""


@dataclass(frozen=True)
class Figures:
    kind: ClassVar[str] = "figures"
    items: Sequence[Figure]


@dataclass(frozen=True)
class Picture:
    """An SVG that stands alone, and the same in words."""

    kind: ClassVar[str] = "picture"
    svg: str
    words: str


Block = Paragraph | Bullets | Table | Figures | Picture


@dataclass(frozen=True)
class Section:
    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """``lead`` stands before the first section."""

    language: Language
    title: str
    subtitle: str
    lead: Sequence[Block] = ()
    sections: Sequence[Section] = ()
    foot: str = ""


def cell(item: str | Cell) -> Cell:
    """A cell of a table or an item of a list, whichever way it was given."""
    return item if isinstance(item, Cell) else Cell(item)
