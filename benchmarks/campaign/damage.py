"""A fresh host with its edits and its mail, damaged: by one mutation, or by two that each break mail alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.campaign import edits, pairs, product
from pyremediate.errors import PyremediateError
from pyremediate.lab.description import Host, Lab
from pyremediate.lab.mutation import choice, host, record
from pyremediate.lab.mutation.model import Mutation
from pyremediate.lab.mutation.survey import Survey

STOCK = Path(__file__).with_name("host_stock.py")
NOWHERE = 250  # no network of the lab: without a default route, Postfix is told so at once (ENETUNREACH, connect(2))


@dataclass(frozen=True)
class Damaged:
    """A host after the damage: what it was like before and is now, and what must survive."""

    before: Survey
    now: Survey
    mutations: Sequence[Mutation]
    edits: Sequence[edits.Edit]
    stock: Sequence[str]


def done(lab: Lab, target: Host, seed: int, pair: bool, kinds: Sequence[str]) -> Damaged:
    """The damage of a seed. Raises ``pairs.NoPair``; ``host.NotApplied``; ``PyremediateError`` when the lab does not work."""
    chosen, stock = _fresh(lab, target, seed)
    before = host.survey(lab, target)
    if pair:
        mutations = pairs.two_that_break(choice.candidates(before, seed, kinds), _on_fresh_host(lab, target, seed))
        chosen, stock = _fresh(lab, target, seed)  # a host whose log tells of nothing that was tried
        before = host.survey(lab, target)
    else:
        mutations = choice.choose(before, seed, 1, kinds)
    applied = host.apply(lab, target, mutations)
    record.write(lab, target, seed, applied)
    return Damaged(before, host.survey(lab, target), applied, chosen, stock)


def _on_fresh_host(lab: Lab, target: Host, seed: int) -> Callable[[Mutation], bool]:
    """Whether a mutation breaks the mail of this host, in all as it would be alone.

    The host is new for each, mail and all (a Dovecot that was in use lives on with what it has read): as quick as an undo
    and its proof.
    """

    def breaks(mutation: Mutation) -> bool:
        _fresh(lab, target, seed)
        try:
            host.apply(lab, target, [mutation])
        except host.NotApplied:
            return False
        return bool(product.legs_not_passing(product.outcome(["verify"], target.name)))

    return breaks


def _fresh(lab: Lab, target: Host, seed: int) -> tuple[Sequence[edits.Edit], Sequence[str]]:
    """A host made anew, with its known good, and then the edits and the mail of a seed: the edits, and the Message-IDs."""
    product.expect(["lab", "reset", target.name])
    chosen = edits.choose(host.survey(lab, target), seed)
    host.apply(lab, target, [edit.change for edit in chosen])
    return chosen, _stock(lab, target, f"s{seed}")


def _stock(lab: Lab, target: Host, token: str) -> Sequence[str]:
    """Put messages on the host; their Message-IDs. Raises ``PyremediateError`` when they did not come to rest."""
    nowhere = f"somebody@[{lab.prefix}.{NOWHERE}.1]"
    answer = _on_stock(lab, target, {"do": "put", "token": token, "nowhere": nowhere})
    if answer["error"]:
        raise PyremediateError(f"{target.name}: {answer['error']}")
    ids: Sequence[str] = answer["ids"]
    return ids


def missing(lab: Lab, target: Host, ids: Sequence[str]) -> list[str]:
    """The stocked messages that are nowhere to be found."""
    places = _on_stock(lab, target, {"do": "find", "ids": list(ids)})
    return [name for name, place in places.items() if place == "missing"]


def _on_stock(lab: Lab, target: Host, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return host.python(lab, target, f"REQUEST = {request!r}\n{STOCK.read_text()}", product.SECONDS)
