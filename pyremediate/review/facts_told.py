"""The chapters of a review about what happened and what was done. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pyremediate.languages import SOURCE, Language, _, recorded
from pyremediate.languages.recorded import again, retold
from pyremediate.languages.words import FATES, ORIGINS, SEVERITIES, STATES, told, ways
from pyremediate.pages.blocks import Block, Bullets, Cell, Paragraph, Picture, Table
from pyremediate.report.narrative import said
from pyremediate.review import picture
from pyremediate.review.marks import MARKS, count, span
from pyremediate.review.values import Change, Interval, Review

VERDICTS: Mapping[str, str] = {
    "met": _("target met"),
    "missed": _("target missed"),
    "not_known": _("cannot be said"),
    "no_target": _("no target is set"),
}
INTERVALS: Mapping[str, str] = {
    "detection": _("Detection: from the first sign until it was noticed"),
    "response": _("Response: until something was done or somebody was called"),
    "repair": _("Repair: until mail was proved to flow again"),
}
SIGNS: Mapping[str, str] = {
    "put_back": _("%(named)s changed then; putting it back cured the trouble"),
    "change": _("%(named)s changed then"),
    "log": _("first complaint in the log: %(named)s"),
}
BECAME: Mapping[str, str] = {"put_back": _("put back"), "left": _("left as it is")}
WHOLE = frozenset({1, 2})  # columns of lengths of time


def impact(review: Review, language: Language) -> Iterator[Block]:
    """Who suffered, and how long."""
    say, report = language.gettext, review.report
    people = [item for item in review.statements if item.kind == "impact"]
    rows: list[list[str | Cell]] = [
        [say("What was disrupted"), ways(language, report["scope"]) or say("nothing")],
        [say("Severity"), told(language, SEVERITIES, report["severity"])],
        [say("Length"), span(review.impact.seconds, language)],
        [say("Messages delayed"), count(review.impact.delayed, language)],
    ]
    counted = [item.users for item in people if item.users is not None]
    rows.append(
        [
            say("Users"),
            language.number(counted[-1]) if counted else say("not known: nobody has put their number on record"),
        ]
    )
    rows += [[say("According to %(actor)s", actor=item.actor), said(language, item.text)] for item in people]
    yield Table(say("Impact"), [say("What"), say("How much")], rows)


def timeline(review: Review, language: Language) -> Iterator[Block]:
    """The picture."""
    yield Picture(picture.svg(review.entries, language), picture.words(review.entries, language))
    yield Paragraph(
        language.gettext(
            "Green: a step that was kept. Dashed: a step that was undone. Numbers on top: the moments listed below."
        ),
        "dim",
    )


def times(review: Review, language: Language) -> Iterator[Block]:
    """When it began, and each length against its target."""
    say, began = language.gettext, review.beginning
    if began.at:
        named = say(SIGNS[began.sign], named=said(language, began.named))
        yield Paragraph(say("First sign: %(when)s (%(what)s).", when=_to_the_second(review, language), what=named))
    else:
        yield Paragraph(say("When it began is not known: nothing on record tells."))
    if began.good:
        yield Paragraph(say("Last known to be well before: %(when)s.", when=language.moment(began.good)))
    if review.intervals:
        headings = [say("What"), say("Spent"), say("Target"), say("Verdict")]
        yield Table(say("Times against targets"), headings, [_interval(each, language) for each in review.intervals], whole=WHOLE)


def _to_the_second(review: Review, language: Language) -> str:
    at = review.beginning.at
    return f"{at.astimezone(language.zone):%H:%M:%S} {language.zone_name(at)}, {language.day(at)}" if at else ""


def _interval(each: Interval, language: Language) -> list[str | Cell]:
    spent = span(each.seconds, language)
    if each.seconds is None and each.at_most is not None:
        spent = language.gettext("at most %(span)s", span=language.span(each.at_most))
    target = "" if each.target is None else language.span(each.target)
    verdict = Cell(language.gettext(VERDICTS[each.verdict]), MARKS[each.verdict])
    return [language.gettext(INTERVALS[each.name]), spent, target, verdict]


def causes(review: Review, language: Language) -> Iterator[Block]:
    """What was found, with its evidence; and what people say."""
    say, report = language.gettext, review.report
    if not report["causes"]:
        yield Paragraph(say("No known fault was found."))
    for cause in report["causes"]:
        title, severity = recorded.cause(language, cause["code"], cause["title"]), told(language, SEVERITIES, cause["severity"])
        yield Paragraph(
            say("%(title)s (%(code)s; severity: %(severity)s)", title=title, code=recorded.code(cause["code"]), severity=severity),
            "strong",
        )
        yield Bullets([_on_record(language, item) for item in cause["evidence"]])
    for item in review.statements:
        if item.kind == "cause":
            yield Paragraph(say("According to %(actor)s: %(text)s", actor=item.actor, text=said(language, item.text)))


def changes(review: Review, language: Language) -> Iterator[Block]:
    """What differed from the last known good."""
    say = language.gettext
    if not review.changes:
        yield Paragraph(
            say(
                "Nothing that could have broken mail differed from the last known good, as far as it could be compared."
            )
        )
        return
    headings = [say("Since"), say("What"), say("Was"), say("Is now"), say("What became of it")]
    rows = [_change(change, language) for change in review.changes]
    yield Table(say("Differences from the last known good, the newest first"), headings, rows, whole=frozenset({0}))


def _change(change: Change, language: Language) -> list[str | Cell]:
    say = language.gettext
    since = (
        f"{change.since.astimezone(language.zone):%Y-%m-%d\N{NO-BREAK SPACE}%H:%M:%S}"
        if change.since
        else say("not known")
    )
    what = f"{change.kind} {change.name}" + ("" if change.aspect == "value" else f" ({change.aspect})")
    values = [Cell(say("not shown") if change.was == change.now else say("nothing"), "dim") if value is None else value
              for value in (change.was, change.now)]  # fmt: skip
    return [since, what, *values, say(BECAME[change.became])]


def actions(review: Review, language: Language) -> Iterator[Block]:
    """Every step, and what people were asked to do."""
    say, report = language.gettext, review.report
    if not report["actions"]:
        yield Paragraph(say("Nothing was changed."))
    else:
        headings = [say("Step"), say("What"), say("Result"), say("Why"), say("Seconds")]
        yield Table(
            say("Every step, in order"),
            headings,
            [
                [
                    str(action["number"]),
                    retold(language, action["title"]) + (f" ({action['on']})" if action["on"] else ""),
                    Cell(told(language, STATES, action["state"]), MARKS.get(action["state"], "")),
                    retold(language, action["reason"]),
                    language.number(round(action["seconds"], 1)),
                ]
                for action in report["actions"]
            ],
            numbers=frozenset({4}),
            whole=frozenset({2}),
        )
    undone = ", ".join(str(action["number"]) for action in report["undone"])
    yield Paragraph(
        say("Undone again: step %(numbers)s.", numbers=undone) if undone else say("Nothing had to be undone.")
    )
    if report["human"]:
        yield Paragraph(say("What people were asked to do:"))
        yield Bullets([_step(language, item) for item in report["human"]], numbered=True)


def _step(language: Language, words: str) -> Cell:
    """For a human; what follows the first line is to be typed as it stands."""
    first, *typed = words.splitlines() or [""]
    told = _on_record(language, first)
    return replace(told, text="\n".join([told.text, *typed]))


def _on_record(language: Language, words: str) -> Cell:
    """A sentence of the record in the page's language, or as it stands there."""
    text = " ".join(words.split())
    told = text if language.code == SOURCE else again(language, text)
    return Cell(told or text, recorded=not told)


def queue(review: Review, language: Language) -> Iterator[Block]:
    """What became of every message."""
    say, report = language.gettext, review.report
    if not report["ledger"]:
        yield Paragraph(say("No account of the messages was kept, since nothing was changed."))
        return
    rows: list[list[str | Cell]] = [
        [
            told(language, ORIGINS, origin),
            Cell(told(language, FATES, fate), "bad" if fate == "missing" else ""),
            language.number(count),
        ]
        for origin in ORIGINS
        for fate in FATES
        if (count := review.impact.fates.get(origin, {}).get(fate))
    ]
    if rows:
        headings = [say("Came in as"), say("What became of it"), say("Messages")]
        yield Table(say("Every message, and what became of it"), headings, rows, numbers=frozenset({2}))
    else:
        yield Paragraph(say("No message was in the queue, and none arrived."))
    missing = [message["id"] for message in report["ledger"]["messages"] if message["fate"] == "missing"]
    if missing:
        yield Paragraph(say("Missing: %(names)s.", names=", ".join(missing)), "bad")
