"""Babel's extractor for the sentences of ``fault.yml``: what people are told of a cause, its remedies and its prevention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import yaml

Found = tuple[int, str | None, str, list[str]]


def extract(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Each title and each preventive measure, with its line; a sentence with values of the evidence (Jinja2) is not one of them."""
    whole = yaml.compose(file.read(), Loader=yaml.SafeLoader)
    for key, node in whole.value if whole else ():
        if key.value == "title":
            yield _found(node)
        elif key.value == "prevention":
            yield from map(_found, node.value)
        elif key.value == "remedies":
            yield from (_found(value) for remedy in node.value for name, value in remedy.value if name.value == "title")


def _found(node: yaml.ScalarNode) -> Found:
    return node.start_mark.line + 1, None, node.value, []
