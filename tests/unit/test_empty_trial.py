"""Before anything is put back a restart alone is tried: where something seems to hang, and nothing else would come of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pyremediate.model import Answer, Difference, Leg, Look
from pyremediate.search import empty_trial
from tests.unit.looks import NOON, look

STARTED = "2026-11-25T11:00:00Z"
BEFORE, AFTER = NOON - timedelta(hours=2), NOON - timedelta(minutes=5)  # before and after the units started
RUNS = {"active": "active", "since": STARTED, "needs_daemon_reload": False}
UNITS = dict.fromkeys(
    ("dovecot.service", "opendkim.service", "postfix.service", "postfix@-.service", "rspamd.service"), RUNS
)
HANGS = Leg("inbound", "recipient", Answer.FAIL, "peer01", "timeout: connected, and no answer")
REFUSES = replace(HANGS, detail="550 5.1.1 User unknown", code=550)


def seen(*differences: Difference, leg: Leg = HANGS, **changed: Any) -> Look:
    """A look at a host on which everything runs; ``changed`` are sections."""
    tracked = {"/etc/dovecot/local.conf": {"kind": "file", "modified": "2026-11-25T10:00:00Z"}}
    sections: dict[str, Any] = {
        "services": {"units": UNITS},
        "postfix": {"check": {"returncode": 0, "messages": []}},
        "dovecot": {"check": {"returncode": 0, "messages": []}},
        "files": {"tracked": tracked},
    }
    return look(sections | changed, legs=(leg,), differences=differences)


def units(found: Look, leg: Leg = HANGS) -> list[str] | None:
    remedy = empty_trial.remedy_for(found, leg)
    return remedy.variables["known_good_units"] if remedy else None


def test_what_the_leg_depends_on_is_restarted_with_postfix_last_and_nothing_is_put_back() -> None:
    remedy = empty_trial.remedy_for(seen(), HANGS)
    assert remedy is not None
    assert remedy.variables == {
        "known_good_units": ["dovecot.service", "rspamd.service", "opendkim.service", "postfix.service"]
    }
    assert (remedy.class_, remedy.checkpoint) == ("restart", {"units": remedy.variables["known_good_units"]})


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        (Leg("retrieval", "starttls", Answer.FAIL, "client01", "timeout: the TLS handshake was not answered"), ["dovecot.service"]),
        (Leg("submission", "banner", Answer.FAIL, "client01", "timeout: no answer"),
         ["rspamd.service", "opendkim.service", "postfix.service"]),
        (Leg("submission", "auth", Answer.FAIL, "client01", "454 4.7.0 Temporary authentication failure", 454),
         ["dovecot.service", "postfix.service"]),
    ],
)  # fmt: skip
def test_a_door_is_opened_by_its_own_program(leg: Leg, expected: list[str]) -> None:
    assert units(seen(leg=leg), leg) == expected


@pytest.mark.parametrize(
    "leg",
    [
        REFUSES,
        replace(HANGS, name="connect", detail="refused: nothing listens there"),
        replace(HANGS, name="connect", detail="timeout: it does not answer within 3 s"),
        replace(
            HANGS, name="delivery", detail="not there after 2 s; the host has deferred it: private/lmtp: No such file"
        ),
    ],
)
def test_what_answers_in_its_own_words_would_do_so_again(leg: Leg) -> None:
    assert units(seen(leg=leg), leg) is None


def test_a_file_that_was_put_right_after_the_start_has_not_been_read_yet() -> None:
    tracked = {"/etc/dovecot/local.conf": {"kind": "file", "modified": "2026-11-25T11:30:00Z"}}
    assert units(seen(leg=REFUSES, files={"tracked": tracked}), REFUSES)
    differs = Difference("file", "/etc/dovecot/local.conf", "a", "b", "content", AFTER)
    assert units(seen(differs, leg=REFUSES, files={"tracked": tracked}), REFUSES) is None


@pytest.mark.parametrize(
    "difference",
    [
        Difference("unit.running", "dovecot.service", "active", "inactive", "running", AFTER),
        Difference("unit", "postfix.service", "enabled", "masked"),
        Difference("file", "/etc/dovecot/local.conf", "a", "b", "content", AFTER),
        Difference("file", "/etc/dovecot/users", "0640", "0600", "mode"),  # when is not known
        Difference("postfix.parameter", "inet_interfaces", "all", "loopback-only", since=AFTER),
        Difference("postfix.service", "smtp/inet", {}, None, since=AFTER),
    ],
)
def test_a_restart_that_would_bring_a_difference_into_force_is_not_made(difference: Difference) -> None:
    assert units(seen(difference)) is None


@pytest.mark.parametrize(
    "difference",
    [
        Difference("file", "/etc/dovecot/local.conf", "a", "b", "content", BEFORE),  # runs on it already
        Difference("postfix.parameter", "relayhost", "a", "b", since=AFTER),  # is read by each new process
        Difference("file", "/etc/dovecot/local.conf", "a", "b", "content", AFTER, harmless=True),
        Difference("firewall", "ruleset", "a", "b", "rules", AFTER),
    ],
)
def test_a_difference_that_is_in_force_already_does_not_keep_from_a_restart(difference: Difference) -> None:
    assert units(seen(difference)) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"postfix": {"check": {"returncode": 1, "messages": ["fatal"]}}},
        {"services": {"units": {**UNITS, "postfix@-.service": {**RUNS, "active": "failed"}}}},
        {"services": {"units": {**UNITS, "dovecot.service": {**RUNS, "needs_daemon_reload": True}}}},
        {"services": {"units": {**UNITS, "opendkim.service": {**RUNS, "active": "failed"}}}},
        {"services": {"units": {}}},
    ],
)
def test_what_would_not_start_again_is_not_restarted(changed: dict[str, Any]) -> None:
    assert units(seen(**changed)) is None


def test_the_cause_says_that_a_restart_helped_and_what_still_differs() -> None:
    found = seen(Difference("postfix.parameter", "relayhost", "a", "b"))
    remedy = empty_trial.remedy_for(found, HANGS)
    assert remedy is not None
    cause = empty_trial.cause_of(remedy, found, HANGS)
    assert "were restarted; nothing that differs" in cause.title
    assert (
        cause.evidence[1]
        == "Differences from the last known good remain: postfix.parameter relayhost: value was a, is b."
    )
    assert cause.legs == ("inbound.recipient",)
