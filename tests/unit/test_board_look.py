"""What the controller on a board says, as a part of a look, and as a check of its outcome."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pyremediate.diagnosis import catalogue
from pyremediate.diagnosis.diagnose import diagnose
from pyremediate.looking import look as looking
from pyremediate.model import Answer
from tests.unit.looks import look

BOARD = {
    "address": "bmc1.example.com", "manufacturer": None, "model": None, "serial": None, "power": "On", "health": "OK", "notes": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("board", "answer", "words"),
    [
        (BOARD, Answer.PASS, "power On, health OK"),
        ({**BOARD, "health": "Warning"}, Answer.PASS, "power On, health Warning"),
        ({**BOARD, "health": "Critical"}, Answer.FAIL, "power On, health Critical"),
        ({**BOARD, "health": None, "notes": ["fans cannot be known"]}, Answer.UNKNOWN, "health not known; fans cannot be known"),
        ({"unreachable": "no answer within 3 s"}, Answer.UNKNOWN, "cannot be known: no answer within 3 s"),
    ],
)
def test_the_machines_health_is_a_check_of_its_own(board: dict[str, Any], answer: Answer, words: str) -> None:
    (check,) = looking.checks(replace(look({}), board=board))
    assert (check.name, check.answer) == (looking.MACHINE, answer)
    assert words in check.detail


def test_a_machine_without_a_controller_has_no_such_check() -> None:
    assert looking.checks(look({})) == ()


def test_a_later_look_from_inside_keeps_what_the_controller_said() -> None:
    assert looking.merged(outside=replace(look({}), board=BOARD), inside=look({})).board == BOARD


def test_a_controller_that_is_not_heard_is_no_finding() -> None:
    for board in (BOARD, {"unreachable": "no answer within 3 s"}, None):
        assert diagnose(catalogue.load(), replace(look({}), board=board)).causes == ()


def test_a_controller_that_names_no_part_is_told_as_it_is() -> None:
    (cause,) = diagnose(catalogue.load(), replace(look({}), board={**BOARD, "health": "Critical", "events": None})).causes
    assert cause.code == "hardware/board_health"
    assert any("not which part is" in sentence for sentence in cause.evidence)
    assert "Have the machine looked at" in cause.advice
