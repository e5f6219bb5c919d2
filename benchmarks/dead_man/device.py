"""A device of the lab from outside: by its namespaces, its file system and its cable. Nothing goes over SSH, or changes its state.

Only its cable and its power are touched; a packet filter rule or an interface would be part of what is compared.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyremediate.errors import PyremediateError
from pyremediate.lab import engine
from pyremediate.lab.description import Host, Lab

CHECKPOINTS = "var/lib/pyremediate/checkpoints"
WANTS = "etc/systemd/system/timers.target.wants"
SWITCH = "pyremediate-deadman-"
STARTS = 5
FRR = "/usr/bin/vtysh"
CONFIGURATION = ("/etc/frr", "/etc/nftables.conf", "/etc/systemd/system", "/etc/postfix")
NOISE = re.compile(r" (?:nhid \d+|linkdown|dead)\b")


@dataclass(frozen=True)
class Device:
    """One of them."""

    lab: Lab
    host: Host

    @property
    def container(self) -> str:
        """The engine's name."""
        return self.lab.container(self.host)

    @property
    def pid(self) -> int:
        """Its init. Raises ``PyremediateError`` when it is off."""
        found = engine.containers([self.container]).get(self.container)
        if found is None or not found.alive:
            raise PyremediateError(f"{self.host.name} is off")
        return found.pid

    def seen(self) -> Seen:
        """The device as it runs now; another one after a reboot."""
        return Seen(self.pid)

    def cable(self, plugged: bool) -> None:
        """The other end of its management port."""
        index = self.seen().file("sys/class/net/eth0/iflink").read_text().strip()
        outside = Path("/sys/class/net")
        name = next(path.name for path in outside.iterdir() if (path / "ifindex").read_text().strip() == index)
        subprocess.run(["ip", "link", "set", "dev", name, "up" if plugged else "down"], check=True, timeout=10)

    def reboot(self) -> None:
        """A power cut."""
        engine.power_off_container(self.container)
        for _ in range(
            STARTS
        ):  # a machine whose kernel has no more inotify instances for an init may have one a moment later
            engine.start_container(self.container)
            if until(self._booted, 10):
                return
        raise PyremediateError(f"{self.host.name} does not boot")

    def _booted(self) -> bool:
        found = engine.containers([self.container]).get(self.container)
        return found is not None and found.alive and Seen(found.pid).file("run/systemd/private").exists()


@dataclass(frozen=True)
class Seen:
    """A device that runs, by the process id of its init."""

    pid: int

    def file(self, path: str) -> Path:
        """A path of it, from outside."""
        return Path(f"/proc/{self.pid}/root") / path

    def run(self, *command: str) -> str:
        """What a command says in all its namespaces; empty when it fails."""
        line = ["nsenter", "--target", str(self.pid), "--all", *command]
        done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else ""

    def network(self) -> Mapping[str, Any]:
        """What the kernel filters, has for interfaces, and routes."""
        addresses = json.loads(self.run("ip", "-json", "address") or "[]")
        return {
            "filter": self.run("nft", "--stateless", "list", "ruleset"),
            "links": {entry["ifname"]: link(entry) for entry in addresses if entry},
            "routes": routes(self.run("ip", "route", "show", "table", "all")),
            "neighbours": sorted(self.run("ip", "neighbour", "show", "nud", "permanent").splitlines()),
        }

    def state(self) -> Mapping[str, Any]:
        """That, with what is configured in files and in FRRouting."""
        words = ["find", *CONFIGURATION, "-type", "f", "-exec", "sha256sum", "{}", "+"]
        files = self.run("sh", "-c", f"{' '.join(words).replace('{}', chr(39) + '{}' + chr(39))} 2>/dev/null | sort")
        links = self.run("sh", "-c", "find /etc/systemd/system -type l | sort")
        running = self.run(FRR, "-c", "show running-config") if self.file(FRR[1:]).exists() else ""
        return {
            **self.network(),
            "files": files.splitlines() + links.splitlines(),
            "running configuration": [line for line in running.splitlines() if line.strip() not in {"", "!"}],
        }

    def switches(self) -> list[str]:
        """The ids of the checkpoints whose switch is enabled."""
        try:
            return sorted(path.stem.removeprefix(SWITCH) for path in self.file(WANTS).glob(f"{SWITCH}*.timer"))
        except OSError:
            return []

    def armed_at(self, checkpoint: str) -> float:
        """When its timer was started, by time.monotonic(), which containers share; 0 while it does not wait."""
        asked = ("ActiveState", "ActiveEnterTimestampMonotonic")
        words = self.run("systemctl", "show", f"{SWITCH}{checkpoint}.timer", *(f"--property={name}" for name in asked))
        found = dict(line.split("=", 1) for line in words.splitlines() if "=" in line)
        active = found.get("ActiveState") == "active"
        return int(found["ActiveEnterTimestampMonotonic"]) / 1e6 if active else 0.0

    def manifest(self, checkpoint: str) -> Mapping[str, Any]:
        """What the checkpoint remembers; empty where there is none."""
        try:
            found: Mapping[str, Any] = json.loads(self.file(f"{CHECKPOINTS}/{checkpoint}/manifest.json").read_text())
            return found
        except (OSError, ValueError):
            return {}


def link(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What somebody sets of an interface, out of ``ip -json address``; pure."""
    addresses = [f"{each['local']}/{each['prefixlen']}" for each in entry["addr_info"] if each["scope"] != "link"]
    return {"up": "UP" in entry["flags"], "mtu": entry["mtu"], "addresses": sorted(addresses)}


def routes(told: str) -> list[str]:
    """The routes, without what an unplugged cable or FRRouting's numbers make of them; pure."""
    lines = (" ".join(NOISE.sub("", line).split()) for line in told.splitlines())
    return sorted(line for line in lines if line and not line.startswith(("fe80:", "multicast ff00:", "local fe80:")))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is not as it was, in words; pure."""
    found = []
    for name, was in before.items():
        now = after.get(name)
        if was == now:
            continue
        old, new = (set(lines(value)) for value in (was, now))
        found += [f"{name}: gone: {line}" for line in sorted(old - new)]
        found += [f"{name}: new: {line}" for line in sorted(new - old)]
    return found


def lines(value: Any) -> list[str]:
    """Any part of a state as lines; pure."""
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    if isinstance(value, dict):
        return [f"{key} {json.dumps(item, sort_keys=True)}" for key, item in value.items()]
    return list(value or [])


def until(holds: Any, seconds: float, pause: float = 0.2) -> Any:
    """The first true answer within so many seconds; the last one otherwise."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()) and time.monotonic() < deadline:
        time.sleep(pause)
    return answer
