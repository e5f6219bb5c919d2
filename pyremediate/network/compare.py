"""A device against its last known good, in the vocabulary of ``pyremediate.model.Difference``. Pure.

    device.interface   name, aspect: up, admin_up, mtu, addresses, mac, vlan, description, missing, added
    device.route       a prefix: its ways as words (``via 10.0.0.1 eth0 static``)
    device.filter      a list of rules: lists of their texts, without counters; empty: it is not there
    device.translation the same of address translation; aspect: missing (rules went), added (rules came), order, value
    device.line        the running configuration: a section, lists of the lines that went and that came
    device.unsaved     what runs and would be gone after a restart, or the reverse
    device.neighbour   a static link-layer neighbour

What was never known is not compared; what is not known now is said in ``Comparison.unknown``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyremediate.model import Comparison, Difference
from pyremediate.network.configuration import GLOBAL, hunks
from pyremediate.network.evidence import DeviceEvidence, FilterRule, Interface, Neighbour, Route, Vlan

ASPECTS = ("up", "admin_up", "mtu", "addresses", "mac", "vlan", "description")
TRANSLATES = frozenset({"translate", "hide"})


@dataclass(frozen=True)
class Growth:
    """A counter that grew between two observations: ``kind`` is interface or filter, ``name`` the interface or the rule's list."""

    kind: str
    name: str
    counter: str  # the error counter, or the rule's text
    by: int


def compare(was: DeviceEvidence, now: DeviceEvidence) -> Comparison:
    """Everything in which the device is not as it was, and whether it would start as it runs."""
    differences: list[Difference] = []
    unknown: list[str] = []
    known: set[tuple[str, str, str]] = set()  # an access VLAN may be told by the port, and by the list of VLANs
    for part, comparer in _COMPARERS.items():
        before, after = getattr(was, part), getattr(now, part)
        if before is None:
            continue  # it was never known: nothing was promised
        if after is None:
            unknown.append(f"{now.device}: {part} could not be read: {now.notes.get(part, 'no reason given')}")
            continue
        found = [each for each in comparer(before, after) if (each.kind, each.name, each.aspect) not in known]
        differences += found
        known |= {(each.kind, each.name, each.aspect) for each in found if each.kind == "device.interface"}
    return Comparison((*differences, *_unsaved(now)), tuple(unknown))


def growing(before: DeviceEvidence, now: DeviceEvidence) -> tuple[Growth, ...]:
    """The error counters and the counters of rules that stop packets, as far as they grew. One that was reset is no growth."""
    return (*_errors(before.interfaces or (), now.interfaces or ()), *_stopped(before.filters or (), now.filters or ()))


def _errors(before: Sequence[Interface], now: Sequence[Interface]) -> Iterator[Growth]:
    earlier = {interface.name: interface.errors or {} for interface in before}
    for interface in now:
        for counter, value in (interface.errors or {}).items():
            known = earlier.get(interface.name, {}).get(counter)
            if known is not None and value > known:
                yield Growth("interface", interface.name, counter, value - known)


def _stopped(before: Sequence[FilterRule], now: Sequence[FilterRule]) -> Iterator[Growth]:
    """A rule is known again by its list, its text and where it is applied; one that stands twice is not counted."""
    earlier, later = _counted(before), _counted(now)
    for key, value in later.items():
        known = earlier.get(key)
        if value is not None and known is not None and value > known:
            yield Growth("filter", f"{key[0]} {key[1]}", key[2], value - known)


def _counted(rules: Sequence[FilterRule]) -> dict[tuple[Any, ...], int | None]:
    found: dict[tuple[Any, ...], int | None] = {}
    for rule in rules:
        if rule.action in {"drop", "reject"}:
            key = (rule.table, rule.name, rule.text, rule.direction, rule.interfaces)
            found[key] = None if key in found else rule.packets
    return found


def _interfaces(was: Sequence[Interface], now: Sequence[Interface]) -> Iterator[Difference]:
    before, after = ({each.name: each for each in side} for side in (was, now))
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            gone = new is None
            yield Difference(
                "device.interface",
                name,
                "there" if gone else None,
                None if gone else "there",
                "missing" if gone else "added",
            )
            continue
        for aspect in ASPECTS:
            first, second = _value(old, aspect), _value(new, aspect)
            if None not in (first, second) and first != second:
                yield Difference("device.interface", name, first, second, aspect)


def _value(interface: Interface, aspect: str) -> Any:
    value = getattr(interface, aspect)
    return sorted(value) if isinstance(value, tuple) else value


def _vlans(was: Sequence[Vlan], now: Sequence[Vlan]) -> Iterator[Difference]:
    """Ports in another VLAN. One that is listed nowhere may only be down, and one in several is a trunk."""
    before, after = _access(was), _access(now)
    for port, number in before.items():
        if after.get(port, number) != number:
            yield Difference("device.interface", port, number, after[port], "vlan")


def _access(vlans: Sequence[Vlan]) -> dict[str, int]:
    """Port to its VLAN, of those that are in just one."""
    ports = Counter(port for vlan in vlans for port in vlan.interfaces)
    return {port: vlan.number for vlan in vlans for port in vlan.interfaces if ports[port] == 1}


def _routes(was: Sequence[Route], now: Sequence[Route]) -> Iterator[Difference]:
    before, after = _ways(was), _ways(now)
    for prefix in dict.fromkeys([*before, *after]):
        if before.get(prefix) != after.get(prefix):
            yield Difference("device.route", prefix, _words(before.get(prefix)), _words(after.get(prefix)))


def _words(ways: list[str] | None) -> str | None:
    return None if ways is None else "; ".join(sorted(ways))


def _ways(routes: Sequence[Route]) -> dict[str, list[str]]:
    """Prefix to the ways that forward; a device's own addresses are told by its interfaces."""
    found: dict[str, list[str]] = {}
    for route in routes:
        if route.selected and route.protocol != "local":
            way = f"via {route.via}" if route.via else "discard" if route.discards else "direct"
            name = f"{route.vrf} {route.prefix}".strip()
            words = (way, route.interface, route.protocol)
            found[name] = sorted([*found.get(name, []), " ".join(word for word in words if word)])
    return found


def _filters(was: Sequence[FilterRule], now: Sequence[FilterRule]) -> Iterator[Difference]:
    before, after = _texts(was), _texts(now)
    translating = {_list(rule) for rule in (*was, *now) if rule.action in TRANSLATES}
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name, []), after.get(name, [])
        if old != new and name in translating:
            yield Difference("device.translation", name, old, new, _translated(old, new))
        elif old != new:
            yield Difference("device.filter", name, old, new, "order" if sorted(old) == sorted(new) else "value")


def _translated(old: list[str], new: list[str]) -> str:
    """The aspect: what became of the rules as a whole."""
    gone, came = Counter(old) - Counter(new), Counter(new) - Counter(old)
    if gone and came:
        return "value"
    return "missing" if gone else "added" if came else "order"


def _texts(rules: Sequence[FilterRule]) -> dict[str, list[str]]:
    """List to the texts of its rules, in order; a list that is applied on two ways is one per way."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        found.setdefault(_list(rule), []).append(rule.text)
    return found


def _list(rule: FilterRule) -> str:
    place = f" {rule.direction} {','.join(rule.interfaces)}" if rule.interfaces else ""
    return f"{rule.table} {rule.name}{place}"


def _lines(was: str, now: str) -> Iterator[Difference]:
    for hunk in hunks(was, now):
        place = {"before": hunk.before} if hunk.before else None
        yield Difference("device.line", hunk.section, hunk.was, hunk.now, place=place)


def _unsaved(now: DeviceEvidence) -> Iterator[Difference]:
    """``was`` are the lines that a restart would bring back, ``is_`` those that it would lose."""
    if now.running is None or now.saved is None:
        return
    found = hunks(now.saved, now.running)
    if found:
        saved = [_in_section(hunk.section, line) for hunk in found for line in hunk.was]
        running = [_in_section(hunk.section, line) for hunk in found for line in hunk.now]
        yield Difference("device.unsaved", now.device, saved, running)


def _in_section(section: str, line: str) -> str:
    return line if section in {GLOBAL, line} else f"{section} / {line}"


def _neighbours(was: Sequence[Neighbour], now: Sequence[Neighbour]) -> Iterator[Difference]:
    before, after = (
        {each.address: f"{each.mac} {each.interface}".strip() for each in side if each.state == "static"}
        for side in (was, now)
    )
    for address in dict.fromkeys([*before, *after]):
        if before.get(address) != after.get(address):
            yield Difference("device.neighbour", address, before.get(address), after.get(address))


_COMPARERS: Mapping[str, Callable[[Any, Any], Iterator[Difference]]] = {
    "interfaces": _interfaces, "vlans": _vlans, "routes": _routes, "filters": _filters, "neighbours": _neighbours,
    "running": _lines,
}  # fmt: skip
