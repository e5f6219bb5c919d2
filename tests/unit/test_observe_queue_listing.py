"""Every message of the queue in one short line, from the queue files."""

from __future__ import annotations

import json
import time
import zlib
from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import queue_listing

from .observe_recorded import RECORDED

QUEUE_FILE = (RECORDED / "host" / "queue_file").read_bytes()
ARRIVED, SIZE = 1795569930, 300


def message(spool: Path, queue: str, name: str, octets: bytes = QUEUE_FILE, mode: int = 0o700) -> Path:
    """A queue file where Postfix has it: in a directory named by the first character of deferred messages."""
    directory = spool / queue / name[0] if queue == "deferred" else spool / queue
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_bytes(octets)
    path.chmod(mode)
    return path


def test_messages_of_every_queue_are_listed_with_arrival_and_size(tmp_path: Path) -> None:
    for queue, name in (("deferred", "2C765170331"), ("hold", "2C765170332"), ("active", "2C765170333")):
        message(tmp_path, queue, name)
    listing = queue_listing.listed(str(tmp_path))
    (line,) = {rows.partition(" ")[2] for rows in listing["rows"].values()}
    assert sorted(listing["rows"]) == ["active", "deferred", "hold"]
    assert line == f"{ARRIVED} {SIZE}"
    assert (listing["complete"], listing["error"]) == (True, "")
    assert queue_listing.identities(listing) == {"2C765170331", "2C765170332", "2C765170333"}


def test_a_message_that_is_still_being_received_is_not_accepted(tmp_path: Path) -> None:
    message(tmp_path, "incoming", "2C765170331", mode=0o600)
    assert queue_listing.listed(str(tmp_path))["rows"] == {}


def test_a_file_that_is_cut_off_is_listed_without_its_arrival(tmp_path: Path) -> None:
    message(tmp_path, "deferred", "2C765170331", b"C")
    assert queue_listing.listed(str(tmp_path))["rows"] == {"deferred": "2C765170331 - 1"}


def test_a_message_that_moves_back_while_we_look_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A retry moves it from deferred to active just after active was read."""
    path = message(tmp_path, "deferred", "2C765170331")
    (tmp_path / "active").mkdir()
    real = queue_listing.files

    def files(directory: str, failures: list[str]) -> list[str] | None:
        found: list[str] | None = real(directory, failures)
        if directory.endswith("active") and path.exists():
            path.rename(tmp_path / "active" / path.name)
        return found

    monkeypatch.setattr(queue_listing, "files", files)
    assert list(queue_listing.listed(str(tmp_path))["rows"]) == ["active"]


def test_a_queue_that_cannot_be_read_makes_the_listing_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(queue_listing.os, "scandir", refused)
    listing = queue_listing.listed(str(tmp_path))
    assert not listing["complete"]
    assert "Permission denied" in listing["error"]


def test_fifty_thousand_messages_are_listed_in_seconds_and_travel_small(tmp_path: Path) -> None:
    for number in range(50000):
        message(tmp_path, "deferred", f"{number * 7919 % 0xFFFFF:05X}{170000 + number:X}", QUEUE_FILE[:300])
    began = time.monotonic()
    listing = queue_listing.listed(str(tmp_path))
    assert time.monotonic() - began < 10  # it takes about a second where nothing else runs
    assert listing["rows"]["deferred"].count("\n") == 49999
    assert len(zlib.compress(json.dumps(listing).encode(), 1)) < 600000
