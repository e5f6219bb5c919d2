"""Which two mutations are a pair: each breaks mail alone, and neither has to do with the other. Pure, but for what is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from pyremediate.errors import PyremediateError
from pyremediate.lab.mutation import choice
from pyremediate.lab.mutation.model import Mutation

CANDIDATES = 12  # each is tried alone; nearly half of all damage breaks mail


class NoPair(PyremediateError):
    """Of a seed's candidates, no two break mail; nothing of them is left."""


def two_that_break(candidates: Iterable[Mutation], breaks: Callable[[Mutation], bool]) -> tuple[Mutation, Mutation]:
    """The first candidate that breaks mail alone, and the next that does so too and has nothing to do with it."""
    first: Mutation | None = None
    for candidate in islice(candidates, CANDIDATES):
        if (first and not choice.apart(first, candidate)) or not breaks(candidate):
            continue
        if first:
            return first, candidate
        first = candidate
    alone = f"only {first.kind} {first.target} breaks" if first else "none breaks"
    raise NoPair(f"no pair: of {CANDIDATES} candidates {alone} mail alone")
