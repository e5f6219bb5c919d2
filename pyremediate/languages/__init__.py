"""The languages in which people are told: sentences by gettext catalogues, times and lengths by the Unicode CLDR (Babel).

A sentence is written in English where it is told, and looked up by that English text; ``<code>.po`` beside this file holds the
others (``scripts/translations`` keeps them in step with the sources). Sentences name their values: ``%(host)s``.
A template gets its language by ``environment.install_gettext_translations(catalogue(code), newstyle=True)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from babel import dates, lists, numbers
from babel.messages import mofile, pofile
from babel.support import NullTranslations, Translations

SOURCE = "en"  # the language of the sentences in the sources
LANGUAGES = {  # each by its own name, as people look for it
    "en": "English",
    "it": "Italiano",
    "pt": "Português",
    "fr": "Français",
    "nl": "Nederlands",
    "es": "Español",
}


def _(sentence: str) -> str:
    """Marks a sentence for the catalogues where it is not yet told; ``Language.gettext`` translates it there."""
    return sentence


@dataclass(frozen=True)
class Language:
    """One of ``LANGUAGES``, and the time zone in which its times are told."""

    code: str
    zone: tzinfo = UTC

    @property
    def _locale(self) -> str:
        return "en_GB" if self.code == "en" else self.code  # CLDR's "en" is that of the United States

    def gettext(self, sentence: str, **values: Any) -> str:
        """The sentence in this language, with its values filled in."""
        return _filled(catalogue(self.code).ugettext(sentence), values)

    def ngettext(self, one: str, many: str, count: int, **values: Any) -> str:
        """The sentence whose form goes with ``count``, which it names ``%(count)s``."""
        told = {"count": numbers.format_decimal(count, locale=self._locale), **values}
        return _filled(catalogue(self.code).ungettext(one, many, count), told)

    def recall(self, words: str) -> str:
        """Words of a record in this language, where it is known what they were made from (``review.retelling``); else empty."""
        return ""

    def moment(self, time: datetime) -> str:
        """A day and a time of day, with the zone: "26 November 2026, 08:15 CET"."""
        local = time.astimezone(self.zone)
        day, clock = dates.format_date(local, "long", locale=self._locale), self.clock(time)
        return f"{day}, {clock} {self.zone_name(time)}".strip()

    def day(self, time: datetime) -> str:
        """The day alone: "26 November 2026"."""
        return dates.format_date(time.astimezone(self.zone), "long", locale=self._locale)

    def short_day(self, day: date) -> str:
        """The day without its year, in numbers: "26/11"."""
        return dates.format_skeleton("Md", day, locale=self._locale)

    def clock(self, time: datetime) -> str:
        """The time of day alone, to the minute; 24 hours in each of these languages, for an outage has a morning and an evening."""
        return f"{time.astimezone(self.zone):%H:%M}"

    def zone_name(self, time: datetime) -> str:
        """The short name of the zone at that time: "CET", "UTC"."""
        return f"{time.astimezone(self.zone):%Z}"

    def span(self, seconds: float) -> str:
        """A length of time in its greatest sensible unit: "12 minutes"."""
        return dates.format_timedelta(timedelta(seconds=max(1, round(seconds))), threshold=1.5, locale=self._locale)

    def number(self, value: float) -> str:
        """A number with this language's signs: "1,240"."""
        return numbers.format_decimal(value, locale=self._locale)

    def percent(self, share: float) -> str:
        """A share from 0 to 1: "85%"."""
        return numbers.format_percent(share, locale=self._locale)

    def listed(self, items: Iterable[str], style: Literal["standard", "or"] = "standard") -> str:
        """Several words as one: "alice, bob and carol"."""
        return lists.format_list(list(items), style=style, locale=self._locale)


ENGLISH = Language(SOURCE)


@cache
def catalogue(code: str) -> NullTranslations:
    """The sentences of a language; of ``SOURCE`` itself, those of the sources."""
    if code == SOURCE:
        return NullTranslations()
    with Path(__file__).with_name(f"{code}.po").open("rb") as source:
        read = pofile.read_po(source, locale=code, abort_invalid=True)
    compiled = BytesIO()  # in memory, in milliseconds: no file is generated, so none can be out of step
    mofile.write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


def _filled(sentence: str, values: dict[str, Any]) -> str:
    return sentence % values if values else sentence
