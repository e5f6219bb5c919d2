"""What a second look at an ended incident makes of it."""

import pytest

from pyremediate.model import Answer
from pyremediate.repair import resume
from tests.unit.incidents import KEPT, UNDONE


@pytest.mark.parametrize(
    ("steps", "answer", "outcome"),
    [
        ((), Answer.PASS, "healthy"),
        ((KEPT,), Answer.PASS, "repaired"),
        ((UNDONE, KEPT), Answer.FAIL, "escalated"),  # what was kept is in place, and was not enough
        ((UNDONE,), Answer.FAIL, "undone"),
        ((KEPT,), Answer.UNKNOWN, "unknown"),
    ],
)
def test_the_outcome_follows_from_what_is_in_place_and_from_what_is_seen(steps, answer, outcome):
    assert resume._outcome(steps, answer) == outcome
