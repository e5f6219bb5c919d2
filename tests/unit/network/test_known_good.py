"""The last known good of a network device is kept whole, privately, and said to be damaged when it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pyremediate.errors import UsageError
from pyremediate.network import known_good
from pyremediate.network.evidence import DeviceEvidence, Interface, Route

ROUTER = DeviceEvidence(
    "router01",
    "frr",
    "8.4.4",
    (Interface("eth1", True, True, 1500, ("10.0.1.2/24",)),),
    (Route("10.0.1.0/24"),),
    running="hostname r\n",
)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    return tmp_path / "known_good_devices"


def test_what_was_kept_comes_back_equal_and_the_newest_counts() -> None:
    known_good.save(ROUTER, "anna", "before")
    kept = known_good.save(ROUTER, "anna", "after the change")
    assert known_good.load("router01") == kept
    assert known_good.devices() == ["router01"]


def test_it_is_readable_by_its_owner_alone(state: Path) -> None:
    known_good.save(ROUTER, "anna", "")
    assert stat.S_IMODE((state / "router01.json").stat().st_mode) == 0o600


def test_a_device_without_one_has_none() -> None:
    assert known_good.load("router02") is None
    assert known_good.devices() == []


@pytest.mark.parametrize("text", ["", "{}", '{"evidence": {"device": "router01", "colour": "red"}}'])
def test_a_damaged_one_is_said_with_its_mend(state: Path, text: str) -> None:
    known_good.save(ROUTER, "anna", "")
    (state / "router01.json").write_text(text)
    with pytest.raises(UsageError, match=r"damaged .*pyremediate baseline capture --host router01"):
        known_good.load("router01")


def test_a_name_that_would_leave_the_directory_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot name a file"):
        known_good.load("../router01")
