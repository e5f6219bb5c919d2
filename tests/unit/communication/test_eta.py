"""The estimate: from repairs of this cause here, else from those shipped; corrected by the time that has passed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pyremediate.communication import eta
from pyremediate.communication.example import FAULT, OUTAGE, PEOPLE, after
from pyremediate.communication.values import Doing, Past

FACTS = replace(OUTAGE, estimate=None)
HERE = [Past((FAULT.code,), seconds) for seconds in (60, 120, 180, 240, 300)]


def test_the_repairs_of_this_cause_here_say_when_it_ends():
    found = eta.estimated(FACTS, HERE, after(0)).estimate

    assert found and (found.at, found.low, found.high, found.count, found.here) == (after(3), after(2), after(4), 5, True)


def test_it_is_corrected_by_the_time_that_has_passed():
    found = eta.estimated(FACTS, HERE, after(2.5)).estimate

    assert found and found.at == after(4) and found.count == 3


def test_it_is_unknown_when_it_takes_longer_than_what_is_known():
    found = eta.estimated(FACTS, HERE, after(4.5))

    assert found.estimate is None and found.overdue


def test_without_enough_repairs_here_the_shipped_ones_count_by_how_the_cause_is_found():
    by_rule = eta.estimated(FACTS, [*HERE[:2], Past(("tls/expired",), 9999)], after(0)).estimate
    by_search = eta.estimated(replace(FACTS, causes=(), doing=Doing.SEARCHING), [], after(0)).estimate

    assert by_rule and by_search and not by_rule.here and by_rule.at < by_search.at


def test_there_is_none_before_a_cause_is_known_nor_while_people_must_act():
    assert eta.estimated(replace(FACTS, causes=(), doing=Doing.LOOKING), HERE, after(0)).estimate is None
    assert eta.estimated(PEOPLE, HERE, after(0)).estimate is None
    assert not eta.estimated(PEOPLE, HERE, after(999)).overdue


@given(st.lists(st.floats(1, 10_000), min_size=3, max_size=30), st.floats(0, 10_000))
def test_it_is_never_in_the_past(seconds, elapsed):
    now = after(elapsed / 60)
    found = eta.estimated(FACTS, [Past((FAULT.code,), each) for each in seconds], now).estimate

    assert found is None or now <= found.low <= found.at <= found.high
