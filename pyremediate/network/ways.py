"""Which network devices lie on the way between the vantage points and a mail host, and what stops mail there. Pure.

A way is followed there and back, by what the devices say now and by what they said when they were known to be good: a fault may
lead it elsewhere. A device beside all ways that fail has nothing to do with it, however much it has changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_interface
from typing import Any

from pyremediate.model import Answer, Device, Leg, Look, Way
from pyremediate.network.evidence import DeviceEvidence, Interface
from pyremediate.network.filtering import Packet
from pyremediate.network.path import Devices, Path, path

FROM = re.compile(r"^from (\S+)$")  # how a vantage point tells its own address (leg ``route``)
TO = re.compile(r"\b(\d+\.\d+\.\d+\.\d+) port (\d+)\b")  # and where it connected, or tried to (leg ``connect``)
OUT = re.compile(r"\[(\d+\.\d+\.\d+\.\d+)\]:(\d+)")  # Postfix's words of where it tried to deliver to
FAR = 40000  # a port of those that clients come from


@dataclass(frozen=True)
class Ends:
    """Who sends to whom on one way of mail."""

    vantage: str
    path: str
    source: str
    destination: str
    port: int


def of(look: Look, now: Devices, good: Devices) -> tuple[Way, ...]:
    """One way for each vantage point and path of the look whose two ends are known. ``good``: the last known good of each."""
    return tuple(_way(ends, look, now, good) for ends in _ends(look)) if any(now.values()) or any(good.values()) else ()


def _way(ends: Ends, look: Look, now: Devices, good: Devices) -> Way:
    """One way; not known where a device or the host tells an address that is none."""
    try:
        return _followed(ends, look, now, good)
    except ValueError:
        return Way(ends.vantage, ends.path, (), known=False)


def _ends(look: Look) -> Iterator[Ends]:
    own = ""
    for vantage, name in dict.fromkeys((leg.vantage, leg.path) for leg in look.legs):
        legs = {leg.name: leg for leg in look.legs if (leg.vantage, leg.path) == (vantage, name)}
        source, target = _match(FROM, legs.get("route")), _match(TO, legs.get("connect"))
        if source and target:
            own = target[1]
            yield Ends(vantage, name, source[1], target[1], int(target[2]))
    for leg in look.legs:
        out = _match(OUT, leg) if (leg.path, leg.name) == ("outbound", "remote") else None
        if out and own:
            yield Ends(leg.vantage, leg.path, own, out[1], int(out[2]))


def _match(pattern: re.Pattern[str], leg: Leg | None) -> re.Match[str] | None:
    return pattern.search(leg.detail) if leg else None


def _followed(ends: Ends, look: Look, now: Devices, good: Devices) -> Way:
    there, back = _both(ends, look, now)
    there_then, back_then = _both(ends, look, {**now, **{name: each for name, each in good.items() if each}})
    hops = [hop.device for each in (there, back, there_then, back_then) for hop in each.hops]
    known = (_is_known(there) or _is_known(there_then)) and (_is_known(back) or _is_known(back_then))
    return Way(ends.vantage, ends.path, tuple(dict.fromkeys(hops)), known, _stop(ends, there, back))


def _both(ends: Ends, look: Look, devices: Devices) -> tuple[Path, Path]:
    """There and back. A sender in a network of no device comes by the one that leads to it."""
    reply = Packet(ends.destination, ends.source, port=FAR)
    back = path(reply, devices, gateway=_gateway(look, ends.source, devices) if ends.path != "outbound" else "")
    there = path(Packet(ends.source, ends.destination, port=ends.port), devices, gateway=_entrance(back, devices))
    return there, back


def _gateway(look: Look, address: str, devices: Devices) -> str:
    """The mail host's own next hop; empty where it is none of the devices."""
    section: Mapping[str, Any] = look.evidence.data().get("network", {}) if look.evidence else {}
    fitting = [
        (ip_interface(_prefix(route["destination"])).network, str(route["gateway"]))
        for route in section.get("routes", ())
        if route.get("gateway") and ":" not in str(route["destination"]) + str(route["gateway"])
    ]
    inside = [(network.prefixlen, via) for network, via in fitting if ip_interface(address).ip in network]
    via = max(inside, default=(0, ""))[1]
    return via if any(_has(evidence, via) for evidence in devices.values()) else ""


def _prefix(destination: str) -> str:
    return "0.0.0.0/0" if destination == "default" else destination


def _has(evidence: DeviceEvidence | None, address: str) -> bool:
    return any(address == own.partition("/")[0] for each in _interfaces(evidence) for own in each.addresses or ())


def _entrance(back: Path, devices: Devices) -> str:
    """An address of the interface by which the answers leave the devices; empty where they are delivered by one."""
    if not back.left:
        return ""
    last = back.hops[-1]
    found = [each for each in _interfaces(devices.get(last.device)) if each.name == last.leaving]
    addresses = [own.partition("/")[0] for each in found for own in each.addresses or () if ":" not in own]
    return addresses[0] if addresses else ""


def _interfaces(evidence: DeviceEvidence | None) -> Sequence[Interface]:
    return (evidence.interfaces if evidence else None) or ()


def _is_known(found: Path) -> bool:
    """Does it end where the devices say, or leave them all?"""
    return found.answer is not Answer.UNKNOWN or found.left


def _stop(ends: Ends, there: Path, back: Path) -> str:
    """Where a packet or its answer certainly ends, as a sentence; empty: nowhere."""
    sent = f"What goes from {ends.source} to {ends.destination} port {ends.port}"
    for device, stop in there.stops:
        if stop.certain:
            return f"{sent} stops at {device}: {stop.rule.text}."
    if there.answer is Answer.FAIL:
        return f"{sent} stops: {there.reason}."
    return f"The answers of {ends.destination} to {ends.source} stop: {back.reason}." if back.answer is Answer.FAIL else ""


# -- who has to do with it -------------------------------------------------------------------------------------------------


def beside(look: Look) -> frozenset[str]:
    """The devices that have nothing to do with the ways that fail; none, where one of these ways is not known."""
    failing, ways = _failing(look), {(way.vantage, way.path): way for way in look.ways}
    if not failing or not all(each in ways and ways[each].known for each in failing):
        return frozenset()
    on = frozenset(name for each in failing for name in ways[each].devices)
    return frozenset(device.name for device in look.devices if device.name not in on and _is_apart(device, look.devices, on))


def on_the_way(look: Look) -> frozenset[str]:
    """The devices on a way that fails, as far as such ways are known."""
    failing = _failing(look)
    return frozenset(name for way in look.ways if (way.vantage, way.path) in failing for name in way.devices)


def stops(look: Look) -> tuple[str, ...]:
    """Where the ways that fail end, by what the devices say: sentences."""
    failing = _failing(look)
    return tuple(dict.fromkeys(way.stop for way in look.ways if way.stop and (way.vantage, way.path) in failing))


def _failing(look: Look) -> frozenset[tuple[str, str]]:
    return frozenset((leg.vantage, leg.path) for leg in look.legs if leg.answer is Answer.FAIL)


def _is_apart(device: Device, devices: Sequence[Device], on: frozenset[str]) -> bool:
    """It only routes, and no way leads through it; or it switches, and is linked to devices that are apart as well."""
    if not device.switches:
        return True
    reached, waiting = set[str](), [device]
    while waiting:
        near = _linked(waiting.pop(), devices)
        waiting += [other for other in near if other.name not in reached and other.switches]
        reached |= {other.name for other in near}
    return bool(reached - {device.name}) and not reached & on


def switches(evidence: DeviceEvidence) -> bool:
    """Does it have ports that are up and have no address of their own? Then frames may pass that no route tells of."""
    if evidence.interfaces is None:
        return True
    ports = [each for each in evidence.interfaces if each.up and not each.name.lower().startswith("lo")]
    return bool(evidence.vlans) or not ports or any(not each.addresses for each in ports)


def _linked(device: Device, devices: Sequence[Device]) -> list[Device]:
    """Those at the other ends of its cables, as either of the two says (LLDP, IEEE 802.1AB)."""
    return [each for each in devices if each is not device and (_names(device, each.name) or _names(each, device.name))]


def _names(device: Device, other: str) -> bool:
    told = [str(each.get("system", "")) for each in (device.evidence or {}).get("lldp") or ()]
    return any(other in {name, name.partition(".")[0]} or name == other.partition(".")[0] for name in told if name)
