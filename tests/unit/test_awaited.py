"""A look waits for test mail while it may still come, and for the same mail; what the host has given up is said with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pyremediate.ansible.questions import Question
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.looking import awaited
from pyremediate.looking import look as looking
from pyremediate.model import Answer, Look
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import load
from tests.unit.looks import leg, look

AT = 1795647724.5
ID = "93AB41C011B"
MAIL = {
    "path": "inbound", "token": "t-mail01-peer01-inbound", "answer": "fail", "accepted": True, "vantage": "peer01",
    "queue_id": f"2.0.0 Ok: queued as {ID}", "accepted_at": 1795647721.6, "seconds": 0.0, "detail": "",
}  # fmt: skip
LEGS = (leg("inbound.content", vantage="peer01"), leg("inbound.delivery", "fail", "peer01", "not there after 2 s"))
REASON = "connect to mail01[private/lmtp]: No such file or directory"


def seen(queue: str = "", lives: str = "", end: str = "", fates: Mapping[str, int] | None = None, **main: str) -> Look:
    """A look in which the test mail is in a queue, or has a life in the log."""
    messages = [{"id": ID, "queue": queue, "reason": REASON if queue == "deferred" else ""}] if queue else []
    rows = {queue: f"{ID} 1795647721 868"} if queue else {}
    group = {
        "end": end,
        "recipients": fates or {},
        "reasons": ["5.1.1 User unknown"] if "bounced" in (fates or {}) else [],
    }
    sections = {
        "postfix": {
            "main": {"parameters": main},
            "queue": {"listing": {"at": AT, "complete": True, "error": "", "rows": rows}, "messages": messages},
        },
        "log": {"fates": {"since": AT - 9, "error": "", "groups": [{**group, "lives": lives}] if lives else []}},
    }
    return replace(look(sections), legs=LEGS, mails=(MAIL,))


def life(last: float = AT - 3) -> str:
    return f"{ID} {last - 0.1:.2f} {last:.2f} {last:.2f} {last:.2f} -"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (seen("deferred"), f"has deferred it: {REASON}"),
        (seen("hold"), "has put it on hold"),
        (seen(lives=life(), end="removed", fates={"bounced": 1}), "has bounced it: 5.1.1 User unknown"),
        (seen(lives=life(), end="discarded"), "has discarded it"),
    ],
)
def test_mail_that_the_host_has_given_up_is_not_waited_for_and_the_leg_says_why(found: Look, words: str) -> None:
    assert awaited.under_way(found, 10) == []
    assert awaited.explained(found).legs[1].detail == f"not there after 2 s; the host {words}"


@pytest.mark.parametrize(
    "found",
    [
        seen("active"),
        seen("incoming"),
        seen(),
        seen(lives=life(), end="removed", fates={"sent": 1}),  # to a filter, which hands it in again
        seen(lives=life(), end="removed", fates={"sent": 1, "bounced": 1}),
        seen(lives=life(AT - 600), end="removed", fates={"bounced": 1}),  # another message's, which had the same id
        replace(look(None), legs=LEGS, mails=(MAIL,)),
        seen("active", lives=life(), end="removed", fates={"bounced": 1}),
    ],
)
def test_mail_of_which_the_host_does_not_tell_the_end_is_waited_for(found: Look) -> None:
    assert awaited.under_way(found, 10) == [MAIL]
    assert awaited.explained(found).legs == LEGS


def test_deferred_mail_is_waited_for_where_postfix_tries_it_again_in_time() -> None:
    assert awaited.under_way(seen("deferred", minimal_backoff_time="5s"), 10) == [MAIL]
    assert awaited.under_way(seen("deferred", minimal_backoff_time="$queue_run_delay"), 10) == [MAIL]
    assert awaited.under_way(seen("deferred", minimal_backoff_time="5m"), 10) == []
    assert awaited.under_way(seen("deferred"), 600) == [MAIL]


def test_mail_that_arrived_or_was_not_accepted_is_not_missing() -> None:
    arrived, refused = {**MAIL, "answer": "pass"}, {**MAIL, "accepted": False}
    assert awaited.missing(replace(seen(), mails=(arrived, refused))) == []


class Hosts:
    """Who is asked, and answers: the host from inside, and one vantage point."""

    def __init__(self, *inside: Look, late: str = "pass") -> None:
        self.inside, self.late, self.asked = list(inside), late, list[str]()

    def look(self, request: Request, hosts: str, views: looking.Views) -> dict[str, Look]:
        self.asked.append("both" if views.outside else f"inside since {views.log_since}")
        return {"mail01": self.inside.pop(0)}

    def ask(self, targets: str, questions: list[Question], *_: Any) -> Result:
        (question,) = questions
        told = question.variables["pyremediate_vantage_awaited"]
        assert (targets, question.hosts, list(told["mail01"])) == ("mail01", "peer01", ["peer01"])
        assert question.variables["pyremediate_mail_wait"] == 10
        (mail,) = told["mail01"]["peer01"]
        self.asked.append(f"{question.task} for {mail['token']}")
        answer = {"path": "inbound", "answer": self.late, "detail": "", "code": None, "seconds": 6.0}
        legs = [{**answer, "name": name} for name in ("delivery", "retrieval")]
        mails = [{**mail, "answer": self.late, "accepted": True}]
        told = {"target": "mail01", "vantage": "peer01", "legs": legs, "mails": mails}
        return Result(
            "successful", (TaskResult("peer01", "mail01", looking.VANTAGE, "ok", {"vantage": told}),), (), 0.0, True
        )


def thorough(monkeypatch: pytest.MonkeyPatch, hosts: Hosts) -> Look:
    monkeypatch.setattr(looking, "look", hosts.look)
    monkeypatch.setattr(looking, "ask", hosts.ask)
    request = Request("mail01", AnsibleOptions(), load(None))
    return looking.thorough(request, "mail01", looking.Views.named("both"))["mail01"]


SINCE = "2026-11-25T23:01:59Z"  # shortly before the first look listed the queue


def test_a_host_that_delivers_slowly_is_healthy_after_waiting_for_the_same_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hosts = Hosts(seen(), seen("active"))
    found = thorough(monkeypatch, hosts)
    assert hosts.asked == ["both", f"inside since {SINCE}", f"vantage for {MAIL['token']}"]
    assert [each.answer for each in found.legs] == [Answer.PASS, Answer.PASS]
    assert [mail["answer"] for mail in found.mails] == ["pass"]


def test_what_the_host_has_deferred_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = Hosts(seen(), seen("deferred"))
    found = thorough(monkeypatch, hosts)
    assert hosts.asked == ["both", f"inside since {SINCE}"]
    assert REASON in found.legs[1].detail


def test_what_was_waited_for_in_vain_is_looked_up_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = Hosts(seen(), seen("active"), seen("deferred"), late="fail")
    found = thorough(monkeypatch, hosts)
    assert len(hosts.asked) == 4 and hosts.asked[-1] == hosts.asked[1]
    assert REASON in found.legs[1].detail
