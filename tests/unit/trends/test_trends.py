"""The trends count what the record says, and what it does not say is not counted as good."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from pyremediate.journal import Entry
from pyremediate.languages import LANGUAGES, Language
from pyremediate.trends import formats
from pyremediate.trends.build import trends
from pyremediate.trends.page import page
from pyremediate.trends.values import Trends

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
STOPPED = ("services/postfix_stopped", "Postfix does not run")


def incident(
    days_ago: float,
    outcome: str | None,
    seconds: float = 20,
    host: str = "mail01",
    cause: tuple[str, str] = STOPPED,
    note: str = "",
) -> list[Entry]:
    began, name = NOW - timedelta(days=days_ago), f"{host}-{days_ago}"
    ended = began + timedelta(seconds=seconds)
    diagnosis = {"causes": [{"code": cause[0], "title": cause[1]}]}
    parts: list[tuple[datetime, str, dict[str, Any]]] = [
        (began, "begin", {}),
        (began, "diagnose", {"diagnosis": diagnosis}),
    ]
    parts += [(began, "note", {"text": note})] if note else []
    parts += [(ended, "end", {"outcome": {"outcome": outcome}})] if outcome else []
    return [
        Entry(number, name, host, time, "anna", "x", kind, payload, "", "")
        for number, (time, kind, payload) in enumerate(parts, 1)
    ]


def counted(*incidents: list[Entry], days: int = 90) -> Trends:
    return trends([entry for each in incidents for entry in each], NOW - timedelta(days=days), NOW)


def test_the_share_without_people_leaves_out_those_who_were_asked_and_those_who_were_called() -> None:
    asked = incident(3, "repaired", note="Install the newer Postfix: consented to by anna")
    told = counted(incident(1, "repaired"), incident(2, "repaired"), asked, incident(4, "escalated"), incident(5, None))
    assert [case.how for case in told.cases] == ["open", "people", "consented", "automatic", "automatic"]
    assert told.automatic == pytest.approx(0.4)


def test_a_host_that_was_healthy_and_a_plan_are_no_incidents() -> None:
    told = counted(incident(1, "healthy"), incident(2, "planned"))
    assert told.cases == () and told.automatic is None
    assert "No incident is on record in this time." in formats.render(told, Language("en"), "text")


def test_repairs_are_measured_from_the_opening_to_the_proof_and_escalations_are_none() -> None:
    told = counted(
        *(incident(number + 1, "repaired", 10.0 * number + 5) for number in range(10)), incident(20, "escalated", 9999)
    )
    repairs = told.repairs
    assert (repairs.count, repairs.mean, repairs.median, repairs.ninetieth, repairs.longest) == (
        10,
        50.0,
        50.0,
        85.0,
        95.0,
    )
    assert sum(count for _, count in repairs.bins) == 10 and repairs.bins[0] == (10.0, 1)


def test_a_cause_that_comes_back_on_another_host_or_much_later_is_no_recurrence() -> None:
    other = ("dns/resolver_broken", "The host finds no names")
    told = counted(
        incident(1, "repaired"), incident(9, "repaired"), incident(9, "repaired", host="mail02"),
        incident(2, "repaired", host="mail03", cause=other), incident(60, "repaired", host="mail03", cause=other),
    )  # fmt: skip
    assert [(each.host, each.code, each.times) for each in told.recurrences] == [("mail01", STOPPED[0], 2)]
    assert [(each.code, each.count) for each in told.causes] == [(STOPPED[0], 3), (other[0], 2)]


def test_every_week_is_there_and_what_began_before_is_left_out() -> None:
    told = counted(incident(1, "repaired"), incident(20, "repaired"), days=14)
    assert [sum(week.counts.values()) for week in told.weeks] == [0, 0, 1]
    assert len(told.cases) == 1


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_is_whole_in_every_language_and_its_plots_stand_alone(code: str) -> None:
    told = counted(incident(1, "repaired"), incident(2, "escalated"), incident(3, "repaired"))
    built = page(told, Language(code))
    pictures = [block for section in built.sections for block in section.blocks if block.kind == "picture"]
    assert len(pictures) == 3
    for picture in pictures:
        ElementTree.fromstring(picture.svg)
    assert "%(" not in formats.render(told, Language(code), "html")


def test_nothing_repaired_is_said_and_not_drawn() -> None:
    text = formats.render(counted(incident(1, "escalated")), Language("en"), "text")
    assert "Nothing was repaired." in text and "* Mean time to repair: **not known**" in text


def test_the_data_has_every_case() -> None:
    data = json.loads(formats.render(counted(incident(1, "repaired")), Language("en"), "json"))
    assert data["cases"][0]["how"] == "automatic" and data["weeks"][-1]["monday"] == "2026-11-23"
