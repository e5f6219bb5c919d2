"""The review as a document in one language: its chapters, and what is read at a glance. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pyremediate.languages import Language, recorded
from pyremediate.languages.words import OUTCOMES, SEVERITIES, told, ways
from pyremediate.pages.blocks import Block, Figure, Figures, Page, Paragraph, Section
from pyremediate.review import facts_told, people_told
from pyremediate.review.marks import MARKS, count, span
from pyremediate.review.values import Review


def page(review: Review, language: Language) -> Page:
    """The whole document."""
    say, report = language.gettext, review.report
    return Page(
        language=language,
        title=say("Post-incident review: %(host)s, %(day)s", host=report["host"], day=language.day(review.began)),
        subtitle=say("Incident %(incident)s", incident=report["incident"]),
        lead=[*_summary(review, language), _figures(review, language)],
        sections=[
            Section(say("Impact"), [*facts_told.impact(review, language)]),
            Section(say("Timeline"), [*facts_told.timeline(review, language)]),
            Section(say("Times against targets"), [*facts_told.times(review, language)]),
            Section(say("Root cause"), [*facts_told.causes(review, language)]),
            Section(say("Changes suspected"), [*facts_told.changes(review, language)]),
            Section(say("What was done"), [*facts_told.actions(review, language)]),
            Section(say("The mail queue"), [*facts_told.queue(review, language)]),
            Section(say("Who was told"), [*people_told.notices(review, language)]),
            Section(say("Sign-off"), [*people_told.signatures(review, language)]),
            Section(say("Preventive measures"), [*people_told.measures(review, language)]),
            Section(say("What to change in the procedure"), [*people_told.lessons(review, language)]),
            Section(say("Every entry of the record"), [people_told.record(review, language)]),
        ],
        foot=say("Made from the journal alone, which is append-only and chained by hash."),
    )


def _summary(review: Review, language: Language) -> Iterator[Block]:
    say, report = language.gettext, review.report
    hindered, severity = ways(language, report["scope"]), told(language, SEVERITIES, report["severity"])
    if hindered:
        values = {"when": language.moment(review.began), "host": report["host"], "ways": hindered, "severity": severity}
        yield Paragraph(say("%(when)s: disrupted on %(host)s: %(ways)s. Severity: %(severity)s.", **values))
    else:
        yield Paragraph(
            say("%(when)s: %(host)s was looked at.", when=language.moment(review.began), host=report["host"])
        )
    if report["causes"]:
        titles = "; ".join(recorded.cause(language, cause["code"], cause["title"]) for cause in report["causes"])
        yield Paragraph(
            language.ngettext("Cause: %(titles)s.", "Causes: %(titles)s.", len(report["causes"]), titles=titles)
        )
    yield Paragraph(_ending(review, language))


def _ending(review: Review, language: Language) -> str:
    say, report = language.gettext, review.report
    if report["outcome"] == "healthy":
        return say("Mail flows in every way that was tried.")
    if review.restored:
        spent = language.span((review.restored - review.began).total_seconds())
        if report["outcome"] == "repaired":
            return say("It was repaired after %(span)s, and proved by real test mail.", span=spent)
        return say(
            "Mail flows again after %(span)s, proved by real test mail; what is left was handed to people.", span=spent
        )
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
            Figure(span(impact.seconds, language), say("Disruption")),
            Figure(count(impact.delayed, language), say("Messages delayed")),
            Figure(
                language.number(_fate(review, "missing")),
                say("Messages lost"),
                "bad" if _fate(review, "missing") else "good",
            )
            if report["ledger"]
            else Figure(say("not known"), say("Messages lost"), "warn"),
            Figure(say("%(kept)s of %(all)s", kept=kept, all=len(report["actions"])), say("Steps kept")),
        ]
    )


def _fate(review: Review, fate: str) -> int:
    return sum(fates.get(fate, 0) for fates in review.impact.fates.values())
