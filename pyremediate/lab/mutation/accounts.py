"""Users and groups of the mail system: gone, another number, another home, another group (passwd(5), group(5)).

The files are edited, as vipw(8) does: usermod(8) refuses while a process of the user runs, which is when it happens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from pyremediate.lab.mutation.model import Generator, Mutation, replaced, writing
from pyremediate.lab.mutation.survey import Survey, restart_of

PASSWD, GROUP = "/etc/passwd", "/etc/group"
FILES = {"user": (PASSWD, "users"), "group": (GROUP, "groups")}


def _kind(
    what: str, kind: str, change: Callable[[list[str], Random, Survey], list[str] | None], words: str
) -> Generator:
    """A kind: ``change`` gives an account's fields as they become; None: the account is gone."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        path, which = FILES[what]
        lines = survey.lines(path)
        names = [name for name in survey.data["accounts"][which] if name in survey.accounts(path)]
        if not names:
            return None
        name = random.choice(names)
        number = next(index for index, line in enumerate(lines) if line.startswith(f"{name}:"))
        new = change(lines[number].split(":"), random, survey)
        line = (":".join(new),) if new else ()
        difference = f"{path}: {lines[number]} → {''.join(line) or 'gone'}"
        actions = writing(path, replaced(lines, number, *line))
        return Mutation(f"{what}.{kind}", name, f"{what} {name}: {words}", (difference,), actions, restart_of())

    return generate


def _field(position: int, values: Callable[[Survey], list[str]]) -> Callable[[list[str], Random, Survey], list[str]]:
    """A change of one field into another of the values that it may have."""

    def change(fields: list[str], random: Random, survey: Survey) -> list[str]:
        others = [value for value in values(survey) if value != fields[position]]
        return [*fields[:position], random.choice(others), *fields[position + 1 :]]

    return change


def _free_numbers(path: str) -> Callable[[Survey], list[str]]:
    """Numbers that no account has."""

    def values(survey: Survey) -> list[str]:
        taken = {fields[2] for fields in survey.accounts(path).values()}
        return [number for number in map(str, range(2000, 2100)) if number not in taken]

    return values


def _homes(survey: Survey) -> list[str]:
    return ["/nonexistent", "/home/mail", "/srv/mail", "/var/mail"]


def _groups(survey: Survey) -> list[str]:
    return sorted(fields[2] for fields in survey.accounts(GROUP).values())


KINDS: Mapping[str, Generator] = {
    "user.id_changed": _kind("user", "id_changed", _field(2, _free_numbers(PASSWD)), "has another number"),
    "user.group_changed": _kind("user", "group_changed", _field(3, _groups), "has another group"),
    "user.home_changed": _kind("user", "home_changed", _field(5, _homes), "has another home"),
    "user.deleted": _kind("user", "deleted", lambda *_: None, "is gone"),
    "group.id_changed": _kind("group", "id_changed", _field(2, _free_numbers(GROUP)), "has another number"),
    "group.deleted": _kind("group", "deleted", lambda *_: None, "is gone"),
}
