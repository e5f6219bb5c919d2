"""The verb ``audit`` on the command line: formats, files, exit statuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pyremediate import cli
from pyremediate.audit import verb
from pyremediate.audit.values import Audit, Audited
from pyremediate.errors import UsageError
from tests.unit.audit.drifts import AUDIT, CLEAN
from tests.unit.cli.stage import run

NEW = Audit(CLEAN.audited_at, (*CLEAN.targets, Audited("mail09", unknown=("it has no known good yet",), unapproved=True)))
Play = Callable[[Any], None]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Play:
    """Let the verb answer so, or raise."""

    def played(answer: Audit | Exception) -> None:
        def audit(request: Any, told: Callable[..., object], foretold: object) -> Audit:
            if isinstance(answer, Exception):
                raise answer
            for target in answer.targets:
                told(target)
            return answer

        monkeypatch.setattr(verb, "audit", audit)

    return played


def test_the_page_tells_each_host_as_it_comes_and_ends_with_the_sum(play: Play) -> None:
    play(AUDIT)
    found = run("audit")
    assert found.exit_code == 1
    assert found.stdout.startswith("mail01: drifted  (1 security, 1 can break mail, 1 noise, 1 accepted by rule, 2 ignored by rule")
    assert found.stdout.splitlines()[-1].startswith("4 hosts and devices: 1 drifted")
    assert "+mynetworks" not in found.stdout


def test_with_diff_the_page_shows_the_values(play: Play) -> None:
    play(AUDIT)
    assert "+mynetworks = 127.0.0.0/8 10.0.0.0/8" in run("audit", "--diff").stdout


@pytest.mark.parametrize(("audit", "status"), [(AUDIT, 1), (CLEAN, 0), (Audit(AUDIT.audited_at, AUDIT.targets[2:]), 3), (NEW, 5)])
def test_the_exit_status_is_that_of_the_worst(play: Play, audit: Audit, status: int) -> None:
    play(audit)
    assert run("audit").exit_code == run("audit", "--format", "html").exit_code == status


@pytest.mark.parametrize("form", ["text", "json", "nagios"])
def test_the_metrics_can_be_written_beside_any_format(play: Play, tmp_path: Path, form: str) -> None:
    play(NEW)
    run("audit", "--format", form, "--textfile", str(tmp_path / "x.prom"))
    text = (tmp_path / "x.prom").read_text()
    assert 'pyremediate_audit_unapproved{host="mail09"} 1' in text and 'pyremediate_audit_unapproved{host="mail02"} 0' in text


def test_changed_only_tells_less_and_keeps_the_exit_status(play: Play) -> None:
    play(AUDIT)
    found = run("audit", "--changed-only")
    assert "/etc/motd" not in found.stdout and found.exit_code == 1
    assert json.loads(run("audit", "--changed-only", "--format", "json").stdout)["targets"][0]["left_out"] == 1
    assert 'severity="noise"} 1' in run("audit", "--changed-only", "--format", "prometheus").stdout


def test_a_playbook_that_is_missing_is_a_wrong_use_and_nothing_is_audited(play: Play, tmp_path: Path) -> None:
    play(AUDIT)
    with pytest.raises(UsageError, match=r"/site\.yml: there is no such playbook"):
        run("audit", "-i", "mail01,", "--playbook", str(tmp_path / "site.yml"))


def test_what_is_trusted_is_a_task_of_a_playbook(play: Play) -> None:
    play(AUDIT)
    with pytest.raises(UsageError, match="--trust-reads goes with --playbook"):
        run("audit", "--trust-reads")


def test_a_file_is_replaced_as_a_whole_and_is_its_owners_alone(play: Play, tmp_path: Path) -> None:
    play(AUDIT)
    path = tmp_path / "report.json"
    path.write_text("the report before")
    found = run("audit", "--format", "json", "--output", str(path))
    assert found.stdout == "" and json.loads(path.read_text())["outcome"] == "drifted"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_the_textfile_can_be_read_by_its_collector(play: Play, tmp_path: Path) -> None:
    play(AUDIT)
    run("audit", "--format", "prometheus", "--output", str(tmp_path / "audit.prom"))
    assert (tmp_path / "audit.prom").stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(play: Play, tmp_path: Path) -> None:
    play(AUDIT)
    with pytest.raises(UsageError, match=r"/nowhere/report.json: cannot be written: No such file or directory"):
        run("audit", "--format", "json", "--output", str(tmp_path / "nowhere" / "report.json"))


def test_nagios_has_its_own_exit_statuses(play: Play) -> None:
    play(AUDIT)
    found = run("audit", "--format", "nagios")
    assert found.exit_code == 2 and found.stdout.startswith("AUDIT CRITICAL - ")
    assert found.stderr == ""
    play(CLEAN)
    assert run("audit", "--format", "nagios").exit_code == 0


def test_nagios_is_told_in_its_own_form_when_the_audit_could_not_be_made(play: Play) -> None:
    for error in (UsageError("no inventory"), RuntimeError("bang")):
        play(error)
        found = run("audit", "--format", "nagios")
        assert (found.exit_code, found.stdout.count("\n")) == (3, 1)
        assert found.stdout.startswith("AUDIT UNKNOWN - ")


def test_wrong_usage_is_not_critical_to_nagios() -> None:
    assert cli.run(["audit", "--format", "nagios", "--no-such-option"]) == 3
    assert cli.run(["audit", "--format", "junk"]) == 2
