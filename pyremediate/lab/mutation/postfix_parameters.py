"""Postfix's parameters: another legal value, empty, misspelt, twice in the file, too small (main.cf, postconf(5))."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random

from pyremediate.lab.mutation import legal_values
from pyremediate.lab.mutation.model import Generator, Mutation, replaced, swapped, writing
from pyremediate.lab.mutation.survey import Survey, restart_of

MAIN_CF = "/etc/postfix/main.cf"
RESTART = restart_of(("postfix.service",))  # a reload does not end master(8), which keeps its interfaces and protocols
SMALL = re.compile(r"_(limit|timeout|time|count|delay)$")


def _parameter(survey: Survey, random: Random) -> tuple[int, str, str] | None:
    """A line of main.cf that sets a parameter: its number, the name, the value."""
    set_ = [
        (number, match[1], match[2])
        for number, line in enumerate(survey.lines(MAIN_CF))
        if (match := re.match(r"(\w+)\s*=\s*(.*)", line))
    ]
    return random.choice(set_) if set_ else None


def _mutation(kind: str, name: str, sentence: str, difference: str, text: str) -> Mutation:
    return Mutation(
        f"postfix.parameter.{kind}",
        name,
        sentence,
        (f"{MAIN_CF}: {difference}",),
        writing(MAIN_CF, text),
        RESTART,
    )


def _on_its_line(kind: str, new: Callable[[Survey, Random, str, str], str | None], words: str) -> Generator:
    """A kind that replaces the one line by another; ``new`` gives that line, or None when there is none."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        found = _parameter(survey, random)
        line = new(survey, random, found[1], found[2]) if found else None
        if found is None or line is None:
            return None
        number, name, value = found
        text = replaced(survey.lines(MAIN_CF), number, line)
        return _mutation(
            kind, name, words.format(name=name, line=line, value=value), f"{name} = {value}, now: {line}", text
        )

    return generate


def _other_value(survey: Survey, random: Random, name: str, value: str) -> str | None:
    other = legal_values.other(survey, random, name, value)
    return None if other is None else f"{name} = {other}"


def _value_misspelt(survey: Survey, random: Random, name: str, value: str) -> str | None:
    other = swapped(value, random)
    return None if other is None else f"{name} = {other}"


def _name_misspelt(survey: Survey, random: Random, name: str, value: str) -> str | None:
    other = swapped(name, random)
    return None if other is None else f"{other} = {value}"


def duplicated(survey: Survey, random: Random) -> Mutation | None:
    """A second definition further down, which wins (postconf(5): the last instance)."""
    found = _parameter(survey, random)
    other = legal_values.other(survey, random, found[1], found[2]) if found else None
    if found is None or other is None:
        return None
    line = f"{found[1]} = {other}"
    text = "\n".join([*survey.lines(MAIN_CF), line]) + "\n"
    return _mutation(
        "duplicated", found[1], f"{found[1]} is set a second time, at the end: {line}", f"added: {line}", text
    )


def deleted(survey: Survey, random: Random) -> Mutation | None:
    """The line is gone, and the default counts."""
    found = _parameter(survey, random)
    if found is None:
        return None
    text = replaced(survey.lines(MAIN_CF), found[0])
    return _mutation(
        "deleted", found[1], f"The line that sets {found[1]} is gone", f"gone: {found[1]} = {found[2]}", text
    )


def small_limit(survey: Survey, random: Random) -> Mutation | None:
    """A limit or a time that is legal and too small, of all that Postfix has."""
    numbers = {
        name: match[2]
        for name, value in sorted(survey.data["postfix"]["default"].items())
        if SMALL.search(name) and (match := re.fullmatch(r"([1-9]\d*)([smhdw]?)", value))
    }
    if not numbers:
        return None
    name = random.choice(list(numbers))
    line = f"{name} = 1{numbers[name] and 's'}"
    kept = [text for text in survey.lines(MAIN_CF) if not re.match(rf"{name}\s*=", text)]
    mutation = _mutation(
        "", name, f"{name} is legal and too small: {line}", f"now: {line}", "\n".join([*kept, line]) + "\n"
    )
    return Mutation("limit.postfix", name, mutation.sentence, mutation.differences, mutation.actions, mutation.load)


KINDS: Mapping[str, Generator] = {
    "postfix.parameter.other_value": _on_its_line(
        "other_value", _other_value, "{name} has another legal value: {line}"
    ),
    "postfix.parameter.emptied": _on_its_line(
        "emptied", lambda _, __, name, value: f"{name} =" if value else None, "{name} is empty"
    ),
    "postfix.parameter.value_misspelt": _on_its_line(
        "value_misspelt", _value_misspelt, "The value of {name} is mistyped: {line}"
    ),
    "postfix.parameter.misspelt": _on_its_line("misspelt", _name_misspelt, "The name {name} is mistyped: {line}"),
    "postfix.parameter.duplicated": duplicated,
    "postfix.parameter.deleted": deleted,
    "limit.postfix": small_limit,
}
