"""Babel's extractors for sentences outside the code: those of ``fault.yml``, and the names of the roles' tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import yaml
from jinja2 import Environment, nodes

Found = tuple[int, str | None, str, list[str]]
LISTS = frozenset({"evidence", "escalate", "prevention"})  # of sentences
OF_A_REMEDY = frozenset({"title", "otherwise"})
BLOCKS = frozenset({"block", "rescue", "always"})
NO_CHANGE = frozenset(
    {
        "assert", "fail", "find", "import_role", "import_tasks", "include_role", "include_tasks", "meta", "set_fact", "stat",
        "wait_for", "wait_for_connection",
    }
)  # fmt: skip


def faults(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Each sentence of a fault. One with values of the evidence is extracted as the template that it is (Jinja2)."""
    for key, node in _mapping(yaml.compose(file.read(), Loader=yaml.SafeLoader)):
        if key == "title":
            yield _found(node)
        elif key in LISTS:
            yield from (_found(item) for item in node.value if has_words(item.value))
        elif key == "remedies":
            remedies = (entry for remedy in node.value for entry in _mapping(remedy))
            yield from (_found(value) for name, value in remedies if name in OF_A_REMEDY)


def tasks(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """The name of each task that may change a host: the record says by it what was changed."""
    yield from _tasks(yaml.compose(file.read(), Loader=yaml.SafeLoader))


def _tasks(node: yaml.Node | None) -> Iterator[Found]:
    for task in node.value if node else ():
        entries = dict(_mapping(task))
        for key in BLOCKS & entries.keys():
            yield from _tasks(entries[key])
        changes = "changed_when" not in entries or entries["changed_when"].value != "false"
        if changes and not {key.rpartition(".")[2] for key in entries} & (NO_CHANGE | BLOCKS):
            yield _found(entries["name"])


def _mapping(node: yaml.Node | None) -> Iterator[tuple[str, Any]]:
    return ((key.value, value) for key, value in node.value) if node else iter(())


def has_words(template: str) -> bool:
    """Has it words of its own beside the values?"""
    parsed = Environment(autoescape=False).parse(template)
    return any(any(map(str.isalpha, data.data)) for data in parsed.find_all(nodes.TemplateData))


def _found(node: yaml.ScalarNode) -> Found:
    return node.start_mark.line + 1, None, node.value, []
