"""``audit --fix`` for a router: what somebody typed there goes back under the dead-man switch, proved by mail that passes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pyremediate.lab import verbs
from tests.integration.world import INVENTORY, World

pytestmark = pytest.mark.lab

ROUTER = "router01"


def audit(world: World, *words: str) -> tuple[int, dict[str, Any]]:
    done = world.run("audit", "-i", INVENTORY, "--host", ROUTER, "--host", world.host, "--format", "json", *words)
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    return done.returncode, {target["name"]: target for target in json.loads(done.stdout)["targets"]}


def drifts(target: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(each["kind"], each["name"], each["aspect"]) for each in target["drifts"]}


# Its name says that it has the lab alone: see ``conftest.way``.
@pytest.mark.parametrize("configuration", ["network/router01"])
def test_a_router_that_drifted_is_put_back_and_mail_passes_it(world: World, configuration: str) -> None:
    world.reset()
    prefix = verbs.current().prefix
    tokens = [world.mail_in(must=True)]
    route = f"'no ip route {prefix}.9.0/24 {prefix}.1.10'"
    world.on(ROUTER, "vtysh", "-c", "'configure terminal'", "-c", route, "-c", "'interface eth3'", "-c", "'description elsewhere'")
    world.on(ROUTER, "ip", "link", "set", "eth2", "mtu", "1400")
    world.on(ROUTER, "nft", "insert", "rule", "inet", "filter", "forward", "tcp", "dport", "8080", "accept")

    status, found = audit(world)
    assert status == 1
    assert {
        ("device.route", f"{prefix}.9.0/24", "value"),
        ("device.interface", "eth2", "mtu"),
        ("device.filter", "inet filter forward", "value"),
        ("device.line", "interface eth3", "value"),
    } <= drifts(found[ROUTER])

    status, found = audit(world, "--fix", "--yes")
    assert (status, {name: target["drifts"] for name, target in found.items()}) == (0, {ROUTER: [], world.host: []})
    tokens.append(world.mail_in(must=True))
    world.assert_delivered(tokens)
    world.assert_mail_leaves()
    assert audit(world)[0] == 0
