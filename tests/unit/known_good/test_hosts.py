"""What is kept of a mail host."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from pathlib import Path

import pytest

from pyremediate.errors import UsageError
from pyremediate.known_good import hosts, repository, writing
from pyremediate.known_good.hosts import Captured, enrich
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.secrecy import hash_key
from pyremediate.known_good.writing import Approval
from pyremediate.model import Difference, State
from tests.unit.known_good.stage import FILES, MAIN_CF, file, git, observed, save
from tests.unit.looks import NOON


def kept(host: str = "mail01") -> hosts.KnownGood:
    known_good = hosts.load(host)
    assert known_good is not None
    return known_good


def test_what_was_saved_is_loaded_again() -> None:
    save()
    known_good = kept()
    assert known_good.evidence == observed()
    assert (known_good.by, known_good.reason) == ("tester", "approved")
    assert known_good.content("/etc/postfix/main.cf") == MAIN_CF
    assert known_good.meta("/etc/postfix/main.cf") == FILES["tracked"]["/etc/postfix/main.cf"]


def test_a_section_that_could_not_be_observed_stays_unknown() -> None:
    save(postfix=State.FAILED)
    section = kept().evidence.sections["postfix"]
    assert (section.state, section.error) == (State.FAILED, "timed out")


def test_a_host_without_a_capture_has_none() -> None:
    assert hosts.load("mail02") is None
    assert hosts.names() == []
    save()
    assert hosts.load("mail02") is None
    assert hosts.names() == ["mail01"]


def test_many_hosts_are_loaded_from_one_commit() -> None:
    for host in ("mail01", "mail02"):
        save(host)
    found = hosts.load_all(["mail01", "mail02", "mail03"])
    assert sorted(found) == ["mail01", "mail02"]
    assert found["mail01"].commit == found["mail02"].commit


def test_secrets_and_what_was_not_tracked_are_never_stored(state: Path) -> None:
    save()
    assert kept().content("/etc/dkimkeys/key") is None
    objects = git(state, "cat-file", "--batch", "--batch-all-objects")
    assert "relayhost" in objects
    assert "PRIVATE" not in objects and "UNTRACKED" not in objects


def test_what_changes_by_itself_is_not_kept() -> None:
    unit = {"active": "active", "enabled": "enabled", "main_pid": 7, "since": "2026-11-25T00:00:00Z"}
    save(services={"units": {"postfix.service": unit}, "processes": {"smtpd": 2}}, log={"problems": []})
    sections = kept().evidence.sections
    assert "log" not in sections
    assert sections["services"].data == {"units": {"postfix.service": {"active": "active", "enabled": "enabled"}}}


ODD_NAMES = ["/etc/postfix/.git/config", "/etc/postfix/.GIT", "/etc/100%", "/etc/a\nb", '/etc/"q\\', "/etc/ü/é \udcff"]


@pytest.mark.parametrize("path", ODD_NAMES)
def test_a_file_is_kept_whatever_its_name_is(state: Path, path: str) -> None:
    files = {"tracked": {path: file("root", "0644", "sha256:aa", secret=False)}}
    save(files=files, contents={path: b"\0\n"})
    assert kept().content(path) == b"\0\n"
    git(state, "fsck", "--strict")


@pytest.mark.parametrize("host", ["../x", ".hidden", "a/b", ""])
def test_a_host_name_cannot_lead_out_of_the_store(host: str) -> None:
    with pytest.raises(UsageError):
        hosts.load(host)
    with pytest.raises(UsageError):
        save(host)


@pytest.mark.parametrize("path", ["etc/passwd", "/etc/../../x"])
def test_a_path_cannot_lead_out_of_the_store(path: str) -> None:
    save()
    with pytest.raises(ValueError, match="not an absolute path"):
        kept().content(path)


def test_a_damaged_capture_is_named_with_the_mend(state: Path) -> None:
    files = hosts.files_of(Captured(observed()))
    writing.replace({"hosts/mail01": {**files, "evidence/files.json": b"{"}}, Approval("tester", ""), NOON)
    with pytest.raises(UsageError, match=r"hosts/mail01 .* capture it again: pyremediate baseline capture --host mail01"):
        hosts.load("mail01")


def test_an_earlier_approval_is_found_by_its_commit() -> None:
    first = save(contents={"/etc/postfix/main.cf": b"first"}).commit
    save(contents={"/etc/postfix/main.cf": b"second"})
    assert hosts.at(first[:10], "mail01").content("/etc/postfix/main.cf") == b"first"
    with pytest.raises(UsageError, match=r"nothing was kept of mail02 at .*; see: pyremediate baseline history mail02"):
        hosts.at(first, "mail02")
    with pytest.raises(UsageError, match="'--all' is no approval on record"):
        hosts.at("--all", "mail01")


def test_the_time_is_that_of_the_last_capture_that_was_the_same() -> None:
    captured = {"hosts/mail01": hosts.files_of(Captured(observed()))}
    writing.replace(captured, Approval("tester", "first"), NOON)
    again = writing.replace(captured, Approval("somebody else", "again"), NOON + timedelta(days=1))
    assert (again.commit, again.same) == ("", ("hosts/mail01",))
    assert (kept().captured_at, kept().by, kept().reason) == (NOON + timedelta(days=1), "tester", "first")
    assert [commit.reason for commit in repository.history("hosts/mail01")] == ["first"]


def test_hosts_and_devices_of_one_approval_are_one_commit(state: Path) -> None:
    hosts_captured = {name: Captured(observed()) for name in ("mail01", "mail02")}
    keep(hosts_captured, [], Approval("anna as root", "after\nthe move", incident="20261125-1", ticket="OPS-7"))
    (commit,) = repository.history("hosts/mail02")
    assert (commit.by, commit.reason, commit.what) == ("anna as root", "after the move", "Captured: mail01, mail02")
    assert (commit.incident, commit.ticket) == ("20261125-1", "OPS-7")
    assert git(state, "log", "--format=%an %ae|%(trailers:unfold,separator=;)").startswith("anna as root anna@")


def test_a_trailer_is_one_line() -> None:
    with pytest.raises(UsageError, match="--ticket: one line was expected"):
        Approval("anna", "", ticket="a\nIncident: b")


def test_a_file_difference_carries_what_it_takes_to_put_it_back() -> None:
    save()
    enriched = enrich(Difference("file", "/etc/postfix/main.cf", "x", "y", "content"), kept())
    assert base64.b64decode(enriched["content"]) == MAIN_CF
    assert (enriched["kind"], enriched["aspect"], enriched["was"], enriched["is"]) == ("file", "content", "x", "y")
    assert (enriched["owner"], enriched["mode"], enriched["digest"]) == ("root", "0644", "sha256:aa")


def test_a_secret_file_carries_its_owner_and_mode_and_keyed_hash_alone() -> None:
    save()
    named = {"kind": "file", "name": "/etc/dkimkeys/key", "was": "0600", "is": "0644", "aspect": "mode"}
    enriched = enrich(named, kept())
    assert (enriched["content"], enriched["mode"], enriched["secret"]) == (None, "0600", True)


def test_a_file_that_was_added_carries_nothing_so_it_goes_away() -> None:
    save()
    enriched = enrich(Difference("file", "/etc/new", None, "file", "added"), kept())
    assert (enriched["content"], enriched["owner"], enriched["was"]) == (None, None, None)


def test_packet_filter_rules_are_carried_as_they_are_loaded() -> None:
    save()
    enriched = enrich(Difference("firewall", "ruleset", [], ["x"]), kept())
    assert base64.b64decode(enriched["content"]) == b"table inet filter {}"


def test_a_parameter_needs_nothing_but_its_value() -> None:
    save()
    assert enrich(Difference("postfix.parameter", "relayhost", "", "x"), kept())["was"] == ""


def test_the_key_for_hashes_is_made_once_and_is_private(state: Path) -> None:
    key = hash_key()
    assert len(bytes.fromhex(key)) == 32
    assert hash_key() == key
    assert os.stat(state / "hash_key").st_mode & 0o777 == 0o600  # noqa: PTH116
    assert sorted(path.name for path in state.iterdir()) == ["hash_key"]
