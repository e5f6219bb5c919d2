"""Lines of Dovecot's, rspamd's and OpenDKIM's configuration: commented out, mistyped, a limit too small."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

from pyremediate.lab.mutation.model import Generator, Mutation, replaced, swapped, writing
from pyremediate.lab.mutation.survey import Survey, reload_of

AREAS = ("dovecot", "rspamd", "opendkim")
SETTING = re.compile(r"(\s*)([\w.\"/-]+)(\s*=\s*|\s*:\s*|\s+)([^#{}\s].*)")  # name, separator, value


def _mutation(kind: str, area: str, path: str, sentence: str, difference: str, text: str) -> Mutation:
    return Mutation(kind, path, f"{path}: {sentence}", (f"{path}: {difference}",), writing(path, text), reload_of(area))


def _setting(survey: Survey, random: Random) -> tuple[str, str, int, re.Match[str]] | None:
    """A line that sets something: the daemon first, so that none is damaged more often for having more files."""
    area = random.choice([area for area in AREAS if survey.paths(areas=[area], text=True)] or [""])
    found = [
        (area, path, number, match)
        for path in survey.paths(areas=[area], text=True)
        for number, line in enumerate(survey.lines(path))
        if (match := SETTING.fullmatch(line)) and not line.lstrip().startswith(("#", "//", "!", "."))
    ]
    return random.choice(found) if found else None


def _on_line(kind: str, new: Callable[[re.Match[str], Random], str | None], words: str) -> Generator:
    """A kind that replaces one line."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        found = _setting(survey, random)
        line = new(found[3], random) if found else None
        if found is None or line is None:
            return None
        area, path, number, match = found
        text = replaced(survey.lines(path), number, line)
        was = match[0].strip()
        return _mutation(
            f"configuration.{kind}",
            area,
            path,
            words.format(was=was, line=line.strip()),
            f"{was} → {line.strip()}",
            text,
        )

    return generate


def _name_misspelt(match: re.Match[str], random: Random) -> str | None:
    other = swapped(match[2], random)
    return other and match[1] + other + match[3] + match[4]


def _value_misspelt(match: re.Match[str], random: Random) -> str | None:
    other = swapped(match[4], random)
    return other and match[1] + match[2] + match[3] + other


def small_limit(survey: Survey, random: Random) -> Mutation | None:
    """One of Dovecot's limits is legal and too small, in the file that is read last."""
    limits = sorted(survey.data["dovecot"])
    paths = [
        path for path in survey.paths(areas=["dovecot"], text=True) if re.fullmatch(r"/etc/dovecot/\w+\.conf", path)
    ]
    if not limits or not paths:
        return None
    line = f"{random.choice(limits)} = 1"
    text = "\n".join([*survey.lines(paths[-1]), line]) + "\n"
    return _mutation(
        "limit.dovecot", "dovecot", paths[-1], f"a legal limit that is too small: {line}", f"added: {line}", text
    )


KINDS: Mapping[str, Generator] = {
    "configuration.line_commented": _on_line("line_commented", lambda match, _: f"#{match[0]}", "commented out: {was}"),
    "configuration.misspelt": _on_line("misspelt", _name_misspelt, "a name is mistyped: {line}"),
    "configuration.value_misspelt": _on_line("value_misspelt", _value_misspelt, "a value is mistyped: {line}"),
    "limit.dovecot": small_limit,
}
