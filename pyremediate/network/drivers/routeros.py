"""MikroTik RouterOS 6 and 7: every ``print`` is a list of records ``number flags key=value …``, which one small parser reads.

It saves each change at once, so that the saved configuration is the running one. ``/export`` leaves secrets out since version 7.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pyremediate.network.drivers.driver import Driver
from pyremediate.network.evidence import (
    DeviceEvidence,
    FilterRule,
    Interface,
    LldpNeighbour,
    Neighbour,
    Ports,
    Route,
    Vlan,
)
from pyremediate.network.reading import Reading, gathered, mac, number
from pyremediate.network.session import Session
from pyremediate.network.templates import rows

_RECORD = re.compile(r"^\s{0,3}\d+\s")
_LOGGED = re.compile(r"^\d\d:\d\d:\d\d echo: ")  # the log, printed between the lines
_PAIR = re.compile(r'([a-z][\w.-]*)=("(?:[^"\\]|\\.)*"|.*?)(?=\s+[a-z][\w.-]*=|\s*$)')
_ACTIONS = {
    "accept": "accept",
    "drop": "drop",
    "reject": "reject",
    "jump": "jump",
    "return": "return",
    "fasttrack-connection": "accept",
}
_COUNTING = frozenset({"log", "passthrough", "add-src-to-address-list", "add-dst-to-address-list"})
_READ = frozenset(
    {"chain", "action", "comment", "log", "log-prefix", "hw-offload", "reject-with", "jump-target", "bytes", "packets"}
)
_CONDITIONS = {
    "protocol": "protocol", "src-address": "source", "dst-address": "destination", "src-port": "source_ports", "dst-port": "ports",
    "in-interface": "in_interfaces", "out-interface": "out_interfaces", "connection-state": "states",
}  # fmt: skip
_GROUPS = re.compile(r"all-(?:ethernet|ppp|vlan|wireless)|!.*")


@dataclass(frozen=True)
class Record:
    """One entry of a ``print``: its flags (``DC``, ``X``), and its values."""

    flags: str
    values: Mapping[str, str]


def look(device: str, session: Session, shell: Session) -> DeviceEvidence:
    """Everything that the command line tells; there is no shell."""
    reading = Reading(session)
    addresses = reading.part("interfaces.addresses", lambda: _addresses(reading.text("/ip address print")))
    vlans = reading.part("vlans", lambda: records(reading.text("/interface vlan print terse without-paging")))
    running = reading.part("running", lambda: reading.text("/export"))
    parts = {
        "version": lambda: _version(reading.text("/system resource print")),
        "interfaces": lambda: tuple(
            _interface(each, addresses, vlans) for each in records(reading.text("/interface print terse without-paging"))
        ),
        "routes": lambda: tuple(
            route for each in records(reading.text("/ip route print terse without-paging")) for route in _routes(each)
        ),
        "neighbours": lambda: tuple(_neighbour(each) for each in records(reading.text("/ip arp print terse without-paging"))),
        "filters": lambda: tuple(
            _rule(each) for each in records(reading.text("/ip firewall filter print all without-paging")) if "X" not in each.flags
        ),
        "vlans": lambda: None if vlans is None else tuple(
            Vlan(int(each.values["vlan-id"]), each.values.get("name", ""), (each.values.get("interface", ""),)) for each in vlans
        ),
        "lldp": lambda: tuple(_heard(each) for each in records(reading.text("/ip neighbor print terse without-paging"))),
        "running": lambda: running,
        "saved": lambda: running,
    }  # fmt: skip
    reading.cannot(
        ("interfaces.counters", "filters.packets"), "RouterOS tells counters in another form, which is not read"
    )
    reading.cannot(("routes.ipv6", "filters.ipv6", "interfaces.ipv6"), "only IPv4 is read on RouterOS")
    return gathered(device, "routeros", reading, parts)


def records(text: str) -> list[Record]:
    """The entries of any ``print``, terse or not; a comment is the value ``comment``."""
    entries: list[list[str]] = []
    for line in text.splitlines():
        if _LOGGED.match(line) or not line.strip():
            continue
        if _RECORD.match(line):
            entries.append([line])
        elif entries:
            entries[-1].append(line)
    return [_record(lines) for lines in entries]


def _record(lines: list[str]) -> Record:
    first, *more = lines
    head = re.match(r"^\s*\d+\s+((?:[A-Za-z*+]+\s+)*?)(?=;;;|[a-z][\w.-]*=|$)", f"{first} ")
    flags = head[1].replace(" ", "") if head else ""
    rest = first[head.end() :] if head else first
    comment = rest.partition(";;;")[2].strip() if rest.startswith(";;;") else ""
    body = " ".join([*([] if rest.startswith(";;;") else [rest]), *more]).strip()
    values = {key: value.strip('"') for key, value in _PAIR.findall(body)}
    return Record(flags, {**({"comment": comment} if comment else {}), **values})


def _version(text: str) -> str:
    match = re.search(r"^\s*version:\s*(\S+)", text, re.MULTILINE)
    if match is None:
        raise ValueError("no version in '/system resource print'")
    return match[1]


def _addresses(text: str) -> dict[str, tuple[str, ...]]:
    """Interface to its addresses; those that are disabled or invalid are none."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows("mikrotik_routeros", "ip address print", text):
        if not set(row["flags"]) & {"X", "I"}:
            found[row["interface"]] = (*found.get(row["interface"], ()), f"{row['ip']}/{row['subnet'].lstrip('/')}")
    return found


def _interface(
    record: Record, addresses: Mapping[str, tuple[str, ...]] | None, vlans: list[Record] | None
) -> Interface:
    name = record.values["name"]
    tags = {each.values.get("name"): number(each.values.get("vlan-id")) for each in vlans or ()}
    return Interface(
        name=name,
        up="R" in record.flags,
        admin_up="X" not in record.flags,
        mtu=number(record.values.get("actual-mtu", record.values.get("mtu"))),
        addresses=None if addresses is None else addresses.get(name, ()),
        mac=mac(record.values.get("mac-address")),
        vlan=None if vlans is None else tags.get(name, 0),
        description=record.values.get("comment", ""),
    )


def _routes(record: Record) -> list[Route]:
    """One route per gateway: an address, an interface, or both (``10.0.0.1%ether1``)."""
    values, flags = record.values, record.flags
    kinds = {"C": "connected", "S": "static", "s": "static", "o": "ospf", "b": "bgp", "r": "rip"}
    protocol = next((kinds[flag] for flag in reversed(flags) if flag in kinds), "")
    discards = values.get("type", "unicast") in {"blackhole", "unreachable", "prohibit"} or "blackhole" in values
    prefix = values["dst-address"] if "/" in values["dst-address"] else f"{values['dst-address']}/32"
    table = values.get("routing-table", values.get("routing-mark", "main"))
    vrf = "" if table == "main" else table
    ways = [_gateway(each, values) for each in values.get("gateway", "").split(",")]
    return [Route(prefix, via, interface, protocol, "A" in flags, discards, vrf) for via, interface in ways]


def _gateway(word: str, values: Mapping[str, str]) -> tuple[str, str]:
    """(next hop, interface); version 6 tells the interface of a next hop in its status, version 7 in ``immediate-gw``."""
    address, _, interface = word.partition("%")
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return "", word
    told = re.search(rf"{re.escape(address)} reachable via\s+(\S+)", values.get("gateway-status", ""))
    later = re.search(rf"{re.escape(address)}%(\S+)", values.get("immediate-gw", ""))
    return address, interface or (told or later or ("", ""))[1]


def _neighbour(record: Record) -> Neighbour:
    values = record.values
    link = mac(values.get("mac-address"))
    state = "dynamic" if "D" in record.flags else "static"
    return Neighbour(values["address"], link, values.get("interface", ""), state if link else "incomplete")


def _heard(record: Record) -> LldpNeighbour:
    values = record.values
    address = values.get("address4", values.get("address", ""))
    return LldpNeighbour(
        values.get("interface", ""), values.get("identity", ""), values.get("interface-name", ""), address
    )


def _rule(record: Record) -> FilterRule:
    values = record.values
    fields, unclear = dict[str, object](), list[str]()
    for key, value in values.items():
        read = _condition(key, value)
        if read is not None:
            fields[_CONDITIONS[key]] = read
        elif key not in _READ:
            unclear.append(f"{key}={value}")
    action = values.get("action", "accept")
    chain = values["chain"]
    text = " ".join(f"{key}={value}" for key, value in values.items() if key not in {"bytes", "packets"})
    return FilterRule(
        "ip firewall filter", chain, text, direction="forward" if chain == "forward" else "",
        action=_ACTIONS.get(action, "none" if action in _COUNTING else None), target=values.get("jump-target", ""),
        unclear=tuple(unclear), packets=number(values.get("packets", "")), **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def _condition(key: str, value: str) -> object | None:
    """The value of the filter rule's field; None for what is not understood, as a negation or a group of interfaces."""
    if key not in _CONDITIONS or _GROUPS.fullmatch(value):
        return None
    if key.endswith("-port"):
        return _ports(value)
    if key == "connection-state":
        return tuple(value.split(","))
    if key.endswith("-address"):
        return (value,) if "-" not in value else None
    if key.endswith("-interface"):
        return (value,)
    return value


def _ports(value: str) -> Ports | None:
    ends = [word.split("-", 1) for word in value.split(",")]
    if not all(end.isdigit() for pair in ends for end in pair):
        return None
    return tuple((int(pair[0]), int(pair[-1])) for pair in ends)


DRIVER = Driver(
    "routeros",
    ("routeros", "community.routeros.routeros", "community.network.routeros"),
    "mikrotik_routeros",
    "recordings",
    look,
)
