"""For a terminal. Pure: ``click.echo`` drops the colours where none belong."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from pyremediate.audit.values import Audit, Audited, Drift, Severity
from pyremediate.cli.audit_formats import words

COLOURS = {"clean": "green", "drifted": "red", "unknown": "yellow", "unapproved": "yellow"}
SEVERITIES = {Severity.SECURITY: "red", Severity.BREAKS_MAIL: "red", Severity.NOISE: "yellow"}
SIGNS = {"-": "red", "+": "green", "@": "cyan"}


def render(audit: Audit, width: int | None = None, diff: bool = True) -> str:
    """Every host and device, and the end."""
    return "\n".join([*(target(each, width, diff) for each in audit.targets), ending(audit, width)])


def target(audited: Audited, width: int | None, diff: bool) -> str:
    """One host or device."""
    return "\n".join(_target(audited, width, diff))


def ending(audit: Audit, width: int | None) -> str:
    """What concerns all of them."""
    return "\n".join(_ending(audit, width))


def _target(audited: Audited, width: int | None, diff: bool) -> Iterator[str]:
    state = click.style(words.OUTCOMES[audited.outcome], fg=COLOURS[audited.outcome], bold=True)
    told = ", ".join(part for part in (words.counted(audited), *words.beside(audited)) if part)
    yield f"{click.style(audited.name, bold=True)}: {state}{f'  ({told})' if told else ''}"
    for reason in audited.unknown:
        yield from _wrapped(reason, "  cannot be known: ", width)
    for drift in words.ordered(audited):
        yield from _drift(drift, width, diff)
    for sentence in audited.gone:
        yield from _wrapped(sentence, "  gone: ", width)


def _drift(drift: Drift, width: int | None, diff: bool) -> Iterator[str]:
    name = "accepted" if drift.accepted else words.NAMES[drift.severity]
    colour = "blue" if drift.accepted else SEVERITIES[drift.severity]
    lead = f"  {click.style(f'{name:<14}', fg=colour)} "
    told = " ".join(part for part in (drift.sentence, f"[{drift.owner}]", words.since(drift)) if part)
    first, *rest = _wrapped(told, " " * 17, width)
    yield lead + first.lstrip()
    yield from rest
    yield from _wrapped(drift.accepted or drift.reason, " " * 17, width)
    for who in drift.present:
        yield from _wrapped(who, " " * 17, width)
    for line in drift.diff.splitlines() if diff else ():
        yield click.style(f"{' ' * 19}{line}".rstrip(), fg=SIGNS.get(line[:1]))


def _ending(audit: Audit, width: int | None) -> Iterator[str]:
    if audit.odd:
        yield click.style("Different from its siblings", bold=True)
    for odd in audit.odd:
        told = f"{odd.host}: {odd.kind} {odd.name} is {odd.value}; on {odd.alike} of {odd.of} in {odd.group} it is {odd.usual}"
        yield from _wrapped(told, "  ", width)
    for note in audit.notes:
        yield from _wrapped(note, "note: ", width)
    yield words.summary(audit)


def _wrapped(text: str, lead: str, width: int | None) -> list[str]:
    if width is None:
        return [lead + " ".join(text.split())]
    return textwrap.wrap(
        text, max(width, 40), initial_indent=lead, subsequent_indent=" " * len(lead),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
