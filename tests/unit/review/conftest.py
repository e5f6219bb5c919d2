"""A journal to review."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pyremediate.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(f"sqlite:///{tmp_path}/journal.sqlite") as opened:
        yield opened
