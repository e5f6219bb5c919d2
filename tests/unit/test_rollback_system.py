"""Routes, kernel settings, units that run, ports: what is no file is put back, and undone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_listeners as listeners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_owners as owners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_settings as settings
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_system as system
from ansible_collections.pyremediate.mail.plugins.module_utils import text_hunks
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import wishes_of

VIA = {"dst": "10.61.1.0/24", "gateway": "10.61.2.2", "dev": "eth1", "flags": []}
OWN = {"dst": "10.61.2.0/24", "dev": "eth1", "protocol": "kernel", "scope": "link", "prefsrc": "10.61.2.17"}
BLACKHOLE = {"type": "blackhole", "dst": "10.61.1.0/24"}


def put_back(*differences: dict[str, Any]) -> list[str]:
    changes = applying.changes_of(wishes_of(differences))
    applying.carry_out(changes, "/nowhere")
    assert applying.unfulfilled(changes) == []
    return [f"{change.kind} {change.name}" for change in changes]


@pytest.mark.parametrize(
    ("entry", "suffix", "words"),
    [
        (VIA, "", "ip -4 route replace 10.61.1.0/24 via 10.61.2.2 dev eth1"),
        (OWN, "", "ip -4 route replace 10.61.2.0/24 dev eth1 src 10.61.2.17 scope link proto kernel"),
        (BLACKHOLE, "", "ip -4 route replace blackhole 10.61.1.0/24"),
        ({"dst": "default", "gateway": "fe80::1", "dev": "eth0", "metric": 1024}, " inet6",
         "ip -6 route replace default via fe80::1 dev eth0 metric 1024"),
    ],
)  # fmt: skip
def test_a_route_is_put_back_with_all_that_was_known_of_it(entry: dict[str, Any], suffix: str, words: str) -> None:
    name, state = routes.named(entry, suffix)
    assert routes.command(name, state) == words.split()


def test_a_route_that_was_not_there_is_deleted_by_its_name() -> None:
    name, _ = routes.named({"dst": "default", "gateway": "fe80::1", "metric": 1024}, " inet6")
    assert name == "default metric 1024 inet6"
    assert routes.command(name, {}) == ["ip", "-6", "route", "del", "default", "metric", "1024"]


@pytest.mark.parametrize("more", [{"nexthops": []}, {"protocol": "ra"}])
def test_announced_routes_and_those_of_many_ways_have_no_name(more: dict[str, Any]) -> None:
    assert routes.named({"dst": "default", **more}, " inet6")[0] == ""


def test_a_kernel_setting_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_path", lambda name: str(tmp_path / name))
    (tmp_path / "net.core.somaxconn").write_text("1\n")
    assert put_back({"kind": "sysctl", "name": "net.core.somaxconn", "was": "4096", "is": "1"}) == [
        "sysctl net.core.somaxconn"
    ]
    assert settings.look(["net.core.somaxconn", "none"]) == {"net.core.somaxconn": "4096", "none": ""}


def test_a_kernel_setting_is_no_path() -> None:
    with pytest.raises(ValueError, match="no kernel setting"):
        settings.look(["../etc/passwd"])


class Units:
    """systemctl as far as it is needed: whether units run."""

    def __init__(self, **runs: str) -> None:
        self.runs, self.said = runs, list[list[str]]()

    def run(self, argv: list[str], timeout: int = 30) -> Any:
        self.said.append(argv[1:])
        verbs = {"start": "running", "stop": "stopped"}
        self.runs[argv[-1]] = verbs.get(argv[1], self.runs[argv[-1]])
        return type("Done", (), {"ok": True})

    def look(self, names: list[str]) -> Any:
        return {name: {"enabled": "enabled", "runs": self.runs[name]} for name in names}


def test_a_unit_is_started_when_its_test_passes_and_stopped_if_it_did_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    units = Units(a="failed", b="running", c="running")
    monkeypatch.setattr(system, "run", units.run)
    monkeypatch.setattr(system.units, "look", units.look)
    complaints = {"a": "", "b": ""}
    monkeypatch.setattr(owners, "complaint", complaints.get)
    wanted = [
        {"kind": "unit.running", "name": "a", "was": "active", "is": "failed"},
        {"kind": "unit.running", "name": "b", "was": "inactive", "is": "active"},
        {"kind": "unit.running", "name": "c", "was": "active", "is": "active"},
    ]
    assert put_back(*wanted) == ["unit a", "unit b"]
    assert [said[0] for said in units.said] == ["reset-failed", "start", "stop"]
    units.runs["a"], complaints["a"] = "stopped", "its configuration is wrong"
    with pytest.raises(OSError, match="is wrong"):
        put_back(wanted[0])


RULES = """table inet filter {
	chain input {
		type filter hook input priority filter; policy accept;
		ct state established,related accept
		tcp dport { 22, 25 } accept
	}

	chain output {
		type filter hook output priority filter; policy accept;
	}
}
"""


def test_one_rule_is_put_back_and_one_that_somebody_added_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = RULES.replace("\t\tct state", "\t\ttcp dport 25 drop\n\t\tct state")
    now = [
        blocked.replace("accept\n\t}\n\n", "accept\n\t\ttcp dport 8080 accept\n\t}\n\n").replace(
            "output priority filter; policy accept", "output priority filter; policy drop"
        )
    ]
    loaded = [RULES.replace("\t\ttcp dport { 22", "\t\ttcp dport 8080 accept\n\t\ttcp dport { 22")]
    monkeypatch.setattr(firewall, "text", lambda: now[0])
    monkeypatch.setattr(firewall, "check", lambda text: "")
    monkeypatch.setattr(firewall, "put_back", lambda text: now.__setitem__(0, text) or "")
    assert loaded != now
    found = text_hunks.hunks(RULES, now[0])
    assert len(found) == 3
    for hunk, left in ((found[0], 2), (found[2], 1)):
        place = {key: hunk[key] for key in ("before", "after", "begin", "end")}
        difference = {"kind": "firewall.rule", "name": "ruleset", "was": hunk["was"], "is": hunk["is"], "place": place}
        assert put_back(difference) == ["firewall ruleset"]
        assert len(text_hunks.hunks(RULES, now[0])) == left
    assert "8080" in now[0]


SERVER = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); time.sleep(600)"


@pytest.fixture
def taker(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A process of this test's own that has a port, and no unit."""
    monkeypatch.setattr(listeners, "unit_of", lambda pid: "")
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    yield f"tcp/{process.stdout.readline().strip()}", process
    process.kill()
    process.wait()


def test_a_process_that_took_a_port_is_ended_and_its_command_is_kept_for_the_undo(
    taker: tuple[str, subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, process = taker
    comm = Path(f"/proc/{process.pid}/comm").read_text().strip()
    assert items.LOOK["listener"]([name]) == {name: {"processes": [comm]}}
    kept = listeners.keep(name)
    (started,) = kept["started"]
    assert (started["argv"][1:], started["uid"]) == (["-c", SERVER], os.getuid())
    with socket.socket():
        assert put_back({"kind": "listener", "name": name, "was": "master", "is": comm}) == [f"listener {name}"]
    assert process.wait(5) != 0
    said: list[list[str]] = []
    monkeypatch.setattr(listeners, "run", lambda argv, **_: said.append(argv) or type("Done", (), {"ok": True}))
    monkeypatch.setattr(listeners, "_within", lambda *_: True)
    assert listeners.start(name, kept) == ""
    assert said[0][0] == "systemd-run"
    assert said[0][-3:] == started["argv"]


def test_a_process_of_another_name_is_left_alone(taker: tuple[str, subprocess.Popen[str]]) -> None:
    name, process = taker
    assert put_back({"kind": "listener", "name": name, "was": "master", "is": "dovecot"}) == []
    assert process.poll() is None
