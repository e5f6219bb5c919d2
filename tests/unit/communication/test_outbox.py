"""Which channel is next, and when, by what is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pyremediate.communication.example import after
from pyremediate.communication.outbox import LONGEST_PAUSE, PAUSE, Letter, current, waiting
from pyremediate.communication.settings import CommunicationSettings
from pyremediate.communication.values import Attempt, Notice

NOTICE = Notice("users-1", "x", "outage", "users", "en", "s", "b", ("chat", "mail"), at=after(0))


def failed(number: int, channel: str) -> Attempt:
    return Attempt("users-1", channel, number, after(0), after(1), False, "refused")


CHAT, MAIL = failed(1, "chat"), failed(2, "mail")


@pytest.mark.parametrize(
    ("attempts", "channel", "pause"),
    [
        ((), "chat", None),
        ((CHAT,), "mail", None),
        ((CHAT, MAIL), "chat", PAUSE),
        ((CHAT, MAIL, CHAT), "mail", None),
        ((CHAT, MAIL) * 2, "chat", PAUSE * 2),
        ((CHAT, MAIL) * 30, "chat", LONGEST_PAUSE),
        ((replace(CHAT, ended=None),), "chat", None),
        ((CHAT, replace(MAIL, ended=None)), "mail", None),
    ],
)
def test_the_ladder_is_climbed_with_longer_pauses_and_a_cut_off_attempt_is_made_again(attempts, channel, pause):
    assert Letter(NOTICE, attempts).next_try() == (channel, after(1) + pause if pause else after(0))


def test_a_state_is_one_word():
    assert Letter(NOTICE).state == "waiting"
    assert Letter(NOTICE, (CHAT,)).state == "failed"
    assert Letter(NOTICE, (CHAT, replace(MAIL, ended=None))).state == "uncertain"
    assert Letter(NOTICE, (CHAT, replace(MAIL, delivered=True))).state == "delivered"


def test_no_notice_of_an_audience_overtakes_another():
    first, second = Letter(NOTICE, (CHAT,)), Letter(replace(NOTICE, id="users-2"))
    other = Letter(replace(NOTICE, id="it-1", audience="it"))

    assert waiting((first, second, other), after(2)) == {"users": first, "it": other}


def test_news_of_yesterday_is_given_up():
    assert waiting((Letter(NOTICE, (CHAT,)),), after(0) + timedelta(days=1, minutes=1)) == {}


def test_who_mends_the_ladder_in_the_settings_has_what_waits_delivered_by_it():
    now = CommunicationSettings.model_validate(
        {"channels": {"sms": {"url": "json://localhost"}}, "audiences": {"users": {"channels": ["sms"]}}}
    )
    gone = Letter(replace(NOTICE, id="it-1", audience="it"))

    (letter,) = current((Letter(NOTICE, (CHAT,)), gone), now)

    assert letter.next_try()[0] == "sms"


def test_what_was_read_is_not_sent_again_though_nobody_knows_how_it_came():
    cut_off = Letter(NOTICE, (replace(CHAT, ended=None),))
    assert cut_off.state == "uncertain" and waiting([cut_off], after(2))
    read = replace(cut_off, readers=("bob",))
    assert read.state == "read" and not waiting([read], after(2))
