"""The repository: whole commits, one writer, nobody's configuration, nobody else's eyes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pyremediate.errors import UsageError
from pyremediate.known_good import hosts, repository
from pyremediate.known_good.git import Git, GitFailed
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from tests.unit.known_good.stage import CONTENTS, git, observed, save
from tests.unit.looks import NOON

BIG = {f"/etc/{number}": os.urandom(4096) for number in range(200)}
TRACKED = {path: {"kind": "file", "secret": False} for path in BIG}


def shim(directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another git, before the real one in PATH."""
    directory.mkdir()
    command = directory / "git"
    command.write_text(f"#!/bin/sh\nexport PATH='{os.environ['PATH']}'\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


def reason() -> str:
    known_good = hosts.load("mail01")
    assert known_good is not None
    return known_good.reason


def test_nobody_else_can_read_it(state: Path) -> None:
    os.umask(0o022)
    save()
    save(contents={})
    save(contents={})
    found = list(state.joinpath("known_good").rglob("*"))
    assert {oct(path.stat().st_mode & 0o077) for path in found} == {"0o0"}
    assert state.joinpath("known_good").stat().st_mode & 0o777 == 0o700


def test_a_capture_that_is_the_same_makes_no_commit(state: Path) -> None:
    save()
    later = replace(observed(), observed_at=NOON + timedelta(days=1))
    assert keep({"mail01": Captured(later, CONTENTS)}, [], Approval("somebody else", "again")).commit == ""
    assert save(contents={}).changed == ("hosts/mail01",)
    assert git(state, "rev-list", "--count", "main").strip() == "2"


@pytest.mark.parametrize(
    "script",
    [
        'case "$*" in *fast-import*) ulimit -f 1;; esac; exec git "$@"',  # as a full disk: nothing more can be written
        'case "$*" in *fast-import*) head -c 300000 | exec git "$@";; *) exec git "$@";; esac',  # we died in the middle
        'case "$*" in *fast-import*) kill -9 $$;; esac; exec git "$@"',  # git died
    ],
)
def test_a_capture_that_was_not_finished_changes_nothing(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    save(reason="first")
    with monkeypatch.context() as broken:
        shim(tmp_path / "bin", script, broken)
        with pytest.raises(GitFailed, match="known_good: git fast-import: "):
            save(reason="second", files={"tracked": TRACKED}, contents=BIG)
        assert reason() == "first"
    git(state, "fsck", "--strict")
    save(reason="third", files={"tracked": TRACKED}, contents=BIG)
    assert reason() == "third"


def test_captures_at_the_same_time_are_all_kept(state: Path) -> None:
    program = "import sys; from tests.unit.known_good.stage import save; save(sys.argv[1])"
    names = [f"mail{number:02}" for number in range(6)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda name: subprocess.run([sys.executable, "-c", program, name], check=True), names))
    assert hosts.names() == names
    assert git(state, "rev-list", "--count", "main").strip() == "6"


def test_a_first_capture_while_somebody_reads_is_no_damage(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(reason="first")
    asked: list[str] = []
    run = Git.attempt

    def attempt(self: Git, *words: str, **more: Any) -> Any:
        asked.append(words[0])
        return run(self, *words, **more)

    monkeypatch.setattr(Git, "attempt", attempt)
    opened = Git.objects
    monkeypatch.setattr(Git, "objects", lambda self: asked.append("objects") or opened(self))
    with repository.snapshot() as snapshot:
        assert snapshot is not None
    assert asked[:2] == ["rev-parse", "objects"], "who looks for the commit began after the branch was seen"


def test_who_reads_while_another_writes_has_one_commit() -> None:
    save(reason="first", contents={"/etc/postfix/main.cf": b"first"})
    with repository.snapshot() as snapshot:
        assert snapshot is not None
        save(reason="second", contents={"/etc/postfix/main.cf": b"second"})
        assert snapshot.read("hosts/mail01/files/etc/postfix/main.cf") == b"first"
    known_good = hosts.load("mail01")
    save(reason="third", contents={"/etc/postfix/main.cf": b"third"})
    assert known_good is not None and known_good.content("/etc/postfix/main.cf") == b"second"


def test_the_configuration_and_environment_of_the_user_count_for_nothing(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks, touched = tmp_path / "hooks", tmp_path / "touched"
    hooks.mkdir()
    for name in ("reference-transaction", "pre-commit", "post-commit", "update"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {touched}\nexit 1\n")
        (hooks / name).chmod(0o755)
    users = f"[core]\n hooksPath = {hooks}\n bare = false\n[commit]\n gpgSign = true\n"
    users += f"[init]\n templateDir = {tmp_path}\n defaultBranch = x\n[extensions]\n objectFormat = sha256\n"
    (tmp_path / ".gitconfig").write_text(users)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "somebody")
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    save()
    (state / "known_good" / "config").open("a").write(f"[core]\n hooksPath = {hooks}\n[commit]\n gpgSign = true\n")
    save(reason="second", contents={})
    assert reason() == "second"
    assert repository.history("hosts/mail01")[0].by == "tester"
    assert not touched.exists() and not (tmp_path / "elsewhere").exists()


def test_a_repository_of_another_owner_is_read_all_the_same(state: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give a directory away")
    save()
    subprocess.run(["chown", "-R", "nobody", str(state / "known_good")], check=True)
    assert reason() == "approved"
    save(reason="second", contents={})
    assert reason() == "second"


def test_without_git_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert hosts.load("mail01") is None  # nothing was kept yet: nobody needs git
    with pytest.raises(UsageError, match=r"git is not installed.*apt-get install git"):
        save()
    monkeypatch.undo()


def test_without_git_what_is_kept_is_not_taken_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    save()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(UsageError, match="git is not installed"):
        hosts.load("mail01")


def test_a_damaged_repository_is_told(state: Path) -> None:
    save()
    for path in (state / "known_good" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"rubbish")
    with pytest.raises(GitFailed, match=r"damaged .* fsck"):
        hosts.load("mail01")


def test_people_read_a_change_as_one_line(state: Path) -> None:
    save(postfix={"main": {"parameters": {"relayhost": "", "myhostname": "mäil01"}}})
    save(postfix={"main": {"parameters": {"myhostname": "mäil01", "relayhost": "x"}}})
    told = git(state, "log", "-p", "-1", "--format=%s", "main", "--", "hosts/mail01/evidence")
    changed = [line for line in told.splitlines() if line.startswith(("+ ", "- "))]
    assert changed == ['-    "relayhost": ""', '+    "relayhost": "x"']
    assert '"myhostname": "mäil01"' in told


def test_evidence_is_equal_after_a_way_through_the_repository() -> None:
    wide = {"units": {"a": {"active": "é\ud800", "list": [1, 2.5, None, True], "none": {}}}}
    save(services=wide)
    known_good = hosts.load("mail01")
    assert known_good is not None and known_good.evidence == observed(services=wide)
