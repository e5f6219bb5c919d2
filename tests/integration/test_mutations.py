"""Random damage on a real host: taken away again by its own undo, and, in a sample of the campaign, by ``fix``."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import mutations
from benchmarks.campaign import one_run
from benchmarks.campaign.run import judge
from pyremediate.lab import shell
from pyremediate.lab.mutation import compare, host
from tests.integration.world import World

pytestmark = pytest.mark.lab
SEVERAL = "master.cf,map,file.mode,user.home_changed,unit.override.limit_nofile,firewall.rule,route,hosts,certificate.other_key"


def test_damage_is_on_record_told_and_taken_away_by_its_undo(world: World) -> None:
    world.reset()
    lab, target = shell.reachable(world.host)
    before = host.survey(lab, target)

    told = world.expect("lab", "mutate", world.host, "--seed", "4", "--count", "5", "--kinds", SEVERAL)
    assert told.startswith("seed 4\n")
    assert len(compare.differences(before, host.survey(lab, target))) >= 5

    undone = world.expect("lab", "mutate", world.host, "--undo")
    assert undone.count("undone: ") == 5
    assert compare.differences(before, host.survey(lab, target)) == {}
    status, found = world.check()
    assert (status, found["outcome"]) == (0, "healthy"), found


def test_damage_that_the_host_does_not_know_is_refused(world: World) -> None:
    done = world.run("lab", "mutate", world.host, "--kinds", "postfix.parameter.nonsense")
    assert done.returncode == 2
    assert "no such kind of mutation: postfix.parameter.nonsense" in done.stderr


@pytest.mark.parametrize("rules", [True, False], ids=["rules_on", "rules_off"])
def test_a_sample_of_the_campaign(world: World, tmp_path: Path, rules: bool) -> None:
    settings = None if rules else mutations.rules_off(tmp_path)
    lab, target = shell.reachable(world.host)
    run = one_run.make(
        lab, target, one_run.Plan(15, rules, pair=False, settings=settings, kinds=("postfix.parameter.misspelt",))
    )
    assert run.breaking, run
    assert judge(run).word == "repaired", (judge(run), run)
    assert run.foreign == {}, run
