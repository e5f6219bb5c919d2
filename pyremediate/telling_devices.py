"""Differences of routers and switches, as sentences in the past perfect; see ``telling``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyremediate.model import Difference
from pyremediate.network.configuration import GLOBAL
from pyremediate.telling_values import exchange, shortened

STATES = {"up": ("gone down", "come up"), "admin_up": ("been switched off", "been switched on")}
ASPECTS = {"mtu": "MTU", "mac": "link-layer address", "vlan": "VLAN"}


def _interface(difference: Difference) -> str:
    name, aspect = f"the interface {difference.name}", difference.aspect
    if aspect in STATES:
        return f"{name} had {STATES[aspect][bool(difference.is_)]}"
    if aspect in {"missing", "added"}:
        return f"{name} had {'gone' if aspect == 'missing' else 'come'}"
    if aspect == "addresses":
        return f"{name} had {exchange(difference.was, difference.is_)}"
    values = f"from {shortened(difference.was)} to {shortened(difference.is_)}"
    return f"the {ASPECTS.get(aspect, aspect)} of {name} had been changed {values}"


def _named(what: str) -> Callable[[Difference], str]:
    """Of a route or a neighbour: its value as words."""

    def told(difference: Difference) -> str:
        name, was, now = f"the {what} {difference.name}", difference.was, difference.is_
        if was is None or now is None:
            return f"{name} had been {'removed' if now is None else 'added'} ({was if now is None else now})"
        return f"{name} had been changed from {was} to {now}"

    return told


def _rules(what: str) -> Callable[[Difference], str]:
    def told(difference: Difference) -> str:
        changed = exchange(difference.was, difference.is_, "; ")
        name = f"the {what} {difference.name}"
        return f"{name} had {changed}" if changed else f"the order of the rules of {name} had been changed"

    return told


def _line(difference: Difference) -> str:
    where = "" if difference.name == GLOBAL else f", {difference.name},"
    return f"the configuration{where} had {_stripped(difference) or 'been put in another order'}"


def _stripped(difference: Difference) -> str:
    was, now = ([str(line).strip() for line in side or ()] for side in (difference.was, difference.is_))
    return exchange(was, now, "; ")


def _unsaved(difference: Difference) -> str:
    was, now = ("; ".join(str(line).strip() for line in side or ()) for side in (difference.was, difference.is_))
    told = [f"lose {shortened(now)}"] if now else []
    told += [f"bring back {shortened(was)}"] if was else []
    return f"the configuration that runs had not been saved: a restart would {' and '.join(told)}"


SENTENCES: Mapping[str, Callable[[Difference], str]] = {
    "device.interface": _interface,
    "device.route": _named("route to"),
    "device.neighbour": _named("neighbour"),
    "device.filter": _rules("packet filter"),
    "device.translation": _rules("address translation"),
    "device.line": _line,
    "device.unsaved": _unsaved,
}
