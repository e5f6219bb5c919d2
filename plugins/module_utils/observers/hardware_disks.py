# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The disks that the kernel sees, and what each says of its own health (smartctl(8), of smartmontools 7.0 or newer)."""

from __future__ import annotations

import json
import os
import re

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import hardware_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.concurrently import together

# Not disks of their own: made of others, of memory, or of files.
MADE = re.compile(r"^(loop|ram|zram|dm-|md|sr|fd|nbd|drbd)\d")
PARAVIRTUAL = re.compile(r"^(vd|xvd)[a-z]")  # a hypervisor's, which have no health of their own to tell
# The counters of ATA disks are by number; their names differ from maker to maker (ATA8-ACS, and smartmontools' drivedb.h).
REALLOCATED, REPORTED_UNCORRECTABLE, PENDING, OFFLINE_UNCORRECTABLE = 5, 187, 197, 198
# The bits of the critical warning (NVM Express Base Specification, SMART / Health Information log page).
NVME_WARNINGS = ("spare", "temperature", "reliability", "read_only", "backup", "persistent_memory")
MOST_DRIVES = 64
SECONDS = 5.0


def observe_disks():
    """The block devices that are disks, with what udev knows of each and how long requests took since the start."""
    names = [os.path.basename(path) for path in files.entries("/sys/block/*")]
    counters = parse_diskstats(files.text("/proc/diskstats") or "")
    return [_disk(name, counters.get(name, {})) for name in names if not MADE.match(name)]


def _disk(name, counters):
    known = _from_udev(files.text(f"/sys/block/{name}/dev"))
    return {
        "device": f"/dev/{name}",
        "model": known.get("ID_MODEL") or files.text(f"/sys/block/{name}/device/model"),
        "serial": known.get("ID_SERIAL_SHORT") or files.text(f"/sys/block/{name}/device/serial"),
        "slot": known.get("ID_PATH"),
        "paravirtual": bool(PARAVIRTUAL.match(name)),
        "state": files.text(f"/sys/block/{name}/device/state"),
        "read_milliseconds": counters.get("read"),
        "write_milliseconds": counters.get("write"),
        "in_flight": counters.get("in_flight"),
    }


def _from_udev(number):
    """The properties of a block device in udev's database, which needs neither root nor a process."""
    lines = (files.text(f"/run/udev/data/b{number}") or "").splitlines() if number else []
    return dict(line[2:].split("=", 1) for line in lines if line.startswith("E:") and "=" in line)


def parse_diskstats(text):
    """{device: mean milliseconds of a read and of a write since the start, requests in flight} (kernel, iostats.rst)."""
    found = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 12:
            continue
        reads, read_time, writes, write_time = (int(fields[position]) for position in (3, 6, 7, 10))
        found[fields[2]] = {
            "read": round(read_time / reads, 2) if reads else None,
            "write": round(write_time / writes, 2) if writes else None,
            "in_flight": int(fields[11]),
        }
    return found


def observe_drives(disks, notes):
    """What every drive says of itself, those behind RAID controllers too; None when it cannot be known from here."""
    if not disks:
        return []
    hindrance = "" if installed("smartctl") else "smartctl is not installed"
    scan = {} if hindrance else _asked(["smartctl", "--json", "--scan"]) or {}
    found = scan.get("devices", [])[:MOST_DRIVES]
    if not found:
        hindrance = hindrance or "smartctl finds none that would tell"
        hypervisor = all(each["paravirtual"] for each in disks)
        notes.append(f"the health of the disks cannot be known: {'a hypervisor has them' if hypervisor else hindrance}")
        return None
    return together([lambda each=each: _drive(each) for each in found])


def _drive(found):
    # A disk that sleeps is not woken: to look changes nothing.
    argv = [
        "smartctl",
        "--json",
        "--info",
        "--health",
        "--attributes",
        "--nocheck=standby",
        f"--device={found['type']}",
    ]
    return drive_from(found, _asked([*argv, found["name"]]))


def _asked(argv):
    """smartctl's JSON, whatever its exit status: most of its bits speak of the disk. None when there was none."""
    try:
        return json.loads(run(argv, SECONDS).stdout)
    except ValueError:
        return None


def drive_from(found, told):
    """One drive from its entry in the scan and from what smartctl told of it; ``error`` says why a drive tells nothing."""
    told = told or {}
    attributes = {each["id"]: each for each in told.get("ata_smart_attributes", {}).get("table", [])}
    nvme = told.get("nvme_smart_health_information_log", {})
    return {
        "device": found["name"],
        "type": found["type"],
        "model": told.get("model_name") or told.get("scsi_model_name"),
        "serial": told.get("serial_number"),
        "passed": told.get("smart_status", {}).get("passed"),
        "below_threshold": [each["name"] for each in attributes.values() if each.get("when_failed") == "now"],
        "reallocated": _first(_raw(attributes, REALLOCATED), told.get("scsi_grown_defect_list")),
        "pending": _raw(attributes, PENDING),
        "uncorrectable": _uncorrectable(attributes, told),
        "warnings": _warnings(nvme.get("critical_warning")),
        "percentage_used": nvme.get("percentage_used"),
        "media_errors": nvme.get("media_errors"),
        "celsius": told.get("temperature", {}).get("current"),
        "power_on_hours": told.get("power_on_time", {}).get("hours"),
        "error": _error(told),
    }


def _raw(attributes, number):
    return attributes[number]["raw"]["value"] if number in attributes else None


def _first(*values):
    return next((value for value in values if value is not None), None)


def _uncorrectable(attributes, told):
    """Of ATA what could not be read at all; of SCSI what its error counters say."""
    offline, reported = (_raw(attributes, each) for each in (OFFLINE_UNCORRECTABLE, REPORTED_UNCORRECTABLE))
    counters = told.get("scsi_error_counter_log", {}).values()
    scsi = [each["total_uncorrected_errors"] for each in counters if "total_uncorrected_errors" in each]
    return _first(offline, reported, sum(scsi) if scsi else None)


def _warnings(bits):
    return [name for position, name in enumerate(NVME_WARNINGS) if bits is not None and bits >> position & 1]


def _error(told):
    """Why the drive tells nothing: smartctl's own words."""
    if told.get("smart_status"):
        return ""
    said = [each["string"] for each in told.get("smartctl", {}).get("messages", [])]
    return "; ".join(said) or "smartctl tells no health of it"
