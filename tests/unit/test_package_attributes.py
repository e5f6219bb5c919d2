"""Files of packages: what is unusual is named, and what became so is a difference."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import package_attributes, package_files

from pyremediate.comparison.compare import compare
from pyremediate.known_good.hosts import KnownGood
from pyremediate.model import Difference
from tests.unit.looks import NOON, evidence


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``p`` with two files and a link; its list is older than these."""
    monkeypatch.setattr(package_files, "INFO", str(tmp_path))
    sums = ""
    (tmp_path / "p.list").write_text(
        "\n".join(
            [
                "/.",
                str(tmp_path),
                "/etc/p.conf",
                "/usr/share/doc/p",
                *(str(tmp_path / name) for name in ("daemon", "library", "link")),
            ]
        )
    )
    for name in ("daemon", "library"):
        (tmp_path / name).write_text(name)
        (tmp_path / name).chmod(0o644)
        sums += f"{hashlib.md5(name.encode()).hexdigest()}  {str(tmp_path / name).lstrip('/')}\n"
    (tmp_path / "link").symlink_to("library")
    (tmp_path / "p.md5sums").write_text(sums)
    return tmp_path


def unusual(package: Path) -> dict[str, Any]:
    found = package_attributes.unusual_files(["p"], [])
    return {Path(path).name: {k: v for k, v in entry.items() if k != "package"} for path, entry in found.items()}


def test_a_usual_package_has_nothing_unusual(package: Path) -> None:
    assert unusual(package) == {}


def test_what_is_missing_changed_or_not_as_usual_is_named(package: Path) -> None:
    (package / "daemon").write_text("")
    (package / "library").chmod(0o600)
    (package / "link").unlink()
    assert unusual(package) == {
        "daemon": {"state": "changed"},
        "library": {"owner": "root", "group": "root", "mode": "0600", "usual_mode": "0644"},
        "link": {"state": "missing"},
    }


@pytest.mark.parametrize(
    ("path", "program"),
    [
        ("/usr/lib/dovecot/lmtp", True),
        ("/usr/lib/dovecot/libdovecot.so.0", False),
        ("/usr/lib/dovecot/modules/lib20_zlib_plugin.so", False),
        ("/usr/lib/postfix/sbin/smtpd", True),
        ("/usr/lib/postfix/libpostfix-util.so.1.0.1", False),
        ("/usr/sbin/postmap", True),
        ("/usr/share/postfix/main.cf.dist", False),
    ],
)
def test_programs_can_be_run(path: str, program: bool) -> None:
    assert bool(package_attributes.PROGRAM.match(path)) is program


def compared(was: Any, now: Any) -> list[Difference]:
    same = {"installed": {"postfix": "3"}, "history": []}
    before = evidence(packages=same | ({} if was is None else {"files": was}))
    found = compare(KnownGood(before, NOON, "tester", ""), evidence(packages=same | {"files": now}))
    return list(found.differences)


POSTDROP = {"package": "postfix", "owner": "root", "group": "postdrop", "mode": "2555", "usual_mode": "0755"}


def test_what_became_unusual_is_a_difference_and_what_was_is_none() -> None:
    was = {"/usr/sbin/postdrop": POSTDROP}
    now = {"/usr/sbin/postdrop": POSTDROP, "/l": {"package": "dovecot-lmtpd", "state": "missing"}}
    (found,) = compared(was, now)
    assert (found.kind, found.name, found.aspect, found.place) == (
        "package.file",
        "/l",
        "missing",
        {"package": "dovecot-lmtpd"},
    )
    assert found.sentence() == "package.file /l: missing"
    assert compared(now, now) == []
    assert compared(None, now) == []


def test_attributes_that_changed_are_those_of_a_file() -> None:
    was = {"/usr/sbin/postdrop": POSTDROP}
    (mode,) = compared(was, {"/usr/sbin/postdrop": POSTDROP | {"mode": "0755"}})
    assert (mode.kind, mode.aspect, mode.was, mode.is_) == ("file", "mode", "2555", "0755")
    assert [(item.aspect, item.was, item.is_) for item in compared(was, {})] == [
        ("group", "postdrop", "root"),
        ("mode", "2555", "0755"),
    ]
    private = {
        "package": "p",
        "owner": "root",
        "group": "root",
        "mode": "0600",
        "usual_mode": "0644",
        "immutable": True,
    }
    assert [(item.aspect, item.was, item.is_) for item in compared({}, {"/x": private})] == [
        ("mode", "0644", "0600"),
        ("immutable", None, True),
    ]
