"""Switches whose port was moved to another VLAN: recorded output of real ones, and the same with that one port elsewhere.

``python -m tests.unit.network.vlan_machines`` writes the evidence of the fault ``network/vlan_wrong`` from it. The mail's side is
that of a lab host which its router does not find. The recordings are of devices with other ports than the listing of VLANs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pyremediate.model import Device, to_json
from pyremediate.network.compare import compare
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.paths import collection_root
from tests.unit.looks import NOON
from tests.unit.network.recordings import RECORDED, observed

EVIDENCE = collection_root() / "faults" / "network"
FOUND_NOWHERE = EVIDENCE / "neighbour_stale" / "evidence" / "match_lab.json"  # mail that gets no answer
REACHED = EVIDENCE / "configuration_drifted" / "evidence" / "match_lab.json"  # mail that flows


def moved(platform: str, command: str, was: Mapping[str, str]) -> tuple[DeviceEvidence, DeviceEvidence]:
    """The switch before, and after the texts of one command's output were replaced."""
    text = (RECORDED / platform / command).read_text(encoding="utf-8")
    other = text
    for old, new in was.items():
        assert old in other, old
        other = other.replace(old, new)
    asked = command.replace("_", " ")
    return observed(platform, {asked: text}), observed(platform, {asked: other})


def ios() -> tuple[DeviceEvidence, DeviceEvidence]:
    """Fa0/5 went from VLAN 50 to VLAN 10."""
    return moved("ios", "show_vlan", {"Fa0/4, Fa0/5,": "Fa0/4,", "10   Management                       active    ":
                                       "10   Management                       active    Fa0/5"})  # fmt: skip


def junos() -> tuple[DeviceEvidence, DeviceEvidence]:
    """ge-0/0/3.0 went from VLAN 100 to VLAN 109."""
    line = "                                                           {}"
    port, next_one = line.format("ge-0/0/3.0"), line.format("xe-0/0/22.0")
    return moved("junos", "show_vlans", {f"\n{port}": "", next_one: f"{port}\n{next_one}"})


def device(name: str, was: DeviceEvidence, now: DeviceEvidence) -> Device:
    """As a look tells it."""
    return Device(name, now.to_json(), "", compare(was, now).differences, NOON)


def _write(path: Path, recorded: Path, switch: Device) -> None:
    data = json.loads(recorded.read_text(encoding="utf-8"))
    data["devices"] = [to_json(switch)]
    path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write(EVIDENCE / "vlan_wrong/evidence/match_ios.json", FOUND_NOWHERE, device("switch01", *ios()))
    _write(EVIDENCE / "vlan_wrong/evidence/match_junos.json", FOUND_NOWHERE, device("switch01", *junos()))
    _write(EVIDENCE / "vlan_wrong/evidence/other_mail_flows.json", REACHED, device("switch01", *ios()))
