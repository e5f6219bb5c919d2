"""No settings, no state and no inventory of this machine; a pipeline that is played."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyremediate import settings
from pyremediate.journal import Journal
from tests.unit.cli.stage import Played
from tests.unit.incidents import record


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PYREMEDIATE_SETTINGS", raising=False)
    monkeypatch.setattr(settings, "SYSTEM_WIDE", tmp_path / "none.yml")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    return Played(monkeypatch)


@pytest.fixture
def incident() -> str:
    with Journal.open() as journal:
        return record(journal)
