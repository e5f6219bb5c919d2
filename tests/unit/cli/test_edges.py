"""Where errors end, what help loads, when there is colour."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from pyremediate import cli
from pyremediate.errors import PyremediateError, Refused, Undetermined, UsageError
from tests.unit.cli.stage import FAILING, Played, run
from tests.unit.incidents import OUTCOME


@pytest.mark.parametrize(
    ("error", "status"),
    [(UsageError("a:1: x; y\na:2: z"), 2), (Undetermined("x"), 3), (Refused("x"), 4), (PyremediateError("x"), 1)],
)
def test_an_error_is_one_line_each_and_has_its_status(
    played: Played, capsys: pytest.CaptureFixture[str], error: PyremediateError, status: int
) -> None:
    played.answers = [error]
    assert cli.run(["check"]) == status
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("[")]
    assert said == [f"pyremediate: {line}" for line in str(error).splitlines()]


def test_an_interruption_says_how_to_go_on(played: Played, capsys: pytest.CaptureFixture[str]) -> None:
    played.answers = [KeyboardInterrupt()]
    assert cli.run(["check"]) == 130
    assert "pyremediate incident resume" in capsys.readouterr().err


def test_what_nobody_foresaw_keeps_its_traceback(played: Played) -> None:
    played.answers = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        cli.run(["check"])


def entry_point(*arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "pyremediate", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)


def test_the_real_entry_point_refuses_bad_input_in_one_line() -> None:
    result = entry_point("check", "-i", "/no/such/hosts.yml")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "pyremediate: /no/such/hosts.yml: there is no such inventory; correct -i or make it\n"
    assert entry_point("check", "--nonsense").returncode == 2
    assert entry_point("nonsense").returncode == 2


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = f"{sys.executable} -m pyremediate faults list | true"
    result = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert result.stderr == ""


def test_help_loads_nothing_heavy() -> None:
    code = "import sys\nfrom pyremediate import cli\ncli.run(['--help'])\nprint(*sys.modules, file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"rich", "sqlalchemy", "alembic", "pydantic", "jinja2", "yaml", "ansible_runner", "paramiko"}
    assert not (heavy | {"pyremediate.pipeline", "pyremediate.model"}) & set(result.stderr.split())
    assert "fix" in result.stdout


def test_to_look_needs_neither_the_journal_nor_a_play() -> None:
    code = "import sys\nimport pyremediate.check, pyremediate.cli.output\nprint(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert not {"sqlalchemy", "ansible_runner", "rich"} & set(result.stdout.split())


def test_every_verb_has_help() -> None:
    def commands(command: click.Command, path: tuple[str, ...]) -> None:
        assert run(*path, "--help").exit_code == 0 and command.help
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None
                commands(found, (*path, name))

    commands(cli.cli, ())


def test_colour_is_for_terminals_and_not_against_no_color(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    played.answers = [(FAILING,)] * 3
    assert "\x1b" not in run("check").stdout
    assert "\x1b" in run("check", color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check", color=True).stdout


def test_a_step_is_told_while_it_happens(played: Played) -> None:
    played.answers = [OUTCOME]
    told = run("fix", "--host", "mail01").stderr.splitlines()
    assert all(line.startswith("[") for line in told)
    assert [line.split("] ", 1)[1].strip() for line in told[:2]] == ["fix", "a note"]
