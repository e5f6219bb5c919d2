"""Owners and modes against Postfix's own list, as Debian installs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    Main,
    Master,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_permissions import (
    expectations,
    mode_suffices,
    observe_permissions,
)

from .observe_recorded import output

DEBIAN = Configuration("/etc/postfix", Main(), Master(), USUAL)


def expected(path: str) -> dict[str, Any]:
    (found,) = [each for each in expectations(output("postfix-files"), DEBIAN) if each["path"] == path]
    return found


def test_the_list_names_owner_group_and_mode_of_the_queue() -> None:
    assert expected("/var/spool/postfix/maildrop") == {
        "path": "/var/spool/postfix/maildrop",
        "directory": True,
        "owner": "postfix",
        "group": "postdrop",
        "mode": 0o730,
    }


def test_a_dash_in_the_list_means_any_group() -> None:
    assert expected("/var/spool/postfix/active")["group"] is None


def test_the_list_is_restricted_to_directories_of_mail_and_set_group_id_programs() -> None:
    paths = {each["path"] for each in expectations(output("postfix-files"), DEBIAN)}
    assert "/usr/sbin/postdrop" in paths
    assert "/etc/postfix/main.cf" in paths
    assert not [path for path in paths if path.startswith(("/usr/share", "/usr/lib", "/usr/sbin/postfix"))]


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("/var/spool/postfix/maildrop", 0o1730),
        ("/var/spool/postfix/public", 0o2710),
        ("/var/lib/postfix", 0o755),
        ("/usr/sbin/postdrop", 0o2555),
    ],
)
def test_modes_as_debian_has_them_are_not_wrong(path: str, mode: int) -> None:
    assert mode_suffices(mode, expected(path))


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("/usr/sbin/postdrop", 0o555),
        ("/etc/postfix/main.cf", 0o600),
        ("/etc/postfix", 0o700),
        ("/var/spool/postfix", 0o777),
        ("/var/spool/postfix/maildrop", 0o700),
        ("/var/spool/postfix/active", 0o000),
    ],
)
def test_a_mode_that_takes_what_mail_needs_or_lets_others_write_is_wrong(path: str, mode: int) -> None:
    assert not mode_suffices(mode, expected(path))


def a_queue(tmp_path: Path, lines: str) -> Configuration:
    (tmp_path / "postfix-files").write_text(lines)
    return Configuration(str(tmp_path), Main({"queue_directory": str(tmp_path)}), Master(), USUAL)


def test_only_what_is_wrong_is_told_with_what_it_should_be(tmp_path: Path) -> None:
    (tmp_path / "good").mkdir(mode=0o700)
    (tmp_path / "bad").mkdir(mode=0o700)
    owner = (tmp_path / "good").owner()
    lines = f"$queue_directory/good:d:{owner}:-:700:uc\n$queue_directory/bad:d:nobody:-:700:uc\n"
    notes: list[str] = []
    (wrong,) = observe_permissions(a_queue(tmp_path, lines), notes)
    assert (wrong["path"], wrong["owner"], wrong["expected_owner"]) == (str(tmp_path / "bad"), owner, "nobody")
    assert notes == []


def test_a_mode_that_suffices_stays_where_the_owner_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (wrong,) = observe_permissions(a_queue(tmp_path, "$queue_directory/data:d:nobody:-:700:uc\n"), [])
    assert (wrong["mode"], wrong["expected_mode"]) == ("0755", "0755")


def test_what_is_missing_has_no_owner(tmp_path: Path) -> None:
    (wrong,) = observe_permissions(a_queue(tmp_path, "$queue_directory/active:d:$mail_owner:-:700:ucr\n"), [])
    assert (wrong["owner"], wrong["mode"], wrong["expected_mode"]) == (None, None, "0700")


def test_without_the_list_nothing_is_known_and_the_reason_is_said(tmp_path: Path) -> None:
    notes: list[str] = []
    assert observe_permissions(Configuration(str(tmp_path), Main(), Master(), USUAL), notes) is None
    assert "No such file" in notes[0]
