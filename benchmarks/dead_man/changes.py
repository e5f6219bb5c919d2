"""Changes that cut off the controller, or mail. Each is a fault, given to the product's settings, whose remedy is a bad one. Pure.

A fault's condition holds until its remedy was applied: so the product's own verification decides whether it would keep the change.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ROUTER = "router01"
FILTER_FILE = "/run/drill.nft"  # the rules that the role loads; gone after a reboot, as the drill's own
TABLE = "table inet drill"
NO_SSH = "chain input { type filter hook input priority -10; tcp dport 22 drop; }"
NO_NEW_SSH = "chain input { type filter hook input priority -10; tcp dport 22 ct state new drop; }"
NOTHING = 'chain input { type filter hook input priority -10; iifname != "lo" drop; }'
NO_MAIL = "chain forward { type filter hook forward priority -10; tcp dport { 25, 587, 993 } drop; }"
HARMLESS = "chain input { type filter hook input priority -10; tcp dport 9 drop; }"


@dataclass(frozen=True)
class Change:
    """One bad change.

    ``cuts``     who is cut off by it: ssh, new ssh, mail, nobody; ``kept``: the verification would keep it
    ``rules``    a chain that is added to the packet filter; ``links``: differences of interfaces; ``lines``: of the router's
                 running configuration, (old, new)
    """

    name: str
    title: str
    place: str  # router, mail
    cuts: str
    rules: str = ""
    links: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    lines: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def kept(self) -> bool:
        """Mail flows in spite of it, and the product can still look: then only the confirmation finds out."""
        return self.cuts in {"new ssh", "nobody"}


def off(name: str) -> tuple[Mapping[str, Any]]:
    """An interface is switched off."""
    return (link(name, "admin_up", False, True),)


def link(name: str, aspect: str, was: Any, is_: Any) -> Mapping[str, Any]:
    """A difference of an interface, as it is put back: ``was`` is what it is made."""
    return {"kind": "device.interface", "name": name, "aspect": aspect, "was": was, "is": is_}


def every(prefix: str) -> tuple[Change, ...]:
    """All changes, for a lab whose addresses begin with these two octets."""
    wrong = link("eth2", "addresses", [f"{prefix}.2.77/24"], [f"{prefix}.2.2/24"])
    several = (link("eth1", "mtu", 1400, 1500), wrong, link("eth3", "admin_up", False, True))
    configuration = (
        (f"ip route {prefix}.9.0/24 {prefix}.1.10\n", f"ip route {prefix}.9.0/24 {prefix}.3.10\n"),
        (" description mail hosts\n", " description mail hosts\n shutdown\n"),
    )
    return (
        Change("router.filter.ssh", "packet filter drops SSH", "router", "ssh", NO_SSH),
        Change("router.filter.new_ssh", "packet filter drops new SSH connections", "router", "new ssh", NO_NEW_SSH),
        Change("router.filter.mail", "packet filter drops mail", "router", "mail", NO_MAIL),
        Change("router.filter.harmless", "packet filter drops an unused port", "router", "nobody", HARMLESS),
        Change("router.port.management", "management port off", "router", "ssh", links=off("eth0")),
        Change("router.port.data", "port of the mail hosts off", "router", "mail", links=off("eth2")),
        Change("router.ports.several", "one port's MTU, another's address, a third off", "router", "mail", links=several),
        Change("router.configuration", "route led away and a port shut, and saved", "router", "mail", lines=configuration),
        Change("mail.filter.all", "packet filter drops everything", "mail", "ssh", NOTHING),
        Change("mail.filter.new_ssh", "packet filter drops new SSH connections", "mail", "new ssh", NO_NEW_SSH),
        Change("mail.filter.harmless", "packet filter drops an unused port", "mail", "nobody", HARMLESS),
        Change("mail.port.management", "management port off", "mail", "ssh", links=off("eth0")),
        Change("mail.port.data", "mail port off, with its routes", "mail", "mail", links=off("eth1")),
    )  # fmt: skip


def fault(change: Change, rules: str = "") -> Mapping[str, Any]:
    """The ``fault.yml`` of a change; ``rules`` is the bad packet filter, as the kernel tells it."""
    remedy = {
        "name": "bad", "class": "network", "title": f"Drill: {change.title}", **_remedy(change, rules),
        **({"on": ROUTER} if change.place == "router" else {}),
    }  # fmt: skip
    return {
        "title": f"Drill: {change.title}", "severity": "high", "scope": "none", "when": [_condition(change)],
        "evidence": ["The drill says so."], "remedies": [remedy],
        "escalate": ["Nothing: this is a drill."], "prevention": ["Nothing: this is a drill."],
    }  # fmt: skip


def bad_rules(change: Change, ruleset: str) -> str:
    """The packet filter with the bad chain in a table of its own."""
    return f"{ruleset}\n{TABLE} {{\n{change.rules}\n}}\n"


def bad_lines(change: Change, configuration: str) -> str:
    """The router's configuration with the bad lines. Raises ``ValueError`` where a line is not there to be changed."""
    for old, new in change.lines:
        if old not in configuration:
            raise ValueError(f"the router's configuration has no line {old!r}")
        configuration = configuration.replace(old, new)
    return configuration


def _remedy(change: Change, rules: str) -> Mapping[str, Any]:
    if change.lines:
        return {
            "role": "router", "tasks": "running_configuration",
            "variables": {"router_differences": "{{ device_differences('device.line') }}"},
            "checkpoint": {"files": ["/etc/frr"], "frr": True, "links": ["eth2"]},
        }  # fmt: skip
    if change.links:
        return {
            "role": "router", "tasks": "interfaces", "variables": {"router_differences": list(change.links)},
            "checkpoint": {"links": [each["name"] for each in change.links]},
        }  # fmt: skip
    if change.place == "router":
        variables: Mapping[str, Any] = {"router_filter_file": FILTER_FILE}
        return {"role": "router", "tasks": "filter", "variables": variables, "checkpoint": {"firewall": True}}
    bad = {"kind": "firewall", "name": "ruleset", "was": [], "content": _base64(rules)}
    return {
        "role": "firewall", "tasks": "rollback", "variables": {"firewall_differences": [bad]}, "checkpoint": {"firewall": True},
    }  # fmt: skip


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _condition(change: Change) -> str:
    """True before the change and false after it; unknown where nobody can look."""
    if change.place == "mail":
        if change.rules:
            return "network.firewall.ruleset | select('search', 'drill') | list | length == 0"
        return "postfix.running"
    if change.lines:
        return "device_differences('device.line') | length > 0"
    kind = "device.interface" if change.links else "device.filter"
    return f"device_differences('{kind}') | length == 0"
