"""Each entry of the journal as one sentence, in the language of its reader: the timeline of an incident. Pure.

What the record has as codes is told in the product's words; what a host said, and what people wrote, stays as it is, in quotation
marks where the reader's language is not that of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pyremediate.journal import Entry
from pyremediate.languages import ENGLISH, SOURCE, Language
from pyremediate.languages.recorded import cause, code, quoted, retold
from pyremediate.languages.words import ANSWERS, FATES, ORIGINS, OUTCOMES, SEVERITIES, STATES, VERDICTS, told, ways
from pyremediate.model import CONTROLLER, SEARCHED

Payload = Mapping[str, Any]


def sentence(entry: Entry, language: Language = ENGLISH) -> str:
    """What happened, in one line; of a kind that is not known here, its name."""
    tell = SENTENCES.get(entry.kind)
    words = tell(entry.payload, language) if tell else entry.kind
    return " ".join(words.split())


def _begin(payload: Payload, language: Language) -> str:
    return language.gettext("The incident was opened by pyremediate %(version)s.", version=payload.get("version", ""))


def _look(payload: Payload, language: Language) -> str:
    look, say = payload["look"], language.gettext
    if look.get("unreachable"):
        why = retold(language, look["unreachable"])
        return " ".join([say("The host could not be observed: %(why)s.", why=why), _board(look.get("board") or {}, language)])
    answers = [leg["answer"] for leg in look["legs"]]
    failing = [
        say("%(leg)s from %(vantage)s", leg=f"{leg['path']}.{leg['name']}", vantage=leg["vantage"])
        for leg in look["legs"]
        if leg["answer"] == "fail"
    ]
    counted = ", ".join(f"{answers.count(answer)} {told(language, ANSWERS, answer)}" for answer in dict.fromkeys(answers))
    parts = [
        say("The host was looked at; legs of the mail's way: %(counted)s.", counted=counted)
        if answers
        else say("Looked at from inside.")
    ]
    if failing:
        parts.append(say("Failing: %(legs)s.", legs=_some(failing, language)))
    if look["differences"]:
        parts.append(say("Differences from the last known good: %(number)s.", number=len(look["differences"])))
    return " ".join(parts)


def _board(board: Payload, language: Language) -> str:
    """What the controller of a silent machine said, which a restart may take away."""
    say = language.gettext
    if "power" not in board:
        why = board and retold(language, board["unreachable"])
        return say("The controller on its board was not heard: %(why)s.", why=why) if board else ""
    events = board["events"]
    return say(
        "The controller on its board: power %(power)s, health %(health)s, %(log)s.",
        power=board["power"],
        health=board["health"] or say("not known"),
        log=say("its log cannot be known") if events is None else say("events in its log: %(number)s", number=len(events)),
    )


def _assess(payload: Payload, language: Language) -> str:
    assessment, say = payload["assessment"], language.gettext
    severity = told(language, SEVERITIES, assessment["severity"])
    if assessment.get("answer") == "fail" and (hindered := ways(language, assessment["scope"])):
        return say("Mail is disrupted: %(ways)s; severity %(severity)s.", ways=hindered, severity=severity)
    if assessment.get("answer") == "pass":
        return say("Mail flows in every way that was tried.")
    if assessment["sentence"]:
        return retold(language, assessment["sentence"])
    return say("Scope %(scope)s, severity %(severity)s.", scope=assessment["scope"], severity=severity)


def _diagnose(payload: Payload, language: Language) -> str:
    diagnosis, say = payload["diagnosis"], language.gettext
    causes = "; ".join(f"{cause(language, each['code'], each['title'])} ({code(each['code'])})" for each in diagnosis["causes"])
    symptoms = ", ".join(symptom["code"] for symptom in diagnosis.get("symptoms", ()))
    found = say("Causes: %(causes)s.", causes=causes) if causes else say("No known fault matches.")
    return " ".join([found, say("Only symptoms of it: %(symptoms)s.", symptoms=symptoms) if symptoms else ""])


def _plan(payload: Payload, language: Language) -> str:
    planned, say = payload["planned"], language.gettext
    for item in planned:
        if item["decision"] == "go":
            remedy, reason = _remedy(item["remedy"], language), retold(language, item["reason"])
            return say("Next: %(remedy)s for %(cause)s; %(reason)s.", remedy=remedy, cause=item["cause"], reason=reason)
    left = "; ".join(f"{_remedy(item['remedy'], language)}: {retold(language, item['reason'])}" for item in planned)
    return say("Nothing goes unattended: %(left)s.", left=left) if left else say("There is nothing to be tried.")


def _intent(payload: Payload, language: Language) -> str:
    step, say = payload["step"], language.gettext
    values = {"number": step["number"], "remedy": _remedy(step["remedy"], language), "checkpoint": step["checkpoint"]}
    if step["cause"].startswith(SEARCHED):  # a trial's cause is what it puts back
        return say("Step %(number)s begins: %(remedy)s; checkpoint %(checkpoint)s.", **values)
    return say("Step %(number)s begins: %(remedy)s for %(cause)s; checkpoint %(checkpoint)s.", cause=step["cause"], **values)


def _done(payload: Payload, language: Language) -> str:
    changed = payload["step"].get("changed") or ()
    tasks = _some([retold(language, task) for task in changed], language)
    return " ".join([_ended(payload, language), language.gettext("Changed: %(tasks)s.", tasks=tasks) if changed else ""])


def _trial(payload: Payload, language: Language) -> str:
    number, reason = payload["step"]["number"], retold(language, payload["reason"])
    return language.gettext("Trial %(number)s: %(reason)s.", number=number, reason=reason)


def _verify(payload: Payload, language: Language) -> str:
    judgement = payload["judgement"]
    verdict, reason = told(language, VERDICTS, judgement["verdict"]), retold(language, judgement["reason"])
    return language.gettext("Verification says: %(verdict)s. %(reason)s.", verdict=verdict, reason=_capital(reason))


def _kept(payload: Payload, language: Language) -> str:
    number, reason = payload["step"]["number"], retold(language, payload["step"]["reason"])
    return language.gettext("Step %(number)s is kept: %(reason)s.", number=number, reason=reason)


def _undo(payload: Payload, language: Language) -> str:
    number, reason = payload["step"]["number"], retold(language, payload.get("reason", ""))
    return language.gettext("Step %(number)s is being undone: %(reason)s.", number=number, reason=reason)


def _search(payload: Payload, language: Language) -> str:
    names = [f"{item['difference']['kind']} {item['difference']['name']}" for item in payload["suspects"]]
    return language.gettext(
        "No rule says why %(leg)s fails from %(vantage)s; suspects, the likeliest first: %(names)s.",
        leg=payload["leg"],
        vantage=payload["vantage"],
        names=_some(names, language),
    )


def _ended(payload: Payload, language: Language) -> str:
    step = payload["step"]
    values = {"number": step["number"], "state": told(language, STATES, step["state"])}
    if step.get("reason"):
        return language.gettext("Step %(number)s ended: %(state)s: %(reason)s.", reason=retold(language, step["reason"]), **values)
    return language.gettext("Step %(number)s ended: %(state)s.", **values)


def _note(payload: Payload, language: Language) -> str:
    text = _capital(retold(language, payload.get("text", "")))
    return text if text.endswith((".", "!", "?", "»", "”")) or not text else f"{text}."


def _escalate(payload: Payload, language: Language) -> str:
    steps = " ".join(retold(language, step.splitlines()[0]) for step in payload.get("human") or ())
    return language.gettext("A human is needed: %(steps)s", steps=steps) if steps else language.gettext("A human is needed.")


def _error(payload: Payload, language: Language) -> str:
    if "step" not in payload:
        return retold(language, payload.get("text", "")) or language.gettext("An error.")
    step = payload["step"]
    values = {"number": step["number"], "state": told(language, STATES, step["state"])}
    reason = retold(language, step["reason"]) if step.get("reason") else ""
    stopped = language.gettext("Step %(number)s stopped the run: %(state)s.", **values)
    return f"{stopped} {_capital(reason)}{'.' if reason else ''}"


def _end(payload: Payload, language: Language) -> str:
    outcome = payload["outcome"]
    ended = language.gettext("The run ended: %(outcome)s.", outcome=told(language, OUTCOMES, outcome["outcome"]))
    reason = _capital(_why(outcome, language)).rstrip(".")
    return " ".join(part for part in (ended, reason and f"{reason}.", _ledger(outcome.get("ledger") or {}, language)) if part)


def _why(outcome: Payload, language: Language) -> str:
    """The reason of an outcome; where that is only what fails, what people cannot do."""
    reason, scope = outcome.get("reason") or "", outcome.get("scope") or ""
    if language.code != SOURCE and reason.startswith(f"{scope}: ") and (hindered := ways(language, scope)):
        severity = told(language, SEVERITIES, outcome["severity"])
        return language.gettext("Mail is disrupted: %(ways)s; severity %(severity)s.", ways=hindered, severity=severity)
    return retold(language, reason)


def _ledger(ledger: Payload, language: Language) -> str:
    """What became of every message: in English as the ledger says it, else by its counts."""
    if language.code == SOURCE or not ledger.get("counts"):
        return retold(language, ledger.get("sentence", ""))
    return " ".join(
        f"{_capital(told(language, ORIGINS, origin))}: "
        + ", ".join(f"{told(language, FATES, fate)} {language.number(fates[fate])}" for fate in FATES if fate in fates)
        + "."
        for origin, fates in ledger["counts"].items()
    )


def _measure(payload: Payload, language: Language) -> str:
    return language.gettext(
        "Preventive measure %(number)s: %(text)s (%(owner)s, by %(due)s).",
        number=payload["number"],
        text=retold(language, payload["text"]),
        owner=payload["owner"],
        due=payload["due"],
    )


def _measure_done(payload: Payload, language: Language) -> str:
    if payload["text"]:
        return language.gettext(
            "Preventive measure %(number)s is done: %(text)s.", number=payload["number"], text=said(language, payload["text"])
        )
    return language.gettext("Preventive measure %(number)s is done.", number=payload["number"])


def _impact(payload: Payload, language: Language) -> str:
    impact = language.gettext("Impact: %(text)s.", text=said(language, payload["text"].rstrip(".")))
    users = payload["users"]
    if users is None:
        return impact
    return " ".join([impact, language.gettext("People affected: %(users)s.", users=language.number(users))])


def _stated_cause(payload: Payload, language: Language) -> str:
    return language.gettext("Cause as people state it: %(text)s", text=said(language, payload["text"]))


def _sign(payload: Payload, language: Language) -> str:
    values = {"signer": payload["signer"], "seen": payload["verification"][:12]}
    return language.gettext("Signed by %(signer)s: mail is back, as verification %(seen)s says.", **values)


def _refuse(payload: Payload, language: Language) -> str:
    signer, reason = payload["signer"], said(language, payload["reason"])
    return language.gettext("%(signer)s refused to sign: %(reason)s", signer=signer, reason=reason)


def _notice(payload: Payload, language: Language) -> str:
    return language.gettext(
        "Notice %(id)s for the audience %(audience)s: %(subject)s",
        id=payload["id"],
        audience=payload["audience"],
        subject=said(language, payload["subject"]),
    )


def _attempt(payload: Payload, language: Language) -> str:
    values = {"id": payload["notice"], "channel": payload["channel"]}
    return language.gettext("Notice %(id)s goes to the channel %(channel)s.", **values)


def _attempted(payload: Payload, language: Language) -> str:
    values = {"id": payload["notice"], "channel": payload["channel"], "answer": retold(language, payload["answer"].rstrip("."))}
    if payload["delivered"]:
        return language.gettext("The channel %(channel)s took notice %(id)s: %(answer)s.", **values)
    return language.gettext("The channel %(channel)s did not take notice %(id)s: %(answer)s.", **values)


def _read(payload: Payload, language: Language) -> str:
    return language.gettext("Notice %(id)s was read by %(reader)s.", id=payload["notice"], reader=payload["by"])


def said(language: Language, words: object) -> str:
    """A host's own words: they stay as they are."""
    text = " ".join(str(words).split())
    return text if language.code == SOURCE or not text else quoted(language, text)


def _remedy(remedy: Payload, language: Language) -> str:
    where = f", {remedy['on']}" if remedy.get("on") not in {None, "", CONTROLLER} else ""
    return f"{retold(language, remedy['title'])} ({remedy['class']}{where})"


def _some(items: Sequence[str], language: Language, most: int = 6) -> str:
    shown = ", ".join(items[:most])
    if len(items) <= most:
        return shown
    return language.gettext("%(items)s and %(number)s more", items=shown, number=len(items) - most)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


SENTENCES: Mapping[str, Callable[[Payload, Language], str]] = {
    "begin": _begin,
    "look": _look,
    "assess": _assess,
    "diagnose": _diagnose,
    "plan": _plan,
    "intent": _intent,
    "done": _done,
    "search": _search,
    "trial": _trial,
    "verify": _verify,
    "kept": _kept,
    "undo": _undo,
    "undone": _ended,
    "note": _note,
    "impact": _impact,
    "cause": _stated_cause,
    "measure": _measure,
    "measure_done": _measure_done,
    "sign": _sign,
    "refuse": _refuse,
    "notice": _notice,
    "attempt": _attempt,
    "attempted": _attempted,
    "read": _read,
    "escalate": _escalate,
    "error": _error,
    "end": _end,
}
