"""Files and directories of the mail system and its packages: owner, mode, flag, gone, cut off, a link that leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from pyremediate.lab.mutation.model import Action, Generator, Mutation
from pyremediate.lab.mutation.survey import Survey, restart_of, units_of

CONFIGURATION = ("postfix", "dovecot", "rspamd", "opendkim", "tls")
STORES = ("spool", "mailstore", "data")  # of these only attributes change: what is in them is mail
MODES = ("0000", "0400", "0600", "0640", "0644", "0700", "0755", "0777")


def _path(survey: Survey, random: Random, types: Sequence[str], areas: Sequence[str]) -> str | None:
    """A path: the area (of packages, the package) first, so that none is damaged more often for having more files."""
    found: dict[str, list[str]] = {}
    for path in survey.paths(types, areas):
        about = survey.files[path]
        found.setdefault(about.get("package") or about["area"], []).append(path)
    return random.choice(found[random.choice(sorted(found))]) if found else None


def _mutation(survey: Survey, kind: str, path: str, words: str, action: Action) -> Mutation:
    """After it, those that use the file are restarted, as by a reboot."""
    load = restart_of(units_of(survey.files[path]))
    return Mutation(kind, path, f"{path}: {words}", (f"{path}: {words}",), ({**action, "path": path},), load)


def _mode(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    mode = random.choice([mode for mode in MODES if mode != about["mode"]])
    return f"the mode was {about['mode']}, is {mode}", {"do": "attributes", "mode": int(mode, 8)}


def _owner(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    was, name, number = _other_account(survey, random, "/etc/passwd", "users", about["uid"])
    return f"the owner was {was}, is {name}", {"do": "attributes", "uid": number}


def _group(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    was, name, number = _other_account(survey, random, "/etc/group", "groups", about["gid"])
    return f"the group was {was}, is {name}", {"do": "attributes", "gid": number}


def _other_account(survey: Survey, random: Random, path: str, which: str, present: int) -> tuple[str, str, int]:
    """(name of the present one, name and number of another), of root and the mail system's."""
    numbers = {name: int(fields[2]) for name, fields in survey.accounts(path).items()}
    others = [
        name for name in ["root", *survey.data["accounts"][which]] if name in numbers and numbers[name] != present
    ]
    was = next((name for name, number in numbers.items() if number == present), str(present))
    name = random.choice(others)
    return was, name, numbers[name]


def _truncated(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    size = random.choice([0, about["size"] // 2])
    return f"cut off after {size} of {about['size']} bytes", {"do": "truncate", "size": size}


def _kind(kind: str, change: Any, types: Sequence[str], areas: Sequence[str]) -> Generator:
    """A kind: ``change(about, random, survey)`` gives its words and its action."""

    def generate(survey: Survey, random: Random) -> Mutation | None:
        path = _path(survey, random, types, areas)
        if path is None:
            return None
        words, action = change(survey.files[path], random, survey)
        return _mutation(survey, kind, path, words, action)

    return generate


def _deleted(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    return "deleted", {"do": "delete"}


def _immutable(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    return "made immutable", {"do": "immutable"}


def _dangling(about: Mapping[str, Any], random: Random, survey: Survey) -> tuple[str, Action]:
    target = f"/mnt/{random.choice(['data', 'mail', 'storage'])}{random.randrange(1, 10)}"
    return f"a link to {target}, which is not there, is in its place", {"do": "dangle", "target": target}


ALL = (*CONFIGURATION, *STORES)
BOTH = ("file", "directory")
KINDS: Mapping[str, Generator] = {
    "file.mode": _kind("file.mode", _mode, BOTH, ALL),
    "file.owner": _kind("file.owner", _owner, BOTH, ALL),
    "file.group": _kind("file.group", _group, BOTH, ALL),
    "file.immutable": _kind("file.immutable", _immutable, BOTH, ALL),
    "file.deleted": _kind("file.deleted", _deleted, ("file",), CONFIGURATION),
    "file.truncated": _kind("file.truncated", _truncated, ("file",), CONFIGURATION),
    "directory.dangling_link": _kind("directory.dangling_link", _dangling, ("directory",), ALL),
    "package.file_mode": _kind("package.file_mode", _mode, ("file",), ("package",)),
    "package.file_owner": _kind("package.file_owner", _owner, ("file",), ("package",)),
    "package.file_deleted": _kind("package.file_deleted", _deleted, ("file", "link"), ("package",)),
    "package.file_truncated": _kind("package.file_truncated", _truncated, ("file",), ("package",)),
}
