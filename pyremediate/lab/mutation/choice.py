"""Which damage: a pure function of what the host has and a seed. The same survey and seed give the same mutations.

Every kind is equally likely, and within it every target; nothing here knows what the product can repair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from pyremediate.errors import UsageError
from pyremediate.lab.mutation import (
    accounts,
    certificates,
    configuration,
    files,
    firewall,
    maps,
    master_cf,
    names,
    network,
    postfix_parameters,
    units,
)
from pyremediate.lab.mutation.model import Generator, Mutation
from pyremediate.lab.mutation.survey import Survey

FAMILIES = (
    postfix_parameters, master_cf, maps, configuration, files, accounts, units, firewall, network, names, certificates,
)  # fmt: skip
KINDS: Mapping[str, Generator] = {name: generate for family in FAMILIES for name, generate in family.KINDS.items()}
TRIES = 20  # a drawn target may have no other legal value; another one may


def selected(patterns: Sequence[str]) -> list[str]:
    """The kinds that these names or beginnings of names (``unit`` for ``unit.*``) stand for; all when there are none."""
    found = [kind for kind in KINDS for name in patterns if kind == name or kind.startswith(f"{name}.")]
    missing = [name for name in patterns if not any(kind == name or kind.startswith(f"{name}.") for kind in KINDS)]
    if missing:
        raise UsageError(f"no such kind of mutation: {', '.join(missing)}; there is: {', '.join(KINDS)}")
    return sorted(set(found or KINDS))


def choose(survey: Survey, seed: int | str, count: int = 1, kinds: Sequence[str] = ()) -> tuple[Mutation, ...]:
    """That many mutations of different kinds and targets. Raises ``UsageError`` when the host does not have so much to damage."""
    random = Random(seed)
    wanted = selected(kinds)
    random.shuffle(wanted)
    chosen: list[Mutation] = []
    for name in wanted:
        if len(chosen) == count:
            break
        mutation = _drawn(KINDS[name], survey, random, {path for known in chosen for path in touched(known)})
        if mutation:
            chosen.append(mutation)
            survey = after(survey, mutation)
    if len(chosen) < count:
        raise UsageError(
            f"only {len(chosen)} of {count} mutations of these kinds are possible here: {', '.join(wanted)}"
        )
    return tuple(chosen)


def candidates(survey: Survey, seed: int | str, kinds: Sequence[str] = ()) -> Iterator[Mutation]:
    """One mutation of each kind in the order of the seed, each for this host as it is, none on top of another."""
    random = Random(seed)
    wanted = selected(kinds)
    random.shuffle(wanted)
    for name in wanted:
        if mutation := _drawn(KINDS[name], survey, random, set()):
            yield mutation


def apart(one: Mutation, other: Mutation) -> bool:
    """Whether they have different targets and no file in common, so that each is alone what it is beside the other."""
    pairs = [(f"{near}/", f"{far}/") for near in files_of(one) for far in files_of(other)]
    shared = any(near.startswith(far) or far.startswith(near) for near, far in pairs)
    return one.target != other.target and not shared


def files_of(mutation: Mutation) -> set[str]:
    """The paths that it changes in whatever way; an index counts as its source."""
    return {action["path"].removesuffix(".db") for action in mutation.actions if "path" in action}


def _drawn(generate: Generator, survey: Survey, random: Random, taken: set[str]) -> Mutation | None:
    """A mutation of a kind that leaves alone what the others did other than by text; None when none was found."""
    for _ in range(TRIES):
        mutation = generate(survey, random)
        if mutation and not any(path in taken for path in touched(mutation)):
            return mutation
    return None


def touched(mutation: Mutation) -> set[str]:
    """The paths that it changes other than by giving a file a text, on which the next mutation could not build."""
    return {action["path"] for action in mutation.actions if "path" in action and action["do"] != "write"}


def after(survey: Survey, mutation: Mutation) -> Survey:
    """The survey with the texts that the mutation writes, so that a second one in the same file keeps the first."""
    for action in mutation.actions:
        if action["do"] == "write":
            survey = survey.text_is(action["path"], action["text"])
    return survey
