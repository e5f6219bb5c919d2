"""What the record has of people: who was told, who signed, what they added. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyremediate.journal import Entry
from pyremediate.review.values import Measure, Notice, Signature, Statement
from pyremediate.sign_off.measures import measures as stated_measures


def notices(entries: Sequence[Entry]) -> tuple[Notice, ...]:
    """Each notification once, with the last that is known of its delivery."""
    ends = {str(entry.payload.get("notice")): entry.payload for entry in entries if entry.kind == "attempted"}
    read = [entry.payload for entry in entries if entry.kind == "read"]
    return tuple(_notice(entry, ends, read) for entry in entries if entry.kind == "notice")


def _notice(entry: Entry, ends: Mapping[str, Mapping[str, Any]], read: Sequence[Mapping[str, Any]]) -> Notice:
    made = entry.payload
    result = ends.get(str(made.get("id")), {})
    state = "waiting" if not result else "sent" if result.get("delivered") else "failed"
    return Notice(
        time=entry.time,
        audience=str(made.get("audience", "")),
        message=str(made.get("message", "")),
        language=str(made.get("language", "")),
        channel=str(result.get("channel", "")),
        state=state,
        readers=tuple(str(each["by"]) for each in read if each["notice"] == made.get("id")),
    )


def signatures(entries: Sequence[Entry]) -> tuple[Signature, ...]:
    """Who signed the verification, and who refused to."""
    return tuple(
        Signature(
            time=entry.time,
            signer=str(entry.payload["signer"]),
            by=str(entry.payload["by"]),
            refused=entry.kind == "refuse",
            reason=str(entry.payload.get("reason", "")),
        )
        for entry in entries
        if entry.kind in {"sign", "refuse"}
    )


def statements(entries: Sequence[Entry]) -> tuple[Statement, ...]:
    """Impact and causes in the words of those who know them."""
    return tuple(
        Statement(entry.time, entry.actor, entry.kind, str(entry.payload["text"]), entry.payload.get("users"))
        for entry in entries
        if entry.kind in {"impact", "cause"}
    )


def measures(entries: Sequence[Entry], proposed: Iterable[str]) -> tuple[Measure, ...]:
    """Those that people set down, and those that the faults' folders propose and nobody has taken up in the same words."""
    own = tuple(
        Measure(each.text, each.stated_by, each.owner, each.due.isoformat(), each.done_at is not None)
        for each in stated_measures(entries)
    )
    return (*own, *(Measure(text) for text in proposed if text not in {each.text for each in own}))
