"""The doctor says what is wrong with a control node, and how to mend it; a check that fails is a finding."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import sqlite3
import time
from collections import namedtuple
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from pyremediate import cli, doctor, paths, settings
from pyremediate.ansible import inventory
from pyremediate.diagnosis import catalogue
from pyremediate.doctor import Finding, Subject
from pyremediate.journal import Journal
from pyremediate.known_good import git
from pyremediate.model import Answer
from pyremediate.request import AnsibleOptions
from tests.unit.incidents import record


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PYREMEDIATE_SETTINGS", raising=False)
    monkeypatch.setattr(settings, "SYSTEM_WIDE", tmp_path / "none.yml")
    monkeypatch.setattr(catalogue, "load", cache(catalogue.load))  # half a second each time


def found(name: str, *inventory: str, settings_file: str | None = None) -> list[Finding]:
    findings = doctor.examine(Subject(settings_file, AnsibleOptions(inventory=inventory)))
    return [finding for finding in findings if finding.name == name]


def wrong(name: str, *inventory: str, settings_file: str | None = None) -> Finding:
    """The finding of this name that is not a pass."""
    return next(item for item in found(name, *inventory, settings_file=settings_file) if item.answer is not Answer.PASS)


def test_this_machine_is_fit_and_nothing_is_made_by_looking(tmp_path: Path) -> None:
    findings = doctor.examine(Subject(None, AnsibleOptions()))
    assert not [finding for finding in findings if finding.answer in (Answer.FAIL, Answer.UNKNOWN)]
    names = {"Python", "ansible-core", "paramiko", "journal", "disk space", "collection", "fault catalogue"}
    assert names <= {item.name for item in findings}
    assert list(tmp_path.iterdir()) == []


def test_a_dependency_out_of_range_or_missing_has_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "rich":
            raise importlib.metadata.PackageNotFoundError(name)
        return "5.0.0" if name == "paramiko" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert wrong("paramiko").detail == "5.0.0 is not within <5,>=3.5"
    assert wrong("rich").mend.startswith("pip install 'rich>=")


def test_a_missing_ssh_client_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert wrong("ssh client").mend == "apt-get install openssh-client"


def test_a_missing_or_old_git_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "version", lambda: (2, 20, 1))
    assert (wrong("git").detail, wrong("git").mend) == ("2.20.1 is older than 2.30", "install git 2.30 or newer")
    monkeypatch.undo()
    monkeypatch.setenv("PATH", "/nowhere")
    assert wrong("git").mend == "apt-get install git, or dnf install git"


def test_a_state_directory_that_others_can_write_or_we_cannot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    state = paths.state_directory()
    state.mkdir()
    state.chmod(0o777)
    assert wrong("state directory").mend == f"chmod 700 {state}"
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "not writable" in wrong("state directory").detail


def test_a_full_disk_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1, 1, 5 * 2**20))
    assert wrong("disk space").detail.startswith("5 MiB free")


def test_settings_that_are_wrong_fail_and_leave_the_other_checks_alone(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("jurnal: 1")
    assert "did you mean journal?" in wrong("settings", settings_file="bad.yml").detail
    assert found("clock", settings_file="bad.yml") and found("ssh client", settings_file="bad.yml")


def test_a_password_that_others_can_read_is_found(tmp_path: Path) -> None:
    (tmp_path / "s.yml").write_text(f"journal: {{url: 'sqlite:///{tmp_path}/j'}}")
    (tmp_path / "s.yml").chmod(0o644)
    assert [item.answer for item in found("settings", settings_file="s.yml")] == [Answer.PASS]
    (tmp_path / "s.yml").write_text("journal: {url: 'postgresql://u:hunter2@127.0.0.1:1/j'}")
    finding = wrong("settings", settings_file="s.yml")
    assert finding.mend == "chmod 600 s.yml"
    everything = repr(doctor.examine(Subject("s.yml", AnsibleOptions())))
    assert "hunter2" not in everything


def test_a_journal_that_was_changed_is_found(tmp_path: Path) -> None:
    with Journal.open() as journal:
        record(journal)
    assert [item.answer for item in found("journal")] == [Answer.PASS]
    with sqlite3.connect(tmp_path / "state" / "journal.sqlite") as raw:
        raw.execute("DROP TRIGGER entries_no_update")
        raw.execute("UPDATE entries SET actor = 'eve' WHERE seq = 3")
    assert wrong("journal").detail.startswith("entry 3 ")


def test_a_journal_that_others_can_read_is_found(tmp_path: Path) -> None:
    with Journal.open() as journal:
        record(journal)
    (tmp_path / "state" / "journal.sqlite").chmod(0o644)
    assert wrong("journal").mend.startswith("chmod 600 ")


def test_a_clock_before_the_record_or_the_installation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal.open() as journal:
        record(journal)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 7200)
    assert "before the newest incident" in wrong("clock").detail
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert "before this program was installed" in found("clock")[-1].detail


def test_an_inventory_is_read_and_needs_mail_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found("inventory")[0].answer is Answer.IMPOSSIBLE
    listing = {"_meta": {"hostvars": {"a": {}, "b": {}}}, "all": {}, "mail": {"hosts": ["a", "b"]}}
    monkeypatch.setattr(inventory, "inventory_hosts", lambda _: listing)
    assert found("inventory", "x")[0].detail == "2 hosts, 2 groups"
    del listing["mail"]
    assert "no group mail" in wrong("inventory", "x").detail


def test_a_check_that_crashes_is_unknown_and_the_others_still_look(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_: str) -> None:
        raise ZeroDivisionError("bug")

    monkeypatch.setattr(shutil, "which", crash)
    words = "the check itself failed: ZeroDivisionError: bug"
    assert wrong("ssh client") == Finding("ssh client", Answer.UNKNOWN, words)
    result = CliRunner().invoke(cli.cli, ["doctor"])
    assert result.exit_code == 3 and "unknown     ssh client" in result.stdout


def test_the_command_answers_for_people_and_programs(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.cli, ["doctor", "--format", "json"])
    assert result.exit_code == 0 and json.loads(result.stdout)["findings"][0]["name"] == "Python"
    (tmp_path / "bad.yml").write_text("jurnal: 1")
    result = CliRunner().invoke(cli.cli, ["doctor", "--settings", "bad.yml"])
    assert result.exit_code == 1 and "fail        settings: bad.yml:1: jurnal" in result.stdout
