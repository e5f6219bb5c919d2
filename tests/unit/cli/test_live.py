"""Progress is told on the error stream, and its loss never stops a run."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from pyremediate.cli import live
from tests.unit.incidents import KEPT


def test_on_a_terminal_stages_that_ended_stand_with_their_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, color_system=None)
    monkeypatch.setattr(live, "_console", lambda: console)
    with live.Live() as listener:
        listener.stage("assess")
        listener.note("[red] is not markup")
        listener.stage("fix")
        listener.step(replace(KEPT, state="intent", reason=""))
        with listener.paused():
            before = screen.getvalue()
        listener.step(KEPT)
    told = screen.getvalue()
    assess, fix = (re.search(rf"{stage}  \d+\.\d s", told) for stage in ("assess", "fix"))
    assert assess and fix
    assert "[red] is not markup" in told
    assert "Put the parameter back (rollback) for postfix/parameter_changed: begins" in before
    places = [assess.start(), *(told.index(words) for words in (": begins", ": kept: the cause is gone")), fix.start()]
    assert places == sorted(places)


def test_a_reader_that_went_away_does_not_stop_a_repair(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    with live.watching() as listener:
        listener.stage("fix")
        listener.step(KEPT)


def test_programs_that_want_the_result_alone_hear_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with live.watching(quiet=True) as listener, listener.paused():
        listener.stage("fix")
        listener.note("text")
        listener.step(KEPT)
    assert capsys.readouterr() == ("", "")
