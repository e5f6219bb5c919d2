"""The store of the last known good."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from pyremediate import baseline
from pyremediate.errors import UsageError
from pyremediate.model import Difference, Evidence
from tests.unit.looks import evidence


def file(owner: str, mode: str, digest: str, secret: bool) -> dict[str, Any]:
    named = {"kind": "file", "owner": owner, "group": owner, "mode": mode, "target": None}
    return named | {"digest": digest, "secret": secret}


FILES = {
    "tracked": {
        "/etc/postfix/main.cf": file("root", "0644", "sha256:aa", secret=False),
        "/etc/dkimkeys/key": file("opendkim", "0600", "hmac:bb", secret=True),
    }
}
FIREWALL = {"available": True, "ruleset": [], "text": "table inet filter {}"}
MAIN_CF = b"relayhost =\n"


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    return tmp_path


def observed() -> Evidence:
    return evidence(files=FILES, network={"firewall": FIREWALL})


def save(host: str = "mail01", reason: str = "approved") -> baseline.KnownGood:
    contents = {"/etc/postfix/main.cf": MAIN_CF, "/etc/dkimkeys/key": b"PRIVATE", "/etc/untracked": b"?"}
    return baseline.save(host, observed(), contents, "tester", reason)


def test_what_was_saved_is_loaded_again() -> None:
    save()
    known_good = baseline.load("mail01")
    assert known_good is not None
    assert known_good.evidence == observed()
    assert (known_good.by, known_good.reason) == ("tester", "approved")
    assert known_good.content("/etc/postfix/main.cf") == MAIN_CF
    assert known_good.meta("/etc/postfix/main.cf") == FILES["tracked"]["/etc/postfix/main.cf"]


def test_a_host_without_a_capture_has_none() -> None:
    assert baseline.load("mail02") is None


def test_secrets_and_what_was_not_tracked_are_never_stored(state: Path) -> None:
    known_good = save()
    assert known_good.content("/etc/dkimkeys/key") is None
    stored = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert b"PRIVATE" not in stored
    assert b"?" not in stored


def test_nobody_else_can_read_it(state: Path) -> None:
    save()
    for path in state.joinpath("known_good").rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert path.stat().st_mode & 0o777 == 0o600
    assert (state / "known_good" / "mail01").resolve().stat().st_mode & 0o777 == 0o700


def test_a_new_capture_replaces_the_old_one_in_one_step_and_leaves_nothing_behind(state: Path) -> None:
    save(reason="first")
    save(reason="second")
    known_good = baseline.load("mail01")
    assert known_good is not None
    assert known_good.reason == "second"
    assert len(list((state / "known_good").iterdir())) == 2  # the link and its capture


def test_a_capture_that_was_not_finished_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    save(reason="first")

    def die(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(baseline, "_publish", die)
    with pytest.raises(OSError, match="disk full"):
        save(reason="second")
    known_good = baseline.load("mail01")
    assert known_good is not None
    assert known_good.reason == "first"


def test_a_damaged_capture_is_named_with_the_mend(state: Path) -> None:
    save()
    (state / "known_good" / "mail01" / "evidence.json").write_text("{")
    with pytest.raises(UsageError, match="capture it again"):
        baseline.load("mail01")


@pytest.mark.parametrize("host", ["../x", ".hidden", "a/b", ""])
def test_a_host_name_cannot_lead_out_of_the_store(host: str) -> None:
    with pytest.raises(UsageError):
        baseline.load(host)


@pytest.mark.parametrize("path", ["etc/passwd", "/etc/../../x"])
def test_a_path_cannot_lead_out_of_the_store(path: str) -> None:
    with pytest.raises(ValueError, match="not an absolute path"):
        save().content(path)


def test_a_file_difference_carries_what_it_takes_to_put_it_back() -> None:
    enriched = baseline.enrich(Difference("file", "/etc/postfix/main.cf", "x", "y", "content"), save())
    assert base64.b64decode(enriched["content"]) == MAIN_CF
    assert (enriched["kind"], enriched["aspect"], enriched["was"], enriched["is"]) == ("file", "content", "x", "y")
    assert (enriched["owner"], enriched["mode"], enriched["digest"]) == ("root", "0644", "sha256:aa")


def test_a_secret_file_carries_its_owner_and_mode_and_keyed_hash_alone() -> None:
    named = {"kind": "file", "name": "/etc/dkimkeys/key", "was": "0600", "is": "0644", "aspect": "mode"}
    enriched = baseline.enrich(named, save())
    assert (enriched["content"], enriched["mode"], enriched["secret"]) == (None, "0600", True)


def test_a_file_that_was_added_carries_nothing_so_it_goes_away() -> None:
    enriched = baseline.enrich(Difference("file", "/etc/new", None, "file", "added"), save())
    assert (enriched["content"], enriched["owner"], enriched["was"]) == (None, None, None)


def test_packet_filter_rules_are_carried_as_they_are_loaded() -> None:
    enriched = baseline.enrich(Difference("firewall", "ruleset", [], ["x"]), save())
    assert base64.b64decode(enriched["content"]) == b"table inet filter {}"


def test_a_parameter_needs_nothing_but_its_value() -> None:
    difference = Difference("postfix.parameter", "relayhost", "", "x")
    assert baseline.enrich(difference, save())["was"] == ""


def test_the_key_for_hashes_is_made_once_and_is_private(state: Path) -> None:
    key = baseline.hash_key()
    assert len(bytes.fromhex(key)) == 32
    assert baseline.hash_key() == key
    assert os.stat(state / "hash_key").st_mode & 0o777 == 0o600  # noqa: PTH116
    assert sorted(path.name for path in state.iterdir()) == ["hash_key"]
