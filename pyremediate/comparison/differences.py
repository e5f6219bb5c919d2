"""What is known of each kind of difference: what it can break, the risk of putting it back, who reads it, what to save first. Pure.

The tables are in ``dependence``; here they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyremediate.comparison import dependence
from pyremediate.model import Difference, Leg, Look

MAIN_CF, MASTER_CF = "/etc/postfix/main.cf", "/etc/postfix/master.cf"
SYSTEM = {"route": "routes", "sysctl": "settings", "listener": "listeners"}
WITHHELD = "(withheld)"  # what evidence says in place of a secret
# 0 harmless: configuration of a mail service, which its owner tests; 1 a file as a whole, or how a unit starts; 2 a program's own
# files, or more than mail depends on it; 3 it could cut us off.
RISK: Mapping[str, int] = {
    "postfix.parameter": 0, "postfix.line": 0, "postfix.service": 0, "postfix.map": 0, "lines": 0,
    "file": 1, "unit": 1, "unit.running": 1,
    "sysctl": 2, "package.file": 2, "package": 2, "listener": 2, "firewall.rule": 3, "firewall": 3, "route": 3,
}  # fmt: skip
BEYOND_MAIL = re.compile(r"/etc/(passwd|group|nsswitch\.conf|pam\.d|security|sysctl\.d|hosts|resolv\.conf|sudoers)(/|\.d|$)")
CUTS_OFF = re.compile(r"/etc/(nftables|ssh/|network/|netplan/|systemd/network/)|/root/\.ssh/")
PORTS = re.compile(r"\bdport\s+(?:\{([^}]*)\}|(\S+))")
DISTINCTIVE = re.compile(r"[\w./@+-]{4,}")
TELLING = re.compile(r"[./@_-]|\d\d")  # a value without any of these is a word that every log has
# What is no way back: these say in words what the file, package or unit that is put back does; and of some nothing is recorded.
DERIVED = frozenset({
    "dovecot.setting", "map.entry", "setting", "user", "group", "sudo.rule", "cron.job", "package.source", "ssh.key", "ssh.setting",
    "package.hold", "package.other", "socket", "interface", "record", "certificate",
})  # fmt: skip
NETWORK = frozenset({"firewall", "firewall.rule", "route", "interface"})
MADE_ANEW = re.compile(r"/etc/ssl/certs/")  # known by its digest alone: update-ca-certificates(8)


def is_suspect(difference: Difference) -> bool:
    """Could it have broken mail, and could it be put back to see?"""
    return not difference.harmless and can_be_put_back(difference)


def can_be_put_back(difference: Difference) -> bool:
    """Is there a way back? Not for a value that the known good does not hold."""
    if difference.kind in DERIVED or difference.kind not in RISK:
        return False
    if difference.kind.startswith("postfix."):
        return WITHHELD not in str(difference.was if difference.was is not None else difference.is_)
    if difference.kind in {"unit", "package"}:
        return bool(difference.was)
    return not (
        difference.kind == "file" and difference.aspect in {"content", "missing"} and MADE_ANEW.match(difference.name)
    )


def risk(difference: Difference) -> int:
    """0 harmless … 3 could cut us off from the host."""
    if difference.kind in {"file", "lines"}:
        return (
            3 if CUTS_OFF.match(difference.name) else 2 if BEYOND_MAIL.match(difference.name) else RISK[difference.kind]
        )
    if difference.kind == "unit" and dependence.cuts_off(difference.name):
        return 3
    return RISK.get(difference.kind, 2)


def legs(difference: Difference) -> frozenset[str]:
    """The legs that it can break (names of ``model.LEGS``); empty: nothing is known."""
    kind, name = difference.kind, difference.name
    if kind == "postfix.parameter":
        return dependence.of_parameter(name)
    if kind == "postfix.map":
        return dependence.of_path(name.partition(":")[2])
    if kind == "postfix.service":
        return dependence.of_service(name) | _of_options(difference)
    if kind in {"file", "lines", "package.file", "postfix.line"}:
        return dependence.of_path(name.rpartition(":")[0] if kind == "postfix.line" else name)
    if kind in {"unit", "unit.running", "package"}:
        return dependence.of_program(name)
    if kind in {"listener", "socket"}:
        return dependence.of_port(name)
    if kind in {"user", "group"}:
        return dependence.of_account(name)
    if kind == "record":
        return dependence.of_record(name)
    if kind == "certificate" or "path" in (difference.place or {}):
        return dependence.of_path(file_of(difference))
    return dependence.NETWORK if kind in NETWORK else dependence.of_other(kind)


def file_of(difference: Difference) -> str:
    """The path of the file that it is in; empty where that is not known."""
    if difference.kind in {"file", "package.file", "certificate"}:
        return difference.name
    return str((difference.place or {}).get("path", ""))


def can_break(difference: Difference, leg: Leg) -> bool | None:
    """Does this leg of this path depend on it? None: nothing is known of what depends on it."""
    known = legs(difference)
    if not known:
        return None
    doors = _doors(difference) if leg.name in dependence.DOOR else frozenset()
    owners = units(difference) or ((difference.name,) if difference.kind in {"unit", "unit.running"} else ())
    apart = (doors and leg.path not in doors) or (
        owners and not any(dependence.on_its_way(each, leg) for each in owners)
    )
    return leg.name in known and not apart


def is_stopped(difference: Difference, look: Look) -> bool:
    """Is it about a unit that somebody stopped, or that nobody started? One that failed does not run for another reason."""
    services = look.evidence.data().get("services", {}) if look.evidence else {}
    state = services.get("units", {}).get(difference.name, {})
    return difference.kind in {"unit", "unit.running"} and state.get("active") == "inactive"


def _doors(difference: Difference) -> frozenset[str]:
    """The paths whose door it is about: by its port, its service, or the ports that a rule of the packet filter names."""
    if difference.kind in {"listener", "postfix.service"}:
        name = (
            difference.name.rpartition("/")[2] if difference.kind == "listener" else difference.name.partition("/")[0]
        )
        return dependence.doors(name)
    if difference.kind != "firewall.rule":
        return frozenset()
    text = "\n".join(str(line) for side in (difference.was, difference.is_) for line in side or ())
    names = [name for found in PORTS.finditer(text) for name in re.split(r"[,\s]+", found[1] or found[2])]
    return frozenset(path for name in names for path in dependence.doors(name))


def waits_for_restart(difference: Difference) -> bool:
    """Does a running unit go on as before until it starts anew? Not Postfix, whose processes live short and read for themselves."""
    if difference.kind == "postfix.parameter":
        return bool(dependence.AT_THE_START.fullmatch(difference.name))
    return difference.kind not in {"postfix.map", "firewall", "firewall.rule", "route", "sysctl"}


def units(difference: Difference) -> tuple[str, ...]:
    """The units that must start anew to run on what was put back."""
    kind, name = difference.kind, difference.name
    if kind.startswith("postfix."):
        return ("postfix.service",)
    if kind in {"unit", "unit.running"}:
        was_wanted = str(difference.was) in {"active", "enabled", "enabled-runtime", "static"}
        return (name,) if was_wanted and not dependence.cuts_off(name) else ()
    if kind in {"package", "package.file"}:
        return dependence.units_of_package(package_of(difference))
    if kind == "listener":
        return dependence.units_of_program(str(difference.was or ""))
    return dependence.readers(name) if kind in {"file", "lines"} else ()


def package_of(difference: Difference) -> str:
    """The package of a ``package`` or ``package.file``; empty for the rest."""
    if difference.kind == "package.file":
        return str((difference.place or {}).get("package", ""))
    return difference.name if difference.kind == "package" else ""


def words(difference: Difference) -> tuple[str, ...]:
    """By what else an error may name it: paths, names and addresses in which its two values differ, and the key of an entry."""
    was, now = (_tokens(value) for value in (difference.was, difference.is_))
    keys = [line.split(":")[0].split()[0] for line in _entries(difference) if line.strip(": \t")]
    values = [token for token in (*was, *now) if TELLING.search(token) and not (token in was and token in now)]
    return tuple(dict.fromkeys(word for word in (*keys, *values) if len(word) > 2))


def checkpoint_for(differences: Iterable[Difference]) -> dict[str, Any]:
    """What a checkpoint must hold first: {files, units, packages, routes, settings, listeners: lists, firewall: bool}."""
    found: dict[str, list[str]] = {"files": [], "units": [], "packages": [], **{key: [] for key in SYSTEM.values()}}
    firewall = False
    for difference in differences:
        found["files"] += _files(difference)
        found["units"] += units(difference) or ([difference.name] if difference.kind.startswith("unit") else [])
        found["packages"] += [difference.name] if difference.kind == "package" else []
        if difference.kind in SYSTEM:
            found[SYSTEM[difference.kind]].append(difference.name)
        firewall = firewall or difference.kind.startswith("firewall")
    return {**{key: list(dict.fromkeys(names)) for key, names in found.items()}, "firewall": firewall}


def _files(difference: Difference) -> Sequence[str]:
    kind, name = difference.kind, difference.name
    if kind == "postfix.line":
        return [name.rpartition(":")[0]]
    if kind in {"postfix.parameter", "postfix.service"}:
        return [MAIN_CF if kind == "postfix.parameter" else MASTER_CF]
    if kind in {"package", "package.file"}:  # the package's scripts edit its configuration
        own = [name] if kind == "package.file" else []
        return [*own, *dependence.configuration_of(package_of(difference))]
    return [name] if kind in {"file", "lines"} else []


def _of_options(difference: Difference) -> frozenset[str]:
    """What the options that changed can break."""
    both = [
        value.get("options", {}) if isinstance(value, Mapping) else {} for value in (difference.was, difference.is_)
    ]
    changed = {name for name in {*both[0], *both[1]} if both[0].get(name) != both[1].get(name)}
    return frozenset(leg for name in changed for leg in dependence.of_parameter(name))


def _tokens(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        value = " ".join(
            [str(value.get("columns", "")), *(f"{key} {item}" for key, item in value.get("options", {}).items())]
        )
    text = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value or "")
    return DISTINCTIVE.findall(text)


def _entries(difference: Difference) -> list[str]:
    if difference.kind != "lines":
        return []
    return [
        line
        for side in (difference.was, difference.is_)
        for line in side or ()
        if not line.lstrip().startswith(("#", ";"))
    ]


def named_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every difference in a remedy's variables."""
    if isinstance(value, Mapping):
        if {"kind", "name", "aspect"} <= value.keys():
            yield value
        else:
            yield from (found for item in value.values() for found in named_in(item))
    elif isinstance(value, (list, tuple)):
        yield from (found for item in value for found in named_in(item))
