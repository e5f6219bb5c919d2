"""The review as a document in one language: which sentences and tables, in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyremediate.languages import LANGUAGES, Language, _
from pyremediate.languages.recorded import retold
from pyremediate.languages.words import FATES, ORIGINS, OUTCOMES, SEVERITIES, STAGES, STATES, told, ways
from pyremediate.narrative import said, sentence
from pyremediate.pages.blocks import Block, Bullets, Cell, Figure, Figures, Page, Paragraph, Picture, Section, Table
from pyremediate.review import picture
from pyremediate.review.lessons_told import lesson
from pyremediate.review.values import Change, Interval, Measure, Notice, Review

MARKS: Mapping[str, str] = {
    "repaired": "good", "healthy": "good", "kept": "good", "met": "good", "sent": "good",
    "escalated": "bad", "undone": "warn", "missed": "bad", "failed": "bad", "undo_refused": "bad", "open": "warn",
    "unknown": "warn", "refused": "warn", "not_known": "warn", "waiting": "warn", "no_target": "dim",
}  # fmt: skip
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
DELIVERY: Mapping[str, str] = {"sent": _("sent"), "failed": _("failed"), "waiting": _("not delivered yet")}


def page(review: Review, language: Language) -> Page:
    """The whole document."""
    say, report = language.gettext, review.report
    return Page(
        language=language,
        title=say("Post-incident review: %(host)s, %(day)s", host=report["host"], day=language.day(review.began)),
        subtitle=say("Incident %(incident)s", incident=report["incident"]),
        lead=[*_summary(review, language), _figures(review, language)],
        sections=[
            Section(say("Impact"), [*_impact(review, language)]),
            Section(say("Timeline"), [*_timeline(review, language)]),
            Section(say("Times against targets"), [*_times(review, language)]),
            Section(say("Root cause"), [*_causes(review, language)]),
            Section(say("Changes suspected"), [*_changes(review, language)]),
            Section(say("What was done"), [*_actions(review, language)]),
            Section(say("The mail queue"), [*_queue(review, language)]),
            Section(say("Who was told"), [*_notices(review, language)]),
            Section(say("Sign-off"), [*_signatures(review, language)]),
            Section(say("Preventive measures"), [*_measures(review, language)]),
            Section(say("What to change in the procedure"), [*_lessons(review, language)]),
            Section(say("Every entry of the record"), [_record(review, language)]),
        ],
        foot=say("Made from the journal alone, which is append-only and chained by hash."),
    )


# -- at a glance -----------------------------------------------------------------------------------------------------------------


def _summary(review: Review, language: Language) -> Iterator[Block]:
    say, report = language.gettext, review.report
    hindered, severity = ways(language, report["scope"]), told(language, SEVERITIES, report["severity"])
    if hindered:
        values = {"when": language.moment(review.began), "host": report["host"], "ways": hindered, "severity": severity}
        yield Paragraph(say("%(when)s: disturbed on %(host)s: %(ways)s. Severity: %(severity)s.", **values))
    else:
        yield Paragraph(say("%(when)s: %(host)s was looked at.", when=language.moment(review.began), host=report["host"]))
    if report["causes"]:
        titles = "; ".join(retold(language, cause["title"]) for cause in report["causes"])
        yield Paragraph(language.ngettext("Cause: %(titles)s.", "Causes: %(titles)s.", len(report["causes"]), titles=titles))
    yield Paragraph(_ending(review, language))


def _ending(review: Review, language: Language) -> str:
    say, report = language.gettext, review.report
    if report["outcome"] == "healthy":
        return say("Mail flows in every way that was tried.")
    if review.restored:
        spent = language.span((review.restored - review.began).total_seconds())
        if report["outcome"] == "repaired":
            return say("It was repaired after %(span)s, and proved by real test mail.", span=spent)
        return say("Mail flows again after %(span)s, proved by real test mail; what is left was handed to people.", span=spent)
    if report["outcome"] == "open":
        return say("The record has no end of it yet.")
    if report["outcome"] == "escalated":
        return say("It was handed to people; the record does not say that mail flows again.")
    return say("It ended as: %(outcome)s.", outcome=told(language, OUTCOMES, report["outcome"]))


def _figures(review: Review, language: Language) -> Figures:
    say, report, impact = language.gettext, review.report, review.impact
    kept = sum(action["state"] == "kept" for action in report["actions"])
    return Figures(
        [
            Figure(told(language, OUTCOMES, report["outcome"]), say("Result"), MARKS.get(report["outcome"], "")),
            Figure(_span(impact.seconds, language), say("Disturbance")),
            Figure(_count(impact.delayed, language), say("Messages delayed")),
            Figure(language.number(_fate(review, "missing")), say("Messages lost"), "bad" if _fate(review, "missing") else "good")
            if report["ledger"]
            else Figure(say("not known"), say("Messages lost"), "warn"),
            Figure(say("%(kept)s of %(all)s", kept=kept, all=len(report["actions"])), say("Steps kept")),
        ]
    )


def _fate(review: Review, fate: str) -> int:
    return sum(fates.get(fate, 0) for fates in review.impact.fates.values())


def _span(seconds: float | None, language: Language) -> str:
    return language.gettext("not known") if seconds is None else language.span(seconds)


def _count(number: int | None, language: Language) -> str:
    return language.gettext("not known") if number is None else language.number(number)


# -- impact, times ---------------------------------------------------------------------------------------------------------------


def _impact(review: Review, language: Language) -> Iterator[Block]:
    say, report = language.gettext, review.report
    people = [item for item in review.statements if item.kind == "impact"]
    rows: list[list[str | Cell]] = [
        [say("What was disturbed"), ways(language, report["scope"]) or say("nothing")],
        [say("Severity"), told(language, SEVERITIES, report["severity"])],
        [say("Length"), _span(review.impact.seconds, language)],
        [say("Messages delayed"), _count(review.impact.delayed, language)],
    ]
    if people:
        rows += [[say("According to %(actor)s", actor=item.actor), item.text] for item in people]
    else:
        rows.append([say("Users"), say("not known: nobody has put their number on record")])
    yield Table(say("Impact"), [say("What"), say("How much")], rows)


def _timeline(review: Review, language: Language) -> Iterator[Block]:
    yield Picture(picture.svg(review.entries, language), picture.words(review.entries, language))
    yield Paragraph(
        language.gettext("Green: a step that was kept. Dashed: a step that was undone. Numbers on top: the moments listed below."),
        "dim",
    )


def _times(review: Review, language: Language) -> Iterator[Block]:
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
        yield Table(say("Times against targets"), headings, [_interval(each, language) for each in review.intervals])


def _to_the_second(review: Review, language: Language) -> str:
    at = review.beginning.at
    return f"{at.astimezone(language.zone):%H:%M:%S} {language.zone_name(at)}, {language.day(at)}" if at else ""


def _interval(each: Interval, language: Language) -> list[str | Cell]:
    spent = _span(each.seconds, language)
    if each.seconds is None and each.at_most is not None:
        spent = language.gettext("at most %(span)s", span=language.span(each.at_most))
    target = "" if each.target is None else language.span(each.target)
    verdict = Cell(language.gettext(VERDICTS[each.verdict]), MARKS[each.verdict])
    return [language.gettext(INTERVALS[each.name]), spent, target, verdict]


# -- causes and actions ----------------------------------------------------------------------------------------------------------


def _causes(review: Review, language: Language) -> Iterator[Block]:
    say, report = language.gettext, review.report
    if not report["causes"]:
        yield Paragraph(say("No known fault was found."))
    for cause in report["causes"]:
        title, severity = retold(language, cause["title"]), told(language, SEVERITIES, cause["severity"])
        yield Paragraph(say("%(title)s (%(code)s; severity: %(severity)s)", title=title, code=cause["code"], severity=severity), "strong")
        yield Bullets([" ".join(item.split()) for item in cause["evidence"]], recorded=True)
    for item in review.statements:
        if item.kind == "cause":
            yield Paragraph(say("According to %(actor)s: %(text)s", actor=item.actor, text=item.text))


def _changes(review: Review, language: Language) -> Iterator[Block]:
    say = language.gettext
    if not review.changes:
        yield Paragraph(say("Nothing that could have broken mail differed from the last known good, as far as it could be compared."))
        return
    headings = [say("Since"), say("What"), say("Was"), say("Is now"), say("What became of it")]
    rows = [_change(change, language) for change in review.changes]
    yield Table(say("Differences from the last known good, the newest first"), headings, rows)


def _change(change: Change, language: Language) -> list[str | Cell]:
    say = language.gettext
    since = f"{change.since.astimezone(language.zone):%Y-%m-%d\N{NO-BREAK SPACE}%H:%M:%S}" if change.since else say("not known")
    what = f"{change.kind} {change.name}" + ("" if change.aspect == "value" else f" ({change.aspect})")
    values = [Cell(say("not shown") if change.was == change.now else say("nothing"), "dim") if value is None else value
              for value in (change.was, change.now)]  # fmt: skip
    return [since, what, *values, say(BECAME[change.became])]


def _actions(review: Review, language: Language) -> Iterator[Block]:
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
        )
    undone = ", ".join(str(action["number"]) for action in report["undone"])
    yield Paragraph(say("Undone again: step %(numbers)s.", numbers=undone) if undone else say("Nothing had to be undone."))
    if report["human"]:
        yield Paragraph(say("What people were asked to do:"))
        yield Bullets(report["human"], numbered=True, recorded=True)


def _queue(review: Review, language: Language) -> Iterator[Block]:
    say, report = language.gettext, review.report
    if not report["ledger"]:
        yield Paragraph(say("No account of the messages was kept, since nothing was changed."))
        return
    rows: list[list[str | Cell]] = [
        [told(language, ORIGINS, origin), Cell(told(language, FATES, fate), "bad" if fate == "missing" else ""), language.number(count)]
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


# -- people ----------------------------------------------------------------------------------------------------------------------


def _notices(review: Review, language: Language) -> Iterator[Block]:
    say = language.gettext
    if not review.notices:
        yield Paragraph(say("No notification is on record."))
        return
    headings = [say("When"), say("Audience"), say("Message"), say("Language"), say("Channel"), say("Delivery")]
    yield Table(say("Notifications"), headings, [_notice(notice, language) for notice in review.notices])


def _notice(notice: Notice, language: Language) -> list[str | Cell]:
    delivery = Cell(language.gettext(DELIVERY[notice.state]), MARKS[notice.state])
    return [language.moment(notice.time), notice.audience, notice.message, LANGUAGES.get(notice.language, notice.language), notice.channel, delivery]


def _signatures(review: Review, language: Language) -> Iterator[Block]:
    say = language.gettext
    if not review.signatures:
        yield Paragraph(say("Nobody has signed it."))
    for each in review.signatures:
        values = {"when": language.moment(each.time), "signer": each.signer}
        if each.refused:
            yield Paragraph(say("%(when)s: %(signer)s refused to sign: %(reason)s", reason=each.reason, **values), "bad")
        else:
            yield Paragraph(say("%(when)s: %(signer)s signed what had been verified.", **values), "good")


def _measures(review: Review, language: Language) -> Iterator[Block]:
    say = language.gettext
    if not review.measures:
        yield Paragraph(say("None are known for what was found."))
        return
    headings = [say("Measure"), say("Owner"), say("Due"), say("From")]
    yield Table(say("Preventive measures"), headings, [_measure(each, language) for each in review.measures])


def _measure(each: Measure, language: Language) -> list[str | Cell]:
    say = language.gettext
    nobody = Cell(say("nobody yet"), "warn")
    due = say("done") if each.done else each.due or say("not set")
    if each.actor:
        return [each.text, each.owner or nobody, due, each.actor]
    return [retold(language, each.text), nobody, due, say("proposed by the fault's description")]


def _lessons(review: Review, language: Language) -> Iterator[Block]:
    if review.lessons:
        yield Bullets([lesson(each, language) for each in review.lessons])
    else:
        yield Paragraph(language.gettext("Nothing on record speaks for a change."))


def _record(review: Review, language: Language) -> Table:
    say = language.gettext
    zone = language.zone_name(review.began)
    rows = [
        [f"{entry.time.astimezone(language.zone):%H:%M:%S}", told(language, STAGES, entry.stage), sentence(entry, language)]
        for entry in review.entries
    ]
    return Table(say("Every entry of the record"), [say("Time (%(zone)s)", zone=zone), say("Stage"), say("What")], rows, folded=True)
