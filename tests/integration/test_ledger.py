"""Every message is accounted for while a host is repaired: 300 in the queue in all states, and more that keep arriving.

``PYREMEDIATE_LEDGER_RUNS`` (1) is how many repairs are measured.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pyremediate.journal import Journal
from tests.integration.world import INVENTORY, PYREMEDIATE, ROOT, World

RUNS = int(os.environ.get("PYREMEDIATE_LEDGER_RUNS", "1"))
BOB, NOBODY, SILENT = "bob@lab.test", "nobody@lab.test", "x@[10.61.3.99]"  # the last is an address that no host has

pytestmark = pytest.mark.lab

# 250 messages that wait, 30 of them held; the way is open again, and they are not tried before somebody flushes the queue.
DEFERRED = f"""
set -e
postconf -e 'defer_transports = lmtp smtp'; postfix reload
send() {{ printf 'Subject: %s\\n\\nx\\n' "$2" | sendmail -f probe@peer.test "$1"; }}
for i in $(seq 220); do send {BOB} waits$i; done
for i in $(seq 15); do send {NOBODY} waits; send '{SILENT}' waits; done
until [ "$(find /var/spool/postfix/deferred -type f | wc -l)" -eq 250 ]; do :; done
find /var/spool/postfix/deferred -type f -printf '%f\\n' | head -n 30 | postsuper -h -
postconf -X defer_transports; postfix reload
"""
# As it is after a crash in the middle of work: mail in incoming and active, and what was handed in since.
STOPPED = f"""
set -e
cd /var/spool/postfix
for queue in incoming active; do find deferred -type f | head -n 10 | xargs -I @ mv @ $queue/; done
for i in $(seq 50); do printf 'Subject: dropped\\n\\nx\\n' | sendmail -f probe@peer.test {BOB}; done
"""
STREAM = (
    f"for i in $(seq 400); do printf 'Subject: streams\\n\\nx\\n' | sendmail -f probe@peer.test {BOB}; sleep 0.05; done"
)
PLACES = (
    "for q in maildrop incoming active deferred hold; do echo $q $(find /var/spool/postfix/$q -type f | wc -l); done"
)
MAILBOX = "find /var/vmail/lab.test/bob/Maildir/new /var/vmail/lab.test/bob/Maildir/cur -type f | wc -l"


@contextmanager
def streaming(world: World) -> Iterator[None]:
    """Mail keeps arriving meanwhile, by sendmail(1), which takes it whether Postfix runs or not."""
    words = [PYREMEDIATE, "lab", "ssh", world.host, "--", STREAM]
    stream = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        yield
    finally:
        stream.terminate()
        stream.wait(timeout=30)


def filled(world: World) -> None:
    """The host as it was made, with 300 messages in its queue, and stopped."""
    world.reset()
    world.on(world.host, DEFERRED)
    world.break_by("services/postfix_stopped")
    world.on(world.host, STOPPED)
    places = dict(line.split() for line in world.on(world.host, PLACES).splitlines())
    assert places == {"maildrop": "50", "incoming": "10", "active": "10", "deferred": "200", "hold": "30"}


@pytest.mark.parametrize("run", range(RUNS))
def test_every_message_is_accounted_for_while_more_arrive(run: int, world: World) -> None:
    filled(world)
    with streaming(world):
        outcome = world.fix("--yes")
    ledger: dict[str, Any] = outcome["ledger"]
    assert outcome["outcome"] == "repaired", outcome
    counts = ledger["counts"]
    assert sum(counts["queued"].values()) >= 300, ledger["sentence"]  # and those that streamed in before the first look
    assert counts["queued"].get("bounced", 0) >= 1, ledger["sentence"]
    assert counts["queued"]["held"] == 30, ledger["sentence"]
    assert counts["arrived"].get("delivered", 0) > 0, ledger["sentence"]
    for found in counts.values():
        assert not {"missing", "unknown"} & found.keys(), ledger
    assert int(world.on(world.host, MAILBOX)) >= counts["queued"]["delivered"]  # all of them are bob's
    print(f"run {run}: {ledger['sentence']}")


def test_a_message_that_is_destroyed_during_the_repair_is_reported_as_missing(world: World) -> None:
    filled(world)
    id_ = world.on(world.host, "find /var/spool/postfix/hold -type f -printf '%f\\n' | head -n 1").strip()
    outcome = subprocess.Popen(
        [PYREMEDIATE, "fix", "-i", INVENTORY, "--host", world.host, "--yes", "--format", "json"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
    )  # fmt: skip
    incident = _begun(world.host)
    world.on(world.host, f"find /var/spool/postfix/hold -name {id_} -delete")
    told, _ = outcome.communicate(timeout=300)
    assert outcome.returncode == 1
    assert '"outcome": "escalated"' in told
    report = world.expect("incident", "show", incident)
    assert f"Missing: {id_}." in report
    assert f"1. Message {id_}" in report


def _begun(host: str) -> str:
    """The incident that a fix has begun on the host: its first look is over."""
    deadline = time.monotonic() + 60
    with Journal.open() as journal:
        while time.monotonic() < deadline:
            if (left := journal.unfinished(host)) is not None:
                return left.incident
    raise AssertionError("no incident began")
