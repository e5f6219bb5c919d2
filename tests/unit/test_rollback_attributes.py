"""What the mode does not show, and directories that stand aside: seen, put back, and undone, on files of this test's own."""

from __future__ import annotations

import base64
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_aside as aside
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_writing as writing
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import places
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import Unwished, wishes_of

# user::rw- user:65534:--- group::r-- mask::r-- other::r--, as acl(5) packs it
ENTRIES = [(1, 6, 0xFFFFFFFF), (2, 0, 65534), (4, 4, 0xFFFFFFFF), (16, 4, 0xFFFFFFFF), (32, 4, 0xFFFFFFFF)]
ACL = base64.b64encode(struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in ENTRIES)).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "main.cf"
    path.write_text("a = 1\n")
    path.chmod(0o644)
    return path


def with_acl(path: Path) -> None:
    try:
        os.setxattr(path, writing.ACL, base64.b64decode(ACL))
    except OSError:
        pytest.skip("this file system has no access lists")


def put_back(path: Path, aspect: str, was: Any, now: Any = None, **more: Any) -> None:
    changes = applying.changes_of(
        wishes_of([{"kind": "file", "name": str(path), "aspect": aspect, "was": was, "is": now, **more}])
    )
    applying.carry_out(changes, str(path.parent / "removed"))
    assert applying.unfulfilled(changes) == []


def test_an_access_list_is_seen_taken_away_and_put_back_and_an_undo_knows_it(file: Path, tmp_path: Path) -> None:
    assert "acl" not in places.place(str(file))
    plain, nothing = files.keep(str(file), str(tmp_path / "plain"))
    with_acl(file)
    listed, kept = files.keep(str(file), str(tmp_path / "listed"))
    assert places.place(str(file))["acl"] == listed["acl"] == ACL != plain.get("acl")
    put_back(file, "acl", None, ACL)
    assert files.look(str(file)) == plain
    put_back(file, "acl", ACL)
    assert files.look(str(file)) == listed
    files.put_back(str(file), plain, nothing, str(tmp_path / "plain"), str(tmp_path / "removed"))
    assert files.look(str(file)) == plain
    files.put_back(str(file), listed, kept, str(tmp_path / "listed"), str(tmp_path / "removed"))
    assert files.look(str(file)) == listed


def test_other_differences_leave_the_access_list_alone(file: Path) -> None:
    with_acl(file)
    put_back(file, "content", "sha256:x", content=base64.b64encode(b"b = 2\n").decode())
    assert file.read_text() == "b = 2\n"
    assert files.look(str(file))["acl"] == ACL


def test_an_immutable_file_becomes_changeable_and_immutable_again(file: Path) -> None:
    try:
        writing.set_immutable(str(file), True)
    except OSError:
        pytest.skip("this file system has no immutable files")
    assert places.place(str(file))["immutable"] is True
    put_back(file, "immutable", None, True)
    assert "immutable" not in places.place(str(file))
    put_back(file, "immutable", True)
    assert places.place(str(file))["immutable"] is True
    put_back(file, "immutable", None, True)


@pytest.mark.parametrize("name", ["spool.moved", "spool-old", "spool~", "spool.2026"])
def test_a_directory_that_stands_aside_comes_back_and_an_undo_moves_it_away_again(tmp_path: Path, name: str) -> None:
    path = tmp_path / "spool"
    (tmp_path / name).mkdir()
    (tmp_path / name / "message").write_text("mail")
    path.symlink_to("/mnt/nowhere")
    was, kept = files.keep(str(path), str(tmp_path / "copies"))
    put_back(path, "target", "directory", "link to /mnt/nowhere", mode="0700")
    assert (path / "message").read_text() == "mail"
    assert not (tmp_path / name).exists()
    files.put_back(str(path), was, kept, str(tmp_path / "copies"), str(tmp_path / "removed"))
    assert (tmp_path / name / "message").read_text() == "mail"
    assert str(path.readlink()) == "/mnt/nowhere"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A link that leads nowhere, in the place of a directory in a mail store."""
    monkeypatch.setattr(paths, "MAIL_STORES", (str(tmp_path),))
    path = tmp_path / "lab.test"
    path.symlink_to("/mnt/nowhere")
    return path


def test_a_mail_store_comes_back_with_its_mail_and_an_undo_moves_it_away_again(store: Path) -> None:
    moved = store.with_name("lab.test.moved")
    (moved / "canary").mkdir(parents=True)
    was, kept = files.keep(str(store), str(store.parent / "copies"))
    put_back(store, "target", "directory", "link to /mnt/nowhere", mode="0700")
    assert (store / "canary").is_dir() and not moved.exists()
    files.put_back(str(store), was, kept, str(store.parent / "copies"), str(store.parent / "removed"))
    assert (moved / "canary").is_dir() and str(store.readlink()) == "/mnt/nowhere"


def test_an_empty_mail_store_is_never_made(store: Path) -> None:
    with pytest.raises(OSError, match=r"lab\.test is a link to /mnt/nowhere, which is not there; .* find its mail"):
        put_back(store, "target", "directory", "link to /mnt/nowhere", mode="0700")
    assert store.is_symlink()
    store.unlink()
    with pytest.raises(OSError, match="restore it"):
        put_back(store, "missing", "directory", mode="0700")
    assert not store.exists()


def test_a_directory_of_somebody_else_is_not_taken_for_the_mail_store(store: Path) -> None:
    moved = store.with_name("lab.test.moved")
    moved.mkdir()
    owner = files.look(str(moved))["owner"]
    wanted = {"kind": "directory", "owner": owner + 1, "group": files.look(str(moved))["group"]}
    with pytest.raises(OSError, match="remove the link and move that back"):
        applying._check_store(str(store), files.look(str(store)), wanted)


def test_a_directory_that_is_nowhere_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "hold"
    put_back(path, "missing", "directory", mode="0710")
    assert path.stat().st_mode & 0o777 == 0o710


def test_of_two_candidates_neither_is_taken(tmp_path: Path) -> None:
    for name in ("spool.old", "spool.older", "spoolers"):
        (tmp_path / name).mkdir()
    assert aside.find(str(tmp_path / "spool")) == ""


def test_a_link_to_a_directory_that_is_there_is_left_to_people(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "spool").symlink_to(tmp_path / "data")
    with pytest.raises(Unwished, match="moved by hand"):
        wishes_of(
            [{"kind": "file", "name": str(tmp_path / "spool"), "aspect": "target", "was": "directory", "is": "link"}]
        )


def test_a_checkpoint_takes_the_attributes_of_a_mail_stores_directories_and_never_a_file_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "MAIL_STORES", (str(tmp_path),))
    (tmp_path / "lab.test").mkdir()
    (tmp_path / "message").write_text("mail")
    assert paths.expand([str(tmp_path / "lab.test")], "/var/spool/postfix") == [str(tmp_path / "lab.test")]
    for name in ("message", "missing"):
        with pytest.raises(paths.Refused):
            paths.expand([str(tmp_path / name)], "/var/spool/postfix")


def test_owners_have_the_numbers_that_the_accounts_will_have(tmp_path: Path) -> None:
    passwd = base64.b64encode(b"vmail:x:5000:5000::/var/vmail:/bin/false\n").decode()
    store = {"kind": "file", "name": str(tmp_path), "aspect": "owner", "was": "vmail", "is": "1"}
    account = {"kind": "file", "name": "/etc/passwd", "aspect": "content", "was": "a", "is": "b", "content": passwd}
    changes = {change.name: change for change in applying.changes_of(wishes_of([store, account]))}
    assert changes[str(tmp_path)].wanted["owner"] == 5000
    with pytest.raises(ValueError, match="there is no user vmail"):
        applying.changes_of(wishes_of([store]))
