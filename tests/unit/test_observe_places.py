"""The directories in which mail services work."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import files, places
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import parse

from pyremediate.comparison.compare import compare
from pyremediate.known_good.hosts import KnownGood
from pyremediate.model import Difference
from tests.unit.looks import NOON, evidence


def test_mail_stores_are_what_stands_before_the_first_variable() -> None:
    text = (
        "mail_location = maildir:/var/vmail/%d/%n/Maildir\n"
        "userdb {\n  args = uid=vmail home=/srv/mail/%d/%n\n}\nnamespace x {\n  mail_location = mbox:~/mail\n}\n"
    )
    assert places.mail_stores(parse(text)) == ["/var/vmail", "/srv/mail"]
    assert places.mail_stores(parse("mail_location = maildir:~/Maildir\nuserdb {\n  args = home=/home/%u\n}\n")) == []
    assert places.mail_stores(None) == []


def test_scripts_for_everybody_are_tracked_those_of_users_are_not() -> None:
    text = "plugin {\n  sieve = file:~/sieve;active=~/.x\n  sieve_before = file:/srv/b.sieve;name=x\n  sieve_after = /srv/a\n}\n"
    assert files.sieve_scripts(parse(text)) == ["/srv/b.sieve", "/srv/a"]


def test_attributes_of_the_first_level_are_seen_and_nothing_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "SHALLOW", (str(tmp_path / "run"), str(tmp_path / "none")))
    (tmp_path / "run" / "login").mkdir(parents=True)
    (tmp_path / "run" / "socket").write_text("")
    (tmp_path / "queue" / "deferred" / "A").mkdir(parents=True)
    (tmp_path / "queue" / "restart").write_text("")
    postfix = SimpleNamespace(value=lambda name: str(tmp_path / "queue") if name == "queue_directory" else "")
    found = places.observe_places(postfix, None, [])
    assert [str(Path(path).relative_to(tmp_path)) for path in found] == [
        "queue",
        "queue/deferred",
        "queue/restart",
        "run",
        "run/login",
    ]
    assert found[str(tmp_path / "queue" / "restart")]["kind"] == "file"
    assert "size" not in found[str(tmp_path / "queue" / "restart")]


def directory(**more: Any) -> dict[str, Any]:
    return {"kind": "directory", "owner": "postfix", "group": "root", "mode": "0700", **more}


def compared(was: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    before = evidence(files={"tracked": {}, "places": was})
    after = evidence(files={"tracked": {}, "places": now})
    return list(compare(KnownGood(before, NOON, "tester", ""), after).differences)


def test_attributes_of_places_are_compared_and_what_has_come_is_no_difference() -> None:
    was = {"/q": directory(), "/q/hold": directory(), "/q/pid": directory()}
    now = {
        "/q": directory(immutable=True),
        "/q/hold": directory(mode="0000"),
        "/q/pid": directory(acl="AgA="),
        "/q/new": directory(),
    }
    assert [(item.name, item.aspect, item.was, item.is_) for item in compared(was, now)] == [
        ("/q", "immutable", None, True),
        ("/q/hold", "mode", "0700", "0000"),
        ("/q/pid", "acl", None, "AgA="),
    ]


def test_a_place_that_is_gone_is_a_difference_where_it_was_looked_for_and_lasts() -> None:
    was = {
        "/q": directory(),
        "/q/hold": directory(),
        "/q/lock": {"kind": "file"},
        "/run/x": directory(),
        "/v": directory(),
    }
    assert [(item.name, item.aspect) for item in compared(was, {"/q": directory()})] == [("/q/hold", "missing")]
    assert [(item.name, item.aspect) for item in compared(was, {"/v": {"kind": "missing"}})] == [("/v", "missing")]


def test_a_link_in_the_place_of_a_directory_stands_for_all_that_was_in_it() -> None:
    entry = dict.fromkeys(("owner", "group", "mode", "size", "modified", "digest", "target"))
    was = {"/d": {"kind": "directory", **entry}, "/d/a": {"kind": "file", **entry}}
    now = {"/d": {"kind": "link", **entry, "target": "/mnt/x"}}
    before, after = evidence(files={"tracked": was}), evidence(files={"tracked": now})
    found = compare(KnownGood(before, NOON, "tester", ""), after).differences
    assert [(item.name, item.aspect, item.was, item.is_) for item in found] == [
        ("/d", "target", "directory", "link to /mnt/x")
    ]


def test_what_was_never_looked_for_is_not_new() -> None:
    file = {"kind": "file"}
    roots = {"told": ["/etc/hosts"], "found": ["/etc/postfix", "/etc/d*"]}
    was = {"tracked": {"/etc/postfix": {"kind": "directory"}}, "roots": roots}
    now = {"/etc/postfix": {"kind": "directory"}} | dict.fromkeys(
        ("/etc/passwd", "/etc/postfix/a/b", "/etc/dx/y", "/etc/hosts"), file
    )
    before, after = evidence(files=was), evidence(files={"tracked": now})
    added = [item.name for item in compare(KnownGood(before, NOON, "tester", ""), after).differences]
    assert added == ["/etc/dx/y", "/etc/hosts", "/etc/postfix/a/b"]
    older = evidence(files={"tracked": was["tracked"]})
    now |= dict.fromkeys(("/etc/postfix/new", "/etc/systemd/system/dovecot.service.d"), file)
    found = compare(KnownGood(older, NOON, "tester", ""), evidence(files={"tracked": now})).differences
    assert [item.name for item in found] == ["/etc/postfix/new", "/etc/systemd/system/dovecot.service.d"]


def test_an_owner_without_a_name_is_no_difference_where_the_accounts_are_one() -> None:
    def accounts(digest: str) -> dict[str, Any]:
        return {"/etc/passwd": {"kind": "file", "digest": digest}}

    was, now = {"/v": directory(owner="vmail")}, {"/v": directory(owner="5000")}
    before = evidence(files={"tracked": accounts("sha256:a"), "places": was})
    for digest, found in (("sha256:b", ["content"]), ("sha256:a", ["owner"])):
        after = evidence(files={"tracked": accounts(digest), "places": now})
        assert [item.aspect for item in compare(KnownGood(before, NOON, "tester", ""), after).differences] == found


def test_a_directory_that_was_added_breaks_nothing_by_itself() -> None:
    now = {"/d": {"kind": "directory"}, "/d/x": {"kind": "directory"}, "/d/x/y": {"kind": "file"}}
    was = evidence(files={"tracked": {"/d": {"kind": "directory"}}, "roots": {"told": [], "found": ["/d"]}})
    found = compare(KnownGood(was, NOON, "tester", ""), evidence(files={"tracked": now})).differences
    assert [(item.name, item.harmless) for item in found] == [("/d/x", True), ("/d/x/y", False)]


def test_a_directory_that_only_root_may_list_costs_its_children_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(places, "SHALLOW", (str(tmp_path),))
    monkeypatch.setattr(places.os, "scandir", refuse)
    notes: list[str] = []
    found = places.observe_places(SimpleNamespace(value=lambda name: ""), None, notes)
    assert found[str(tmp_path)]["listed"] is False
    assert notes == [f"{tmp_path}: Permission denied"]


def test_what_could_not_be_listed_or_looked_at_is_no_difference() -> None:
    was = {"/var/vmail": directory(), "/var/vmail/lab.test": directory()}
    assert compared(was, {"/var/vmail": directory(listed=False)}) == []
    assert compared(was, {"/var/vmail": directory(), "/var/vmail/lab.test": {"kind": "unknown"}}) == []
    assert [found.aspect for found in compared(was, {"/var/vmail": directory()})] == ["missing"]
