"""What is kept of a network device: whole, without what passes, and said to be damaged when it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.errors import UsageError
from pyremediate.known_good import devices, writing
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval
from pyremediate.network.evidence import FilterRule, Interface, Neighbour
from tests.unit.known_good.stage import ROUTER, git
from tests.unit.looks import NOON

ANNA = Approval("anna", "after the change")


def test_what_was_kept_comes_back_equal_and_the_newest_counts() -> None:
    keep({}, [ROUTER], Approval("anna", "before"))
    changed = replace(ROUTER, running="hostname s\n")
    keep({}, [changed], ANNA)
    kept = devices.load("router01")
    assert kept is not None and (kept.evidence, kept.reason) == (changed, "after the change")
    assert devices.names() == ["router01"]


def test_its_configuration_is_a_text_in_the_repository(state: Path) -> None:
    keep({}, [ROUTER], ANNA)
    assert git(state, "show", "main:devices/router01/running.txt") == "hostname r\n"


def test_what_changes_by_itself_is_not_kept() -> None:
    passing = replace(
        ROUTER,
        interfaces=(Interface("eth1", True, errors={"crc": 1}, counters={"in_packets": 5}),),
        neighbours=(Neighbour("10.0.0.1", "02::", state="dynamic"), Neighbour("10.0.0.2", "02::", state="static")),
        filters=(FilterRule("inet filter", "input", "drop", packets=3),),
    )
    keep({}, [passing], ANNA)
    kept = devices.load("router01")
    assert kept is not None
    assert kept.evidence.interfaces == (Interface("eth1", True),)
    assert kept.evidence.neighbours == passing.neighbours[1:] if passing.neighbours else False
    assert kept.evidence.filters == (FilterRule("inet filter", "input", "drop"),)


def test_a_device_without_one_has_none() -> None:
    assert devices.load("router02") is None
    assert devices.names() == []


@pytest.mark.parametrize("text", ["", "{}", '{"device": "router01", "colour": "red"}'])
def test_a_damaged_one_is_said_with_its_mend(text: str) -> None:
    writing.replace({"devices/router01": {"evidence.json": text.encode()}}, ANNA, NOON)
    with pytest.raises(UsageError, match=r"damaged .*pyremediate baseline capture --host router01"):
        devices.load("router01")


def test_a_name_that_would_leave_the_directory_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot name a directory"):
        devices.load("../router01")
