"""Sentences that the record keeps in English: retold where they are known, else quoted as they are.

The journal keeps what was said at the time, word for word. Titles and advice of the faults are in the catalogues as they stand;
these here have values in them, and are found by their shape. What a host said is never retold.
"""

from __future__ import annotations

import re
from functools import cache

from pyremediate.languages import SOURCE, Language, _
from pyremediate.model import SEARCHED

KNOWN = (  # tests/drift/test_translations.py: each is still said
    _("the cause is gone, and the mail that it stopped flows again"),
    _("right but not sufficient: mail comes further than before, and stops later on its way"),
    _("right but not sufficient: %(codes)s remains"),
    _("its condition does not hold any more"),
    _("%(paths)s: mail stops earlier on its way than before"),
    _("policy allows %(class_)s unattended"),
    _("policy wants consent for %(class_)s"),
    _("policy never allows %(class_)s"),
    _("%(attempts)s remedies were tried in this incident, and policy allows no more"),
    _("%(leg)s did not pass"),
    _("%(leg)s passes now"),
    _("a smaller set is looked for"),
    _("the deferred mail is being delivered now"),
    _("%(title)s: consented to by %(actor)s"),
    _("mail flows in every way that was tried"),
    _("Put back as last known good: %(names)s"),
    _("Restart %(units)s, with nothing put back"),
    _("Mail stopped until %(units)s was restarted; nothing that differs from the last known good had stopped it"),
    _("Mail stopped until %(units)s were restarted; nothing that differs from the last known good had stopped it"),
    _("Approve a wanted change with pyremediate baseline capture, after proving that mail flows."),
    _("Find out in the log of %(units)s what had stopped working: a restart hides that, and it may come back."),
)
VALUE = re.compile(r"%\((\w+)\)s")


def retold(language: Language, words: object) -> str:
    """Words of the record in this language; those that have no translation in its quotation marks."""
    text = " ".join(str(words).split())
    if not text or language.code == SOURCE:
        return text
    if (same := language.gettext(text)) != text:
        return same
    for sentence, shape in _shapes():
        if found := shape.fullmatch(text):
            values = {
                name: retold(language, value) if name == "title" else value for name, value in found.groupdict().items()
            }
            return language.gettext(sentence, **values)
    return quoted(language, text)


def quoted(language: Language, words: str) -> str:
    """Somebody's own words."""
    return language.gettext("“%(words)s”", words=words)


def cause(language: Language, code: str, title: str = "") -> str:
    """The title of a cause; of one that a search found among the differences, what differed, unless its title can be told."""
    if not code.startswith(SEARCHED) or (title and language.code == SOURCE):
        return retold(language, title)
    if (same := retold(language, title)) and same != quoted(language, title):
        return same
    names, _more, number = code.removeprefix(SEARCHED).partition(" and ")
    if number.endswith(" more"):
        names = language.gettext("%(items)s and %(number)s more", items=names, number=number.removesuffix(" more"))
    return language.gettext("A difference from the last known good: %(names)s", names=names)


def code(cause: str) -> str:
    """The code of a cause; of several differences that of the first, for the others are counted in English."""
    return cause.partition(" and ")[0] if cause.startswith(SEARCHED) else cause


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, _shape(sentence)) for sentence in KNOWN)


def _shape(sentence: str) -> re.Pattern[str]:
    parts = VALUE.split(sentence)  # text, name, text, name, …
    return re.compile(
        "".join(f"(?P<{part}>.+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
    )
