"""Mail of others that flows while a host is changed: each message is offered until it is taken, or refused for good.

It comes from the outside world and from a user who submits; every message has a word of its own in its subject.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.integration.world import ARRIVAL, MAILDIR, PEER_MAILDIR, PYREMEDIATE, ROOT, World

OVER = "/run/stream-is-over"
# swaks(1) marks what a server said: <** an error, <~* one over TLS. 4yz is for another time, 5yz for good (RFC 5321, 4.2.1).
SCRIPT = f"""
rm -f {OVER}
while [ ! -e {OVER} ]; do
    token=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
    until said=$(swaks OPTIONS --header "Subject:$token" --timeout 10 2>&1); do
        if printf '%s' "$said" | grep -qE '^<[*~][*] 5'; then echo "refused $token"; printf '%s\\n' "$said"; continue 2; fi
        sleep 0.5
    done
    echo "taken $token"
    sleep 0.5
done
"""
WORD = re.compile(r"^(taken|refused) ([0-9a-f]{16})$", re.MULTILINE)


@dataclass
class Flow:
    """One stream. ``said`` is known when it is over: a line for each message."""

    sender: str
    options: str
    host: str  # where its mail arrives
    mailbox: str
    said: str = field(default="", repr=False)

    def tokens(self, fate: str) -> set[str]:
        """The messages that were taken, or refused."""
        return {token for found, token in WORD.findall(self.said) if found == fate}


@contextmanager
def flowing(world: World) -> Iterator[tuple[Flow, Flow]]:
    """Both streams, until the end of the block; what was offered then is still taken."""
    to = f"--server {world.host}.lab.test"
    inbound = Flow("peer01", f"{to} --from probe@peer.test --to bob@lab.test", world.host, MAILDIR)
    login = "--auth-user alice@lab.test --auth-password pw-alice --from alice@lab.test"
    outbound = Flow("client01", f"{to}:587 --tls {login} --to probe@peer.test", "peer01", PEER_MAILDIR)
    flows = inbound, outbound
    running = [_start(flow) for flow in flows]
    try:
        yield flows
    finally:
        for flow in flows:
            world.on(flow.sender, "touch", OVER)
        for flow, process in zip(flows, running, strict=True):
            flow.said = process.communicate(timeout=60)[0]


def missing(world: World, flow: Flow) -> set[str]:
    """The messages that were taken and have not arrived, after as long as their server may need to try again."""
    lost, deadline = flow.tokens("taken"), time.monotonic() + ARRIVAL
    while lost and time.monotonic() < deadline:
        found = world.on(flow.host, f"grep -rhoE '^Subject: ?[0-9a-f]{{16}}' {flow.mailbox}", check=False)
        lost = {token for token in lost if token not in found}
    return lost


def _start(flow: Flow) -> subprocess.Popen[str]:
    line = [PYREMEDIATE, "lab", "ssh", flow.sender, "--", SCRIPT.replace("OPTIONS", flow.options)]
    return subprocess.Popen(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    )
