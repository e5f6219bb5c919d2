# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Software RAID: the arrays in /proc/mdstat (md(4)), and of a degraded one which slot is empty (mdadm(8))."""

from __future__ import annotations

import re

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import hardware_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run

ARRAY = re.compile(r"^(?P<name>md\S*) : (?P<state>\w+)(?: \([\w-]+\))*(?P<rest>.*)$")
MEMBER = re.compile(r"(?P<device>[^\s\[]+)\[\d+\](?P<flags>(?:\([A-Z]\))*)")
WORKING = re.compile(r"\[(?P<wanted>\d+)/(?P<working>\d+)\] \[(?P<map>[U_]+)\]")
PROGRESS = re.compile(
    r"(?P<operation>recovery|resync|reshape|check|repair)\s*=\s*(?P<percent>[\d.]+|DELAYED|PENDING)%?"
)
PARTITION = re.compile(r"^(?:((?:nvme\d+n|mmcblk|md|loop)\d+)(?:p\d+)?|([a-z]+)\d*)$")
SLOT = re.compile(r"^\s+(?:\d+|-)\s+\d+\s+\d+\s+(?P<slot>\d+|-)\s+(?P<state>[a-z -]+?)\s*(?P<device>/dev/\S+)?$")


def disk_of(name):
    """``sdb`` of ``sdb1``, ``nvme0n1`` of ``nvme0n1p2``: a p comes between two numbers (kernel, block/partitions/core.c)."""
    return PARTITION.sub(r"\1\2", name)


def observe_arrays(notes):
    """The arrays; empty where the kernel has none, None when they could not be read."""
    text = files.text("/proc/mdstat")
    if text is None:
        # The file comes with the module: without it no array is running.
        return [] if not files.entries("/sys/block/md*") else None
    arrays = parse_mdstat(text)
    for array in arrays:
        if array["working"] is not None and array["working"] < array["wanted"]:
            array["slots"] = _slots(array["name"], notes)
    return arrays


def parse_mdstat(text):
    """The arrays in their order."""
    found = []
    for line in text.splitlines():
        array = ARRAY.match(line)
        if array:
            found.append(_array(array))
        elif found:
            _add(found[-1], line)
    return found


def _array(match):
    words = match.group("rest").split()
    level = words[0] if words and "[" not in words[0] else None
    members = [_member(each) for each in MEMBER.finditer(match.group("rest"))]
    return {
        "name": match.group("name"), "level": level, "state": match.group("state"), "members": members,
        "wanted": None, "working": None, "map": None, "operation": None, "percent": None, "slots": [],
    }  # fmt: skip


def _member(match):
    return {
        "device": f"/dev/{match.group('device')}",
        "disk": f"/dev/{disk_of(match.group('device'))}",
        "faulty": "(F)" in match.group("flags"),
        "spare": "(S)" in match.group("flags"),
    }


def _add(array, line):
    """The lines below an array's own: how many of its disks work, and what is going on."""
    working = WORKING.search(line)
    if working:
        array.update(wanted=int(working["wanted"]), working=int(working["working"]), map=working["map"])
    progress = PROGRESS.search(line)
    if progress:
        percent = progress["percent"]
        array.update(operation=progress["operation"], percent=float(percent) if percent[0].isdigit() else None)


def _slots(name, notes):
    if not installed("mdadm"):
        notes.append(f"which slot of {name} is empty cannot be known: mdadm is not installed")
        return []
    answer = run(["mdadm", "--detail", f"/dev/{name}"])
    if not answer.ok and not answer.stdout:
        notes.append(f"mdadm --detail /dev/{name}: {answer.reason}")
    return parse_slots(answer.stdout)


def parse_slots(text):
    """The table of ``mdadm --detail``; a disk that left its slot has ``-``."""
    return [match.groupdict() for match in map(SLOT.match, text.splitlines()) if match]
