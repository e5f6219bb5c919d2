"""undo, incident, faults: what is on record, and what is done with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.errors import UsageError
from pyremediate.journal import Journal
from tests.unit.cli.stage import Played, run
from tests.unit.incidents import CAUSE, OUTCOME, record


def test_undo_takes_an_incident_or_the_newest_of_a_host(played: Played, incident: str) -> None:
    played.answers = [replace(OUTCOME, outcome="undone")] * 2
    assert run("undo", "20200101-000000-mail01").exit_code == 1
    run("undo", "--host", "mail01")
    assert played.incidents == ["20200101-000000-mail01", incident]
    with pytest.raises(UsageError, match="there is no incident of mail07"):
        run("undo", "--host", "mail07")
    with pytest.raises(UsageError, match="which incident"):
        run("undo")


def test_resume_resolves_what_was_left(played: Played) -> None:
    with Journal.open() as journal:
        left = record(journal, outcome=None)
        journal.begin("mail02", "anna", "1.0")
    played.answers = [OUTCOME] * 3
    assert run("incident", "resume").exit_code == 0
    run("incident", "resume", "--host", "mail01")
    run("incident", "resume", "an-id")
    assert played.incidents == [None, left, "an-id"]
    with pytest.raises(UsageError, match="no incident of mail03 is unfinished"):
        run("incident", "resume", "--host", "mail03")


def test_incidents_are_listed(incident: str) -> None:
    result = run("incident", "list")
    heading, row = result.stdout.splitlines()
    assert heading.split()[0] == "incident" and row.startswith(f"{incident}  mail01  ")
    assert "repaired" in row and row.endswith(CAUSE.code)
    data = json.loads(run("incident", "list", "--host", "mail01", "--format", "json").stdout)
    assert data["incidents"][0]["causes"] == [CAUSE.code] and data["incidents"][0]["open"] is False
    assert "no incidents" in run("incident", "list", "--host", "mail02").stdout


def test_an_incident_is_exported(incident: str) -> None:
    markdown = run("incident", "export", incident).stdout
    assert markdown.startswith(f"# Incident {incident}\n") and markdown == run("incident", "show", incident).stdout
    data = json.loads(run("incident", "export", incident, "--format", "json").stdout)
    assert data["incident"] == incident and data["outcome"] == "repaired"
    with pytest.raises(UsageError, match="there is no picture"):
        run("incident", "export", incident, "--format", "svg")
    with pytest.raises(UsageError, match="there is no incident nope; see: pyremediate incident list"):
        run("incident", "show", "nope")


def test_an_incident_is_bundled_without_the_secrets_of_the_inventory(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts"
    inventory.write_text("[mail]\nmail01 pyremediate_canary_password=open-sesame\n")
    with Journal.open() as journal:
        told = record(journal, replace(OUTCOME, reason="the server said: open-sesame is wrong"))
    file = tmp_path / "out.tar"
    assert run("incident", "bundle", told, "-o", str(file)).stdout == f"{file}\n"
    assert b"open-sesame" in file.read_bytes()  # nobody knows yet that it is a secret
    with pytest.raises(UsageError, match="exists already"):
        run("incident", "bundle", told, "-o", str(file), "-i", str(inventory))
    run("incident", "bundle", told, "-o", str(file), "-i", str(inventory), "--force")
    assert b"open-sesame" not in file.read_bytes() and b"the server said: [withheld]" in file.read_bytes()


def test_faults_are_listed_and_shown() -> None:
    known = json.loads(run("faults", "list", "--format", "json").stdout)["faults"]
    assert known and all(fault["when"] and fault["escalate"] for fault in known)
    first = known[0]
    assert any(line.split()[0] == first["code"] for line in run("faults", "list").stdout.splitlines())
    shown = run("faults", "show", first["code"]).stdout
    assert first["title"] in shown and first["prevention"][0] in shown
    assert json.loads(run("faults", "show", first["code"], "--format", "json").stdout) == first
    with pytest.raises(UsageError, match="there is no fault postfix/nonsense"):
        run("faults", "show", "postfix/nonsense")
