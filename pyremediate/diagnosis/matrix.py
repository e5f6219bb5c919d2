"""Who reaches what: each vantage point's way to each port, how far it came, and where the break must therefore be. Pure.

One vantage point proves nothing about the others' networks. What several see apart from each other tells the host from its network,
from the names, and from this controller alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyremediate.model import CONTROLLER, LEGS, Answer, Leg, Look, to_json
from pyremediate.network import ways

PORTS: Mapping[str, str] = {"inbound": "25", "submission": "587", "outbound": "25 out", "retrieval": "993"}
BEFORE = ("resolve", "route")  # nothing is sent to the host yet
ON_THE_WAY = ("route", "connect")  # what fails here without a refusal fails before the host, or at its door
SILENT = ("timeout", "unreachable", "no route")  # how the vantage points' words begin where nobody answers (connect(2))
LARGE_LOST = "larger ones are lost on the way"  # vantage_ways.large_packets


@dataclass(frozen=True)
class Cell:
    """One vantage point on one way.

    ``reached``  the last leg that passed, in order; empty: none
    ``stopped``  the first leg that failed, or could not be told while nothing failed; empty: the way was walked to its end
    ``path_mtu`` bytes of the largest packet that passes; None: not known
    ``seconds``  of the legs up to connect: names, route and the connection; what the rest takes is the server's doing
    """

    vantage: str
    path: str
    answer: Answer
    reached: str = ""
    stopped: str = ""
    detail: str = ""
    seconds: float = 0.0
    path_mtu: int | None = None
    legs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """A vantage point that could look at the host, and what it had from it.

    ``connects``  a connection was taken, which a kernel does alone (listen(2))
    ``hears``     it had a word: a leg behind the connection passed, or failed by an answer (a refusal is one, too)
    """

    name: str
    connects: bool
    hears: bool


@dataclass(frozen=True)
class Break:
    """Where mail is stopped (``nowhere``, ``host``, ``network``, ``names``, ``controller``, ``unknown``), and why that is known."""

    where: str
    sentence: str


def matrix(legs: Iterable[Leg]) -> tuple[Cell, ...]:
    """One cell for each way of each vantage point that looked, in the order in which a message goes."""
    ways: dict[tuple[str, str], list[Leg]] = {}
    for leg in legs:
        ways.setdefault((leg.path, leg.vantage), []).append(leg)
    order = list(LEGS)
    return tuple(_cell(*ways[key]) for key in sorted(ways, key=lambda key: (order.index(key[0]), key[1])))


def _cell(*legs: Leg) -> Cell:
    walked = sorted(legs, key=lambda leg: LEGS[leg.path].index(leg.name))
    answers = {leg.answer for leg in walked}
    worst = next(
        (answer for answer in (Answer.FAIL, Answer.UNKNOWN, Answer.PASS) if answer in answers), Answer.IMPOSSIBLE
    )
    stop = next((leg for leg in walked if leg.answer is worst), walked[0]) if worst is not Answer.PASS else None
    passed = [leg.name for leg in walked if leg.answer is Answer.PASS]
    return Cell(
        vantage=walked[0].vantage,
        path=walked[0].path,
        answer=worst,
        reached=passed[-1] if passed else "",
        stopped=stop.name if stop else "",
        detail=stop.detail if stop else "",
        seconds=round(sum(leg.seconds for leg in walked if leg.name in {"resolve", "route", "connect"}), 3),
        path_mtu=next((leg.path_mtu for leg in walked if leg.path_mtu is not None), None),
        legs={leg.name: leg.answer.value for leg in walked},
    )


def points(legs: Iterable[Leg]) -> tuple[Point, ...]:
    """The vantage points that could look. Who has no name or no route for the host says nothing about it."""
    tried: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.path != "outbound" and leg.name not in BEFORE and leg.answer in (Answer.PASS, Answer.FAIL):
            tried.setdefault(leg.vantage, []).append(leg)
    return tuple(Point(name, any(map(_connected, those)), any(map(_word, those))) for name, those in tried.items())


def _connected(leg: Leg) -> bool:
    return leg.name == "connect" and leg.answer is Answer.PASS


def _word(leg: Leg) -> bool:
    if leg.answer is Answer.PASS:
        return leg.name != "connect"
    return not leg.detail.startswith(SILENT)


def told(look: Look) -> dict[str, Any] | None:
    """Both as plain data: {where, sentence, cells: [{vantage, path, port, answer, reached, stopped, detail,
    seconds, path_mtu, legs}]}."""
    if not look.legs:
        return None
    found = located(look)
    cells = [{**to_json(cell), "port": PORTS[cell.path]} for cell in matrix(look.legs)]
    return {"where": found.where, "sentence": " ".join(filter(None, (found.sentence, *ways.stops(look)))), "cells": cells}


def located(look: Look) -> Break:
    """The break, from what the vantage points saw apart from each other."""
    cells = [
        cell for cell in matrix(look.legs) if cell.path != "outbound"
    ]  # which is the host's own way, not one to it
    failing = [cell for cell in cells if cell.answer is Answer.FAIL]
    if not failing:
        return Break("nowhere", "") if cells else Break("unknown", "Nobody looked from outside.")
    reached = [cell for cell in failing if not _on_the_way(cell)]
    if reached and all(LARGE_LOST in cell.detail for cell in reached):
        return Break("network", f"Large packets are lost between {_names(reached)} and the host, while small ones pass.")
    if reached:
        return _at(reached, any(point.hears for point in points(look.legs)))
    return _by_names(cells, failing) or _before_the_host(look, cells, failing)


def _on_the_way(cell: Cell) -> bool:
    return cell.stopped == "resolve" or (cell.stopped in ON_THE_WAY and cell.detail.startswith(SILENT))


def _at(reached: Sequence[Cell], heard: bool) -> Break:
    """Somebody got an answer from the host itself, or a connection at least, and no mail through it."""
    who = _names(reached)
    if not heard:
        return Break("host", f"The host takes connections of {who} and says not a word: the way to it is open.")
    return Break("host", f"The host answers {who} and stops the mail itself: the way to it is open.")


def _by_names(cells: Sequence[Cell], failing: Sequence[Cell]) -> Break | None:
    without = [cell for cell in failing if cell.stopped == "resolve"]
    if len(without) < len(failing):
        return None
    everybody = {cell.vantage for cell in without} == {cell.vantage for cell in cells}
    whose = "no vantage point finds" if everybody else f"{_names(without)} alone cannot find"
    return Break("names", f"The name leads nowhere: {whose} the host's address; the way to it was not tried.")


def _before_the_host(look: Look, cells: Sequence[Cell], failing: Sequence[Cell]) -> Break:
    """Nobody answers those who fail: is it for them, for all, or for this controller alone?"""
    stopped = {cell.vantage for cell in failing}
    through = {cell.vantage for cell in cells if _connects(cell)} - stopped
    if stopped == {CONTROLLER} and through:
        return Break("controller", f"Only this controller does not reach the host; {', '.join(sorted(through))} does.")
    if through:
        silent, served = _with_verb(stopped, "gets", "get"), _with_verb(through, "reaches", "reach")
        words = f"{silent} no answer, while {served} the host"
        return Break("network", f"The break is between them and the host: {words}.")
    if look.evidence is None:
        return Break("unknown", "Nobody reaches the host, over management neither: it is down, or its network is.")
    return Break(
        "network",
        "Nobody reaches its mail ports, and over management it answers: a packet filter, or the network of the mail.",
    )


def _with_verb(names: Collection[str], one: str, many: str) -> str:
    return f"{', '.join(sorted(names))} {one if len(names) == 1 else many}"


def _connects(cell: Cell) -> bool:
    return cell.legs.get("connect") == Answer.PASS.value


def _names(cells: Sequence[Cell]) -> str:
    return ", ".join(dict.fromkeys(cell.vantage for cell in cells))
