"""Breaking a lab host: what could not be done is said, or a test would prove something about a host that is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyremediate.ansible.results import Result, TaskResult
from pyremediate.errors import PyremediateError
from pyremediate.lab import shell
from pyremediate.lab.description import describe

OK = TaskResult("mail01", "Make the fault", "ansible.builtin.include_tasks", "ok", {})


def break_with(result: Result, monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(directory))
    lab = describe(2)
    lab.directory.mkdir(parents=True)
    monkeypatch.setattr(shell, "reachable", lambda name: (lab, lab.host(name)))
    monkeypatch.setattr(shell.plays, "run", lambda play: result)
    shell.break_host("hardware/hung", "mail01")


def test_a_fault_that_was_made_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    break_with(Result("successful", (OK,)), monkeypatch, tmp_path)


def test_a_fault_that_took_too_long_is_not_called_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(PyremediateError, match="hardware/hung could not be made on mail01: it did not end within 180 s"):
        break_with(Result("timeout", (OK,)), monkeypatch, tmp_path)
