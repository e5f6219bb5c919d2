"""A message as text: Jinja2 templates, of the team's own where it has some, in the audience's language.

A template's first line is the subject, the rest is the body. A team's file takes the place of the one with the same name in
``templates/communication``; ``<message>/<audience>.txt.j2`` goes before ``<message>/default.txt.j2``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pyremediate.communication.areas import area
from pyremediate.communication.settings import AudienceSettings
from pyremediate.communication.values import Facts, Fault
from pyremediate.errors import UsageError
from pyremediate.languages import SOURCE, Language, catalogue, recorded

TEST = "test"  # the message that tests a channel


@dataclass(frozen=True)
class Text:
    """``trouble``: why it was made from pyremediate's own template, and not from the team's; empty: it was not."""

    subject: str
    body: str
    trouble: str = ""

    @property
    def short(self) -> str:
        """The subject and the first paragraph."""
        return f"{self.subject}\n{self.body.partition(chr(10) * 2)[0]}"


@dataclass(frozen=True)
class Reader:
    """An audience, as far as a text depends on it."""

    name: str
    language: Language
    alternative: str = ""

    @classmethod
    def of(cls, name: str, settings: AudienceSettings) -> Reader:
        """The audience of this name in the settings."""
        return cls(name, Language(settings.language, ZoneInfo(settings.timezone)), settings.alternative)


def text(message: str, reader: Reader, facts: Facts | None, next_: datetime | None, own: Path | None = None) -> Text:
    """The message; with pyremediate's own templates where the team's, in the directory ``own``, cannot be rendered."""
    if own is None:
        return _text(message, reader, facts, next_, None)
    try:
        return _text(message, reader, facts, next_, own)
    except Exception as error:  # whatever a template does, people must be told
        made = _text(message, reader, facts, next_, None)
        return Text(made.subject, made.body, f"the templates in {own} were not used: {_words(error)}")


def check(own: Path, message: str, reader: Reader, facts: Facts | None, next_: datetime | None) -> None:
    """Raises ``UsageError``, with the file and the line, when the team's templates cannot be rendered."""
    if not own.is_dir():
        raise UsageError(f"{own}: there is no such directory; correct communication.templates in the settings")
    try:
        _text(message, reader, facts, next_, own)
    except Exception as error:
        raise UsageError(f"{own}: {message} for {reader.name}: {_words(error)}; correct the template") from None


def _text(message: str, reader: Reader, facts: Facts | None, next_: datetime | None, own: Path | None) -> Text:
    environment = _environment(reader.language, own)
    template = environment.select_template([f"{message}/{reader.name}.txt.j2", f"{message}/default.txt.j2"])
    values = {"message": message, "audience": reader.name, "facts": facts, "alternative": reader.alternative, "next": next_}
    subject, _, body = template.render(values).strip().partition("\n")
    if not subject.strip() or not body.strip():
        raise ValueError(f"{template.name} gives no subject in its first line, or no text after it")
    return Text(" ".join(subject.split()), _tidy(body))


def _environment(language: Language, own: Path | None) -> ImmutableSandboxedEnvironment:
    builtin = PackageLoader("pyremediate", "templates/communication")
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(own), builtin]) if own else builtin,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # plain text
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(language.code), newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        moment=language.moment,
        clock=lambda time: language.clock(_whole(time)),
        zone=language.zone_name,
        span=lambda length: language.span(length.total_seconds()),
        area=partial(area, language=language),
        title_or_area=lambda fault: _title(fault, language),
        in_this_language=lambda sentence: recorded.retold(language, sentence),
    )
    environment.tests["translated"] = lambda sentence: _is_known(language, sentence, recorded.retold(language, sentence))
    return environment


def _title(fault: Fault, language: Language) -> str:
    """The catalogue's own words where they are translated; those of a team's own faults are not."""
    words = recorded.cause(language, fault.code, fault.title)
    told = words if _is_known(language, fault.title, words) else area(fault, language)
    return f"{told.rstrip('.')}."


def _is_known(language: Language, sentence: str, told: str) -> bool:
    """Is it told in this language, and not quoted from another?"""
    return language.code == SOURCE or told != recorded.quoted(language, sentence)


def _whole(time: datetime) -> datetime:
    """The full minute that has not passed yet."""
    return time if not (time.second or time.microsecond) else time.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _tidy(body: str) -> str:
    """Without blanks at the ends of lines, blanks in a row, and more than one empty line."""
    lines = "\n".join(" ".join(line.split(" ")).strip() for line in body.strip().splitlines())
    return re.sub(r"\n{3,}", "\n\n", re.sub(r" {2,}", " ", lines))


def _words(error: Exception) -> str:
    if isinstance(error, TemplateError):
        place = ":".join(str(part) for part in (getattr(error, "filename", None), getattr(error, "lineno", None)) if part)
        return f"{place}: {error.message}" if place else str(error.message or type(error).__name__)
    return " ".join(str(error).split()) or type(error).__name__


__all__ = ["TEST", "Reader", "Text", "check", "text"]
