"""Differences become wishes, and wishes come true: on files of this test's own."""

from __future__ import annotations

import base64
import grp
import hashlib
import os
import pwd
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_snapshot as snapshot
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.module_utils.checkpoint_cover import uncovered
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import wishes_of

ME, MY_GROUP = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def parameter(name: str, was: str | None, is_: str | None = "x") -> dict[str, Any]:
    return {"kind": "postfix.parameter", "name": name, "was": was, "is": is_}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "PERSISTENT", str(tmp_path / "lib"))


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    directory = tmp_path / "etc"
    directory.mkdir()
    (directory / "main.cf").write_text("# grüße\nmyhostname = a\nthis is broken\nrelayhost = evil\n")
    (directory / "master.cf").write_text("#smtp inet n - y - - smtpd\n")
    return directory


def put_back(etc: Path, *differences: dict[str, Any]) -> list[str]:
    """Roll back, and again: the second time changes nothing."""
    changes = applying.changes_of(wishes_of(differences, str(etc)))
    applying.carry_out(changes, str(etc.parent / "removed"))
    assert applying.unfulfilled(changes) == []
    assert applying.changes_of(wishes_of(differences, str(etc))) == []
    return [change.name for change in changes]


def test_several_differences_of_one_file_are_one_write_and_comments_survive_in_any_encoding(etc: Path) -> None:
    (etc / "main.cf").write_bytes(b"# gr\xfc\xdfe\nmyhostname = a\nthis is broken\nrelayhost = evil\n")
    changed = put_back(
        etc,
        parameter("myhostname", "b", "a"),
        parameter("relayhost", None, "evil"),
        parameter("smtpd_banner", "grüß", None),
        {"kind": "postfix.line", "name": f"{etc}/main.cf:3", "was": None, "is": "this is broken", "aspect": "added"},
    )
    assert changed == [f"{etc}/main.cf"]
    assert (etc / "main.cf").read_bytes() == b"# gr\xfc\xdfe\nmyhostname = b\n" + "smtpd_banner = grüß\n".encode()


def test_a_service_is_uncommented(etc: Path) -> None:
    was = {"columns": "smtp inet n - y - - smtpd", "options": {}}
    put_back(etc, {"kind": "postfix.service", "name": "smtp/inet", "was": was, "is": None})
    assert (etc / "master.cf").read_text() == "smtp inet n - y - - smtpd\n"


def test_the_mode_and_owner_of_an_edited_file_stay(etc: Path) -> None:
    (etc / "main.cf").chmod(0o640)
    put_back(etc, parameter("myhostname", "b"))
    assert stat.S_IMODE((etc / "main.cf").stat().st_mode) == 0o640


def file(path: Path, aspect: str, was: Any = "x", **more: Any) -> dict[str, Any]:
    return {"kind": "file", "name": str(path), "aspect": aspect, "was": was, "is": "y", **more}


def test_one_aspect_of_a_file_is_put_back_and_the_others_stay(etc: Path) -> None:
    path = etc / "vmailbox"
    path.write_text("edited since\n")
    path.chmod(0o600)
    put_back(etc, file(path, "mode", "0644", content=encoded("recorded"), mode="0644", owner=ME, group=MY_GROUP))
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("edited since\n", 0o644)
    put_back(etc, file(path, "content", "sha256:x", content=encoded("recorded"), mode="0600", owner=ME, group=MY_GROUP))
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("recorded", 0o644)


def test_what_is_gone_comes_back_whole_its_directory_first(etc: Path) -> None:
    known = {"owner": ME, "group": MY_GROUP}
    put_back(
        etc,
        file(etc / "conf.d" / "10-auth.conf", "missing", "file", content=encoded("x"), mode="0640", **known),
        file(etc / "conf.d", "missing", "directory", mode="0750", **known),
        file(etc / "current", "missing", "link", target="conf.d", **known),
    )
    assert (etc / "current" / "10-auth.conf").read_text() == "x"
    assert stat.S_IMODE((etc / "conf.d").stat().st_mode) == 0o750
    assert stat.S_IMODE((etc / "conf.d" / "10-auth.conf").stat().st_mode) == 0o640


def test_what_was_added_is_moved_away_and_not_deleted(etc: Path) -> None:
    (etc / "conf.d").mkdir()
    (etc / "conf.d" / "00-deny.conf").write_text("deny")
    put_back(etc, file(etc / "conf.d", "added", None), file(etc / "conf.d" / "00-deny.conf", "added", None))
    assert not (etc / "conf.d").exists()
    assert [path.read_text() for path in (etc.parent / "removed").rglob("00-deny.conf")] == ["deny"]


def test_a_link_that_was_replaced_by_a_file_points_again_and_a_file_that_became_a_link_is_one_again(etc: Path) -> None:
    (etc / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    (etc / "hosts").symlink_to("/dev/null")
    put_back(
        etc,
        file(etc / "resolv.conf", "target", target="/run/resolv.conf", owner=ME, group=MY_GROUP),
        file(etc / "hosts", "target", content=encoded("127.0.0.1"), owner=ME, group=MY_GROUP, mode="0644", target=None),
    )
    assert str((etc / "resolv.conf").readlink()) == "/run/resolv.conf"
    assert (etc / "hosts").read_text() == "127.0.0.1" and not (etc / "hosts").is_symlink()


def test_everything_that_cannot_be_put_back_is_named_at_once_and_nothing_is_touched(etc: Path) -> None:
    before = (etc / "main.cf").read_text()
    with pytest.raises(ValueError) as raised:
        put_back(
            etc,
            parameter("myhostname", "b"),
            {"kind": "package", "name": "postfix", "was": "1", "is": "2"},
            parameter("smtp_sasl_password", "(withheld)"),
            file(etc / "main.cf", "colour"),
            {"kind": "unit", "name": "postfix.service", "aspect": "active", "was": "active", "is": "failed"},
            {"kind": "postfix.service", "name": "smtp/inet", "is": None},
            file(Path("relative"), "content", content=""),
        )
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == [
        "package postfix", "postfix.parameter smtp_sasl_password", f"file {etc}/main.cf", "unit postfix.service",
        "postfix.service smtp/inet", "file relative",
    ]  # fmt: skip
    assert (etc / "main.cf").read_text() == before


def test_an_owner_that_does_not_exist_here_is_said(etc: Path) -> None:
    with pytest.raises(ValueError, match="there is no user nobody-of-this-name"):
        put_back(etc, file(etc / "main.cf", "owner", "nobody-of-this-name"))


# -- secret files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def key(etc: Path) -> Path:
    path = etc / "key.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nxyz\n")
    path.chmod(0o644)
    return path


def test_secret_files_are_sorted_out_whatever_their_mode_and_only_their_keyed_hash_is_known(
    etc: Path, key: Path
) -> None:
    (etc / "users").write_text("alice:{PLAIN}pw")
    (etc / "users").chmod(0o640)
    taken = snapshot.take([str(key), str(etc / "users"), str(etc / "main.cf"), str(etc), str(etc / "no")], "k", 1000)
    assert set(taken.contents) == {str(etc / "main.cf")}
    assert set(taken.secrets) == {str(key), str(etc / "users")}
    assert set(taken.skipped) == {str(etc), str(etc / "no")}
    entry = taken.secrets[str(key)][1]
    assert entry["keyed"].startswith("hmac:") and entry["mode"] == "0644"


def test_what_is_larger_than_a_configuration_is_skipped_with_the_reason(etc: Path) -> None:
    taken = snapshot.take([str(etc / "main.cf")], "k", 10)
    assert "more than the 10" in taken.skipped[str(etc / "main.cf")]


def capture(*paths: Path) -> dict[str, str]:
    """Keep the secrets; {path: keyed hash}."""
    taken = snapshot.take([str(path) for path in paths], "k", 1000)
    known_good.keep(taken.secrets)
    return {path: entry["keyed"] for path, (_, entry) in taken.secrets.items()}


def test_a_secret_file_comes_back_from_the_copy_on_the_host(etc: Path, key: Path) -> None:
    good = key.read_text()
    digests = capture(key)
    key.write_text("-----BEGIN PRIVATE KEY-----\nanother\n")
    put_back(etc, file(key, "content", "(withheld)", secret=True, digest=digests[str(key)]))
    assert key.read_text() == good


def test_a_copy_of_another_capture_is_not_used(etc: Path, key: Path) -> None:
    capture(key)
    with pytest.raises(ValueError, match="of another capture"):
        put_back(etc, file(key, "content", secret=True, digest="hmac:0"))


def test_a_damaged_or_missing_copy_is_not_used(etc: Path, key: Path) -> None:
    digests = capture(key)
    for copy in (etc.parent / "lib/known_good/files").iterdir():
        copy.write_text("damaged")
    with pytest.raises(ValueError, match="is damaged"):
        put_back(etc, file(key, "content", secret=True, digest=digests[str(key)]))
    with pytest.raises(ValueError, match="no copy of"):
        put_back(etc, file(etc / "users", "content", secret=True))


def test_copies_are_readable_by_their_owner_alone_and_go_with_the_next_capture(etc: Path, key: Path) -> None:
    capture(key)
    home = etc.parent / "lib/known_good"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")]}
    assert modes <= {0o700, 0o600}
    key.write_text("-----BEGIN PRIVATE KEY-----\nrenewed\n")
    capture(key)
    assert [path.name for path in (home / "files").iterdir()] == [hashlib.sha256(key.read_bytes()).hexdigest()]


# -- the checkpoint ---------------------------------------------------------------------------------------------------


def test_a_change_that_the_checkpoint_could_not_undo_is_named(etc: Path) -> None:
    changes = applying.changes_of(wishes_of([parameter("myhostname", "b")], str(etc)))
    items = [{"kind": "file", "name": f"{etc}/main.cf"}]
    assert uncovered({"items": items, "trees": []}, changes) == []
    assert uncovered({"items": [], "trees": [str(etc)]}, changes) == []
    missing = [f"file {etc}/main.cf"]
    assert uncovered({"items": [], "trees": []}, changes) == missing
    assert uncovered({"items": items, "trees": [], "restored_at": "2026-11-25T01:02:03Z"}, changes) == missing
    assert uncovered(None, changes) == missing
