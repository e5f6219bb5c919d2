"""From a look to causes: which faults match, which of them only follow from others, what stays unexplained. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from jinja2 import UndefinedError

from pyremediate.diagnosis.catalogue import LAYERS, Catalogue, Fault, RemedyTemplate
from pyremediate.diagnosis.conditions import Facts, all_of, explain
from pyremediate.diagnosis.facts import NO_KNOWN_GOOD, dotted
from pyremediate.diagnosis.facts import facts as names_of
from pyremediate.model import LEGS, Answer, Cause, Leg, Look, Remedy, moment
from pyremediate.network import by_hand, ways

RECENT = timedelta(hours=1)  # a change this close before the first error is a suspect
NOT_FELT = "no mail suffers from it now, so no mail could prove that it is mended"
SETTLED = timedelta(minutes=1)  # clocks and file systems do not agree to the second


@dataclass(frozen=True)
class Symptom:
    """A fault that matched and follows from another one."""

    code: str
    title: str
    explained_by: str


@dataclass(frozen=True)
class Unsettled:
    """A fault that can be neither confirmed nor excluded now."""

    code: str
    title: str
    reason: str


@dataclass(frozen=True)
class Diagnosis:
    """The judgement of one look.

    causes       what nothing else explains, from the ground up; the one to mend first is first
    symptoms     what will go by itself
    unknown      what could not be judged, and why
    unexplained  failing legs that no cause accounts for
    excluded     faults whose condition is false, by code: what it is not
    """

    causes: tuple[Cause, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    unknown: tuple[Unsettled, ...] = ()
    unexplained: tuple[Leg, ...] = ()
    excluded: tuple[str, ...] = ()

    def names(self, code: str) -> bool:
        """Did this fault match, as a cause or as a symptom?"""
        return code in {cause.code for cause in self.causes} | {symptom.code for symptom in self.symptoms}


def diagnose(catalogue: Catalogue, look: Look) -> Diagnosis:
    """Judge every fault on one look."""
    facts = names_of(look)
    truths = {fault.code: all_of(condition.judge(facts) for condition in fault.when) for fault in catalogue.faults}
    matched = [fault for fault in catalogue.faults if truths[fault.code].value]
    latent = [fault for fault in matched if all_of(condition.judge(facts) for condition in fault.impact).value is False]
    felt = [fault for fault in matched if fault not in latent]
    explained = {fault.code: by for fault in matched if (by := _explanation(catalogue, fault, felt))}
    first_problem = _first_problem(facts)
    causes = [
        _latent(fault, facts) if fault in latent else _cause(fault, facts)
        for fault in matched
        if fault.code not in explained
    ]
    typed = by_hand.steps([device for device in look.devices if device.name not in ways.beside(look)])
    causes = [replace(cause, by_hand=typed) if cause.layer == "network" else cause for cause in causes]
    return Diagnosis(
        causes=tuple(sorted(causes, key=lambda cause: (LAYERS.index(cause.layer), *_suspect(cause, first_problem)))),
        symptoms=tuple(Symptom(f.code, f.title, explained[f.code]) for f in matched if f.code in explained),
        unknown=tuple(
            Unsettled(fault.code, fault.title, "; ".join(truths[fault.code].reasons))
            for fault in catalogue.faults
            if truths[fault.code].value is None and not truths[fault.code].impossible
        ),
        unexplained=tuple(_unexplained(look.legs, felt)),
        excluded=tuple(code for code, truth in truths.items() if truth.value is False),
    )


def _explanation(catalogue: Catalogue, fault: Fault, matched: Iterable[Fault]) -> str:
    """The deepest matched fault from which this one follows, over any number of steps that matched too."""
    by = [other for other in matched if fault.code in catalogue.explained_by(other)]
    if not by:
        return ""
    return _explanation(catalogue, by[0], matched) or by[0].code


def _cause(fault: Fault, facts: Facts) -> Cause:
    remedies, skipped = [], []
    for template in fault.remedies:
        remedy, why = _remedy(template, facts)
        if remedy:
            remedies.append(remedy)
        else:
            skipped.append((template.name, why))
    return Cause(
        code=fault.code,
        title=fault.title,
        layer=fault.layer,
        severity=fault.severity,
        evidence=_rendered(fault.evidence, facts),
        explains=(*fault.explains, *(f"leg:{pattern}" for pattern in fault.explains_legs)),
        remedies=tuple(remedies),
        skipped=tuple(skipped),
        legs=fault.legs,
        advice="\n".join(_rendered(fault.escalate, facts)),
        prevention=fault.prevention,
    )


def _latent(fault: Fault, facts: Facts) -> Cause:
    """A fault from which no mail suffers now: what cannot be proved by mail is not mended, and what is there is told."""
    skipped = tuple((template.name, NOT_FELT) for template in fault.remedies)
    return replace(_cause(fault, facts), severity="low", explains=(), remedies=(), skipped=skipped)


def _remedy(template: RemedyTemplate, facts: Facts) -> tuple[Remedy | None, str]:
    """The remedy with its variables filled in, or why it does not apply here."""
    truth = all_of(condition.judge(facts) for condition in template.when)
    if truth.value is False:
        otherwise = template.otherwise.render(facts) if template.otherwise else ""
        return None, otherwise or f"its condition does not hold: {' and '.join(item.source for item in template.when)}"
    try:
        if truth.value is None:
            return None, _cannot("; ".join(truth.reasons))
        variables, checkpoint = template.variables.fill(facts), template.checkpoint.fill(facts)
        device = template.on.fill(facts)
    except UndefinedError as error:
        return None, _cannot(explain(error))
    except Exception as error:  # a remedy that cannot be filled in is one that does not apply; the others still do
        return None, f"its variables could not be filled in: {type(error).__name__}: {error}"
    if template.on.source and not (isinstance(device, str) and device):
        return None, "the network device on which it would be carried out is not known"
    return Remedy(
        name=template.name,
        class_=template.class_,
        title=template.title,
        role=template.role,
        tasks=template.tasks,
        variables=variables,
        checkpoint=checkpoint,
        on=device,
    ), ""


def _cannot(reason: str) -> str:
    return reason if reason == NO_KNOWN_GOOD else f"cannot be told: {reason}"


def _rendered(texts: Iterable[Any], facts: Facts) -> tuple[str, ...]:
    """The sentences that could be said; one whose names are unknown, or that is empty, is left out."""
    return tuple(text for text in (item.render(facts) for item in texts) if text)


def _first_problem(facts: Facts) -> datetime | None:
    log = facts.get("log")
    first = log.get("first_problem") if isinstance(log, Mapping) else None
    return moment(first) if first else None


def _suspect(cause: Cause, first_problem: datetime | None) -> tuple[int, str]:
    """Among equals, a cause that rests on a change shortly before the first error comes first."""
    if first_problem is None:
        return 1, cause.code
    changes = [change for remedy in cause.remedies for change in _differences(remedy.variables) if change["since"]]
    recent = any(first_problem - RECENT <= moment(change["since"]) <= first_problem + SETTLED for change in changes)
    return (0 if recent else 1), cause.code


def _differences(value: Any) -> Iterable[Mapping[str, Any]]:
    """Every difference within a remedy's variables."""
    if isinstance(value, Mapping):
        if {"kind", "name", "since"} <= value.keys():
            yield value
        else:
            for item in value.values():
                yield from _differences(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _differences(item)


def _unexplained(legs: Sequence[Leg], matched: Sequence[Fault]) -> Iterable[Leg]:
    """The first failing leg of each way and vantage, unless accounted for; what fails after it is its consequence."""
    accounted = {leg for fault in matched for leg in fault.legs}
    patterns = [pattern for fault in matched for pattern in fault.explains_legs]
    for path, vantage in dict.fromkeys((leg.path, leg.vantage) for leg in legs):
        failing = [leg for leg in legs if (leg.path, leg.vantage) == (path, vantage) and leg.answer is Answer.FAIL]
        if not failing:
            continue
        first = min(failing, key=lambda leg: LEGS[leg.path].index(leg.name))
        name = dotted(first)
        if name not in accounted and not any(fnmatchcase(name, pattern) for pattern in patterns):
            yield first
