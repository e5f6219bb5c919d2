"""Parts of the escalation bundle: the looks, the differences, what was changed, what is excluded. Pure; entries in, text out."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyremediate.journal import Entry, steps
from pyremediate.model import Step

WITHHELD = "(withheld)"
FENCE = "````"  # longer than what a difference may have in it (CommonMark 4.5)


def looks(entries: Sequence[Entry]) -> dict[str, Mapping[str, Any]]:
    """Each look by the name of its file, in order."""
    return {
        f"looks/{entry.seq:06}-{entry.stage}.json": entry.payload["look"] for entry in entries if entry.kind == "look"
    }


def excluded(entries: Sequence[Entry]) -> list[str]:
    """What is not the cause, each with its proof: remedies that changed nothing, trials, and the legs that pass."""
    found = [
        f"{step.cause} by “{step.remedy.title}”: it was tried and {_state(step)}."
        for step in steps(entries)
        if step.state in {"undone", "failed", "undo_refused"}
    ]
    found += [
        f"Trial {entry.payload['step']['number']}: {entry.payload['reason']}."
        for entry in entries
        if entry.kind == "trial"
    ]
    found += [_way(*key, legs) for key, legs in _passing(entries).items()]
    return list(dict.fromkeys(found))


def _state(step: Step) -> str:
    return f"{step.state.replace('_', ' ')}: {step.reason.removesuffix('.') or 'no reason'}"


def _passing(entries: Sequence[Entry]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """The legs that pass at the last look that walked any, by their way and who saw it."""
    walked = [
        entry.payload["look"]["legs"] for entry in entries if entry.kind == "look" and entry.payload["look"].get("legs")
    ]
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for leg in walked[-1] if walked else ():
        if leg["answer"] == "pass":
            found.setdefault((leg["path"], leg["vantage"]), []).append(leg)
    return found


def _way(path: str, vantage: str, legs: Sequence[Mapping[str, Any]]) -> str:
    """``inbound from peer01 passes resolve (…), connect (…).``"""
    told = [f"{leg['name']} ({leg['detail']})" if leg["detail"] else str(leg["name"]) for leg in legs]
    return f"{path} from {vantage} passes {', '.join(told)}."


def unsettled(entries: Sequence[Entry]) -> list[str]:
    """What could be neither confirmed nor excluded at the last diagnosis, with the reason."""
    last = [entry.payload["diagnosis"] for entry in entries if entry.kind == "diagnose"][-1:]
    return [f"{item['title']} ({item['code']}): {item['reason']}." for told in last for item in told.get("unknown", ())]


def differences(seen: Mapping[str, Mapping[str, Any]]) -> str:
    """The differences from the last known good at the first look and at the last; empty when there never were any."""
    named = list(seen.items())
    ends = named if len(named) < 2 else [named[0], named[-1]]
    if not any(look.get("differences") for _, look in ends):
        return ""
    return "\n".join(line for name, look in ends for line in (f"# {name}", "", *_listed(look.get("differences", ()))))


def changes(entries: Sequence[Entry]) -> str:
    """What each step did; empty when there was none."""
    return "\n".join(line for step in steps(entries) for line in _step(step))


def _step(step: Step) -> Iterator[str]:
    yield f"# Step {step.number}: {step.remedy.words} for {step.cause}"
    yield ""
    where = step.remedy.device or "the host"
    yield f"{step.state.replace('_', ' ')}{': ' + step.reason if step.reason else ''}. Checkpoint on {where}: {step.checkpoint}."
    yield ""
    yield from (f"* {task}" for task in step.changed)
    yield ""
    yield from _listed(list(_differences_in(step.remedy.variables)))


def _differences_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """The differences among a remedy's variables."""
    if isinstance(value, Mapping):
        if {"kind", "name", "aspect"} <= value.keys():
            yield value
            return
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _differences_in(item)


def _listed(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not found:
        yield from ("None.", "")
    for item in found:
        since = f", since {item['since']}" if item.get("since") else ""
        yield from (
            f"## {item['kind']} {item['name']} ({item['aspect']}{since})",
            "",
            FENCE + "diff",
            *_diff(item),
            FENCE,
            "",
        )


def _diff(item: Mapping[str, Any]) -> list[str]:
    if item.get("secret"):
        return [WITHHELD]
    was, now = (_lines(item.get(key)) for key in ("was", "is"))
    return [line.rstrip("\n") for line in difflib.unified_diff(was, now, "known good", "found", lineterm="", n=2)] or [
        "(no text to show)"
    ]


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return value.splitlines() or [""]
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return list(value)
    return json.dumps(value, indent=1, sort_keys=True, default=str).splitlines()
