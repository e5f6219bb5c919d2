"""Machines whose hardware fails, made of recorded outputs: what the observer shows of them is evidence of ``faults/hardware``.

After a change of the observer, ``python -m tests.unit.write_hardware_evidence`` writes its section into the files anew.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import (
    hardware,
    hardware_disks,
    hardware_files,
    hardware_kernel,
    hardware_raid,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import Completed
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request

from pyremediate.diagnosis.catalogue import product_faults
from pyremediate.model import moment

from .observe_recorded import RECORDED

HARDWARE = RECORDED / "hardware"
UP = 60 * 86400  # seconds that each of them has been up
Drive = dict[str, Any]
Files = Mapping[str, str]


def text(name: str) -> str:
    """One recorded file."""
    return (HARDWARE / name).read_text(encoding="utf-8")


def told(name: str) -> dict[str, Any]:
    """One recorded output of smartctl."""
    found: dict[str, Any] = json.loads(text(f"smartctl_{name}.json"))
    return found


def drive(name: str, device: str, serial: str = "", **health: Any) -> Drive:
    """A recorded drive under another name, or with other values in its NVMe log."""
    output = told(name)
    found = {**output["device"], "name": device}
    if found["type"] not in ("nvme", "scsi"):
        found["type"] = "sat"
    if serial:
        output["serial_number"] = serial
    if "passed" in health:
        output["smart_status"]["passed"] = health.pop("passed")
    output.get("nvme_smart_health_information_log", {}).update(health)
    made: Drive = hardware_disks.drive_from(found, output)
    return made


def said(kind: str, ago: float, **replaced: str) -> str:
    """A recorded message of the kernel, so many seconds ago."""
    message = next(line for line in text("kmsg.txt").splitlines() if kind in line).partition(";")[2]
    for old, new in replaced.items():
        message = message.replace(old, new)
    return record(message, ago)


def record(message: str, ago: float) -> str:
    """A record of /dev/kmsg."""
    return f"3,1,{int((UP - ago) * 1e6)},-;{message}"


@dataclass(frozen=True)
class Machine:
    """``files`` differ from those of ``server.json``; ``mdadm`` is what it prints of a degraded array."""

    files: Files = field(default_factory=dict)
    drives: Sequence[Drive] | None = ()
    clock: Mapping[str, Any] = field(default_factory=dict)
    kernel: Sequence[str] = ()
    mdadm: str = ""


def section(machine: Machine, observed_at: str) -> dict[str, Any]:
    """What the observer shows of it."""
    notes: list[str] = []
    started = moment(observed_at).timestamp() - UP
    records = [found for line in machine.kernel if (found := hardware_kernel.parse_record(line.encode()))]
    stand_ins: list[tuple[Any, str, Callable[..., Any]]] = [
        (hardware, "observe_drives", lambda disks, notes: None if machine.drives is None else [*machine.drives]),
        (hardware, "observe_clock", lambda notes: {**SYNCHRONISED, **machine.clock}),
        (hardware, "observe_kernel", lambda notes: hardware_kernel.group(records, started)),
        (hardware_raid, "installed", lambda program: program),
        (hardware_raid, "run", lambda argv: Completed(0, machine.mdadm)),
    ]
    with tempfile.TemporaryDirectory() as root, ExitStack() as patches:
        patches.enter_context(patch.object(hardware_files, "ROOT", root))
        for owner, name, stand_in in stand_ins:
            patches.enter_context(patch.object(owner, name, stand_in))
        for path, content in {**json.loads(text("server.json")), **machine.files}.items():
            place = Path(root) / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content, encoding="utf-8")
        data = hardware.observe(Request("mail01"), notes)
    return {"state": "ok", "error": "; ".join(notes), "seconds": 0.0, "data": data}


SYNCHRONISED = {
    "synchronised": True, "maximum_error_seconds": 0.021, "daemons": ["chronyd"], "offset_seconds": 0.000123,
    "source": "192.0.2.1",
}  # fmt: skip
OFF = {"synchronised": False, "maximum_error_seconds": 16.0, "daemons": [], "offset_seconds": None, "source": None}
GOOD = [drive("ata_cable_errors", f"/dev/sd{letter}", f"S14LNEXXXXXXXX{letter.upper()}") for letter in "ab"]
FAILING = drive("ata_failing", "/dev/sda")
NVME = {
    "/sys/block/nvme0n1/dev": "259:0",
    "/sys/block/nvme10n1/dev": "259:1",
    "/run/udev/data/b259:0": "E:ID_MODEL=Samsung SSD 970 EVO 500GB\nE:ID_SERIAL_SHORT=S466NXXXXXXXXXX\n"
    "E:ID_PATH=pci-0000:3b:00.0-nvme-1\n",
    "/run/udev/data/b259:1": "E:ID_PATH=pci-0000:99:00.0-nvme-1\n",
}
SILENT = hardware_disks.drive_from(
    {"name": "/dev/sdb", "type": "sat"},
    {"smartctl": {"messages": [{"string": "Smartctl open device: /dev/sdb [SAT] failed: No such device"}]}},
)
ARRAY = (
    "Personalities : [raid1]\nmd0 : active raid1 {} sda1[0]\n      195310144 blocks super 1.2 [2/1] [U_]\n{}\n"
    "unused devices: <none>\n"
)
RECOVERY = "      [=>...................]  recovery =  8.5% (16775552/195310144) finish=17.0min speed=259783K/sec\n"
CHECKED = "md9 : active raid1 sda2[0] sdb2[1]\n      523968 blocks super 1.2 [2/2] [UU]\n" + RECOVERY.replace(
    "recovery", "check"
)
EDAC, HWMON, EXT4 = "/sys/devices/system/edac/mc/mc0", "/sys/class/hwmon/hwmon1/temp1", "/sys/fs/ext4/md0"
THROTTLED = {"/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "5845"}
MOUNTED = "/dev/md0 / ext4 {},relatime,errors=remount-ro 0 0\n/dev/sr0 /media/cdrom iso9660 ro 0 0\n"
ERRORS = {
    f"{EXT4}/errors_count": "3",
    f"{EXT4}/last_error_time": "1795570333",
    f"{EXT4}/last_error_func": "ext4_get_branch",
}
ABORTED = said("ext4_get_branch", 303, sdb7="md0")


def _lost_slots() -> str:
    return text("mdadm_detail.txt").replace("md6", "md0").replace("sda2", "sda1").replace("sdb2", "sdb1")


def _sound_arrays() -> str:
    whole = text("mdstat.txt")
    return whole.partition("md6")[0] + CHECKED + "\nmd10" + whole.partition("md10")[2]


MACHINES: Mapping[str, Machine] = {
    "disk_failing/match_own_verdict": Machine(
        drives=[FAILING, GOOD[1]], kernel=[said("sector 1953525104", 4000), said("sector 1953525112", 3990)]
    ),
    "disk_failing/match_nvme_read_only": Machine(
        NVME, drives=[drive("nvme_media_errors", "/dev/nvme0", passed=False, critical_warning=0b1001)]
    ),
    "disk_failing/match_one_failing_one_not_asked": Machine(drives=[FAILING, SILENT]),
    "disk_failing/other_cable_errors": Machine(drives=GOOD),
    "disk_failing/other_media_errors_of_the_past": Machine(
        drives=[drive("nvme_media_errors", "/dev/nvme0"), drive("scsi", "/dev/sdg")]
    ),
    "disk_failing/other_disk_too_warm": Machine(
        drives=[drive("nvme_media_errors", "/dev/nvme0", critical_warning=0b10)]
    ),
    "disk_failing/other_not_asked": Machine(drives=None),
    "disk_failing/other_one_not_asked": Machine(drives=[GOOD[0], SILENT]),
    "raid_degraded/match_disk_lost": Machine(
        {"/proc/mdstat": ARRAY.format("sdb1[1](F)", "")}, GOOD, mdadm=_lost_slots(),
        kernel=[record("md/raid1:md0: Disk failure on sdb1, disabling device.\\x0a"
                       "md/raid1:md0: Operation continuing on 1 devices.", 5000)],
    ),
    "raid_degraded/match_rebuilding": Machine({"/proc/mdstat": ARRAY.format("sdc1[2]", RECOVERY)}, GOOD),
    "raid_degraded/other_check_and_external_metadata": Machine({"/proc/mdstat": _sound_arrays()}, GOOD),
    "memory_errors/match_module_wears_out": Machine(
        {f"{EDAC}/ce_count": "4711", f"{EDAC}/dimm0/dimm_ce_count": "4711"}, GOOD, kernel=[said("EDAC MC0", 300)]
    ),
    "memory_errors/match_uncorrected": Machine(
        {f"{EDAC}/ue_count": "1", f"{EDAC}/dimm0/dimm_ue_count": "1"}, GOOD,
        kernel=[said("Machine check", 300), said("EDAC MC0", 299, CE="UE")],
    ),
    "memory_errors/other_few_corrected": Machine(
        {f"{EDAC}/ce_count": "12", f"{EDAC}/dimm0/dimm_ce_count": "12"}, GOOD, kernel=[said("EDAC MC0", 300)]
    ),
    "filesystem_readonly_by_error/match_root": Machine(
        {"/proc/mounts": MOUNTED.format("ro"), **ERRORS, f"{EXT4}/last_error_time": "1795648752"}, GOOD,
        kernel=[ABORTED, said("Remounting", 300, sdb7="md0")],
    ),
    "filesystem_readonly_by_error/other_meant_to_be": Machine({"/proc/mounts": MOUNTED.format("rw")}, GOOD),
    "filesystem_readonly_by_error/other_errors_but_writable": Machine(
        {"/proc/mounts": MOUNTED.format("rw").replace("remount-ro", "continue"), **ERRORS}, GOOD, kernel=[ABORTED]
    ),
    "thermal_throttling/match_hot_now": Machine(
        {f"{HWMON}_input": "91000", **THROTTLED}, GOOD, kernel=[said("above threshold", 120)]
    ),
    "thermal_throttling/match_critical_alarm": Machine({f"{HWMON}_input": "101000", f"{HWMON}_crit_alarm": "1"}, GOOD),
    "thermal_throttling/other_cool_again": Machine(
        THROTTLED, GOOD, kernel=[said("above threshold", 90000), said("speed normal", 89990)]
    ),
    "clock_not_synchronised/match_no_daemon": Machine(drives=GOOD, clock=OFF),
    "clock_not_synchronised/match_no_source": Machine(
        drives=GOOD, clock={**OFF, "daemons": ["chronyd"], "offset_seconds": 3.2}
    ),
    "clock_not_synchronised/other_just_started": Machine(
        drives=GOOD, clock={**OFF, "daemons": ["systemd-timesyncd"]}
    ),
}  # fmt: skip


def evidence(name: str) -> Path:
    """The file that a machine's section is in."""
    fault, _, file = name.partition("/")
    return product_faults() / "hardware" / fault / "evidence" / f"{file}.json"


def write() -> None:
    """Put each machine's section into its file, as the observer shows it now."""
    for name, machine in MACHINES.items():
        whole = json.loads(evidence(name).read_text())
        whole["sections"]["hardware"] = section(machine, whole["observed_at"])
        evidence(name).write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
