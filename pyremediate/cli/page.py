"""An outcome as a page for people. Pure: a value in, text out; ``click.echo`` drops the colours where none belong."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from pyremediate.model import Answer, Cause, Outcome, Remedy, Step, Verification

WORDS = {
    "healthy": ("healthy", "green"),
    "repaired": ("repaired, and proved by test mail", "green"),
    "failing": ("a problem was found", "red"),
    "planned": ("planned; nothing was done", "yellow"),
    "undone": ("not repaired; every change was taken back", "red"),
    "escalated": ("not repaired; a human is needed", "red"),
    "unknown": ("could not be determined", "yellow"),
    "refused": ("nothing was done: policy does not allow it", "yellow"),
}
COLOURS = {Answer.PASS: "green", Answer.FAIL: "red", Answer.UNKNOWN: "yellow", Answer.IMPOSSIBLE: "yellow"}
NAMED = frozenset(
    {"missing", "unknown", "deleted by hand", "discarded by rule"}
)  # messages that are told without -v, too
MOST_MESSAGES = 10
CELL = 17  # characters of a cell of the matrix: "FAIL at recipient"
UNPREDICTABLE = "What the host is like after the first step cannot be predicted: it is looked at again after each one."
DECISIONS = {
    "go": "would be done",
    "ask": "would ask first",
    "refuse": "would not be done",
    "escalate": "is for a human",
}


@dataclass(frozen=True)
class Style:
    """How much is told, and how wide. ``width`` None keeps every line whole."""

    width: int | None = None
    verbose: bool = False
    diff: bool = False
    sign_off: bool = False  # is a repair to be signed?


def page(outcome: Outcome, style: Style = Style()) -> str:
    """Everything about one host, the answer first."""
    parts = (
        _head(outcome, style),
        _section("From where", _vantage(outcome.vantage, style)),
        _section("Causes", _causes(outcome.causes, style)),
        _section("Plan", _plan(outcome, style)),
        _section("Actions", _actions(outcome.actions, style)),
        _section("Verification", _verification(outcome, style)),
        _section("Mail", _ledger(outcome.ledger, style)),
        _section("What a human must do", _numbered(outcome.human, style)),
        _seconds(outcome.seconds),
    )
    return "\n".join(line for part in parts for line in part)


def _head(outcome: Outcome, style: Style) -> Iterator[str]:
    words, colour = WORDS.get(outcome.outcome, (outcome.outcome, "yellow"))
    yield f"{click.style(outcome.host, bold=True)}: {click.style(words, fg=colour, bold=True)}"
    if outcome.outcome not in {"healthy", "unknown"}:
        yield f"  scope {outcome.scope}, severity {outcome.severity}"
    if outcome.reason:
        yield from _wrapped(outcome.reason, "  ", style)
    if outcome.incident:
        yield f"  incident {outcome.incident}"
    if outcome.outcome == "repaired" and style.sign_off:
        yield f"  awaiting sign-off: pyremediate incident sign {outcome.incident}"


def _section(title: str, lines: Iterator[str]) -> Iterator[str]:
    """A heading over what there is to tell; nothing over nothing."""
    for number, line in enumerate(lines):
        if not number:
            yield click.style(title, bold=True)
        yield line


def _vantage(seen: Mapping[str, Any] | None, style: Style) -> Iterator[str]:
    """Who reaches what: a row for each vantage point, a column for each port, and where the break must therefore be."""
    if seen is None or (seen["where"] == "nowhere" and not style.verbose):
        return
    ports = list(dict.fromkeys(cell["port"] for cell in seen["cells"]))
    names = list(dict.fromkeys(cell["vantage"] for cell in seen["cells"]))
    lead = max(len(name) for name in names)
    yield "  " + "  ".join([" " * lead, *(f"{port:<{CELL}}" for port in ports)]).rstrip()
    for name in sorted(names):
        of_port = {cell["port"]: cell for cell in seen["cells"] if cell["vantage"] == name}
        looked = max(number for number, port in enumerate(ports) if port in of_port)
        cells = [
            _cell(of_port.get(port), CELL if number < looked else 0) for number, port in enumerate(ports[: looked + 1])
        ]
        yield "  " + "  ".join([f"{name:<{lead}}", *cells])
    if words := _path_mtu(seen["cells"]):
        yield f"  {words}"
    if seen["sentence"]:
        yield from _wrapped(seen["sentence"], "  ", style)


def _path_mtu(cells: Sequence[Mapping[str, Any]]) -> str:
    """``Path MTU: client01 576, localhost 1500``: the smallest of each vantage point's ways, where it is known."""
    smallest: dict[str, int] = {}
    for cell in sorted(cells, key=lambda cell: str(cell["vantage"])):
        if (bytes_ := cell.get("path_mtu")) is not None:
            smallest[cell["vantage"]] = min(bytes_, smallest.get(cell["vantage"], bytes_))
    told = ", ".join(f"{name} {bytes_}" for name, bytes_ in smallest.items())
    return f"Path MTU: {told}" if told else ""


def _cell(cell: Mapping[str, Any] | None, width: int) -> str:
    """``pass 12 ms``, ``FAIL at connect``; blank where nobody looked."""
    if cell is None:
        return " " * width
    words = {
        Answer.PASS: f"pass {1000 * cell['seconds']:.0f} ms",
        Answer.FAIL: f"FAIL at {cell['stopped']}",
        Answer.UNKNOWN: f"? at {cell['stopped']}",
        Answer.IMPOSSIBLE: "cannot be known",
    }[Answer(cell["answer"])]
    return click.style(f"{words:<{width}}", fg=COLOURS[Answer(cell["answer"])])


def _causes(causes: Sequence[Cause], style: Style) -> Iterator[str]:
    for number, cause in enumerate(causes, 1):
        yield from _wrapped(f"{cause.title} [{cause.code}, {cause.severity}]", f"  {number}. ", style)
        for sentence in cause.evidence:
            yield from _wrapped(sentence, "     - ", style)


def _plan(outcome: Outcome, style: Style) -> Iterator[str]:
    if outcome.outcome not in {"planned", "refused"}:
        return
    for number, item in enumerate(outcome.planned, 1):
        yield from _wrapped(f"{item.remedy.words}, for {item.cause}", f"  {number}. ", style)
        yield from _wrapped(f"{DECISIONS[item.decision]}: {item.reason}", "     ", style)
        yield from _differences(item.remedy, style)
    if outcome.planned:
        yield from _wrapped(UNPREDICTABLE, "  ", style)
    if any(item.decision == "ask" for item in outcome.planned):
        yield f"  To consent: pyremediate fix --host {outcome.host} --yes"


def _actions(actions: Sequence[Step], style: Style) -> Iterator[str]:
    for step in actions:
        state = click.style(step.state.replace("_", " "), fg="green" if step.state == "kept" else "yellow")
        yield f"  {step.number}. {step.remedy.words}: {state}  {step.seconds:.1f} s"
        if step.reason:
            yield from _wrapped(step.reason, "     ", style)
        for task in step.changed if step.state != "undone" else ():
            yield from _wrapped(task, "     changed: ", style)
        yield from _differences(step.remedy, style)


def _differences(remedy: Remedy, style: Style) -> Iterator[str]:
    """With --diff: what the remedy puts back."""
    for item in _found_differences(remedy.variables) if style.diff else ():
        yield f"     {item['kind']} {item['name']}"
        for sign, key, colour in (("-", "is", "red"), ("+", "was", "green")):
            value = "(withheld)" if item.get("secret") else item.get(key)
            yield click.style(f"       {sign} {'(not there)' if value is None else value}", fg=colour)


def _found_differences(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if {"kind", "name", "aspect"} <= value.keys():
            yield value
        else:
            for item in value.values():
                yield from _found_differences(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _found_differences(item)


def _verification(outcome: Outcome, style: Style) -> Iterator[str]:
    """What was judged, and what did not pass, each with its time; the legs that passed are a number, without -v."""
    walked = [check for check in outcome.verification if " from " in check.name]
    passed = [check for check in walked if check.answer is Answer.PASS]
    for check in outcome.verification:
        told = check.answer is not Answer.IMPOSSIBLE and check not in passed
        if style.verbose or told:
            yield from _check(check, style)
    if passed and not style.verbose:
        counted = f"{len(passed)} of {len(walked)} legs of the mail's way (-v shows them)"
        yield f"  {click.style('pass      ', fg='green')} {counted}"


def _ledger(ledger: Mapping[str, Any] | None, style: Style) -> Iterator[str]:
    """What became of every message, and which ones neither arrived nor go on as they did."""
    if ledger is None:
        return
    yield from _wrapped(ledger["sentence"], "  ", style)
    told = ledger["messages"] if style.verbose else [item for item in ledger["messages"] if item["fate"] in NAMED]
    for message in told[: None if style.verbose else MOST_MESSAGES]:
        words = f"{message['id']} {message['fate']}" + (f": {message['reason']}" if message["reason"] else "")
        yield from _wrapped(words, "  - ", style)
    left = ledger["not_told"] + (0 if style.verbose else max(0, len(told) - MOST_MESSAGES))
    if left:
        yield f"  - and {left} more"


def _check(check: Verification, style: Style) -> Iterator[str]:
    answer = click.style(f"{check.answer.value:<10}", fg=COLOURS[check.answer])
    detail = f": {check.detail}" if check.detail and (style.verbose or check.answer is not Answer.PASS) else ""
    first, *rest = _wrapped(f"{check.name}{detail}  {check.seconds:.2f} s", " " * 13, style)
    yield f"  {answer} {first.lstrip()}"
    yield from rest


def _numbered(sentences: Sequence[str], style: Style) -> Iterator[str]:
    for number, sentence in enumerate(sentences, 1):
        yield from _wrapped(sentence, f"  {number}. ", style)


def _seconds(seconds: Mapping[str, float]) -> Iterator[str]:
    if seconds:
        stages = ", ".join(f"{stage} {value:.1f}" for stage, value in seconds.items())
        yield click.style(f"Seconds: {stages}; together {sum(seconds.values()):.1f}", dim=True)


def _wrapped(text: str, lead: str, style: Style) -> list[str]:
    """One paragraph that hangs under its lead; each line of a text that has several is one."""
    blank = " " * len(lead)
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    if style.width is None:
        return [(blank if number else lead) + line.strip() for number, line in enumerate(lines)]
    return [
        wrapped
        for number, line in enumerate(lines)
        for wrapped in textwrap.wrap(
            line.strip(),
            max(style.width, 40),
            initial_indent=blank if number else lead,
            subsequent_indent=blank,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
