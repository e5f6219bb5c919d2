"""One mutation: frozen values, and their plain form for records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from pyremediate.lab.mutation.survey import Survey

Action = Mapping[str, Any]  # {"do": one of host_apply.DOERS, …}: data for the script on the host


@dataclass(frozen=True)
class Mutation:
    """One piece of damage.

    kind         ``master.cf.line_commented``; a key of ``choice.KINDS``
    target       what is damaged: a parameter, a service, a path, a unit, an account
    sentence     what was done, for a human
    differences  what is different afterwards, in words
    actions      what the host's script does, in order
    load         [verb, unit] of systemctl(1), by which the daemons notice, in order
    undo         what takes it away again, in order; known once it was applied
    """

    kind: str
    target: str
    sentence: str
    differences: tuple[str, ...]
    actions: tuple[Action, ...]
    load: tuple[tuple[str, str], ...] = ()
    undo: tuple[Action, ...] = field(default=(), repr=False)


# None: this host has nothing that could be damaged in this way.
Generator = Callable[[Survey, Random], Mutation | None]


def to_json(mutation: Mutation) -> dict[str, Any]:
    """As plain data."""
    return asdict(mutation)


def from_json(data: Mapping[str, Any]) -> Mutation:
    """The reverse of ``to_json``, also after a trip through JSON, which knows no tuples."""
    return Mutation(
        data["kind"], data["target"], data["sentence"], tuple(data["differences"]), tuple(data["actions"]),
        tuple((verb, unit) for verb, unit in data["load"]), tuple(data["undo"]),
    )  # fmt: skip


def writing(path: str, text: str) -> tuple[Action, ...]:
    """The actions that give a file another text."""
    return ({"do": "write", "path": path, "text": text},)


def swapped(word: str, random: Random) -> str | None:
    """A word as it is mistyped: two neighbours swapped; None when no two differ."""
    places = [
        index for index in range(len(word) - 1) if word[index] != word[index + 1] and word[index : index + 2].isalnum()
    ]
    if not places:
        return None
    at = random.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def replaced(lines: Sequence[str], number: int, *new: str) -> str:
    """A text with one line replaced by others, or by none."""
    return "\n".join([*lines[:number], *new, *lines[number + 1 :]]) + "\n"
