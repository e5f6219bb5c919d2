"""Routes, and a port that another process has (ip-route(8))."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from pyremediate.lab.mutation.model import Action, Generator, Mutation
from pyremediate.lab.mutation.survey import MAIL_UNITS, Load, Survey


def _routes(survey: Survey) -> list[str]:
    return [line for line in survey.data["routes"] if " via " in line and " table " not in line]


def route_removed(survey: Survey, random: Random) -> Mutation | None:
    """The way to another network is gone."""
    routes = _routes(survey)
    return _route("removed", random.choice(routes), "is gone", "del") if routes else None


def route_blackhole(survey: Survey, random: Random) -> Mutation | None:
    """A route that swallows what goes to another network."""
    routes = _routes(survey)
    return (
        _route("blackhole", random.choice(routes), "is replaced by one that swallows everything", "replace blackhole")
        if routes
        else None
    )


def _route(kind: str, route: str, words: str, verb: str) -> Mutation:
    argv = ["ip", "route", *verb.split(), route.split()[0]]
    back = ["ip", "route", "replace", *route.split()]
    action: Action = {"do": "run", "argv": argv, "undo": [back]}
    return Mutation(
        f"route.{kind}", route.split()[0], f"The route {route} {words}", (f"route {route}: {kind}",), (action,)
    )


def port_taken(survey: Survey, random: Random) -> Mutation | None:
    """Another process has a port that the mail system wants, as when it was the first after a reboot."""
    ports = survey.data["listeners"]
    if not ports:
        return None
    port = random.choice(sorted(ports, key=int))
    units = [unit for unit in MAIL_UNITS if unit in survey.data["units"]]
    action: Action = {"do": "take_port", "port": int(port), "address": ports[port], "units": units}
    load: Load = tuple(("start", unit) for unit in units)
    return Mutation(
        "port.taken",
        port,
        f"Port {port} is held by another process",
        (f"port {port}: another process",),
        (action,),
        load,
    )


KINDS: Mapping[str, Generator] = {
    "route.removed": route_removed,
    "route.blackhole": route_blackhole,
    "port.taken": port_taken,
}
