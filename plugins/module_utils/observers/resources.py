# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Room on the file systems, memory and load; and what could be removed where room is short without losing anything."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text, words
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reclaimable import observe_reclaimable

# Kinds that hold no files of ours, or whose server may be gone, so that asking would hang (statfs(2)).
NOT_MEASURED = {
    "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
    "fusectl", "hugetlbfs", "mqueue", "nsfs", "proc", "pstore", "ramfs", "rpc_pipefs", "securityfs", "squashfs",
    "sysfs", "tracefs", "cifs", "smb3", "nfs", "nfs4", "fuse.sshfs",
}  # fmt: skip
BESIDE = ("/sys/", "/proc/", "/dev/")  # a container's file systems over parts of the kernel's
PATHS = ("/", "/etc", "/tmp", "/var", "/var/lib/pyremediate", "/var/log", "/var/mail", "/var/vmail")


@dataclass(frozen=True)
class Mount:
    """One line of mountinfo (proc(5))."""

    mount: str
    device: str
    type: str


def observe(request, notes):
    """The section ``resources``."""
    mounts = parse_mountinfo(read_text("/proc/self/mountinfo"))
    spool = configuration().value("queue_directory")
    filesystems = [each for each in (_measured(mount, notes) for mount in mounts) if each]
    return {
        "filesystems": filesystems,
        "paths": {path: holder(path, mounts) for path in dict.fromkeys([*PATHS, spool])},
        "spool": _spool(holder(spool, mounts), filesystems),
        "reclaimable": observe_reclaimable(spool),
        "memory": parse_memory(read_text("/proc/meminfo")),
        "load": [float(value) for value in read_text("/proc/loadavg").split()[:3]],
        "cpus": os.cpu_count(),
        "uptime_seconds": int(float(read_text("/proc/uptime").split()[0])),
        "out_of_memory_kills": _out_of_memory_kills(),
    }


def parse_mountinfo(text):
    """The mounts in their order; of several at one place only the last can be seen."""
    found = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        type_, device = after.split()[:2]
        place = _unescaped(before.split()[4])
        found.pop(place, None)
        found[place] = Mount(place, _unescaped(device), type_)
    return list(found.values())


def _unescaped(text):
    r"""Spaces are written as ``\040``."""
    return text.encode("utf-8").decode("unicode_escape").encode("latin-1").decode("utf-8") if "\\" in text else text


def holder(path, mounts):
    """The mount point of the file system that holds the path, links followed, whether or not it exists."""
    real = os.path.realpath(path)
    holding = [each.mount for each in mounts if real == each.mount or real.startswith(each.mount.rstrip("/") + "/")]
    return max(holding, key=len) if holding else "/"


def _measured(mount, notes):
    """Room, or None when the file system is of a kind that is not measured; without room of its own there is none."""
    if mount.type in NOT_MEASURED or mount.mount.startswith(BESIDE) and mount.mount != "/dev/shm":
        return None
    try:
        room = os.statvfs(mount.mount)
    except OSError as error:
        notes.append(words(error))
        return None
    if not room.f_blocks or not os.path.isdir(mount.mount):
        return None
    return {
        "mount": mount.mount,
        "device": mount.device,
        "type": mount.type,
        "size": room.f_blocks * room.f_frsize,
        "available": room.f_bavail * room.f_frsize,
        "available_percent": _percent(room.f_bavail, room.f_blocks),
        "inodes_available_percent": _percent(room.f_favail, room.f_files) if room.f_files else None,
        "read_only": bool(room.f_flag & os.ST_RDONLY),
    }


def _percent(part, whole):
    return round(100.0 * part / whole, 1)


def _spool(mount, filesystems):
    """The room that mail has; None when that file system could not be measured."""
    kept = ("mount", "available", "available_percent", "inodes_available_percent", "read_only")
    holding = [each for each in filesystems if each["mount"] == mount]
    return {name: holding[0][name] for name in kept} if holding else None


def parse_memory(text):
    """Bytes from /proc/meminfo, which has kibibytes."""
    values = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in text.splitlines() if ":" in line}
    return {"total": values.get("MemTotal"), "available": values.get("MemAvailable")}


def _out_of_memory_kills():
    """How many processes the kernel has ended for want of memory since it started; None when it does not count."""
    try:
        counters = dict(line.split() for line in read_text("/proc/vmstat").splitlines())
        return int(counters["oom_kill"])
    except (OSError, KeyError, ValueError):
        return None
