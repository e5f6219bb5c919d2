"""One tar for a human without the tool: all of it, in order, without secrets, and never over somebody's file."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.diagnosis import matrix
from pyremediate.errors import UsageError
from pyremediate.journal import Entry, Journal
from pyremediate.journal.redact import secret_values
from pyremediate.model import Answer, Difference, Look
from pyremediate.report import bundle
from tests.unit.accounts import after, before
from tests.unit.incidents import CHECKS, LEDGER, OUTCOME, record
from tests.unit.looks import leg

A, B = "83E1816C1F7", "9648016C1F6"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(f"sqlite:///{tmp_path}/journal.sqlite") as opened:
        yield opened


@pytest.fixture
def entries(journal: Journal) -> Sequence[Entry]:
    outcome = replace(OUTCOME, outcome="escalated", human=("Replace the disk.", "Restore mail."), ledger=LEDGER)
    return journal.entries(record(journal, outcome))


def lost(journal: Journal) -> Sequence[Entry]:
    """An incident of two looks, between which a message got lost."""
    changed = Difference("postfix.parameter", "myhostname", "a.lab.test", "b.lab.test")
    seen = [before(f"deferred/{A}@900", f"deferred/{B}@900"), after(f"deferred/{B}@900")]
    legs = (leg("inbound.connect", detail="220 mail01"), leg("inbound.banner", Answer.FAIL))
    looks: list[Look] = [replace(look, differences=(changed,), legs=legs) for look in seen]
    incident = journal.begin("mail01", "anna", "1.0")
    for look in looks:
        journal.write(incident, "assess", "look", {"look": look})
    return journal.entries(incident)


def test_the_index_comes_first_and_tells_what_to_do_what_happened_and_what_was_undone(entries: Sequence[Entry]) -> None:
    told = bundle.files(entries)
    assert next(iter(told)) == "index.md"
    index = told["index.md"]
    assert "1. Replace the disk.\n2. Restore mail.\n" in index
    assert index.index("The incident was opened") < index.index("The run ended: handed to people.")
    assert "postfix/parameter\\_changed" in index or "postfix/parameter_changed" in index
    assert "by “Start Postfix”: it was tried and undone: its condition still holds." in index
    assert all(
        f"[{name}]({name})" in index for name in ("report.md", "changes.md", "ledger.json", "looks/", "journal.jsonl")
    )


def test_the_picture_is_beside_the_report_and_in_it(journal: Journal) -> None:
    seen = matrix.told(replace(before(), legs=(leg("inbound.connect", Answer.FAIL),)))
    told = bundle.files(journal.entries(record(journal, replace(OUTCOME, vantage=seen))))
    assert told["vantage.svg"].startswith("<svg ")
    assert "](vantage.svg)" in told["report.md"]
    assert "[vantage.svg](vantage.svg)" in told["index.md"]


def test_without_a_look_from_outside_there_is_no_picture(entries: Sequence[Entry]) -> None:
    told = bundle.files(entries)
    assert "vantage.svg" not in told
    assert "vantage.svg" not in told["report.md"] + told["index.md"]


def test_every_entry_and_every_look_is_there(entries: Sequence[Entry]) -> None:
    told = bundle.files(entries)
    lines = [json.loads(line) for line in told["journal.jsonl"].splitlines()]
    assert [line["kind"] for line in lines] == [entry.kind for entry in entries]
    named = [line["payload"]["look"] for line in lines if line["kind"] == "look"]
    assert len(named) == 2 and all(json.loads(told[name])["host"] == "mail01" for name in named)


def test_every_message_is_in_the_ledger(journal: Journal) -> None:
    rows = list(csv.DictReader(io.StringIO(bundle.files(lost(journal))["ledger.csv"])))
    assert [(row["id"], row["fate"]) for row in rows] == [(A, "missing"), (B, "still queued")]


def test_differences_and_changes_are_shown_as_diffs(journal: Journal, entries: Sequence[Entry]) -> None:
    told = bundle.files(lost(journal))
    assert "-a.lab.test\n+b.lab.test\n" in told["differences.md"]
    assert "-lmtp:x\n+lmtp:y\n" in bundle.files(entries)["changes.md"]


def test_what_passes_is_excluded_with_its_proof_and_what_fails_is_not(journal: Journal) -> None:
    index = bundle.files(lost(journal))["index.md"]
    assert "inbound from client01 passes connect (220 mail01)." in index
    assert "banner (" not in index


def test_the_tar_is_its_owner_s_alone_and_stands_in_a_directory_of_its_own(
    entries: Sequence[Entry], tmp_path: Path
) -> None:
    path = tmp_path / "out.tar.gz"
    bundle.write(path, bundle.pack("an-id", bundle.files(entries), entries, compressed=True))
    assert path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(path) as tar:
        members = tar.getmembers()
    assert members[0].name == "an-id/index.md"
    assert {member.mode for member in members} == {0o600}


def test_a_file_that_is_there_is_overwritten_only_when_told(tmp_path: Path) -> None:
    path = tmp_path / "out.tar"
    path.write_text("somebody's")
    with pytest.raises(UsageError, match="exists already"):
        bundle.write(path, b"new")
    assert path.read_text() == "somebody's"
    bundle.write(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["out.tar"]
    with pytest.raises(UsageError, match="cannot be written"):
        bundle.write(tmp_path / "nowhere" / "out.tar", b"new")


def test_the_secrets_of_an_inventory_are_found_by_the_names_of_its_variables() -> None:
    listing = {
        "_meta": {"hostvars": {"mail01": {"pyremediate_canary": {"password": "pw-1"}, "ansible_become_pass": "pw-2"}}}
    }
    listing["all"] = {
        "children": [{"vault_pyremediate_peer_password": "pw-3", "password_file": "/x", "token_count": "4"}]
    }  # type: ignore[dict-item]
    assert set(secret_values(listing)) == {"pw-1", "pw-2", "pw-3"}


def test_checks_are_in_the_report(entries: Sequence[Entry]) -> None:
    assert all(check.name in bundle.files(entries)["report.json"] for check in CHECKS)
