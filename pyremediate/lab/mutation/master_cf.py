"""Lines of master.cf: commented out, another column, another option (master(5))."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from pyremediate.lab.mutation import legal_values
from pyremediate.lab.mutation.model import Generator, Mutation, replaced, writing
from pyremediate.lab.mutation.survey import Survey, reload_of

MASTER_CF = "/etc/postfix/master.cf"
# Columns of a service and what they may be: service, type, private, unprivileged, chroot, wakeup time, process limit, command.
COLUMNS: Mapping[int, tuple[str, tuple[str, ...]]] = {
    1: ("type", ("inet", "unix", "fifo", "pass")),
    2: ("private", ("y", "n")),
    3: ("unprivileged", ("y", "n")),
    4: ("chroot", ("y", "n")),
    5: ("wakeup time", ("1", "60", "0")),
    6: ("process limit", ("0", "1")),
    7: ("command", ()),
}


def _services(survey: Survey) -> list[int]:
    """The numbers of the lines that begin a service."""
    return [
        number
        for number, line in enumerate(survey.lines(MASTER_CF))
        if re.match(r"[^\s#]", line) and len(line.split()) >= 8
    ]


def _mutation(kind: str, line: str, sentence: str, difference: str, text: str) -> Mutation:
    target = "/".join(line.split()[:2])
    return Mutation(
        f"master.cf.{kind}", target, f"{target}: {sentence}", (f"{MASTER_CF}: {difference}",), writing(MASTER_CF, text),
        reload_of("postfix"),
    )  # fmt: skip


def line_commented(survey: Survey, random: Random) -> Mutation | None:
    """A service is switched off; its options, on the lines that follow, go with it."""
    lines, services = survey.lines(MASTER_CF), _services(survey)
    if not services:
        return None
    first = random.choice(services)
    last = first + 1
    while last < len(lines) and lines[last][:1].isspace():
        last += 1
    text = "\n".join([*lines[:first], *(f"#{line}" for line in lines[first:last]), *lines[last:]]) + "\n"
    return _mutation(
        "line_commented", lines[first], "the service is commented out", f"commented out: {lines[first]}", text
    )


def column_changed(survey: Survey, random: Random) -> Mutation | None:
    """One column has another legal value."""
    lines, services = survey.lines(MASTER_CF), _services(survey)
    if not services:
        return None
    number = random.choice(services)
    words = re.split(r"(\s+)", lines[number])  # with the gaps, so that only one column changes
    column = random.choice(sorted(COLUMNS))
    name, values = COLUMNS[column]
    commands = sorted({lines[other].split()[7] for other in services})
    new = random.choice([value for value in values or commands if value != words[2 * column]])
    was, words[2 * column] = words[2 * column], new
    line = "".join(words)
    return _mutation(
        "column_changed", line, f"the column {name} was {was}, is {new}", f"now: {line}", replaced(lines, number, line)
    )


def option_changed(survey: Survey, random: Random) -> Mutation | None:
    """An option (-o) is gone, or has another value."""
    lines = survey.lines(MASTER_CF)
    options = [
        (number, match) for number, line in enumerate(lines) if (match := re.match(r"\s+-o\s+(\w+)=(\S+)", line))
    ]
    if not options:
        return None
    number, match = random.choice(options)
    service = max(start for start in _services(survey) if start < number)
    other = legal_values.other(survey, random, match[1], match[2]) if random.random() < 0.5 else None
    new = () if other is None else (f"    -o {match[1]}={{{other}}}" if " " in other else f"    -o {match[1]}={other}",)
    words = f"now: {new[0].strip()}" if new else "gone"
    return _mutation(
        "option_changed", lines[service], f"the option {match[0].strip()} is {'changed' if new else 'gone'}",
        f"{match[0].strip()}: {words}", replaced(lines, number, *new),
    )  # fmt: skip


KINDS: Mapping[str, Generator] = {
    "master.cf.line_commented": line_commented,
    "master.cf.column_changed": column_changed,
    "master.cf.option_changed": option_changed,
}
