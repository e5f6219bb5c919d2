"""A sample of the drill: the connection is cut in the middle of a change that could cut us off, and nobody comes to help."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.dead_man import changes, one_cut
from benchmarks.dead_man.cut import faults
from benchmarks.dead_man.plan import Planned
from pyremediate.lab.verbs import current
from tests.integration.world import World

pytestmark = pytest.mark.lab


@pytest.mark.parametrize(
    ("change", "step", "kind", "way"),
    [
        ("mail.filter.all", "middle", "kill", "resume"),
        ("mail.port.data", "sealed", "blackout", "fix"),
    ],
    ids=["controller_killed", "power_cut"],
)
def test_a_mail_host_comes_back_by_itself(
    world: World, tmp_path: Path, change: str, step: str, kind: str, way: str
) -> None:
    lab = current()
    wanted = next(item for item in changes.every(lab.prefix) if item.name == change)
    cut = one_cut.make(one_cut.Scene(lab, world.host, tmp_path), wanted, Planned(change, step, kind), way)
    assert faults(cut) == [], cut
