"""After the repair the released mail is looked at until it has been tried, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pyremediate.looking import look as looking
from pyremediate.model import Look
from pyremediate.request import AnsibleOptions, Request
from pyremediate.settings import load
from tests.unit.looks import leg, look

SEEN = replace(look({}), legs=(leg("inbound.connect"),))


def counted(active: int) -> Look:
    return look({"postfix": {"queue": {"counts": {"active": active, "incoming": 0, "deferred": 9}}}})


def after_release(monkeypatch: pytest.MonkeyPatch, *found: Look, wait: float = 60.0) -> tuple[Look, int]:
    """What is seen in the end, and how many looks that took."""
    left, asked = list(found), []

    def fake(request: Request, host: str, views: looking.Views) -> dict[str, Look]:
        asked.append(views)
        return {host: left.pop(0) if len(left) > 1 else left[0]}

    monkeypatch.setattr(looking, "look", fake)
    settings = load(None)
    timeouts = settings.timeouts.model_copy(update={"mail_wait": wait})
    settings = settings.model_copy(update={"timeouts": timeouts})
    request = Request("mail01", AnsibleOptions(), settings)
    last = looking.after_release(request, SEEN, "2026-11-25T12:00:00Z")
    assert {(views.inside, views.outside, views.log_since) for views in asked} == {(True, False, "2026-11-25T12:00:00Z")}
    return last, len(asked)


def test_it_is_looked_at_until_nothing_is_being_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    last, looks = after_release(monkeypatch, counted(2), counted(1), counted(0))
    assert (looks, last.evidence, last.legs) == (3, counted(0).evidence, SEEN.legs)


def test_mail_that_nobody_takes_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert after_release(monkeypatch, counted(3), counted(2))[1] == 3


def test_mail_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert after_release(monkeypatch, counted(2), wait=0.0)[1] == 1


def test_a_host_that_cannot_be_observed_any_more_leaves_what_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    blind: Any = look(None)
    assert after_release(monkeypatch, blind)[0] is SEEN
