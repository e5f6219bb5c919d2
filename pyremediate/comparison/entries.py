"""What configuration files say, against the known good: map entries, users, rules, jobs, settings. Pure; see ``compare``.

These name in words what changed in a file; the file itself is what is put back. Each says in ``place`` which file it is of.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from pyremediate.model import Difference

Data = Mapping[str, Any]
WITHHELD = "(withheld)"
KINDS: Mapping[str, str] = {
    "table": "map.entry", "patterns": "map.entry", "aliases": "map.entry", "accounts": "map.entry", "users": "user",
    "groups": "group", "sudo": "sudo.rule", "cron": "cron.job", "sources": "package.source", "keys": "ssh.key",
    "ssh": "ssh.setting", "settings": "setting",
}  # fmt: skip
BY_ITSELF = frozenset({"user", "group", "package.source"})  # whose name says everything; of the rest the file belongs to it
FIELDS = ("uid", "gid", "group", "home", "shell", "members")


def same_meaning(path: str, was: Data, now: Data) -> bool:
    """Do both texts say the same? Where that was not observed, or cannot be known, they do not."""
    old, new = was.get("entries", {}).get(path), now.get("entries", {}).get(path)
    if old is not None and new is not None:
        return bool(_plain(old["of"]) == _plain(new["of"]))
    before, after = was["tracked"].get(path, {}).get("meaning"), now["tracked"].get(path, {}).get("meaning")
    return before is not None and before == after


class Context(Protocol):
    """What else is known of a file: when it was written, and which parameter of Postfix names it."""

    def modified(self, path: str) -> datetime | None: ...

    def table_of(self, path: str) -> str: ...


def entries(was: Data, now: Data, looked_for: Callable[[str], bool], context: Context) -> Iterator[Difference]:
    """One difference for each entry, of files that were read both times, or were not there at one of them."""
    if "entries" not in was or "entries" not in now:
        return
    for path in sorted(was["entries"].keys() | now["entries"].keys()):
        old, new = (view["entries"].get(path) or _empty(path, view, looked_for) for view in (was, now))
        if old is None or new is None or old == new or _hidden_otherwise(path, was, now):
            continue
        kind = KINDS.get((new if new["of"] else old)["format"])
        place = {"path": path, "parameter": context.table_of(path)}
        for found in _named(kind, path, old["of"], new["of"], context.modified(path)) if kind else ():
            yield replace(found, secret=WITHHELD in f"{found.was}{found.is_}", place=place)


def _empty(path: str, view: Data, looked_for: Callable[[str], bool]) -> Data | None:
    """A file that is not there says nothing; one that is there and could not be read is not known."""
    kind = view["tracked"].get(path, {"kind": "missing"})["kind"]
    return {"format": "", "of": {}} if kind == "missing" and looked_for(path) else None


def _hidden_otherwise(path: str, was: Data, now: Data) -> bool:
    """Values of a file that everybody may read, or may no longer, are told another way."""
    old, new = (view["tracked"].get(path, {}) for view in (was, now))
    there = "missing" not in (old.get("kind", "missing"), new.get("kind", "missing"))
    return there and old.get("secret") != new.get("secret") and readable(old) != readable(new)


def readable(entry: Data) -> bool:
    """May everybody read the file?"""
    return bool(int(entry.get("mode") or "0", 8) & stat.S_IROTH)


def _named(kind: str, path: str, was: Any, now: Any, since: datetime | None) -> Iterator[Difference]:
    old, new = _by_key(was), _by_key(now)
    keys = [*old, *(key for key in new if key not in old)]
    changed = [key for key in keys if old.get(key) != new.get(key)]
    for key in changed:
        name = key if kind in BY_ITSELF else f"{path} {key}"
        before, after = _value(old.get(key)), _value(new.get(key))
        if kind in {"user", "group"} and before is not None and after is not None:
            yield from (Difference(kind, name, *field, since) for field in _fields(before, after))
        else:
            yield Difference(kind, name, before, after, "value", since)
    if not changed and isinstance(now, Sequence) and _plain(was) != _plain(now):
        order = [[" ".join(pair).strip() for pair in side] for side in (was, now)]
        yield Difference(kind, path, order[0], order[1], "order", since)


def _by_key(of: Any) -> dict[str, Any]:
    """{key: value, or values}; of an ordered file pairs are given."""
    if isinstance(of, Mapping):
        return dict(of)
    found: dict[str, list[Any]] = {}
    for key, value in of:
        found.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


def _plain(of: Any) -> Any:
    return dict(of) if isinstance(of, Mapping) else [tuple(pair) for pair in of]


def _value(value: Any) -> str | None:
    """An entry that has no value is known by its key alone."""
    return "; ".join(map(str, value)) if isinstance(value, (list, tuple)) else value


def _fields(was: str, now: str) -> Iterator[tuple[Any, Any, str]]:
    """(was, is, aspect) of each field of an account that changed: ``uid 1001, group 1001, home /home/eve, shell /bin/sh``."""
    old, new = (dict(each.partition(" ")[::2] for each in text.split(", ")) for text in (was, now))
    for field in FIELDS:
        before, after = old.get(field, ""), new.get(field, "")
        if before != after:
            yield (before.split(), after.split(), field) if field == "members" else (before, after, field)
