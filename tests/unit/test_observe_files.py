"""Tracked files: what is told of each, and what never is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import files, secrecy
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("TREES", "EXPECTED", "BY_SERVICE"):
        monkeypatch.setattr(files, name, ())
    monkeypatch.setattr(files, "uses", lambda *_: [])
    return tmp_path


def tracked(tree: Path, key: str | None = "k", notes: list[str] | None = None) -> dict[str, Any]:
    found = files.observe(Request("mail01", hash_key=key, extra_paths=(str(tree),)), [] if notes is None else notes)
    return {str(Path(path).relative_to(tree)): entry for path, entry in found["tracked"].items()}


def write(path: Path, content: str, mode: int = 0o644) -> None:
    path.write_text(content)
    path.chmod(mode)


def test_a_file_has_owner_mode_size_and_digest(tree: Path) -> None:
    write(tree / "main.cf", "a = 1\n")
    entry = tracked(tree)["main.cf"]
    assert (entry["kind"], entry["mode"], entry["size"], entry["secret"]) == ("file", "0644", 6, False)
    assert entry["digest"] == "sha256:" + hashlib.sha256(b"a = 1\n").hexdigest()


def test_a_file_that_not_everybody_may_read_has_a_keyed_digest(tree: Path) -> None:
    write(tree / "users", "alice:secret\n", 0o640)
    entry, other = tracked(tree)["users"], tracked(tree, "another key")["users"]
    assert (entry["secret"], entry["digest"][:5]) == (True, "hmac:")
    assert entry["digest"] != other["digest"]
    assert entry["digest"][5:] != hashlib.sha256(b"alice:secret\n").hexdigest()


def test_a_private_key_is_secret_whatever_its_mode(tree: Path) -> None:
    write(tree / "key.pem", "-----BEGIN EC PRIVATE KEY-----\nx\n")
    assert tracked(tree)["key.pem"]["secret"] is True


def test_without_a_key_a_secret_has_no_digest(tree: Path) -> None:
    write(tree / "users", "x", 0o600)
    assert tracked(tree, None)["users"]["digest"] is None


def test_files_that_are_readable_by_design_do_not_become_secret_by_their_mode(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tree / "main.cf", "a = 1\n", 0o600)
    monkeypatch.setattr(secrecy, "READABLE", {str(tree / "main.cf")})
    entry = tracked(tree)["main.cf"]
    assert (entry["secret"], entry["mode"], entry["digest"][:7]) == (False, "0600", "sha256:")


def test_databases_and_what_editors_leave_are_not_tracked(tree: Path) -> None:
    for name in ("vmailbox", "vmailbox.db", "main.cf~", ".main.cf.swp", "main.cf.dpkg-old"):
        write(tree / name, "x")
    assert set(tracked(tree)) == {".", "vmailbox"}


def test_a_link_has_its_target_and_is_not_followed(tree: Path) -> None:
    (tree / "d").mkdir()
    write(tree / "d" / "file", "x")
    (tree / "postfix.service").symlink_to("/dev/null")
    (tree / "e").symlink_to("d")
    found = tracked(tree)
    assert (found["postfix.service"]["kind"], found["postfix.service"]["target"]) == ("link", "/dev/null")
    assert set(found) == {".", "d", "d/file", "e", "postfix.service"}


def test_an_expected_file_that_is_missing_is_told(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "EXPECTED", (str(tree / "aliases"),))
    assert tracked(tree)["aliases"]["kind"] == "missing"


def test_a_pipe_is_not_read(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    assert tracked(tree)["pipe"]["kind"] == "other"
