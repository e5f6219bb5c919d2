"""check and verify: what they ask, and what they make of the answers; for people, programs and Nagios."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pyremediate import cli
from pyremediate.errors import Undetermined, UsageError
from tests.unit.cli.stage import FAILING, HEALTHY, Played, run
from tests.unit.incidents import CAUSE


def test_check_looks_at_the_mail_hosts_from_both_sides(played: Played) -> None:
    played.answers = [(HEALTHY,)]
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("mail02: healthy\n")
    assert (played.requests[0].hosts, played.requests[0].look) == ("mail", "both")


def test_the_options_of_ansible_reach_the_request(played: Played, tmp_path: Path) -> None:
    for name in ("hosts.yml", "vault", "become"):
        (tmp_path / name).write_text("x")
    (tmp_path / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    (tmp_path / "key").chmod(0o600)
    played.answers = [(HEALTHY,)]
    line = "check -i hosts.yml -i a, --host mail01 --limit web -b --become-user op --become-method doas -vv -f 3"
    line += " -u anna -D --private-key key --become-password-file become --vault-password-file vault"
    run(*line.split(), "--vault-id", "dev@vault", "--look", "inside")
    request = played.requests[0]
    assert (request.hosts, request.look) == ("mail01,web", "inside")
    options = request.options
    assert options.inventory == ("hosts.yml", "a,") and (options.user, options.private_key) == ("anna", "key")
    assert (options.become, options.become_user, options.become_method) == (True, "op", "doas")
    assert (options.become_password_file, options.vault_password_files) == ("become", ("vault",))
    assert (options.vault_ids, options.forks, options.verbosity, options.diff) == (("dev@vault",), 3, 2, True)
    assert request.actor


def test_the_inventory_of_the_settings_counts_when_none_is_named(played: Played, tmp_path: Path) -> None:
    (tmp_path / "pyremediate.yml").write_text("inventory: [hosts.yml]")
    (tmp_path / "hosts.yml").write_text("")
    played.answers = [(HEALTHY,), (HEALTHY,)]
    run("check")
    run("check", "-i", "a,")
    assert [request.options.inventory for request in played.requests] == [(str(tmp_path / "hosts.yml"),), ("a,",)]


@pytest.mark.parametrize(
    ("words", "status"),
    [(["healthy"], 0), (["failing"], 1), (["unknown"], 3), (["refused"], 4), (["healthy", "unknown"], 3),
     (["refused", "failing", "unknown"], 1), (["refused", "healthy"], 4)],
)  # fmt: skip
def test_the_exit_status_is_that_of_the_worst_host(played: Played, words: Sequence[str], status: int) -> None:
    played.answers = [tuple(replace(HEALTHY, outcome=word) for word in words)]
    assert run("check").exit_code == status


def test_json_is_alone_on_the_standard_output(played: Played) -> None:
    played.answers = [(FAILING,)]
    result = run("check", "--format", "json")
    (data,) = json.loads(result.stdout)["hosts"]
    assert (data["host"], data["outcome"], data["causes"][0]["code"]) == ("mail01", "failing", CAUSE.code)
    assert "looking" in result.stderr and result.exit_code == 1
    required = {"incident", "host", "outcome", "scope", "severity", "causes", "actions", "verification", "seconds"}
    assert required <= data.keys()


def test_json_of_several_hosts_is_a_list_of_them(played: Played) -> None:
    played.answers = [(FAILING, HEALTHY)]
    data = json.loads(run("check", "--format", "json").stdout)
    assert [host["host"] for host in data["hosts"]] == ["mail01", "mail02"]


def test_verify_shows_every_check(played: Played) -> None:
    played.answers = [(replace(FAILING, outcome="healthy", causes=()),)]
    result = run("verify")
    assert result.exit_code == 0 and "inbound.connect from client01: 220 mail01  0.02 s" in result.stdout


@pytest.mark.parametrize(
    ("outcomes", "status", "words"),
    [
        ((HEALTHY,), 0, "MAIL OK - mail02 healthy | seconds=2.00s hosts=1 troubled=0;;0 checks=0 failed=0;;0 unk"),
        ((HEALTHY, FAILING), 2, f"MAIL CRITICAL - mail01 inbound: A parameter was changed [{CAUSE.code}] | "),
        ((replace(FAILING, severity="low"),), 1, "MAIL WARNING - "),
        ((replace(FAILING, severity="low"), FAILING), 2, "MAIL CRITICAL - "),
        ((replace(HEALTHY, outcome="unknown", reason="a|b\nc"),), 3, "MAIL UNKNOWN - mail02 none: a/b c | "),
    ],
)
def test_nagios_gets_one_line_and_its_own_status(played: Played, outcomes: Any, status: int, words: str) -> None:
    played.answers = [outcomes]
    result = run("check", "--nagios")
    assert result.stdout.startswith(words) and result.stdout.count("\n") == 1 and result.stdout.count("|") == 1
    assert result.exit_code == status and result.stderr == ""


@pytest.mark.parametrize("error", [UsageError("no host matches x|y"), Undetermined("who knows"), ValueError("a\nbug")])
def test_nagios_is_told_unknown_when_the_check_fails(played: Played, error: Exception) -> None:
    played.answers = [error]
    result = run("check", "--nagios")
    assert result.exit_code == 3 and result.stdout.startswith("MAIL UNKNOWN - ") and result.stdout.count("\n") == 1


def test_wrong_usage_is_unknown_to_nagios(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--nagios", "--nonsense"]) == 3
