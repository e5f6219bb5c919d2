"""The repository of the known good, to read: always from one whole commit, whatever is written meanwhile (``writing``).

A subject is one directory that is approved as a whole: ``hosts/mail01``, ``devices/router01``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyremediate.errors import UsageError
from pyremediate.known_good.git import Git, GitFailed, Objects, entries
from pyremediate.model import moment
from pyremediate.paths import state_directory

BRANCH = "refs/heads/main"
META = "meta.json"  # of a subject: when, by whom, why
CONFIRMED = "confirmed.json"  # beside the commits: {subject: when it was last captured again, and was the same}
FIELDS = ("%H", "%ct", "%an", "%s", "%b", "%(trailers:key=Incident,valueonly)", "%(trailers:key=Ticket,valueonly)")
TRAILERS = ("Incident:", "Ticket:")


@dataclass(frozen=True)
class Commit:
    """One approval, as it is on record."""

    id: str
    at: datetime
    by: str
    reason: str
    what: str  # a sentence: what was approved
    incident: str = ""
    ticket: str = ""


class Snapshot:
    """One commit, from which everything is read."""

    def __init__(self, objects: Objects, commit: str, confirmed: Mapping[str, str]) -> None:
        self.commit, self._objects, self._confirmed = commit, objects, confirmed

    def read(self, path: str) -> bytes | None:
        """The content of a file; None when it is not there."""
        return self._objects.get(f"{self.commit}:{path}")

    def directories(self, paths: Sequence[str]) -> list[dict[str, bytes]]:
        """The files that lie directly in each directory; none when it is not there."""
        trees = [entries(tree or b"") for tree in self._objects.all([f"{self.commit}:{path}" for path in paths])]
        files = [[entry for entry in tree if not entry.directory] for tree in trees]
        contents = iter(self._objects.blobs([entry.id for each in files for entry in each]))
        return [{entry.name: next(contents) for entry in each} for each in files]

    def names(self, path: str) -> list[str]:
        """The names in a directory."""
        return sorted(entry.name for entry in self._objects.tree(f"{self.commit}:{path}"))

    def said(self, subject: str, meta: bytes) -> tuple[datetime, str, str]:
        """When, by whom and why the subject was approved; the time is that of the last capture that was the same."""
        found = json.loads(meta)
        captured_at = max(found["captured_at"], self._confirmed.get(subject, ""))
        return moment(captured_at), found["by"], found["reason"]


def place() -> Path:
    """Where the repository is."""
    return state_directory() / "known_good"


def git() -> Git:
    """The command, on this repository."""
    return Git(place())


def exists() -> bool:
    """Was anything ever kept here?"""
    return (place() / "HEAD").is_file() and (place() / "objects").is_dir()


@contextmanager
def snapshot(revision: str = BRANCH) -> Iterator[Snapshot | None]:
    """A commit to read from; None when nothing was kept yet. Raises ``UsageError`` for a revision that is none."""
    if not exists() or (revision == BRANCH and git().attempt("rev-parse", "--verify", "--quiet", BRANCH).returncode):
        yield None
        return
    with git().objects() as objects:
        commit = resolved(revision) if revision != BRANCH else objects.id(f"{BRANCH}^{{commit}}")
        if not commit:  # and this process began when the branch was there: the first approval, made meanwhile, is no damage
            raise GitFailed(f"{place()}: damaged (its newest commit cannot be read); see: git --git-dir={place()} fsck")
        yield Snapshot(objects, commit, confirmed() if revision == BRANCH else {})


def contents(commit: str, paths: Sequence[str]) -> list[bytes | None]:
    """Files of a commit; None for what is not there."""
    with git().objects() as objects:
        return objects.all([f"{commit}:{path}" for path in paths])


def files(commit: str, subject: str) -> dict[str, bytes]:
    """Everything that a commit has of a subject, by path in it."""
    ids = blobs(commit, subject)
    with git().objects() as objects:
        return dict(zip(ids, objects.blobs(list(ids.values())), strict=True))


def blobs(commit: str, subject: str) -> dict[str, str]:
    """The ids of the same."""
    told = git().run("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{subject}/")
    found = [entry.decode(errors="surrogateescape").partition("\t") for entry in told.split(b"\0") if entry]
    return {path.removeprefix(f"{subject}/"): head.split()[2] for head, _, path in found}


def names(kind: str) -> list[str]:
    """The hosts, or the devices, of which something is kept."""
    with snapshot() as kept:
        return kept.names(kind) if kept else []


def absent(name: str, revision: str) -> UsageError:
    """What to say of a host or device of which an approval holds nothing."""
    return UsageError(f"nothing was kept of {name} at {revision}; see: pyremediate baseline history {name}")


def history(subject: str) -> list[Commit]:
    """The approvals of a subject, newest first."""
    if not exists():
        return []
    told = git().attempt("log", "-z", f"--format={'%x01'.join(FIELDS)}", BRANCH, "--", subject)
    return [_commit(entry.split("\1")) for entry in told.stdout.decode(errors="replace").split("\0") if entry]


def resolved(revision: str) -> str:
    """The whole name of a commit. Raises ``UsageError`` when there is none."""
    found = git().attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found.returncode:
        raise UsageError(f"{revision!r} is no approval on record; see: pyremediate baseline history HOST")
    return found.stdout.decode().strip()


def damaged(subject: str, error: Exception) -> UsageError:
    """What to say of a subject that cannot be understood."""
    mend = f"pyremediate baseline capture --host {subject.partition('/')[2]}"
    return UsageError(f"{subject} in {place()}: damaged ({error}); capture it again: {mend}")


def confirmed() -> dict[str, str]:
    """{subject: when it was last captured again, and was the same}; it adds nothing but that time to the commits."""
    try:
        found: dict[str, str] = json.loads((place() / CONFIRMED).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found


def text(value: Any) -> bytes:
    """JSON as people read it in a diff: one value a line, names sorted, and any letter as itself."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(errors="surrogatepass")


def subjects(kind: str, names: Iterable[str]) -> dict[str, str]:
    """{name: subject} of hosts or devices. Raises ``UsageError`` for a name that cannot be a directory's."""
    return {name: subject(kind, name) for name in names}


def subject(kind: str, name: str) -> str:
    """The subject of a host or device."""
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._:-]*", name):
        raise UsageError(f"{name!r} cannot name a directory; give it another inventory name")
    return f"{kind}/{name}"


def _commit(fields: Sequence[str]) -> Commit:
    commit, at, by, reason, body, incident, ticket = fields
    what = "" if body.startswith(TRAILERS) else " ".join(body.split("\n\n")[0].split())
    return Commit(commit, datetime.fromtimestamp(int(at), UTC), by, reason, what, incident.strip(), ticket.strip())
