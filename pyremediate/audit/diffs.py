"""The unified diff beneath a drift: known good against now, secrets withheld. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyremediate.model import Difference

WITHHELD = "(withheld)"


@dataclass(frozen=True)
class Changed:
    """The places of texts that have changed, by path."""

    places: Mapping[str, Sequence[Difference]]

    @classmethod
    def of(cls, finer: Sequence[Difference]) -> Changed:
        """From differences in which texts are told by their places (``hunks.finer``)."""
        places: dict[str, list[Difference]] = {}
        for difference in finer:
            if difference.kind == "lines":
                places.setdefault(difference.name, []).append(difference)
        return cls(places)

    def only_comments(self, difference: Difference) -> bool:
        """Has nothing changed in this text but comments and empty lines?"""
        if (difference.kind, difference.aspect) != ("file", "content"):
            return False
        found = self.places.get(difference.name, ())
        return bool(found) and all(place.harmless for place in found)

    def lines(self, path: str) -> list[str]:
        """The lines that have come or gone, but for comments and empty ones; none of a secret file."""
        places = [place for place in self.places.get(path, ()) if not place.harmless]
        both = [str(line) for place in places for side in (place.was, place.is_) for line in side or ()]
        return [line for line in both if _says_something(line)]

    @property
    def gained(self) -> dict[str, list[str]]:
        """By path, the lines that have come."""
        return {path: [str(line) for place in found for line in place.is_ or ()] for path, found in self.places.items()}


def unified(difference: Difference, changed: Changed) -> str:
    """The diff of one difference; empty where there is nothing to see beyond its sentence."""
    if difference.secret:
        return ""
    if difference.kind == "file" and difference.aspect == "content":
        return "\n".join(_of_places(difference.name, changed.places.get(difference.name, ())))
    if difference.kind == "file":
        return ""
    was, now = (_lines(difference, value) for value in (difference.was, difference.is_))
    told = difflib.unified_diff(was, now, "known good", "now", lineterm="", n=2)
    return "\n".join(told)


def _of_places(path: str, places: Sequence[Difference]) -> Iterator[str]:
    """As diff(1) writes it; where in the file a place is, its context says."""
    told = [place for place in places if not place.secret]
    if told:
        yield f"--- {path} (known good)"
        yield f"+++ {path} (now)"
    for place in told:
        around = place.place or {}
        yield "@@"
        yield from (f" {line}" for line in around.get("before", ()))
        yield from (f"-{line}" for line in place.was or ())
        yield from (f"+{line}" for line in place.is_ or ())
        yield from (f" {line}" for line in around.get("after", ()))


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", ";"))


def _lines(difference: Difference, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [str(item) for item in value]
    if isinstance(value, Mapping):
        if "columns" not in value:
            return [f"{key}: {item}" for key, item in value.items()]
        return [str(value["columns"]), *(f"  -o {name}={item}" for name, item in value.get("options", {}).items())]
    sign = " = " if difference.kind in {"postfix.parameter", "dovecot.setting", "sysctl"} else ": "
    return [f"{difference.name}{sign}{value}"]
