"""The command line on a stage: the pipeline is played, and remembers what it was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pyremediate import capture, check, cli, pipeline
from pyremediate.cli import terminal
from pyremediate.known_good.writing import Approval
from pyremediate.model import Outcome
from pyremediate.request import Request
from tests.unit.incidents import KEPT, OUTCOME

HEALTHY = Outcome("", "mail02", "healthy", "none", "none", seconds={"assess": 2.0})
FAILING = replace(OUTCOME, incident="", outcome="failing", actions=())


class Played:
    """The pipeline's functions, which remember what they were asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.requests: list[Request] = []
        self.incidents: list[str | None] = []
        self.approvals: list[Approval] = []
        self.answers: list[Any] = []
        for module, names in ((check, "check verify"), (pipeline, "fix undo resume_incident"), (capture, "capture")):
            for name in names.split():
                monkeypatch.setattr(module, name, getattr(self, name))

    def check(self, request: Request) -> Any:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    verify = check

    def fix(self, request: Request, listener: Any) -> Any:
        listener.stage("fix")
        listener.note("a note")
        listener.step(KEPT)
        return self.check(request)

    def capture(self, request: Request, approval: Approval) -> Any:
        self.approvals.append(approval)
        return self.check(request)

    def undo(self, request: Request, incident: str | None, listener: Any) -> Any:
        self.incidents.append(incident)
        return self.check(request)

    resume_incident = undo


def run(*arguments: str, **extra: Any) -> Result:
    return CliRunner().invoke(cli.cli, arguments, catch_exceptions=False, **extra)


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "interactive", lambda: True)
