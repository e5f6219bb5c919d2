"""The controller dies in the middle of a fix: the next run knows, and leaves the host proved or as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from pyremediate.journal import Journal
from tests.integration.world import World

pytestmark = pytest.mark.lab
FAULT = "postfix/delivery_transport_changed"


def started(world: World, kind: str, *options: str) -> tuple[subprocess.Popen[str], str]:
    """Start a fix and wait until the journal has an entry of this kind; returns the process and the incident."""
    with Journal.open() as journal:
        before = {item.id for item in journal.incidents(world.host, limit=None)}
        process = world.start_fix("--yes", *options)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            for item in journal.incidents(world.host):
                if item.id not in before and kind in {entry.kind for entry in journal.entries(item.id)}:
                    return process, item.id
            assert process.poll() is None, f"the fix ended before it had a {kind}"
        world.kill(process)
    raise AssertionError(f"no {kind} within the deadline")


def killed_at(world: World, kind: str, *options: str) -> str:
    """Start a fix, kill it with SIGKILL as soon as the journal has an entry of this kind; returns the incident."""
    process, incident = started(world, kind, *options)
    world.kill(process)
    return incident


@pytest.mark.parametrize("kind", ["look", "intent", "done"])
def test_the_next_fix_settles_what_a_killed_one_left(world: World, kind: str) -> None:
    world.reset()
    world.break_by(FAULT)
    incident = killed_at(world, kind)

    outcome = world.fix("--yes")

    assert outcome["outcome"] in {"repaired", "healthy"}, outcome
    assert outcome["incident"] != incident
    with Journal.open() as journal:
        assert journal.unfinished(world.host) is None
        assert journal.verify_chain() is None
    assert world.check()[0] == 0


def test_resume_settles_it_too_and_says_what_became_of_each_step(world: World) -> None:
    world.reset()
    world.break_by(FAULT)
    incident = killed_at(world, "intent")

    done = world.run("incident", "resume", incident, "-i", str(world.inventory), "--format", "json")

    with Journal.open() as journal:
        kinds = [entry.kind for entry in journal.entries(incident)]
    assert kinds[-1] == "end", done.stdout + done.stderr
    assert {"kept", "undone"} & set(kinds)
    assert world.fix("--yes")["outcome"] in {"repaired", "healthy"}


def test_two_fixes_of_one_host_do_not_run_at_once(world: World) -> None:
    world.reset()
    world.break_by(FAULT)
    first, _ = started(world, "look")
    os.kill(first.pid, signal.SIGSTOP)  # it has the lock, and keeps it for as long as the second one needs
    try:
        second = world.run("fix", "-i", str(world.inventory), "--host", world.host, "--yes", "--plan")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert second.returncode == 4, second
    assert f"is being worked on by pyremediate, process {first.pid}" in second.stderr
    assert first.wait(timeout=120) == 0


def test_undo_puts_back_what_a_fix_kept(world: World) -> None:
    world.reset()
    world.break_by(FAULT)
    outcome = world.fix("--yes")
    assert outcome["outcome"] == "repaired", outcome

    done = world.run("undo", outcome["incident"], "-i", str(world.inventory))

    assert done.returncode in {0, 1}, done.stdout + done.stderr
    assert "dovecot-lmpt" in world.on(world.host, "postconf", "-h", "virtual_transport")
