"""The report of an incident, from its journal entries alone: as data, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pyremediate.journal import Entry, steps
from pyremediate.journal.incident import summary
from pyremediate.model import Step, to_json
from pyremediate.report.narrative import sentence
from pyremediate.report.picture import svg
from pyremediate.sign_off.measures import measures
from pyremediate.sign_off.standing import Standing, words

SCHEMA = 1
MARKUP = re.compile(r"[\\`*\[\]<>]|(?<!\w)_|_(?!\w)|^[#+-]|^\d+(?=[.)](?:\s|$))")  # CommonMark
TAKEN_BACK = frozenset({"undone", "undo_refused"})


def build(entries: Sequence[Entry], sign_off: Standing | None = None) -> dict[str, Any]:
    """Everything that the record says of one incident, as plain JSON data; and where its sign-off stands, under a policy."""
    told, outcomes = summary(entries), [entry.payload["outcome"] for entry in entries if entry.kind == "end"]
    outcome: Mapping[str, Any] = outcomes[-1] if outcomes else {}
    done, causes = steps(entries), _causes(entries)
    return {
        "schema": SCHEMA,
        "incident": told.id,
        "host": told.host,
        "began": to_json(told.began),
        "ended": to_json(told.ended),
        "seconds": round((told.ended - told.began).total_seconds(), 1) if told.ended else None,
        "outcome": "open" if told.open else told.outcome,
        "scope": outcome.get("scope") or _assessed(entries, "scope"),
        "severity": outcome.get("severity") or _assessed(entries, "severity"),
        "reason": outcome.get("reason", ""),
        "vantage": outcome.get("vantage"),
        "actors": list(dict.fromkeys(entry.actor for entry in entries)),
        "causes": causes,
        "actions": [_action(step) for step in done],
        "undone": [_action(step) for step in done if step.state in TAKEN_BACK],
        "verification": outcome.get("verification") or _last_checks(entries),
        "queue": _queue(entries),
        "ledger": outcome.get("ledger"),
        "stages": _stage_seconds(outcomes),
        "human": list(outcome.get("human", ())),
        "prevention": list(dict.fromkeys(measure for cause in causes for measure in cause["prevention"])),
        "impact": _last_stated(entries, "impact"),
        "stated_cause": _last_stated(entries, "cause"),
        "measures": to_json(measures(entries)),
        "sign_off": {**to_json(sign_off), "sentence": words(sign_off)} if sign_off else None,
        "timeline": [_moment(entry, entries[0].time) for entry in entries],
    }


def markdown(report: Mapping[str, Any], picture: str = "") -> str:
    """The data of ``build`` for people; ``picture`` is the file beside it with that of who reached what."""
    return rendered("incident.md.j2", {**report, "picture": picture})


def picture(report: Mapping[str, Any]) -> str:
    """Who reached what at the first look, as SVG; empty when nobody looked from outside."""
    return svg(report["vantage"]) if report["vantage"] else ""


def rendered(template: str, data: Mapping[str, Any]) -> str:
    """A page in Markdown. What hosts said must go through the filters ``cell`` and ``inline``."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pyremediate"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, not HTML; what hosts said goes through the filters below
    )
    environment.filters["cell"] = cell
    environment.filters["inline"] = inline
    environment.filters["step"] = step
    return environment.get_template(template).render(data)


def inline(text: object) -> str:
    """Somebody else's words on one line, with nothing in them that Markdown would take as its own."""
    line = " ".join(str(text).split())
    return MARKUP.sub(lambda sign: f"{sign[0]}\\" if sign[0].isdigit() else f"\\{sign[0]}", line)


def step(text: object) -> str:
    """An item of a numbered list; what follows its first line is to be typed as it stands, and is a block of code."""
    first, *typed = str(text).splitlines() or [""]
    return "\n".join([inline(first), *([""] if typed else []), *(f"       {line}" for line in typed), *([""] if typed else [])])


def cell(text: object) -> str:
    """The same for a cell of a table."""
    return inline(text).replace("|", "\\|")


def _causes(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Every cause that was diagnosed, the first one first, each as it was first seen."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for cause in entry.payload["diagnosis"]["causes"] if entry.kind == "diagnose" else ():
            names = ("code", "title", "severity", "evidence", "prevention")
            found.setdefault(cause["code"], {name: cause.get(name) or [] for name in names})
    return list(found.values())


def _action(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "cause": step.cause,
        "title": step.remedy.title,
        "on": step.remedy.device,
        "class": step.remedy.class_,
        "state": step.state,
        "reason": step.reason,
        "changed": list(step.changed),
        "seconds": round(step.seconds, 2),
        "checkpoint": step.checkpoint,
    }


def _last_stated(entries: Sequence[Entry], kind: str) -> dict[str, Any] | None:
    """What somebody stated last, and who; None when nobody did."""
    found = [{**entry.payload, "by": entry.actor, "time": to_json(entry.time)} for entry in entries if entry.kind == kind]
    return found[-1] if found else None


def _assessed(entries: Sequence[Entry], name: str) -> str:
    found = [entry.payload["assessment"][name] for entry in entries if entry.kind == "assess"]
    return str(found[0]) if found else "unknown"


def _last_checks(entries: Sequence[Entry]) -> list[Any]:
    found = [entry.payload["judgement"]["checks"] for entry in entries if entry.kind == "verify"]
    return list(found[-1]) if found else []


def _queue(entries: Sequence[Entry]) -> dict[str, Any]:
    """How many messages stood in each part of the queue, at the first look and at the last."""
    counts = [count for entry in entries if entry.kind == "look" and (count := _counts(entry.payload["look"]))]
    return {"before": counts[0], "after": counts[-1]} if counts else {"before": None, "after": None}


def _counts(look: Mapping[str, Any]) -> Mapping[str, int] | None:
    sections = (look.get("evidence") or {}).get("sections", {})
    counts: Mapping[str, int] | None = sections.get("postfix", {}).get("data", {}).get("queue", {}).get("counts")
    return counts


def _stage_seconds(outcomes: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Per stage, over every run that the incident took."""
    sums: dict[str, float] = {}
    for outcome in outcomes:
        for stage, seconds in outcome.get("seconds", {}).items():
            sums[stage] = round(sums.get(stage, 0.0) + seconds, 2)
    return sums


def _moment(entry: Entry, began: datetime) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "time": to_json(entry.time),
        "after": round((entry.time - began).total_seconds(), 1),
        "stage": entry.stage,
        "kind": entry.kind,
        "actor": entry.actor,
        "text": sentence(entry),
    }
