"""Each entry of the journal as one sentence: the timeline of an incident. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyremediate.journal import Entry
from pyremediate.model import SEARCHED

Payload = Mapping[str, Any]


def sentence(entry: Entry) -> str:
    """What happened, in one line; of a kind that is not known here, its name."""
    tell = SENTENCES.get(entry.kind)
    words = tell(entry.payload) if tell else entry.kind
    return " ".join(words.split())


def _begin(payload: Payload) -> str:
    return f"The incident was opened by pyremediate {payload.get('version', '')}."


def _look(payload: Payload) -> str:
    look = payload["look"]
    if look.get("unreachable"):
        return f"The host could not be observed: {look['unreachable']}. {_board(look.get('board') or {})}"
    answers = [leg["answer"] for leg in look["legs"]]
    failing = [f"{leg['path']}.{leg['name']} from {leg['vantage']}" for leg in look["legs"] if leg["answer"] == "fail"]
    counted = ", ".join(f"{answers.count(answer)} {answer}" for answer in dict.fromkeys(answers))
    parts = [f"The host was looked at; legs of the mail's way: {counted}." if answers else "Looked at from inside."]
    parts += [f"Failing: {_some(failing)}."] if failing else []
    parts += [f"Differences from the last known good: {len(look['differences'])}."] if look["differences"] else []
    return " ".join(parts)


def _board(board: Payload) -> str:
    """What the controller of a silent machine said, which a restart may take away."""
    if "power" not in board:
        return f"The controller on its board was not heard: {board['unreachable']}." if board else ""
    events = board["events"]
    log = "its log cannot be known" if events is None else f"events in its log: {len(events)}"
    return f"The controller on its board: power {board['power']}, health {board['health'] or 'not known'}, {log}."


def _assess(payload: Payload) -> str:
    assessment = payload["assessment"]
    return str(assessment["sentence"] or f"Scope {assessment['scope']}, severity {assessment['severity']}.")


def _diagnose(payload: Payload) -> str:
    diagnosis = payload["diagnosis"]
    causes = [f"{cause['title']} ({cause['code']})" for cause in diagnosis["causes"]]
    symptoms = [symptom["code"] for symptom in diagnosis.get("symptoms", ())]
    found = f"Causes: {'; '.join(causes)}." if causes else "No known fault matches."
    return found + (f" Only symptoms of it: {', '.join(symptoms)}." if symptoms else "")


def _plan(payload: Payload) -> str:
    planned = payload["planned"]
    for item in planned:
        if item["decision"] == "go":
            return f"Next: {_remedy(item['remedy'])} for {item['cause']}; {item['reason']}."
    left = [f"{_remedy(item['remedy'])}: {item['reason']}" for item in planned]
    return f"Nothing goes unattended: {'; '.join(left)}." if left else "There is nothing to be tried."


def _intent(payload: Payload) -> str:
    step = payload["step"]
    remedy, checkpoint = _remedy(step["remedy"]), step["checkpoint"]
    why = "" if step["cause"].startswith(SEARCHED) else f" for {step['cause']}"  # a trial's cause is what it puts back
    return f"Step {step['number']} begins: {remedy}{why}; checkpoint {checkpoint}."


def _done(payload: Payload) -> str:
    changed = f" Changed: {_some(payload['step']['changed'])}." if payload["step"].get("changed") else ""
    return _stepped("ended", payload) + changed


def _verify(payload: Payload) -> str:
    judgement = payload["judgement"]
    return f"Verification says {judgement['verdict'].replace('_', ' ')}: {judgement['reason']}."


def _undo(payload: Payload) -> str:
    return f"Step {payload['step']['number']} is being undone: {payload.get('reason', '')}."


def _search(payload: Payload) -> str:
    suspects = payload["suspects"]
    names = [f"{item['difference']['kind']} {item['difference']['name']}" for item in suspects]
    return f"No rule says why {payload['leg']} fails from {payload['vantage']}; suspects, the likeliest first: {_some(names)}."


def _stepped(word: str, payload: Payload) -> str:
    step = payload["step"]
    reason = f": {step['reason']}" if step.get("reason") else ""
    return f"Step {step['number']} {word}: {step['state'].replace('_', ' ')}{reason}."


def _escalate(payload: Payload) -> str:
    human = payload.get("human") or ()
    return f"A human is needed: {' '.join(step.splitlines()[0] for step in human)}" if human else "A human is needed."


def _error(payload: Payload) -> str:
    return _stepped("stopped the run", payload) if "step" in payload else str(payload.get("text", "An error."))


def _end(payload: Payload) -> str:
    outcome = payload["outcome"]
    parts = [
        f"The run ended: {outcome['outcome']}.",
        outcome.get("reason"),
        (outcome.get("ledger") or {}).get("sentence"),
    ]
    return " ".join(part for part in parts if part)


def _measure(payload: Payload) -> str:
    return f"Preventive measure {payload['number']}: {payload['text']} ({payload['owner']}, by {payload['due']})."


def _measure_done(payload: Payload) -> str:
    remark = f": {payload['text']}" if payload["text"] else ""
    return f"Preventive measure {payload['number']} is done{remark}."


def _impact(payload: Payload) -> str:
    users = f" People affected: {payload['users']}." if payload["users"] is not None else ""
    return f"Impact: {payload['text'].rstrip('.')}.{users}"


def _remedy(remedy: Payload) -> str:
    where = f", on {remedy['on']}" if remedy.get("on") else ""
    return f"{remedy['title']} ({remedy['class']}{where})"


def _some(items: Sequence[str], most: int = 6) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


SENTENCES: Mapping[str, Callable[[Payload], str]] = {
    "begin": _begin,
    "look": _look,
    "assess": _assess,
    "diagnose": _diagnose,
    "plan": _plan,
    "intent": _intent,
    "done": _done,
    "search": _search,
    "trial": lambda payload: f"Trial {payload['step']['number']}: {payload['reason']}.",
    "verify": _verify,
    "kept": lambda payload: f"Step {payload['step']['number']} is kept: {payload['step']['reason']}.",
    "undo": _undo,
    "undone": lambda payload: _stepped("ended", payload),
    "note": lambda payload: str(payload.get("text", "")),
    "impact": _impact,
    "cause": lambda payload: f"Cause as people state it: {payload['text']}",
    "measure": _measure,
    "measure_done": _measure_done,
    "sign": lambda payload: f"Signed by {payload['signer']}: mail is back, as verification {payload['verification'][:12]} says.",
    "refuse": lambda payload: f"{payload['signer']} refused to sign: {payload['reason']}",
    "escalate": _escalate,
    "error": _error,
    "end": _end,
}
