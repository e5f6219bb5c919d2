"""File systems, memory, and what could be removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import reclaimable, resources
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request

from .observe_recorded import output


def test_the_mounts_are_read_and_escaped_characters_are_restored() -> None:
    mounts = {each.mount: each for each in resources.parse_mountinfo(output("mountinfo.txt"))}
    assert mounts["/"] == resources.Mount("/", "/dev/vda1", "ext4")
    assert "/var/log/with space" in mounts


def test_of_two_mounts_at_one_place_the_one_that_can_be_seen_counts() -> None:
    mounts = [each for each in resources.parse_mountinfo(output("mountinfo.txt")) if each.mount == "/var/vmail"]
    assert [each.type for each in mounts] == ["tmpfs"]


def test_a_path_is_held_by_the_deepest_mount_above_it() -> None:
    mounts = resources.parse_mountinfo(output("mountinfo.txt"))
    assert resources.holder("/var/spool/postfix/active", mounts) == "/var/spool/postfix"
    assert resources.holder("/var/spool/postfix2", mounts) == "/"
    assert resources.holder("/var/log", mounts) == "/"


def test_memory_is_in_bytes() -> None:
    text = "MemTotal:        2048 kB\nMemFree:  10 kB\nMemAvailable:    1024 kB\nHugePages_Total:       0\n"
    assert resources.parse_memory(text) == {"total": 2097152, "available": 1048576}


def test_this_host_has_a_root_file_system_and_a_spool() -> None:
    section = resources.observe(Request("here"), [])
    assert "/" in {each["mount"] for each in section["filesystems"]}
    assert section["spool"]["available"] > 0
    assert len(section["load"]) == 3


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reclaimable, "PLACES", (("rotated_logs", str(tmp_path), reclaimable.ROTATED),))
    for name in ("mail.log", "mail.log.1", "mail.log.2.gz", "syslog-20261125", "mail.1.txt"):
        (tmp_path / name).write_bytes(b"x" * 8192)
    return tmp_path


def test_rotated_logs_can_be_removed_and_live_ones_are_not_named(logs: Path) -> None:
    (entry,) = reclaimable.observe_reclaimable(str(logs))
    assert {Path(file).name for file in entry["files"]} == {"mail.log.1", "mail.log.2.gz", "syslog-20261125"}
    assert entry["bytes"] >= 3 * 8192
    assert entry["device_shared_with_spool"] is True


def test_what_is_on_another_device_than_the_spool_does_not_help_it(logs: Path) -> None:
    (entry,) = reclaimable.observe_reclaimable("/proc")
    assert entry["device_shared_with_spool"] is False


def test_where_there_is_nothing_to_remove_nothing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaimable, "PLACES", (("package_cache", str(tmp_path), reclaimable.PACKAGE),))
    assert reclaimable.observe_reclaimable("/") == []


def test_a_link_is_not_followed_out_of_the_logs(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "mail.1").write_bytes(b"x")
    (logs / "linked").symlink_to(outside)
    (entry,) = reclaimable.observe_reclaimable("/")
    assert not [file for file in entry["files"] if "linked" in file]
