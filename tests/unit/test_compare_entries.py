"""Entries of configuration files against the known good: what is a difference, and how it is named."""

from __future__ import annotations

from typing import Any

import pytest

from pyremediate.comparison import differences
from pyremediate.comparison.compare import compare
from pyremediate.comparison.telling import had_happened
from pyremediate.known_good.hosts import KnownGood
from pyremediate.model import Difference
from tests.unit.looks import NOON, evidence

ALIASES = "/etc/aliases"


def host(path: str = ALIASES, format_: str = "aliases", of: Any = None, digest: str = "sha256:a", **changes: Any) -> dict[str, Any]:
    """The sections of a host with one file and its entries."""
    entry = {"kind": "file", "owner": "root", "group": "root", "mode": "0644", "modified": None, "digest": digest, "secret": False}
    entry.update(changes)
    entries = {} if of is None else {path: {"format": format_, "of": of}}
    postfix = {"main": {"parameters": {}, "invalid": []}, "services": {}, "invalid_services": [], "maps": [
        {"parameter": "alias_maps", "type": "hash", "path": ALIASES, "database": None},
    ]}  # fmt: skip
    return {
        "postfix": postfix,
        "files": {"tracked": {path: entry}, "entries": entries, "roots": {"told": [], "found": ["/etc"]}},
    }


def compared(was: dict[str, Any], now: dict[str, Any]) -> tuple[Difference, ...]:
    return tuple(compare(KnownGood(evidence(**was), NOON, "tester", "healthy"), evidence(**now)).differences)


def words(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """How the differences are told that are not the file's."""
    return [had_happened(each) for each in compared(was, now) if each.kind != "file"]


def test_an_alias_that_goes_elsewhere_is_named_beside_its_file() -> None:
    found = compared(host(of={"info": "bob"}), host(of={"info": "eve"}, digest="sha256:b"))
    assert [(each.kind, each.name, each.was, each.is_) for each in found] == [
        ("file", ALIASES, "sha256:a", "sha256:b"), ("map.entry", f"{ALIASES} info", "bob", "eve"),
    ]  # fmt: skip
    assert had_happened(found[1]) == "mail for info, which went to bob, had been sent to eve"
    assert not differences.is_suspect(found[1])  # its file is the suspect


def test_a_text_that_says_the_same_is_no_difference() -> None:
    assert compared(host(of={"a": "x", "b": "y"}), host(of={"b": "y", "a": "x"}, digest="sha256:b")) == ()
    assert compared(host(meaning="sha256:1"), host(digest="sha256:b", meaning="sha256:1")) == ()
    assert len(compared(host(meaning="sha256:1"), host(digest="sha256:b", meaning="sha256:2"))) == 1


def test_a_capture_without_entries_still_differs_by_content() -> None:
    was = host()
    del was["files"]["entries"]
    assert [each.kind for each in compared(was, host(of={"a": "x"}, digest="sha256:b"))] == ["file"]


@pytest.mark.parametrize(
    ("path", "format_", "was", "now", "told"),
    [
        (ALIASES, "aliases", {}, {"info": "eve"}, "mail for info had been sent to eve"),
        (ALIASES, "aliases", {"info": "bob"}, {}, "the alias info had been removed (it went to bob)"),
        ("/etc/v", "table", {"a": "x"}, {}, "a had been removed from /etc/v (it was x)"),
        ("/etc/o.conf", "settings", {"Mode": "s"}, {"Mode": "sv"}, "Mode in /etc/o.conf had been changed from s to sv"),
        ("/etc/group", "groups", {"sudo": "gid 27, members ann"}, {"sudo": "gid 27, members ann eve"},
         "the group sudo had gained eve"),
        ("/etc/passwd", "users", {"eve": "uid 9, group 9, home /, shell /bin/sh"},
         {"eve": "uid 0, group 9, home /, shell /bin/sh"},
         "the uid of the user eve had been changed from 9 to 0"),
        ("/etc/sudoers", "sudo", [["root", "ALL=ALL"]], [["root", "ALL=ALL"], ["eve", "ALL=ALL"]],
         "eve had been given a rule of sudo in /etc/sudoers: ALL=ALL"),
        ("/etc/sudoers", "sudo", [["a", "x"], ["b", "y"]], [["b", "y"], ["a", "x"]],
         "the order of the rules of sudo in /etc/sudoers had been changed"),
        ("/etc/crontab", "cron", {"@daily root": "/bin/a"}, {"@daily root": "/bin/b"},
         "the job of cron at @daily root in /etc/crontab had been changed from /bin/a to /bin/b"),
        ("/etc/apt/sources.list", "sources", {}, {"deb http://x sid": ""},
         "the source of packages deb http://x sid had been added"),
        ("/root/.ssh/authorized_keys", "keys", {"eve@laptop": "ssh-rsa A"}, {},
         "the key eve@laptop, with which one can log in, had been removed from /root/.ssh/authorized_keys"),
    ],
)  # fmt: skip
def test_each_kind_of_entry_reads_as_what_had_happened(path: str, format_: str, was: Any, now: Any, told: str) -> None:
    assert words(host(path, format_, was), host(path, format_, now, "sha256:b")) == [told]


def test_a_new_file_s_entries_are_named_where_it_was_looked_for() -> None:
    path = "/etc/sudoers.d/eve"
    now = host(path, "sudo", [["eve", "ALL=ALL"]])
    assert words(host(), now)[:1] == ["eve had been given a rule of sudo in /etc/sudoers.d/eve: ALL=ALL"]
    elsewhere = host()
    elsewhere["files"]["roots"]["found"] = ["/etc/postfix"]
    assert words(elsewhere, now) == []


def test_a_secret_is_named_and_not_told() -> None:
    was, now = (host("/etc/users", "accounts", {"bob": f"(withheld) hmac:{each}"}, digest=f"hmac:{each}") for each in "ab")
    (difference,) = [each for each in compared(was, now) if each.kind == "map.entry"]
    assert difference.secret
    assert had_happened(difference) == "bob in /etc/users, which is secret, had been changed"
    assert difference.sentence() == "map.entry /etc/users bob: content changed"


def test_a_file_that_became_readable_for_everybody_differs_by_its_mode_alone() -> None:
    was = host("/etc/users", "accounts", {"bob": "(withheld) hmac:a"}, "hmac:a", mode="0600", secret=True)
    assert [each.aspect for each in compared(was, host("/etc/users", "accounts", {"bob": "x"}))] == ["mode"]


def test_what_no_mail_depends_on_is_no_suspect_and_can_still_be_put_back() -> None:
    was = host("/etc/sudoers", "sudo", [["a", "x"]])
    (file, _) = compared(was, host("/etc/sudoers", "sudo", [["a", "y"]], "sha256:b"))
    assert (file.harmless, differences.is_suspect(file), differences.can_be_put_back(file)) == (True, False, True)
