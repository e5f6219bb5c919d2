"""What differs on a host beside its files: sockets, units, interfaces, packages, certificates, records, logins. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pyremediate.model import Difference

Data = Mapping[str, Any]
# Interfaces that come and go with containers, virtual machines and tunnels.
PASSING = re.compile(r"(veth|br-|docker|podman|cni|cali|flannel|vnet|tap|tun|virbr)")
LINK_LOCAL = "fe80:"
LOOPBACK = frozenset({"127.0.0.1", "::1"})
SAID = {"pass", "fail"}  # definite answers of the DNS


def sockets(was: Any, now: Any) -> Iterator[Difference]:
    """Ports on which nobody listened, and addresses on which nobody did. One that nobody has now is its unit's difference."""
    old, new = _by_port(was), _by_port(now)
    for port, found in sorted(new.items()):
        known = old.get(port, set())
        fresh = {address for address, _ in found} - {address for address, _ in known}
        if not known and not _of_a_session(found):
            yield Difference("socket", port, None, _heard(found), "added")
        elif known and fresh:
            yield Difference("socket", port, _heard(known), _heard(found), "address")


def _of_a_session(found: set[tuple[str, str]]) -> bool:
    """What somebody forwards who is logged in (ssh(1), -R and -X): it goes with them, and only this host itself reaches it."""
    return all(address in LOOPBACK and process.startswith("sshd") for address, process in found)


def _by_port(listeners: Any) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for each in listeners:
        found.setdefault(f"{each['protocol']}/{each['port']}", set()).add((each["address"], str(each["process"] or "")))
    return found


def _heard(found: set[tuple[str, str]]) -> str:
    """``0.0.0.0, :: by nginx``."""
    processes = sorted({process for _, process in found} - {""})
    by = f" by {', '.join(processes)}" if processes else ""
    return ", ".join(sorted({address for address, _ in found})) + by


def enabled(was: Data, now: Data) -> Iterator[Difference]:
    """Units that are started with the host or by others, beside those of mail, which are compared by all of their state."""
    if "enabled" not in was or "enabled" not in now:
        return
    old, new = set(was["enabled"]), set(now["enabled"])
    for name in sorted((old ^ new) - was["units"].keys() - now["units"].keys()):
        states = ("enabled", "disabled") if name in old else ("disabled", "enabled")
        yield Difference("unit", name, *states, "enabled", harmless=True)


def interfaces(was: Any, now: Any) -> Iterator[Difference]:
    """Addresses, size of packets, up or down."""
    old, new = ({each["name"]: each for each in side or () if not PASSING.match(each["name"])} for side in (was, now))
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            shown = [side and ", ".join(_addresses(side)) for side in (before, after)]
            yield Difference("interface", name, shown[0], shown[1])
            continue
        if _addresses(before) != _addresses(after):
            yield Difference("interface", name, _addresses(before), _addresses(after), "addresses")
        for aspect in ("mtu", "state"):
            if before[aspect] != after[aspect]:
                yield Difference("interface", name, before[aspect], after[aspect], aspect)


def _addresses(interface: Data) -> list[str]:
    """Those that the kernel makes by itself are left out."""
    return sorted(address for address in interface["addresses"] if not address.startswith(LINK_LOCAL))


def packages(was: Data, now: Data) -> Iterator[Difference]:
    """Packages on hold, and packages on which no mail depends."""
    old, new = (set(side.get("holds", ())) for side in (was, now))
    for name in sorted(old ^ new):
        states = ("held", "not held") if name in old else ("not held", "held")
        yield Difference("package.hold", name, *states, "hold")
    if "others" in was and "others" in now:
        for name in sorted(was["others"].keys() | now["others"].keys()):
            versions = was["others"].get(name), now["others"].get(name)
            if versions[0] != versions[1]:
                yield Difference("package.other", name, *versions, "version")


def certificates(was: Data, now: Data) -> Iterator[Difference]:
    """A renewal is of a kind of its own: another certificate for the same names, by the same issuer, of the same kind of key."""
    old, new = _by_path(was), _by_path(now)
    for path in sorted(old.keys() & new.keys()):
        before, after = old[path], new[path]
        if not before["fingerprint"] or not after["fingerprint"] or before["fingerprint"] == after["fingerprint"]:
            continue
        if is_renewed(before, after):
            until = f"until {before['not_after']}", f"until {after['not_after']}"
            yield Difference("certificate", path, *until, "renewed", harmless=True)
            continue
        changed = [aspect for aspect in _ASPECTS if _of(before, aspect) != _of(after, aspect)]
        for aspect in changed or ["fingerprint"]:
            yield Difference("certificate", path, _of(before, aspect), _of(after, aspect), aspect)


_ASPECTS = ("subject", "issuer", "names", "key_type", "chain_length")


def _of(certificate: Data, aspect: str) -> Any:
    value = certificate.get(aspect)
    return sorted(value) if isinstance(value, list) else value


def is_renewed(before: Data, after: Data) -> bool:
    """Is it the same certificate for a later time, valid now and with its key?"""
    same = all(_of(before, aspect) == _of(after, aspect) for aspect in _ASPECTS if before.get(aspect) is not None)
    return bool(same and not after["expired"] and after["key_matches"] and after["not_after"] >= before["not_after"])


def renewed_paths(was: Data, now: Data) -> set[str]:
    """The files, keys too, that differ because a certificate was renewed."""
    old, new = _by_path(was), _by_path(now)
    found = [path for path in old.keys() & new.keys() if old[path]["fingerprint"] != new[path]["fingerprint"]]
    renewed = [path for path in found if old[path]["fingerprint"] and is_renewed(old[path], new[path])]
    return {each for path in renewed for each in (path, new[path]["key_path"]) if each}


def _by_path(section: Data) -> dict[str, Data]:
    return {each["path"]: each for each in section["certificates"]}


def records(was: Data, now: Data) -> Iterator[Difference]:
    """Records of the mail domain, where both times somebody could tell."""
    old, new = ({(each["name"], each["type"]): each for each in side.get("records", ())} for side in (was, now))
    for name, type_ in sorted(old.keys() & new.keys()):
        before, after = old[name, type_], new[name, type_]
        if {before["answer"], after["answer"]} <= SAID and before["records"] != after["records"]:
            values = [", ".join(each["records"]) or None for each in (before, after)]
            yield Difference("record", f"{name} {type_}", values[0], values[1])


def logins(was: Data, now: Data, files: tuple[Data, Data] | None = None) -> Iterator[Difference]:
    """What sshd has for its configuration; ``place`` says which file sets it otherwise, where that was observed both times."""
    old, new = was["effective"] or {}, now["effective"] or {}
    for name in sorted(old.keys() | new.keys()) if old and new else ():
        if old.get(name) != new.get(name):
            path = _set_in(name, files) if files else ""
            yield Difference("ssh.setting", name, _one(old.get(name)), _one(new.get(name)), place={"path": path} if path else None)


def _set_in(name: str, files: tuple[Data, Data]) -> str:
    """The file that has another entry of this name, or has one now; empty where there is none, or more than one."""
    old, new = (
        {path: each["of"] for path, each in side.get("entries", {}).items() if each["format"] == "ssh"} for side in files
    )
    found = [path for path in sorted({*old, *new}) if old.get(path, {}).get(name) != new.get(path, {}).get(name)]
    return found[0] if len(found) == 1 else ""


def _one(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, list) else value
