"""``lab mutate``: survey, choose, apply, record; or take the last one away. Nobody else works on the host meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import SystemRandom

from pyremediate.errors import UsageError
from pyremediate.lab import shell
from pyremediate.lab.mutation import choice, host, record
from pyremediate.lab.mutation.model import Action, Mutation
from pyremediate.lock import host_lock


def mutate(name: str, seed: int | None, count: int, kinds: Sequence[str]) -> list[str]:
    """Damage a mail host; the lines that tell it. Raises ``UsageError`` when it is not one, ``NotApplied`` when it refuses."""
    lab, target = shell.reachable(name)
    if target.kind != "mail":
        raise UsageError(f"{name} is not a mail host; only those are damaged")
    used = SystemRandom().randrange(10**6) if seed is None else seed
    with host_lock(name):
        chosen = choice.choose(host.survey(lab, target), used, count, kinds)
        done = host.apply(lab, target, chosen)
        file = record.write(lab, target, used, done)
    return [*told(used, done), f"on record in {file}; to take it away: pyremediate lab mutate {name} --undo"]


def undo(name: str) -> list[str]:
    """Take away what was last done. Raises ``UsageError`` when nothing is on record."""
    lab, target = shell.reachable(name)
    with host_lock(name):
        recorded = record.read(lab, target)
        if not recorded:
            raise UsageError(f"no mutation of {name} is on record")
        host.undo(lab, target, recorded[-1])
        record.forget_last(lab, target)
    return [f"undone: {mutation.sentence}" for mutation in reversed(recorded[-1])]


def told(seed: int, mutations: Sequence[Mutation]) -> Iterator[str]:
    """The seed, and for each mutation what it did and what takes it away."""
    yield f"seed {seed}"
    for mutation in mutations:
        yield f"{mutation.kind}: {mutation.sentence}"
        yield from (f"    different: {words}" for words in mutation.differences)
        yield from (f"    undo: {_words(action)}" for action in mutation.undo)


def _words(action: Action) -> str:
    """An undo as a line; contents are in the record."""
    if action["do"] == "run":
        return " ".join(action["argv"])
    attributes = f" (mode {action['mode']:04o}, owner {action['uid']}:{action['gid']})" if "mode" in action else ""
    return f"{action['do']} {action['path']}{attributes}"
