"""The one writer of the repository: an approval becomes one commit.

A commit is there or not: git writes its objects first and moves the branch last. A crash, or a full disk, leaves what there was.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import socket
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyremediate.errors import UsageError
from pyremediate.known_good.repository import (
    BRANCH,
    CONFIRMED,
    META,
    blobs,
    confirmed,
    exists,
    git,
    place,
    resolved,
    text,
)
from pyremediate.model import to_json
from pyremediate.paths import state_directory

LOCK = ".known_good"  # no host has this name: one cannot begin with a dot
ATTRIBUTES = "hosts/*/secrets/** -diff\n"  # what is encrypted tells nobody anything in a diff (gitattributes(5))

Files = Mapping[str, bytes]  # the content of a subject, by path; ``META`` is what the observation says of itself


@dataclass(frozen=True)
class Approval:
    """Who says that something is good, and why. ``what`` is a sentence about it; empty: whole subjects were captured."""

    by: str
    reason: str
    incident: str = ""
    ticket: str = ""
    what: str = ""

    def __post_init__(self) -> None:
        for name in ("incident", "ticket"):
            if not re.fullmatch(r"\S.*|", getattr(self, name)):
                raise UsageError(f"--{name}: one line was expected, without a space at its beginning")


@dataclass(frozen=True)
class Kept:
    """What became of an approval: ``commit`` is empty when every subject was as it was kept before."""

    commit: str
    changed: tuple[str, ...]
    same: tuple[str, ...]


def replace(subjects: Mapping[str, Files], approval: Approval, at: datetime) -> Kept:
    """Make these contents the known good, in one commit; what was kept of other subjects stays.

    Raises ``GitFailed`` when it could not be written; everything is as it was then.
    """
    if not subjects:
        return Kept("", (), ())
    said = {"captured_at": to_json(at), "by": approval.by, "reason": _line(approval.reason)}
    with _writing():
        parent = _parent()
        old = {subject: blobs(parent, subject) if parent else {} for subject in subjects}
        changed = tuple(subject for subject, files in subjects.items() if _differs(old[subject], files))
        same = tuple(subject for subject in subjects if subject not in changed)
        commit = ""
        if changed:
            changes = [line for each in changed for line in _changes(each, old[each], _said(subjects[each], said))]
            head = _head(approval, changed, at, parent)
            git().run("fast-import", "--quiet", "--done", stdin=b"".join([head, *changes, b"done\n"]))
            commit = resolved(BRANCH)
            git().attempt("gc", "--auto", "--quiet")  # tidiness is no reason to fail
        _confirm(same, at)
    return Kept(commit, changed, same)


@contextmanager
def _writing() -> Iterator[None]:
    """One writer at a time; the kernel frees the lock when its holder dies (flock(2)). The repository is made at its first use."""
    locks = state_directory() / "locks"
    locks.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (locks / LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        place().mkdir(exist_ok=True, mode=0o700)
        place().chmod(0o700)
        if not exists():
            git().run("init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--object-format=sha1")
        attributes = place() / "info" / "attributes"
        attributes.parent.mkdir(exist_ok=True, mode=0o700)
        attributes.write_text(ATTRIBUTES)
        attributes.chmod(0o600)
        yield


def _parent() -> str:
    found = git().attempt("rev-parse", "--verify", "--quiet", BRANCH)
    return found.stdout.decode().strip()


def _differs(old: Mapping[str, str], files: Files) -> bool:
    """Are the contents others? What is said of them is another at each approval."""
    new = {path: _blob_id(content) for path, content in files.items()}
    return {**new, META: ""} != {**old, META: ""}


def _said(files: Files, said: Mapping[str, Any]) -> Files:
    """With who says that it is good, and when."""
    return {**files, META: text({**json.loads(files.get(META, b"{}")), **said})}


def _blob_id(content: bytes) -> str:
    """As git computes it."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def _head(approval: Approval, changed: Sequence[str], at: datetime, parent: str) -> bytes:
    """The beginning of a commit for git-fast-import(1)."""
    who = f"{_identity(approval.by)} {int(at.timestamp())} +0000"
    begin = f"commit {BRANCH}\nauthor {who}\ncommitter {who}\n".encode(errors="replace")
    return begin + _data(_message(approval, changed).encode(errors="replace")) + (f"from {parent}\n".encode() if parent else b"")


def _changes(subject: str, old: Mapping[str, str], files: Files) -> Iterator[bytes]:
    """Only what differs from the parent; what is gone first, for a directory may have become a file."""
    for path in old.keys() - files.keys():
        yield b"D %s\n" % _quoted(f"{subject}/{path}")
    for path, content in files.items():
        if old.get(path) != _blob_id(content):
            yield b"M 100644 inline %s\n%s" % (_quoted(f"{subject}/{path}"), _data(content))


def _message(approval: Approval, changed: Sequence[str]) -> str:
    names = ", ".join(sorted(subject.partition("/")[2] for subject in changed))
    trailers = {"Incident": approval.incident, "Ticket": approval.ticket}
    parts = (
        _line(approval.reason) or "no reason given",
        textwrap.fill(_line(approval.what) or f"Captured: {names}", 72, break_long_words=False, break_on_hyphens=False),
        "\n".join(f"{name}: {value}" for name, value in trailers.items() if value),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(words: str) -> str:
    return " ".join(words.split())


def _identity(by: str) -> str:
    """``anna <anna@controller>``; git allows neither angle brackets nor ends of lines in a name."""
    name = re.sub(r"[<>\x00-\x1f]", " ", by).strip() or "unknown"
    return f"{name} <{name.split()[0]}@{socket.gethostname()}>"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _quoted(path: str) -> bytes:
    """As git-fast-import(1) takes a name."""
    return b'"%s"' % path.replace("\\", "\\\\").replace('"', '\\"').encode(errors="surrogateescape")


def _confirm(subjects: Sequence[str], at: datetime) -> None:
    if not subjects:
        return
    fresh = place() / f".{CONFIRMED}.{secrets.token_hex(4)}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text({**confirmed(), **dict.fromkeys(subjects, to_json(at))}))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place() / CONFIRMED)
