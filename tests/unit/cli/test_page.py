"""The page for people: the answer first, then why, what was done, and what is left to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import pytest

from pyremediate.cli import page
from pyremediate.diagnosis import matrix
from pyremediate.model import EXIT_STATUS, Answer, Leg, Outcome, Planned, Remedy, Verification
from tests.unit.incidents import CAUSE, CHECKS, KEPT, LEDGER, OUTCOME, PATCH, ROLLBACK, WRONG
from tests.unit.looks import look


def text(outcome: Outcome, **style: Any) -> str:
    return click.unstyle(page.page(outcome, page.Style(**style)))


def test_a_repair_is_told_from_the_answer_to_the_seconds() -> None:
    assert text(OUTCOME).splitlines() == [
        "mail01: repaired, and proved by test mail",
        "  scope inbound, severity critical",
        "  Mail flows in every direction.",
        "  incident 20261125-120000-mail01",
        "Causes",
        "  1. A parameter was changed [postfix/parameter_changed, critical]",
        "     - virtual_transport is lmtp:y | was <b>lmtp:unix:x</b>",
        "Actions",
        "  1. Start Postfix (restart): undone  1.2 s",
        "     its condition still holds",
        "  2. Put the parameter back (rollback): kept  2.5 s",
        "     the cause is gone",
        "     changed: Write the parameter",
        "Verification",
        "  pass       no longer postfix/parameter_changed  0.00 s",
        "  unknown    outbound.remote from client01: nobody looked  0.00 s",
        "  pass       1 of 2 legs of the mail's way (-v shows them)",
        "Seconds: assess 4.0, fix 3.5, verify 4.5; together 12.0",
    ]


def test_every_outcome_has_its_words() -> None:
    assert page.WORDS.keys() == EXIT_STATUS.keys()


def test_the_legs_that_passed_are_a_number_and_verbosely_a_list() -> None:
    looked_at = replace(OUTCOME, outcome="failing", actions=())
    assert "  pass       1 of 2 legs of the mail's way (-v shows them)" in text(looked_at).splitlines()
    assert "inbound.connect" not in text(looked_at) and "outbound.remote" in text(looked_at)
    assert "inbound.connect from client01: 220 mail01" in text(looked_at, verbose=True)


def test_what_cannot_be_known_is_not_in_the_way() -> None:
    outcome = replace(OUTCOME, verification=(*CHECKS, Verification("x.y from z", Answer.IMPOSSIBLE, "no path")))
    assert "x.y" not in text(outcome) and "x.y from z: no path" in text(outcome, verbose=True)


def test_a_plan_says_what_would_be_done_and_what_cannot_be_predicted() -> None:
    planned = (
        Planned(CAUSE.code, ROLLBACK, "go", "policy allows rollback unattended"),
        Planned(CAUSE.code, PATCH, "ask", "policy wants consent for patch"),
        Planned(CAUSE.code, PATCH, "refuse", "policy never allows patch"),
    )
    told = text(replace(OUTCOME, outcome="planned", actions=(), planned=planned))
    assert "  1. Put the parameter back (rollback), for postfix/parameter_changed" in told
    assert "     would be done: policy allows rollback unattended" in told
    assert "     would ask first: policy wants consent for patch" in told
    assert "     would not be done: policy never allows patch" in told
    assert page.UNPREDICTABLE in told and "To consent: pyremediate fix --host mail01 --yes" in told


def test_differences_are_shown_when_asked_for_and_secrets_never() -> None:
    assert "lmtp:y" not in text(replace(OUTCOME, causes=()))
    shown = text(replace(OUTCOME, causes=()), diff=True).splitlines()
    place = shown.index("     postfix.parameter virtual_transport")
    assert shown[place + 1 : place + 3] == ["       - lmtp:y", "       + lmtp:x"]
    secret = {**WRONG, "secret": True, "is": "hunter2", "was": "hunter3"}
    hidden = Remedy("r", "rollback", "R", variables={"all": [secret]})
    told = text(replace(OUTCOME, actions=(replace(KEPT, remedy=hidden),)), diff=True)
    assert "hunter" not in told and "(withheld)" in told


def test_what_a_human_must_do_is_numbered() -> None:
    told = text(replace(OUTCOME, outcome="escalated", human=("Replace the disk.", "Then run a check.")))
    assert "What a human must do\n  1. Replace the disk.\n  2. Then run a check.\n" in told


@pytest.mark.parametrize("width", [40, 60, 100])
def test_long_lines_hang_under_their_beginning_on_a_terminal(width: int) -> None:
    cause = replace(CAUSE, evidence=("word " * 60,))
    lines = text(replace(OUTCOME, causes=(cause,)), width=width).splitlines()
    evidence = [line for line in lines if "word" in line]
    assert len(evidence) > 1 and max(map(len, evidence)) <= width
    assert evidence[0].startswith("     - word") and all(line.startswith("       word") for line in evidence[1:])


def test_without_a_terminal_every_line_stays_whole() -> None:
    cause = replace(CAUSE, evidence=("word " * 60,))
    assert "word " * 59 + "word" in text(replace(OUTCOME, causes=(cause,)))


def test_missing_mail_is_named_and_the_steps_for_a_human_are_numbered() -> None:
    lines = text(replace(OUTCOME, outcome="escalated", ledger=LEDGER, human=("Look for it.", "Ask its sender."))).splitlines()
    assert lines[lines.index("Mail") :][:6] == [
        "Mail",
        "  3 delayed: 2 delivered, 1 missing. Missing: 2C765170331.",
        "  - 2C765170331 missing: the log has no end of it",
        "What a human must do",
        "  1. Look for it.",
        "  2. Ask its sender.",
    ]


def test_who_reaches_what_is_one_row_for_each_vantage_point_and_where_the_break_is() -> None:
    silence = "timeout: 10.0.2.10 port 25 does not answer within 3 s"
    legs = [
        Leg("inbound", "resolve", Answer.PASS, "localhost", seconds=0.001),
        Leg("inbound", "connect", Answer.PASS, "localhost", seconds=0.011),
        Leg("inbound", "connect", Answer.FAIL, "peer01", silence),
        Leg("retrieval", "connect", Answer.IMPOSSIBLE, "peer01"),
        Leg("retrieval", "connect", Answer.UNKNOWN, "localhost"),
    ]
    failing = replace(OUTCOME, outcome="failing", causes=(), actions=(), verification=(), vantage=matrix.told(look({}, legs)))
    assert text(failing).splitlines()[4:8] == [
        "From where",
        "             25                 993",
        "  localhost  pass 12 ms         ? at connect",
        "  peer01     FAIL at connect    cannot be known",
    ]
    assert "The break is between them and the host: peer01 gets no answer, while localhost reaches the host." in text(failing)


def test_the_largest_packet_is_told_of_each_vantage_point_that_knows_it() -> None:
    legs = [
        Leg("inbound", "connect", Answer.PASS, "localhost", path_mtu=1500),
        Leg("inbound", "connect", Answer.FAIL, "peer01", "timeout: 10.0.2.10 port 25"),
        Leg("submission", "connect", Answer.PASS, "client01", path_mtu=1500),
        Leg("retrieval", "connect", Answer.PASS, "client01", path_mtu=576),
    ]
    assert "  Path MTU: client01 576, localhost 1500" in text(replace(OUTCOME, vantage=matrix.told(look({}, legs)))).splitlines()


def test_where_nothing_fails_the_matrix_is_told_only_to_who_asks_for_more() -> None:
    healthy = replace(OUTCOME, vantage=matrix.told(look({}, [Leg("inbound", "connect", Answer.PASS, "localhost")])))
    assert "From where" not in text(healthy)
    assert "localhost  pass 0 ms" in text(healthy, verbose=True)
