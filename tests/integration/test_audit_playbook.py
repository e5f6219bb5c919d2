"""A team's own playbook against a real mail host: what it would change is told, and nothing is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.world import INVENTORY, ROOT, World

pytestmark = pytest.mark.lab

SITE, READS = "tests/integration/site/site.yml", "tests/integration/site/reads.yml"
# Everything that the playbook is about, as it is on the host.
STATE = (
    "md5sum /etc/postfix/main.cf /etc/motd; ls /etc/postfix/directory_password /root/this-never-runs 2>&1; "
    "dpkg-query -W postfix-pcre 2>&1; systemctl is-active opendkim; systemctl is-enabled opendkim"
)


def line(playbook: str, task: str) -> int:
    """Where a task begins."""
    return (ROOT / playbook).read_text().splitlines().index(f"    - name: {task}") + 1


def audit(world: World, *words: str, status: int) -> dict[str, Any]:
    done = world.run("audit", "-i", INVENTORY, "--host", world.host, "--format", "json", *words)
    assert done.returncode == status, done.stdout + done.stderr
    (target,) = json.loads(done.stdout)["targets"]
    return dict(target)


def by_task(target: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {each["name"]: (each["severity"], each["owner"]) for each in target["drifts"] if each["kind"] == "playbook.task"}


def test_what_the_playbook_would_change_is_drift_and_what_cannot_be_predicted_is_not_passed(world: World) -> None:
    world.reset()
    world.on(world.host, "postconf", "-e", "mynetworks=0.0.0.0/0")
    world.on(world.host, "dpkg", "--remove", "postfix-pcre")
    world.on(world.host, "systemctl", "stop", "opendkim")
    before = world.on(world.host, "sh", "-c", f"'{STATE}'", check=False)

    target = audit(world, "--playbook", SITE, status=1)

    assert by_task(target) == {
        "Who may relay": ("security", "postfix"),
        "The words of the day": ("noise", "system"),
        "The password of the directory": ("breaks_mail", "postfix"),
        "Maps by regular expressions": ("breaks_mail", "postfix-pcre"),
        "Signing": ("breaks_mail", "opendkim"),
    }
    relay = next(each for each in target["drifts"] if each["name"] == "Who may relay")
    assert "-mynetworks = 127.0.0.0/8\n+mynetworks = 0.0.0.0/0" in relay["diff"]
    assert relay["sentence"].endswith(f"its task Who may relay (site.yml:{line(SITE, 'Who may relay')})")
    (reason,) = target["unknown"]
    command = f"Warm the cache (site.yml:{line(SITE, 'Warm the cache')}, ansible.builtin.command: "
    assert reason.startswith(f"site.yml has a task that cannot be predicted: {command}")
    assert "planted-secret" not in json.dumps(target)
    assert world.on(world.host, "sh", "-c", f"'{STATE}'", check=False) == before


def test_a_task_that_would_run_for_real_is_refused_and_one_that_is_trusted_to_read_runs(world: World) -> None:
    done = world.run("audit", "-i", INVENTORY, "--host", world.host, "--playbook", READS)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"reads.yml:{line(READS, 'Read the version')} (Read the version) has check_mode: false" in done.stderr
    target = audit(world, "--playbook", READS, "--trust-reads", status=1)
    assert (by_task(target), target["unknown"]) == ({}, [])
