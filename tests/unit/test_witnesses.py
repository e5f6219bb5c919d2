"""Who was there when something was changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pyremediate.comparison.witnesses import Command, Session, Witnesses, who_was_there, witnesses
from tests.unit.looks import NOON

HOUR = timedelta(hours=1)
ROOT = Session("root", "192.0.2.7", NOON - HOUR, NOON + HOUR)
GONE = Session("ann", "pts/0", NOON - 2 * HOUR, NOON - HOUR)
VI = Command("alice", "root", "/usr/bin/vi /etc/aliases", NOON - timedelta(minutes=3))


def test_who_was_logged_in_then_and_what_was_run_shortly_before_is_named() -> None:
    later = Command("bob", "root", "/bin/ls", NOON + HOUR)
    found = who_was_there(NOON, [ROOT, GONE], [VI, later])
    assert found == Witnesses((ROOT,), (VI,))
    assert found.told() == ("root from 192.0.2.7 was logged in", "alice ran /usr/bin/vi /etc/aliases as root")


def test_a_session_that_goes_on_counts_and_nobody_is_an_answer() -> None:
    assert who_was_there(NOON, [Session("eve", "x", NOON - HOUR)], []).sessions
    assert who_was_there(NOON, [GONE], []).told() == ("nobody was logged in",)


def test_what_the_host_does_not_keep_cannot_be_known() -> None:
    assert who_was_there(NOON, None, None) == who_was_there(None, [ROOT], [VI]) == Witnesses(None, None)
    assert Witnesses(None, None).told() == ("who was there cannot be known",)


def test_of_many_commands_the_nearest_to_the_change_are_told_and_each_once() -> None:
    ran = [Command("ann", "root", f"/bin/{number // 2}", NOON - timedelta(seconds=60 - number)) for number in range(16)]
    told = who_was_there(NOON, None, ran).told()
    assert told[0] == "who was logged in cannot be known"
    assert told[1:] == (*(f"ann ran /bin/{number} as root" for number in range(3, 8)), "and 3 more by sudo before")


def section(**changes: Any) -> dict[str, Any]:
    session = {"user": "root", "from": "192.0.2.7", "began": "2026-11-25T11:00:00Z", "ended": None}
    kept = "2026-11-25T00:00:00Z"
    return {"since": kept, "sudo_since": kept, "sessions": [session], "sudo": [], **changes}


def test_the_evidence_tells_it_as_far_back_as_it_is_kept() -> None:
    assert witnesses(NOON, section()).told() == ("root from 192.0.2.7 was logged in",)
    assert witnesses(NOON, section(since="2026-11-25T12:30:00Z")).sessions is None
    assert witnesses(NOON, section(sudo=None, sudo_since=None)).commands is None
    assert witnesses(NOON, None) == Witnesses(None, None)
