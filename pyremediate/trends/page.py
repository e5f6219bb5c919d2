"""The trends as a document in one language. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pyremediate.languages import Language
from pyremediate.languages.recorded import cause, code
from pyremediate.pages.blocks import Block, Cell, Figure, Figures, Page, Paragraph, Section, Table
from pyremediate.trends import plots
from pyremediate.trends.values import Trends


def page(trends: Trends, language: Language) -> Page:
    """The whole document."""
    say = language.gettext
    title = say(
        "Incidents from %(since)s to %(until)s", since=language.day(trends.since), until=language.day(trends.until)
    )
    if not trends.cases:
        return Page(language, title, say("No incident is on record in this time."))
    return Page(
        language=language,
        title=title,
        subtitle=language.ngettext("%(count)s incident", "%(count)s incidents", len(trends.cases)),
        lead=[_figures(trends, language)],
        sections=[
            Section(say("Incidents by week"), [*_weeks(trends, language)]),
            Section(say("How long repairs took"), [*_lengths(trends, language)]),
            Section(say("Incidents by cause"), [*_causes(trends, language)]),
            Section(say("What came back"), [*_recurrences(trends, language)]),
        ],
        foot=say("Made from the journal alone, which is append-only and chained by hash."),
    )


def _figures(trends: Trends, language: Language) -> Figures:
    say, repairs = language.gettext, trends.repairs
    share = trends.automatic or 0.0
    return Figures(
        [
            Figure(language.number(len(trends.cases)), say("Incidents")),
            Figure(language.percent(share), say("Repaired without people"), "good" if share >= 0.5 else "warn"),
            Figure(_span(repairs.mean, language), say("Mean time to repair")),
            Figure(_span(repairs.median, language), say("Half of the repairs took no longer than")),
            Figure(
                language.number(len(trends.recurrences)),
                say("Causes that came back"),
                "warn" if trends.recurrences else "good",
            ),
        ]
    )


def _span(seconds: float | None, language: Language) -> str:
    return language.gettext("not known") if seconds is None else language.span(seconds)


def _weeks(trends: Trends, language: Language) -> Iterator[Block]:
    say = language.gettext
    yield plots.by_week(trends, language)
    headings = [say("Week from"), *(say(words) for words in plots.HOW.values())]
    rows = [
        [f"{week.monday:%Y-%m-%d}", *(language.number(count) for count in week.counts.values())]
        for week in trends.weeks
        if any(week.counts.values())
    ]
    yield Table(say("The weeks that had any"), headings, rows, numbers=frozenset({1, 2, 3, 4}), folded=True)


def _lengths(trends: Trends, language: Language) -> Iterator[Block]:
    say, repairs = language.gettext, trends.repairs
    if not repairs.count:
        yield Paragraph(say("Nothing was repaired."))
        return
    yield plots.lengths(trends, language)
    yield Table(
        say("From the opening of the incident until mail was proved to flow"),
        [say("Repairs"), say("Mean"), say("Median"), say("Nine of ten within"), say("Longest")],
        [[language.number(repairs.count), *(_span(each, language) for each in
          (repairs.mean, repairs.median, repairs.ninetieth, repairs.longest))]],
    )  # fmt: skip


def _causes(trends: Trends, language: Language) -> Iterator[Block]:
    say = language.gettext
    if not trends.causes:
        yield Paragraph(say("No cause was found."))
        return
    yield plots.by_cause(trends, language)
    rows: list[list[str | Cell]] = [
        [
            cause(language, each.code, each.title),
            code(each.code),
            language.number(each.count),
            ", ".join(each.hosts),
            _span(each.median, language),
        ]
        for each in trends.causes
    ]
    headings = [say("Cause"), say("Code"), say("Incidents"), say("Hosts"), say("Median repair")]
    yield Table(say("Every cause, the most frequent first"), headings, rows, numbers=frozenset({2}))


def _recurrences(trends: Trends, language: Language) -> Iterator[Block]:
    say = language.gettext
    if not trends.recurrences:
        yield Paragraph(say("No cause came back on the same host within 30 days."))
        return
    rows = [
        [each.host, cause(language, each.code, each.title), language.number(each.times), language.moment(each.last)]
        for each in trends.recurrences
    ]
    headings = [say("Host"), say("Cause"), say("Times"), say("Last")]
    yield Table(say("The same cause on the same host within 30 days"), headings, rows, numbers=frozenset({2}))
