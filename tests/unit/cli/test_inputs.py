"""What an operator types wrongly is named before anything runs; what he types secretly stays secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyremediate import check as checks
from pyremediate.errors import UsageError
from pyremediate.model import Outcome
from pyremediate.request import Request
from tests.unit.cli.stage import HEALTHY, Played, at_a_terminal, run


def _public(path: Path) -> None:
    path.write_text("ssh-ed25519 AAAA")


def _open_to_all(path: Path) -> None:
    path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----")
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("option", "prepare", "words"),
    [
        ("-i", None, r"x\.pub: there is no such inventory; correct -i or make it"),
        ("--private-key", None, r"x\.pub: there is no such private key; correct --private-key or make it"),
        ("--private-key", Path.mkdir, r"x\.pub: is a directory, not a private key"),
        ("--private-key", _public, r"x\.pub: is not a private key \(it is the public half\)"),
        ("--private-key", _open_to_all, r"x\.pub: others can read this private key, .*; chmod 600 x\.pub"),
        ("--become-password-file", None, r"x\.pub: there is no such password file"),
        ("--vault-password-file", Path.mkdir, r"x\.pub: is a directory, not a password file"),
        ("--vault-id", None, r"x\.pub: there is no such password file; correct --vault-id"),
        ("--settings", None, r"x\.pub: there is no such settings file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_before_anything_runs(
    played: Played, tmp_path: Path, option: str, prepare: Callable[[Path], None] | None, words: str
) -> None:
    if prepare:
        prepare(tmp_path / "x.pub")
    with pytest.raises(UsageError, match=words):
        run("check", option, "x.pub")
    assert played.requests == []


def test_a_vault_identity_that_would_prompt_is_refused() -> None:
    with pytest.raises(UsageError, match="name a file instead of prompt"):
        run("check", "--vault-id", "dev@prompt")


def test_passwords_are_asked_for_and_lie_in_memory_only_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    seen: dict[str, Any] = {}

    def check(request: Request) -> tuple[Outcome, ...]:
        files = [Path(request.options.become_password_file or ""), *map(Path, request.options.vault_password_files)]
        seen.update({str(file): (file.read_text(), file.stat().st_mode & 0o777) for file in files})
        seen["secrets"] = request.secrets
        assert "hunter2" not in repr(request)
        return (HEALTHY,)

    monkeypatch.setattr(checks, "check", check)
    result = run("check", "-K", "-J", input="hunter2\nopen sesame\n")
    secrets = seen.pop("secrets")
    assert secrets == ("hunter2", "open sesame")
    assert list(seen.values()) == [("hunter2\n", 0o600), ("open sesame\n", 0o600)]
    assert not any(Path(file).exists() for file in seen) and "hunter2" not in result.output


def test_nobody_can_be_asked_for_a_password_without_a_terminal() -> None:
    with pytest.raises(UsageError, match="nobody is at a terminal to ask"):
        run("check", "-K")
