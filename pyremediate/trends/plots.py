"""The trends as pictures: causes by number, lengths of repairs, incidents by week. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyremediate.languages import Language, _
from pyremediate.pages import drawing
from pyremediate.pages.blocks import Picture
from pyremediate.trends.values import Trends

WIDTH = 860
MOST = 12  # causes that are drawn; the table has them all
HOW: Mapping[str, str] = {
    "automatic": _("repaired without people"),
    "consented": _("repaired after consent"),
    "people": _("handed to people"),
    "open": _("not ended"),
}
CLASSES = {"automatic": "good", "consented": "info", "people": "warn", "open": "quiet"}
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)


def by_cause(trends: Trends, language: Language) -> Picture:
    """A bar for each of the most frequent causes."""
    left, row = 340, 26
    causes = trends.causes[:MOST]
    scale = (WIDTH - left - 60) / max(cause.count for cause in causes)
    body = []
    for number, cause in enumerate(causes):
        y = 10 + row * number
        name = cause.code if len(cause.code) <= 46 else f"{cause.code[:45]}…"
        body += [
            drawing.text(left - 10, y + 13, name, "", "end"),
            drawing.bar(left, y, cause.count * scale, 18, "info"),
            drawing.text(left + cause.count * scale + 8, y + 13, language.number(cause.count), "faint"),
        ]
    words = "; ".join(f"{cause.code}: {language.number(cause.count)}" for cause in causes)
    title = language.gettext("Incidents by cause")
    return Picture(drawing.svg("by-cause", WIDTH, 18 + row * len(causes), title, words, body), words)


def lengths(trends: Trends, language: Language) -> Picture:
    """A bar for each span of lengths."""
    bins = trends.repairs.bins
    names = [_bin(number, trends, language) for number in range(len(bins))]
    columns = [({"good": count}, name) for (_upper, count), name in zip(bins, names, strict=True)]
    words = "; ".join(f"{name}: {language.number(count)}" for (_upper, count), name in zip(bins, names, strict=True))
    title = language.gettext("How long repairs took")
    return Picture(drawing.svg("lengths", WIDTH, 220, title, words, _columns(columns, 190, language)), words)


def _bin(number: int, trends: Trends, language: Language) -> str:
    bins = trends.repairs.bins
    if number == 0:
        return f"< {_short(bins[0][0] or 0)}"
    lower, upper = bins[number - 1][0] or 0, bins[number][0]
    return f"≥ {_short(lower)}" if upper is None else f"{_short(lower)}\N{EN DASH}{_short(upper)}"


def _short(seconds: float) -> str:
    """In the symbols that every language shares."""
    unit, size = next((unit, size) for unit, size in (("h", 3600), ("min", 60), ("s", 1)) if seconds >= size)
    return f"{seconds / size:g} {unit}"


def by_week(trends: Trends, language: Language) -> Picture:
    """A column for each week, in parts by how its incidents ended."""
    columns = [
        ({CLASSES[how]: count for how, count in week.counts.items()}, language.short_day(week.monday))
        for week in trends.weeks
    ]
    words = "; ".join(
        f"{language.short_day(week.monday)}: {language.number(sum(week.counts.values()))}" for week in trends.weeks
    )
    body = [*_columns(columns, 190, language), *_legend(236, language)]
    return Picture(drawing.svg("by-week", WIDTH, 250, language.gettext("Incidents by week"), words, body), words)


def _columns(columns: list[tuple[dict[str, int], str]], base: float, language: Language) -> Iterator[str]:
    """Stacked columns upon a line, with a scale; names that would not fit are left out evenly."""
    left, top = 50, 16
    highest = max(1, *(sum(parts.values()) for parts, _ in columns))
    mark = drawing.step(highest, STEPS, most=5)
    for value in range(0, highest + 1, int(mark)):
        y = base - (base - top) * value / highest
        yield drawing.line(left, y, WIDTH - 10, y, "axis" if value == 0 else "rule")
        yield drawing.text(left - 8, y + 4, language.number(value), "faint", "end")
    room = (WIDTH - left - 10) / len(columns)
    every = max(1, round(52 / room + 0.5)) if room < 60 else 1
    for number, (parts, name) in enumerate(columns):
        x, y = left + room * (number + 0.15), base
        for class_, count in parts.items():
            if count:
                height = (base - top) * count / highest
                y -= height
                yield drawing.bar(x, y, room * 0.7, height, class_, f"{name}: {language.number(count)}")
        if number % every == 0:
            yield drawing.text(x + room * 0.35, base + 18, name, "faint", "middle")


def _legend(y: float, language: Language) -> Iterator[str]:
    for number, (how, words) in enumerate(HOW.items()):
        x = 50 + 200 * number
        yield drawing.bar(x, y - 11, 14, 14, CLASSES[how])
        yield drawing.text(x + 20, y, language.gettext(words))
