"""One run at a time for each host, and no name that leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyremediate.errors import Refused, UsageError
from pyremediate.lock import host_lock


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    return tmp_path


def test_a_second_run_on_the_host_is_refused_and_told_who_works_there() -> None:
    words = r"mail01 is being worked on by pyremediate, process \d+"
    with host_lock("mail01"), pytest.raises(Refused, match=words), host_lock("mail01"):
        pass


def test_another_host_and_a_later_run_are_free() -> None:
    with host_lock("mail01"), host_lock("mail02"):
        pass
    with host_lock("mail01"):
        pass


@pytest.mark.parametrize("name", ["../mail01", "a/b", ".."])
def test_a_name_that_leads_out_of_the_directory_is_refused(name: str, state: Path) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a host"), host_lock(name):
        pass
    assert list(state.iterdir()) == []
