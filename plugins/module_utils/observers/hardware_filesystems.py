# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""File systems on disks: which the kernel found errors on, and which it made read-only though they are not meant to be."""

from __future__ import annotations

import os

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import hardware_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso

FSTAB = "/etc/fstab"


def observe_filesystems():
    """Every mounted file system on a block device; what holds it is told by the observer of room."""
    wanted = parse_fstab(files.text(FSTAB))
    found = {}
    for line in (files.text("/proc/mounts") or "").splitlines():
        device, mount, kind, options = line.split()[:4]
        if device.startswith("/dev/") and device not in found:  # a second mount is the same file system
            found[device] = _filesystem(device, mount, kind, options.split(","), wanted)
    return list(found.values())


def parse_fstab(text):
    """{mount point: whether it is to be read-only}, None without such a file (fstab(5))."""
    if text is None:
        return None
    lines = (line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return {fields[1]: "ro" in fields[3].split(",") for fields in lines if len(fields) > 3}


def _filesystem(device, mount, kind, options, wanted):
    name = os.path.basename(os.path.realpath(files.place(device)))
    errors = _errors(name) if kind.startswith("ext") else {"errors": None, "last_error": None, "last_error_in": None}
    return {
        "device": device,
        "mount": mount,
        "type": kind,
        "read_only": "ro" in options,
        "read_only_wanted": None if wanted is None else wanted.get(mount),
        **errors,
    }


def _errors(name):
    """What ext4 keeps in its superblock until fsck(8) has run (kernel, sysfs-fs-ext4)."""
    place = f"/sys/fs/ext4/{name}"
    count = files.number(f"{place}/errors_count")
    return {
        "errors": count,
        "last_error": iso(files.number(f"{place}/last_error_time")) if count else None,
        "last_error_in": files.text(f"{place}/last_error_func") if count else None,
    }
