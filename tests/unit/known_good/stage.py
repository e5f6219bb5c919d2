"""A small known good, and what is done to it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.writing import Approval, Kept
from pyremediate.model import Evidence
from pyremediate.network.evidence import DeviceEvidence, Interface, Route
from tests.unit.looks import evidence


def file(owner: str, mode: str, digest: str, secret: bool) -> dict[str, Any]:
    named = {"kind": "file", "owner": owner, "group": owner, "mode": mode, "target": None}
    return named | {"digest": digest, "secret": secret}


FILES = {
    "tracked": {
        "/etc/postfix/main.cf": file("root", "0644", "sha256:aa", secret=False),
        "/etc/dkimkeys/key": file("opendkim", "0600", "hmac:bb", secret=True),
    }
}
FIREWALL = {"available": True, "ruleset": [], "text": "table inet filter {}"}
MAIN_CF = b"relayhost =\n"
CONTENTS = {"/etc/postfix/main.cf": MAIN_CF, "/etc/dkimkeys/key": b"PRIVATE", "/etc/untracked": b"UNTRACKED"}
ROUTER = DeviceEvidence(
    "router01",
    "frr",
    "8.4.4",
    (Interface("eth1", True, True, 1500, ("10.0.1.2/24",)),),
    (Route("10.0.1.0/24"),),
    running="hostname r\n",
)


def observed(**sections: Any) -> Evidence:
    return evidence(**{"files": FILES, "network": {"firewall": FIREWALL}, **sections})


def save(
    host: str = "mail01", reason: str = "approved", contents: Mapping[str, bytes] = CONTENTS, **sections: Any
) -> Kept:
    """Keep one host."""
    return keep({host: Captured(observed(**sections), contents)}, [], Approval("tester", reason))


def git(state: Path, *arguments: str) -> str:
    """As somebody at a terminal would look at it."""
    command = ["git", f"--git-dir={state}/known_good", *arguments]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=True).stdout
