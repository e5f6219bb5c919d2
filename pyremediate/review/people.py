"""What the record has of people: who was told, who signed, what they added. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyremediate.journal import Entry
from pyremediate.review.values import Measure, Notice, Signature, Statement


def notices(entries: Sequence[Entry]) -> tuple[Notice, ...]:
    """Each notification once, with the last that is known of its delivery."""
    ends = {str(entry.payload.get("notice")): entry.payload for entry in entries if entry.kind == "attempted"}
    return tuple(_notice(entry, ends) for entry in entries if entry.kind == "notice")


def _notice(entry: Entry, ends: dict[str, object]) -> Notice:
    made = entry.payload
    end = ends.get(str(made.get("id")))
    result = end if isinstance(end, dict) else {}
    state = "waiting" if not result else "sent" if result.get("delivered") else "failed"
    return Notice(
        time=entry.time,
        audience=str(made.get("audience", "")),
        message=str(made.get("message", "")),
        language=str(made.get("language", "")),
        channel=str(result.get("channel", "")),
        state=state,
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
    kinds = ("impact", "cause")
    return tuple(
        Statement(entry.time, entry.actor, entry.kind, str(entry.payload.get("text", "")))
        for entry in entries
        if entry.kind in kinds
    )


def measures(entries: Sequence[Entry], proposed: Iterable[str]) -> tuple[Measure, ...]:
    """Those that people set down, and those that the faults' folders propose and nobody has taken up in the same words."""
    own = {str(entry.payload["text"]): _measure(entry) for entry in entries if entry.kind == "measure"}
    return (*own.values(), *(Measure(text) for text in proposed if text not in own))


def _measure(entry: Entry) -> Measure:
    given = entry.payload
    return Measure(
        text=str(given["text"]),
        actor=entry.actor,
        owner=str(given.get("owner") or ""),
        due=str(given.get("due") or ""),
        done=bool(given.get("done")),
    )
