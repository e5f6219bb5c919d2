"""The git command on the repository of the known good, away from the configuration, hooks and environment of whoever calls."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pyremediate.errors import PyremediateError, UsageError

MISSING = "git is not installed, and the known good is kept by it; apt-get install git, or dnf install git"
# Nobody's hooks, whichever directory the repository's own configuration names. A commit is on the disk before it counts, and as one
# pack, for each file that must be written out costs as much as another (git-config(1)).
SETTINGS = (
    "core.hooksPath=/dev/null", "core.attributesFile=/dev/null", "core.fsync=all",
    "fastimport.unpackLimit=1", "gc.autoDetach=false",
)  # fmt: skip
ALWAYS = tuple(word for setting in SETTINGS for word in ("-c", setting))
LEAST = (2, 30)  # rev-parse --end-of-options
ID_BYTES = 20  # of SHA-1, which the repository is made with
DIRECTORY = b"40000"  # the mode of one in a tree
AT_ONCE = 50  # names; they must fit into a pipe (pipe(7)) while the answers wait


class GitFailed(PyremediateError):
    """Git could not do it: a full disk, a damaged repository. The known good is as it was."""


@dataclass(frozen=True)
class Entry:
    """One entry of a tree."""

    name: str
    id: str
    directory: bool


class Git:
    """Git on one bare repository."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What it prints. Raises ``GitFailed`` with its words, ``UsageError`` when there is no git."""
        done = self.attempt(*arguments, stdin=stdin)
        if done.returncode:
            words = done.stderr.decode(errors="replace").strip().splitlines() or [f"ended by {done.returncode}"]
            raise GitFailed(f"{self.directory}: git {arguments[0]}: {words[0]}")
        return done.stdout

    def attempt(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """The same, for a question that may be answered by no."""
        with _installed():
            return subprocess.run(
                self._command(arguments), input=stdin, capture_output=True, env=self._environment(), umask=0o077, check=False
            )

    @contextmanager
    def objects(self) -> Iterator[Objects]:
        """One process that gives any number of objects."""
        with _installed():
            process = subprocess.Popen(
                self._command(("cat-file", "--batch")),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment(),
            )  # fmt: skip
        with process:
            assert process.stdin and process.stdout
            yield Objects(self.directory, process.stdin, process.stdout)
            process.stdin.close()

    def _command(self, arguments: Sequence[str]) -> list[str]:
        # A repository that is named needs no safe.directory (git-config(1)).
        return ["git", f"--git-dir={self.directory}", *ALWAYS, *arguments]

    def _environment(self) -> Mapping[str, str]:
        """Without GIT_DIR and its like, which whoever is called from a hook of git has."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "XDG_CONFIG_"))}
        return inherited | {
            "HOME": str(self.directory), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_ATTR_NOSYSTEM": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_TERMINAL_PROMPT": "0",
        }  # fmt: skip


class Objects:
    """Objects of a repository, by their names (gitrevisions(7))."""

    def __init__(self, directory: Path, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._directory, self._questions, self._answers = directory, questions, answers

    def get(self, name: str) -> bytes | None:
        """The content; None when there is no such object. Raises ``GitFailed`` when the repository is damaged."""
        return self.all([name])[0]

    def all(self, names: Sequence[str]) -> list[bytes | None]:
        """The contents of many, in this order."""
        return [content for _, content in self._asked(names)]

    def blobs(self, ids: Sequence[str]) -> list[bytes]:
        """The contents of objects that must be there. Raises ``GitFailed`` when one is not."""
        found = self.all(ids)
        if None in found:
            raise self._damaged(ids[found.index(None)])
        return [content for content in found if content is not None]

    def id(self, name: str) -> str:
        """The whole name of an object; empty when there is none."""
        return next(found for found, _ in self._asked([name]))

    def tree(self, name: str) -> list[Entry]:
        """The entries of a directory; none when it is not there."""
        return entries(self.get(name) or b"")

    def _asked(self, names: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
        """Several at once, for each wait is a change of processes; not so many that both pipes are full."""
        for some in (names[begin : begin + AT_ONCE] for begin in range(0, len(names), AT_ONCE)):
            with suppress(BrokenPipeError):  # it has ended; the answers say so
                self._questions.write("".join(f"{name}\n" for name in some).encode(errors="surrogateescape"))
                self._questions.flush()
            yield from [self._answer(name) for name in some]

    def _answer(self, name: str) -> tuple[str, bytes | None]:
        head = self._answers.readline()
        if head.endswith(b" missing\n"):
            return "", None
        try:
            found, _, size = head.decode().split(" ")
            content = self._answers.read(int(size) + 1)
        except ValueError:
            raise self._damaged(name) from None
        if len(content) != int(size) + 1:
            raise self._damaged(name)
        return found, content[:-1]

    def _damaged(self, name: str) -> GitFailed:
        return GitFailed(f"{self._directory}: damaged ({name} cannot be read); see: git --git-dir={self._directory} fsck")


def entries(tree: bytes) -> list[Entry]:
    """Those of a directory, from its object."""
    found = []
    while tree:
        head, _, tree = tree.partition(b"\0")
        mode, _, name = head.partition(b" ")
        found.append(Entry(name.decode(errors="surrogateescape"), tree[:ID_BYTES].hex(), mode == DIRECTORY))
        tree = tree[ID_BYTES:]
    return found


def version() -> tuple[int, ...]:
    """Of the git that is installed. Raises ``UsageError`` when there is none."""
    with _installed():
        told = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", told)[:3]))


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise UsageError(MISSING) from None
