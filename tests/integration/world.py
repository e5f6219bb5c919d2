"""The lab as a test sees it: a mail host to break, the command line as a user types it, and mail that is not our own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyremediate.lab import bmc, verbs
from pyremediate.lab.bmc import state

PYREMEDIATE = str(Path(sys.executable).parent / "pyremediate")
ROOT = Path(__file__).resolve().parents[2]
INVENTORY = str(ROOT / "inventory" / "lab")
MAILDIR = "/var/vmail/lab.test/bob/Maildir"
PEER_MAILDIR = "/var/vmail/peer.test/probe/Maildir"
ARRIVAL = 90.0  # seconds; Postfix on the peer retries a deferred mail by itself after its minimal_backoff_time at the earliest


class World:
    """One mail host of the lab, the peer outside, and the product's command line."""

    def __init__(self, host: str = "mail01") -> None:
        self.host = host
        self.inventory = INVENTORY

    # -- the command line ----------------------------------------------------------------------------------------------------

    def run(self, *words: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """``pyremediate …`` with nobody at the terminal."""
        return subprocess.run(
            [PYREMEDIATE, *words],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
        )

    def expect(self, *words: str) -> str:
        """The same, and it must succeed."""
        done = self.run(*words)
        assert done.returncode == 0, f"pyremediate {' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def fix(self, *options: str) -> dict[str, Any]:
        """``fix --format json`` as data."""
        done = self.run("fix", "-i", INVENTORY, "--host", self.host, "--format", "json", *options)
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        outcome: dict[str, Any] = json.loads(done.stdout)
        return outcome

    def check(self, *options: str) -> tuple[int, dict[str, Any]]:
        """``check --format json``: exit status and data."""
        done = self.run("check", "-i", INVENTORY, "--host", self.host, "--format", "json", *options)
        assert done.stdout.startswith("{"), done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout)["hosts"][0]

    def start_fix(self, *options: str) -> subprocess.Popen[str]:
        """A fix in the background, for killing."""
        return subprocess.Popen(
            [PYREMEDIATE, "fix", "-i", INVENTORY, "--host", self.host, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip

    # -- the lab -------------------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """The host as it was made, with its known good captured."""
        self.expect("lab", "reset", self.host)

    def break_by(self, fault: str) -> None:
        """Break the host in a fault's own way."""
        self.expect("lab", "break", fault, "--host", self.host)

    def board(self, **changes: Mapping[str, Any] | Sequence[Any]) -> None:
        """Let the sensors and the log of the host's board show this, until the host is made anew."""
        lab = verbs.current()
        state.save(bmc.sensors(lab, lab.host(self.host)), changes)

    def on(self, host: str, *command: str, check: bool = True) -> str:
        """The output of a command on a host of the lab."""
        done = self.run("lab", "ssh", host, "--", *command, timeout=90)
        assert not check or done.returncode == 0, f"{host}: {command}\n{done.stdout}{done.stderr}"
        return done.stdout

    # -- mail ----------------------------------------------------------------------------------------------------------------

    def mail_in(self, must: bool = False) -> str:
        """Hand a mail to the host as the outside world does; returns its token, or "" when the host did not accept it."""
        token = secrets.token_hex(8)
        words = [
            "swaks", "--server", f"{self.host}.lab.test", "--from", "probe@peer.test", "--to", "bob@lab.test",
            "--header", f"Subject:{token}", "--timeout", "4", "--silent", "2",
        ]  # fmt: skip
        done = self.run("lab", "ssh", "peer01", "--", *words, timeout=60)
        assert not must or done.returncode == 0, done.stdout + done.stderr
        return token if done.returncode == 0 else ""

    def assert_delivered(self, tokens: Sequence[str]) -> None:
        """Every accepted mail is in its mailbox before the deadline; the queue's own state is shown when one is not."""
        wanted = {token for token in tokens if token}
        missing = wanted
        deadline = time.monotonic() + ARRIVAL
        while missing and time.monotonic() < deadline:
            found = self.on(self.host, "grep", "-rhoE", "'^Subject: ?[0-9a-f]{16}'", MAILDIR, check=False)
            missing = {token for token in wanted if token not in found}
        assert not missing, f"not delivered: {missing}\n{self.on(self.host, 'postqueue', '-p', check=False)}"

    def assert_mail_leaves(self) -> None:
        """A mail that a user submits arrives in the outside world's mailbox."""
        token = secrets.token_hex(8)
        self.on(
            "client01", "swaks", "--server", f"{self.host}.lab.test:587", "--tls", "--auth-user", "alice@lab.test",
            "--auth-password", "pw-alice", "--from", "alice@lab.test", "--to", "probe@peer.test",
            "--header", f"Subject:{token}", "--silent", "2",
        )  # fmt: skip
        deadline = time.monotonic() + ARRIVAL
        while time.monotonic() < deadline:
            if self.on("peer01", "grep", "-rl", token, PEER_MAILDIR, check=False).strip():
                return
        raise AssertionError(f"{token} did not arrive\n{self.on(self.host, 'postqueue', '-p', check=False)}")

    def kill(self, process: subprocess.Popen[str]) -> None:
        """SIGKILL, as when the controller dies."""
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
