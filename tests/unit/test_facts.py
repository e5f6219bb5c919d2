"""The names that rules may use, and what they say when nothing was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pyremediate.diagnosis.conditions import Condition
from pyremediate.diagnosis.facts import facts
from pyremediate.model import Difference, Look, State
from tests.unit.looks import leg, look

SERVICES = {
    "units": {"postfix.service": {"active": "active", "enabled": "enabled"}},
    "listeners": [{"port": 25, "address": "0.0.0.0"}],
}


def judge(source: str, at: Look) -> bool | None:
    return Condition(source).judge(facts(at)).value


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "fail"], "fail"),
        (["pass", "unknown"], "unknown"),
        (["pass", "impossible"], "pass"),
        (["impossible"], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_leg_has_the_worst_answer_of_all_who_looked(answers: list[str], expected: str) -> None:
    legs = [leg("inbound.connect", answer, f"v{number}") for number, answer in enumerate(answers)]
    assert str(facts(look(legs=legs))["leg"]("inbound.connect")) == expected


def test_a_leg_that_nobody_saw_is_neither_failing_nor_passing() -> None:
    assert judge("leg('inbound.connect') == 'fail'", look()) is None
    assert judge("leg('inbound.connect') != 'pass'", look()) is None
    assert judge("leg('inbound.connect') == 'unknown'", look()) is True


def test_a_misspelt_leg_is_said_and_not_taken_for_healthy() -> None:
    truth = Condition("leg('inbound.conect') == 'fail'").judge(facts(look(legs=[leg("inbound.connect")])))
    assert truth.value is None
    assert "no leg inbound.conect" in truth.reasons[0]


def test_failing_legs_are_told_with_the_servers_words() -> None:
    at = look(legs=[leg("inbound.recipient", "fail", detail="554 Relay access denied"), leg("inbound.connect")])
    assert facts(at)["failing"]("inbound.*") == ["inbound.recipient from client01: 554 Relay access denied"]
    assert judge("said('Relay access') and not said('User unknown')", at) is True


def test_without_a_look_from_outside_nothing_can_be_said_of_failing_legs() -> None:
    assert judge("failing()", look({})) is None


def test_without_a_last_known_good_differences_are_unknown_not_absent() -> None:
    truth = Condition("difference('file')").judge(facts(look({}, known_good=False)))
    assert truth.value is None
    assert truth.reasons == ("this host has no last known good",)
    assert judge("difference('file')", look({})) is False


def test_differences_are_found_by_kind_and_name_with_is_as_their_key() -> None:
    at = look({}, differences=[Difference("postfix.parameter", "virtual_transport", "a", "b")])
    assert judge("(difference('postfix.*', 'virtual_*') | first).is == 'b'", at) is True
    assert judge("difference('file')", at) is False


def test_a_unit_that_is_absent_is_undefined_and_one_that_was_not_observed_is_unknown() -> None:
    seen = look({"services": SERVICES})
    assert judge("unit('x.service') is defined", seen) is False
    assert judge("unit('x.service') is defined", look({"services": State.FAILED})) is None
    assert judge("unit('postfix.service').active == 'active'", seen) is True
    assert judge("units('post*') | map(attribute='name') | list == ['postfix.service']", seen) is True


def test_a_section_that_failed_names_its_error_as_the_reason() -> None:
    assert Condition("dns.lookups").judge(facts(look({"dns": State.FAILED}))).reasons == (
        "dns could not be observed: timed out",
    )


def test_a_section_that_is_not_on_the_host_can_never_be_known() -> None:
    assert Condition("dovecot.installed").judge(facts(look({"dovecot": State.UNAVAILABLE}))).impossible


def test_a_host_that_was_not_reached_leaves_every_question_open() -> None:
    at = Look("mail01", unreachable="port 22: connection refused")
    truth = Condition("listening(25)").judge(facts(at))
    assert truth.value is None
    assert truth.reasons == ("port 22: connection refused",)


def test_problems_in_the_log_and_files_are_found_by_pattern() -> None:
    at = look(
        {
            "log": {"problems": [{"program": "postfix/smtpd", "example": "fatal: no SASL", "message": "fatal"}]},
            "files": {"tracked": {"/etc/postfix/virtual": {"kind": "file", "size": 0}}},
        }
    )
    assert judge("logged('^fatal: .*SASL') and not logged('panic')", at) is True
    assert judge("(tracked('/etc/postfix/*') | first).path == '/etc/postfix/virtual'", at) is True


def test_times_are_told_against_the_observation() -> None:
    assert judge("seconds_since('2026-11-25T11:59:00Z') == 60", look({})) is True


BOARD = {"power": "Off", "health": "OK"}


def silent(board: Mapping[str, Any] | None) -> Look:
    return replace(look(None), unreachable="mail01: no route to host", board=board)


def test_a_silent_host_is_known_by_the_controller_on_its_board() -> None:
    assert judge("not reachable and board.power == 'Off'", silent(BOARD)) is True


def test_a_controller_that_does_not_answer_leaves_it_unknown_and_one_that_is_not_there_for_ever() -> None:
    power = Condition("board.power == 'Off'")
    asked = power.judge(facts(silent({"unreachable": "10.0.0.1: timed out"})))
    assert (asked.value, asked.impossible) == (None, False)
    assert asked.reasons == ("the machine's controller could not be asked: 10.0.0.1: timed out",)
    assert power.judge(facts(silent(None))).impossible


def test_the_machine_below_a_host_that_answers_is_known_too() -> None:
    fan = {"name": "Fan 1", "speed": 0, "unit": "RPM", "health": "Critical"}
    at = replace(look({}), board={"power": "On", "health": "Critical", "fans": [fan]})
    assert judge("reachable and board.health == 'Critical'", at) is True
    assert judge("board_parts('Critical') | map(attribute='name') | list == ['Fan 1'] and not board_parts('Warning')", at) is True


def test_of_a_machine_whose_controller_is_silent_no_part_is_known() -> None:
    parts = Condition("board_parts('Critical') | length > 0")
    assert parts.judge(facts(silent({"unreachable": "timed out"}))).value is None
    assert parts.judge(facts(look({}))).impossible


def test_a_host_that_answers_is_not_off() -> None:
    assert judge("not reachable and board.power == 'Off'", look({})) is False
