"""Which hosts a changing verb works on, one after another: names as they are, patterns through the inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions


def named(hosts: Iterable[str], patterns: Iterable[str], options: AnsibleOptions) -> tuple[str, ...]:
    """The hosts in the order given, each once. ``--host`` takes names, and costs no look into the inventory."""
    names = [name for item in hosts for name in _split(item)]
    wanted = [pattern for item in patterns for pattern in _split(item)]
    if wanted:
        from pyremediate.ansible import inventory

        names += expand(wanted, inventory.inventory_hosts(options))
    if not names:
        raise UsageError("which host? A changing verb needs --host NAME (or --limit PATTERN)")
    return tuple(dict.fromkeys(names))


def expand(patterns: Iterable[str], listing: Mapping[str, Any]) -> list[str]:
    """The hosts that names, groups and globs stand for, in the listing of ``ansible-inventory --list``."""
    from pyremediate.ansible.inventory import members

    found: list[str] = []
    for pattern in patterns:
        if pattern[0] in "!&~" or "[" in pattern or ":" in pattern:
            raise UsageError(f"{pattern}: a changing verb takes names, groups and globs; name the hosts with --host")
        groups = [name for name in listing if name != "_meta"]
        everybody = sorted({host for name in groups for host in members(name, listing)})
        hosts = [host for name in groups if fnmatchcase(name, pattern) for host in members(name, listing)]
        hosts += [host for host in everybody if fnmatchcase(host, pattern)]
        if not hosts:
            has = ", ".join(everybody) or "no hosts at all"
            raise UsageError(f"no host matches {pattern!r}; the inventory has: {has}")
        found += hosts
    return found


def _split(item: str) -> list[str]:
    return [part.strip() for part in item.split(",") if part.strip()]
