"""Files are kept and put back whole: content, attributes, times; links, directories, and what was not there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_writing as writing
from hypothesis import given
from hypothesis import strategies as st

ME = writing.Attributes(os.getuid(), os.getgid(), 0o640, (1_000_000_000, 2_000_000_000))


class Kept:
    """A file with its copy."""

    def __init__(self, home: Path) -> None:
        self.path, self.copies, self.removed = home / "file", home / "copies", home / "removed"
        self.was: dict[str, Any] = {}
        self.kept: dict[str, Any] = {}

    def keep(self) -> None:
        self.was, self.kept = files.keep(str(self.path), str(self.copies))

    def put_back(self) -> None:
        files.put_back(str(self.path), self.was, self.kept, str(self.copies), str(self.removed))

    def make(self, kind: str, text: str = "text") -> None:
        if kind == "file":
            self.path.write_text(text)
        elif kind == "directory":
            self.path.mkdir(mode=0o750)
        elif kind == "link":
            self.path.symlink_to("/nonesuch")

    def take_away(self) -> None:
        if self.path.is_dir() and not self.path.is_symlink():
            self.path.rmdir()
        elif self.path.is_symlink() or self.path.exists():
            self.path.unlink()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


KINDS = ["file", "directory", "link", "missing"]


@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_every_kind_comes_back_from_every_other(kept: Kept, before: str, after: str) -> None:
    kept.make(before, "before")
    kept.keep()
    kept.take_away()
    kept.make(after, "after")
    kept.put_back()
    assert files.look(str(kept.path)) == kept.was
    assert kept.was["kind"] == before


@given(content=st.binary(max_size=5000), mode=st.sampled_from([0o600, 0o644, 0o4755, 0o440]))
def test_content_mode_and_times_come_back(tmp_path_factory: pytest.TempPathFactory, content: bytes, mode: int) -> None:
    kept = Kept(tmp_path_factory.mktemp("host"))
    kept.path.write_bytes(content)
    kept.path.chmod(mode)
    os.utime(kept.path, ns=(10**18, 10**18 + 1))
    kept.keep()
    kept.path.chmod(0o600)
    kept.path.write_bytes(b"another")
    kept.put_back()
    info = kept.path.stat()
    assert kept.path.read_bytes() == content
    assert (stat.S_IMODE(info.st_mode), info.st_mtime_ns) == (mode, 10**18 + 1)


def test_a_changed_mode_comes_back_without_the_file_being_replaced(kept: Kept) -> None:
    kept.make("file")
    kept.keep()
    inode = kept.path.stat().st_ino
    kept.path.chmod(0o777)
    kept.put_back()
    assert (kept.path.stat().st_ino, files.look(str(kept.path))) == (inode, kept.was)


def test_a_file_that_was_not_there_is_moved_away_and_not_deleted(kept: Kept) -> None:
    kept.keep()
    for text in ("first", "second"):
        kept.path.write_text(text)
        kept.put_back()
    assert not kept.path.exists()
    moved = sorted(Path(files.place_of(str(kept.path), str(kept.removed))).parent.iterdir())
    assert [path.read_text() for path in moved] == ["first", "second"]


def test_a_directory_that_was_not_there_and_holds_something_is_not_emptied(kept: Kept) -> None:
    kept.keep()
    kept.path.mkdir()
    (kept.path / "somebodys").write_text("x")
    with pytest.raises(OSError, match="not empty"):
        kept.put_back()
    assert (kept.path / "somebodys").exists()


def test_a_damaged_copy_is_found_out_before_anything_is_overwritten(kept: Kept) -> None:
    kept.make("file", "good")
    kept.keep()
    Path(files.place_of(str(kept.path), str(kept.copies))).write_text("bad")
    kept.path.write_text("now")
    with pytest.raises(ValueError, match="damaged"):
        kept.put_back()
    assert kept.path.read_text() == "now"


def test_what_is_too_large_is_refused(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 3)
    kept.make("file", "four")
    with pytest.raises(ValueError, match="too large"):
        kept.keep()


def test_a_path_that_is_a_mount_of_its_own_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 192.0.2.1, and much more than the new content has")
    inode = path.stat().st_ino

    def busy(source: str, target: str) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(writing.os, "rename", busy)
    writing.write(str(path), b"nameserver 192.0.2.2\n", ME)
    assert (path.read_text(), path.stat().st_ino) == ("nameserver 192.0.2.2\n", inode)
    assert [found.name for found in tmp_path.iterdir()] == ["resolv.conf"]


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "main.cf"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        writing.write(str(path), b"new", ME)
    assert (list(tmp_path.iterdir()), path.read_text()) == ([path], "old")


def test_extended_attributes_come_back(kept: Kept) -> None:
    kept.make("file", "before")
    try:
        os.setxattr(kept.path, "user.origin", b"packaged")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    kept.keep()
    kept.take_away()
    kept.make("file", "after")
    kept.put_back()
    assert os.getxattr(kept.path, "user.origin") == b"packaged"
