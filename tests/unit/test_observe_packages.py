"""Packages, from dpkg's own files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import (
    package_files,
    package_history,
    packages,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request, Unavailable

from .observe_recorded import output

STATUS = """Package: postfix
Status: hold ok installed
Priority: optional
Version: 3.7.11-0+deb12u1
Description: High-performance mail transport agent
 Version: not this one

Package: dnsmasq
Status: deinstall ok config-files
Version: 2.90-4

Package: rspamd
Status: install ok half-configured
Version: 3.4-1
"""


def test_installed_packages_and_holds_are_read_and_removed_ones_are_not() -> None:
    assert packages.parse_status(STATUS) == {"postfix": ("3.7.11-0+deb12u1", True), "rspamd": ("3.4-1", False)}


def test_the_versions_of_a_package_are_read_newest_first() -> None:
    assert packages.parse_policy(output("apt_policy.txt"))["postfix"] == {
        "candidate": "3.7.11-0+deb12u1",
        "versions": ["3.7.11-0+deb12u1"],
    }


def test_a_newer_version_is_the_candidate_and_the_installed_one_is_marked() -> None:
    text = (
        "postfix:\n  Installed: 1.0\n  Candidate: 1.1\n  Version table:\n"
        "     1.1 500\n        500 http://a.test bookworm/main amd64 Packages\n"
        " *** 1.0 100\n        100 /var/lib/dpkg/status\n"
    )
    assert packages.parse_policy(text) == {"postfix": {"candidate": "1.1", "versions": ["1.1", "1.0"]}}


def test_a_host_without_dpkg_has_no_packages_to_speak_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "STATUS", "/nonexistent")
    with pytest.raises(Unavailable, match="no dpkg"):
        packages.observe(Request("mail01"), [])


def test_the_history_has_installations_upgrades_and_removals_and_no_other_lines() -> None:
    text = (
        "2026-11-25 01:03:15 install postfix:amd64 <none> 3.7.11\n"
        "2026-11-25 01:03:16 status installed postfix:amd64 3.7.11\n"
        "2026-11-25 01:03:17 upgrade postfix:amd64 3.7.11 3.7.12\n"
        "2026-11-25 01:03:18 trigproc man-db:amd64 2.1 <none>\n"
        "2026-11-25 01:03:19 remove dnsmasq:all 2.90 <none>\n"
    )
    found = package_history.parse_log(text)
    assert [(each["action"], each["package"], each["from"], each["to"]) for each in found] == [
        ("install", "postfix", None, "3.7.11"),
        ("upgrade", "postfix", "3.7.11", "3.7.12"),
        ("remove", "dnsmasq", "2.90", None),
    ]


def test_only_the_end_of_a_long_log_is_read_from_the_start_of_a_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("first line\nsecond line\nthird line\n")
    assert package_history.tail(str(tmp_path / "log"), size=15) == "third line\n"
    assert package_history.tail(str(tmp_path / "log")).startswith("first")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``p`` with two files; its list is older than everything, so that all files are looked at."""
    monkeypatch.setattr(package_files, "INFO", str(tmp_path))
    (tmp_path / "p.list").write_text("")
    sums = ""
    for name in ("daemon", "library"):
        (tmp_path / name).write_text(name)
        sums += f"{hashlib.md5(name.encode()).hexdigest()}  {str(tmp_path / name).lstrip('/')}\n"
    (tmp_path / "p.md5sums").write_text(sums + f"{'0' * 32}  usr/share/doc/p/changelog.gz\n")
    return tmp_path


def test_a_package_as_it_was_brought_is_not_named(package: Path) -> None:
    assert package_files.modified_files(["p"], []) == {}


def test_a_changed_and_a_missing_file_are_named_and_missing_documentation_is_not(package: Path) -> None:
    (package / "daemon").write_text("exit 1")
    (package / "library").unlink()
    assert package_files.modified_files(["p"], []) == {"p": [str(package / "daemon"), str(package / "library")]}


def test_a_change_is_found_though_the_time_of_the_file_was_set_back(package: Path) -> None:
    (package / "daemon").write_text("exit 1")
    os.utime(package / "daemon", (0, 0))
    assert package_files.modified_files(["p"], []) == {"p": [str(package / "daemon")]}


def test_a_package_without_sums_is_said(package: Path) -> None:
    notes: list[str] = []
    assert package_files.modified_files(["q"], notes) == {}
    assert "q.list: No such file" in notes[0]


def test_a_lock_that_somebody_holds_is_seen_and_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = tmp_path / "lock"
    lock.write_text("")
    monkeypatch.setattr(packages, "LOCKS", (str(lock),))
    assert packages._manager_locked() is False
    holder = os.fork()
    if holder == 0:  # POSIX locks are seen from another process only
        _hold(lock)
    _wait_until((tmp_path / "held").exists)
    try:
        assert packages._manager_locked() is True
    finally:
        os.kill(holder, 9)
        os.waitpid(holder, 0)


def _hold(lock: Path) -> None:
    import fcntl

    with lock.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        (lock.parent / "held").write_text("")
        _wait_until(lambda: False, seconds=30)
    os._exit(0)


def _wait_until(condition: Any, seconds: float = 10) -> None:
    import time

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not condition():
        time.sleep(0.01)
