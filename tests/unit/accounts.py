"""Looks at queues and logs, made by hand: short rows in the words of the module ``observe``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyremediate.model import Look
from tests.unit.looks import look

FIRST, LAST = 1000.0, 2000.0  # when the queue was listed


def queue(*rows: str, at: float = FIRST, error: str = "", details: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The section ``postfix``: a row is ``queue/id@arrival``; ``details`` are reasons by id."""
    found: dict[str, list[str]] = {}
    for row in rows:
        name, _, rest = row.partition("/")
        id_, _, arrived = rest.partition("@")
        found.setdefault(name, []).append(f"{id_} {arrived or '-'} 300")
    listing = {"at": at, "until": at, "complete": not error, "error": error}
    messages = [
        {"id": id_, "reason": reason, "sender": "c@peer.test", "recipients": ["a@lab.test"]}
        for id_, reason in (details or {}).items()
    ]
    rows_told = {name: "\n".join(lines) for name, lines in found.items()}
    return {"queue": {"messages": messages, "listing": {**listing, "rows": rows_told}}}


def group(end: str, lives: Iterable[str], recipients: Mapping[str, int] | None = None, *reasons: str) -> dict[str, Any]:
    """A group of lives, each ``id began accepted arrived last was``."""
    return {"end": end, "recipients": dict(recipients or {}), "reasons": list(reasons), "lives": "\n".join(lives)}


def sent(*ids: str) -> dict[str, Any]:
    """Messages of before that were delivered; nothing but their ends is in the log."""
    return group("removed", [f"{id_} - - - 1500 -" for id_ in ids], {"sent": 1})


def log(*groups: Mapping[str, Any], since: float = FIRST - 5, error: str = "") -> dict[str, Any]:
    """The section ``log``."""
    return {"problems": [], "fates": {"since": since, "error": error, "groups": list(groups)}}


def before(*rows: str, details: Mapping[str, str] | None = None) -> Look:
    """The first look."""
    return look({"postfix": queue(*rows, details=details), "log": {"problems": [], "fates": None}})


def after(
    *rows: str, groups: Sequence[Mapping[str, Any]] = (), since: float = FIRST - 5, error: str = "", cut: str = "",
    details: Mapping[str, str] | None = None,
) -> Look:  # fmt: skip
    """The last look; ``error`` is the listing's, ``cut`` the log's."""
    return look(
        {"postfix": queue(*rows, at=LAST, error=error, details=details), "log": log(*groups, since=since, error=cut)}
    )
