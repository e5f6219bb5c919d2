"""Differences of routers and switches, as sentences in the past perfect; see ``telling``. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pyremediate.comparison.telling_values import Say, came_or_went, changed, exchange, shortened
from pyremediate.languages import _
from pyremediate.model import Difference
from pyremediate.network.configuration import GLOBAL

STATES = {  # by what the interface is now
    "up": (_("the interface %(name)s had gone down"), _("the interface %(name)s had come up")),
    "admin_up": (_("the interface %(name)s had been switched off"), _("the interface %(name)s had been switched on")),
}
GONE_OR_COME = {"missing": _("the interface %(name)s had gone"), "added": _("the interface %(name)s had come")}
ASPECTS = {
    "mtu": _("the MTU of the interface %(name)s"),
    "mac": _("the link-layer address of the interface %(name)s"),
    "vlan": _("the VLAN of the interface %(name)s"),
}


def _interface(difference: Difference, say: Say) -> str:
    name, aspect = difference.name, difference.aspect
    if aspect in STATES:
        return say(STATES[aspect][bool(difference.is_)], name=name)
    if aspect in GONE_OR_COME:
        return say(GONE_OR_COME[aspect], name=name)
    if aspect == "addresses":
        return exchange(say("the interface %(name)s", name=name), difference.was, difference.is_, say)
    other = say("the %(aspect)s of the interface %(name)s", aspect=aspect, name=name)
    return changed(say(ASPECTS[aspect], name=name) if aspect in ASPECTS else other, difference.was, difference.is_, say)


def _named(what: str) -> Callable[[Difference, Say], str]:
    """Of a route or a neighbour: its value as words."""

    def told(difference: Difference, say: Say) -> str:
        name, was, now = say(what, name=difference.name), difference.was, difference.is_
        if was is None or now is None:
            return came_or_went(name, was, now, say)
        return say("%(what)s had been changed from %(was)s to %(now)s", what=name, was=was, now=now)

    return told


def _rules(what: str) -> Callable[[Difference, Say], str]:
    def told(difference: Difference, say: Say) -> str:
        name = say(what, name=difference.name)
        order = say("the order of the rules of %(what)s had been changed", what=name)
        return exchange(name, difference.was, difference.is_, say, "; ") or order

    return told


def _line(difference: Difference, say: Say) -> str:
    whole = difference.name == GLOBAL
    what = say("the configuration") if whole else say("the configuration, %(part)s,", part=difference.name)
    was, now = (_stripped(side) for side in (difference.was, difference.is_))
    return exchange(what, was, now, say, "; ") or say("%(what)s had been put in another order", what=what)


def _unsaved(difference: Difference, say: Say) -> str:
    was, now = ("; ".join(_stripped(side)) for side in (difference.was, difference.is_))
    values = {"lost": shortened(now, say), "back": shortened(was, say)}
    if was and now:
        return say(
            "the configuration that runs had not been saved: a restart would lose %(lost)s and bring back %(back)s", **values
        )
    if now:
        return say("the configuration that runs had not been saved: a restart would lose %(lost)s", **values)
    return say("the configuration that runs had not been saved: a restart would bring back %(back)s", **values)


def _stripped(lines: Sequence[object] | None) -> list[str]:
    return [str(line).strip() for line in lines or ()]


SENTENCES: Mapping[str, Callable[[Difference, Say], str]] = {
    "device.interface": _interface,
    "device.route": _named(_("the route to %(name)s")),
    "device.neighbour": _named(_("the neighbour %(name)s")),
    "device.filter": _rules(_("the packet filter %(name)s")),
    "device.translation": _rules(_("the address translation %(name)s")),
    "device.line": _line,
    "device.unsaved": _unsaved,
}
