"""The timeline of an incident as a picture: what was worked on when, each step kept or undone, the moments that count. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pyremediate.communication.values import STAGE
from pyremediate.journal import Entry, steps
from pyremediate.languages import Language, _
from pyremediate.languages.recorded import retold
from pyremediate.languages.words import STATES, told
from pyremediate.pages import drawing
from pyremediate.review.times import restored

WIDTH, LEFT, RIGHT = 860, 150, 24
LANE, BAR = 34, 20
TOP = 46  # of the first lane, below the moments
LANES = {"judge": _("Look and judge"), "repair": _("Repair"), "verify": _("Verify"), "undo": _("Undo")}
LANE_OF = {"done": "repair", "trial": "verify", "verify": "verify", "kept": "verify", "undone": "undo"}
CLASSES = {"judge": "info", "verify": "quiet", "undo": "warn"}
MARKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
MOMENTS = {
    "opened": _("the incident is opened"),
    "cause": _("a cause is named"),
    "undone": _("a step is undone"),
    "kept": _("a repair is kept"),
    "people": _("people are called"),
    "flows": _("mail is proved to flow"),
    "ended": _("the run ends, and mail is not proved to flow"),
}
BALL = 9  # radius


@dataclass(frozen=True)
class Span:
    """Work in one lane, in seconds after the opening; ``step`` is its number where it is a repair."""

    lane: str
    start: float
    end: float
    step: int = 0


def svg(entries: Sequence[Entry], language: Language) -> str:
    """The first run of an incident: from its opening to its first end, or as far as the record goes."""
    run = first_run(entries)
    spans, marked = tuple(_spans(run)), tuple(_moments(run))
    lanes = [lane for lane in LANES if any(span.lane == lane for span in spans)]
    total = max(_after(run, run[-1].time), 1.0)
    scale = (WIDTH - LEFT - RIGHT) / total
    axis = TOP + LANE * len(lanes)
    legend = axis + 44
    states = {step.number: step.state for step in steps(run)}
    body = [
        *_axis(total, scale, axis, language),
        *(drawing.text(12, TOP + LANE * row + 15, language.gettext(LANES[lane])) for row, lane in enumerate(lanes)),
        *(
            part
            for span in spans
            for part in _bar(span, TOP + LANE * lanes.index(span.lane), scale, states.get(span.step, ""), language)
        ),
        *_balls(run, marked, scale),
        *_legend(run, marked, legend, language),
    ]
    title = language.gettext("The timeline of the incident")
    return drawing.svg("timeline", WIDTH, legend + 22 * len(marked) + 4, title, words(run, language), body)


def words(entries: Sequence[Entry], language: Language) -> str:
    """The same, for who hears it."""
    run = first_run(entries)
    told_moments = [_moment(run, key, entry, language) for key, entry in _moments(run)]
    told_steps = [
        language.gettext(
            "Step %(number)s, %(title)s: %(state)s",
            number=step.number,
            title=retold(language, step.remedy.title),
            state=told(language, STATES, step.state),
        )
        for step in steps(run)
    ]
    return ". ".join([*told_moments, *told_steps]) + "."


def first_run(entries: Sequence[Entry]) -> Sequence[Entry]:
    """What came later (an undo, a signature) may be days away; and telling people goes on beside it, in no order with it."""
    entries = [entry for entry in entries if entry.stage != STAGE]
    end = next((number for number, entry in enumerate(entries) if entry.kind == "end"), len(entries) - 1)
    return entries[: end + 1]


def _spans(run: Sequence[Entry]) -> Iterator[Span]:
    """Entries are written when something has ended: each closes the time since the one before it."""
    current: Span | None = None
    for before, entry in pairwise(run):
        lane = "verify" if entry.kind == "look" and entry.stage == "verify" else LANE_OF.get(entry.kind, "judge")
        if before.kind == "intent":  # also of a run that was killed, whose step has no end
            lane = "repair"
        working = before if before.kind == "intent" else entry
        number = working.payload["step"]["number"] if lane == "repair" else 0
        start, end = _after(run, before.time), _after(run, entry.time)
        if current and (current.lane, current.step) == (lane, number):
            current = Span(lane, current.start, end, number)
            continue
        if current:
            yield current
        current = Span(lane, start, end, number)
    if current:
        yield current


def _moments(run: Sequence[Entry]) -> Iterator[tuple[str, Entry]]:
    """What a reader looks for, each once; a trial that is undone is the search's way of working, and no moment."""
    yield "opened", run[0]
    if cause := next((each for each in run if each.kind == "diagnose" and each.payload["diagnosis"]["causes"]), None):
        yield "cause", cause
    tried = {entry.payload["step"]["number"] for entry in run if entry.kind == "trial"}
    for entry in run:
        if entry.kind == "kept" or (entry.kind == "undone" and entry.payload["step"]["number"] not in tried):
            yield entry.kind, entry
    if called := next((each for each in run if each.kind == "escalate"), None):
        yield "people", called
    if run[-1].kind == "end":
        yield ("flows" if restored(run) else "ended"), run[-1]


def _after(run: Sequence[Entry], time: datetime) -> float:
    return (time - run[0].time).total_seconds()


def _bar(span: Span, top: float, scale: float, state: str, language: Language) -> Iterator[str]:
    x, width = LEFT + span.start * scale, (span.end - span.start) * scale
    if span.lane != "repair":
        yield drawing.bar(x, top, width, BAR, CLASSES[span.lane])
        return
    kept = state == "kept"
    said = f"{span.step}: {told(language, STATES, state)}"
    yield drawing.bar(x, top + (0 if kept else 1), width, BAR - (0 if kept else 2), "good" if kept else "hollow", said)
    if width >= 16:
        yield drawing.text(x + width / 2, top + 14.5, str(span.step), "on" if kept else "", "middle")


def _axis(total: float, scale: float, y: float, language: Language) -> Iterator[str]:
    mark = drawing.step(total, MARKS)
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("min", 60), ("s", 1)) if mark >= size)
    for number in range(int(total / mark) + 1):
        x = LEFT + number * mark * scale
        yield drawing.line(x, TOP - 8, x, y, "rule")
        yield drawing.text(x, y + 16, f"{language.number(number * mark / size)} {unit}", "faint", "middle")
    yield drawing.line(LEFT, y, WIDTH - RIGHT, y, "axis")


def _balls(run: Sequence[Entry], marked: Sequence[tuple[str, Entry]], scale: float) -> Iterator[str]:
    """A numbered mark for each moment; those that would lie upon each other stand side by side, with their true place below."""
    free = 0.0
    places = []
    for _key, entry in marked:
        places.append(max(LEFT + _after(run, entry.time) * scale, free))
        free = places[-1] + 2 * BALL + 2
    over = max(0.0, places[-1] - (WIDTH - BALL - 2))
    for number, (place, (_key, entry)) in enumerate(zip(places, marked, strict=True), 1):
        x, true = place - over, LEFT + _after(run, entry.time) * scale
        yield drawing.line(x, 16 + BALL, true, TOP - 8, "axis")
        yield f'<circle class="info" cx="{x:.1f}" cy="16" r="{BALL}"/>'
        yield drawing.text(x, 20.5, str(number), "on", "middle")


def _legend(run: Sequence[Entry], marked: Sequence[tuple[str, Entry]], top: float, language: Language) -> Iterator[str]:
    for number, (key, entry) in enumerate(marked, 1):
        y = top + 22 * (number - 1)
        yield f'<circle class="info" cx="{12 + BALL}" cy="{y}" r="{BALL}"/>'
        yield drawing.text(12 + BALL, y + 4.5, str(number), "on", "middle")
        yield drawing.text(40, y + 4.5, _moment(run, key, entry, language))


def _moment(run: Sequence[Entry], key: str, entry: Entry, language: Language) -> str:
    """``06:48:24, after 5 seconds: a step is undone (1)``."""
    local = entry.time.astimezone(language.zone)
    number = f" ({entry.payload['step']['number']})" if "step" in entry.payload else ""
    what = f"{language.gettext(MOMENTS[key])}{number}"
    if entry is run[0]:
        return f"{local:%H:%M:%S}: {what}"
    passed = language.span(_after(run, entry.time))
    return language.gettext("%(clock)s, after %(span)s: %(what)s", clock=f"{local:%H:%M:%S}", span=passed, what=what)
