# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the kernel said of failing hardware: its ring buffer, which is bounded, read without waiting (/dev/kmsg)."""

from __future__ import annotations

import os
import re
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import hardware_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_lines import normalise
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words

MOST_RECORDS = 100000  # more than most buffers hold; the oldest come first
MOST_KEPT = 100
LONGEST_RECORD = 8192  # the kernel's own limit of one (printk.c)
EXAMPLE = 300
# By what the kernel's own sources say: block/blk-core.c, fs/ext4/super.c, fs/xfs/xfs_message.c, drivers/edac/edac_mc.c,
# arch/x86/kernel/cpu/mce, drivers/thermal/intel/therm_throt.c, mm/oom_kill.c, drivers/ata/libata-eh.c.
KINDS = (
    ("thermal", rb"temperature (?:is )?above threshold|temperature/speed normal|critical temperature"),
    ("memory", rb"EDAC .*(?:\bCE\b|\bUE\b)|Corrected error, no action required|Uncorrected .*memory error"),
    ("machine_check", rb"Machine check events logged|\[Hardware Error\]"),
    ("filesystem", rb"EXT[234]-fs error|EXT4-fs warning.*error count|Remounting filesystem read-only|"
                   rb"XFS .*(?:Corruption|metadata I/O error|Shutting down|shutdown)|BTRFS.*(?:error|forced readonly)"),
    ("disk", rb"I/O error, dev |Buffer I/O error|critical (?:medium|target) error|Medium Error|"
             rb"ata\d+(?:\.\d+)?: (?:exception Emask|failed command|hard resetting link)|"
             rb"nvme.*(?:I/O .* timeout|controller is down)|task \S+ blocked for more than"),
    ("raid", rb"md/raid\S*: .*(?:Disk failure|Operation continuing on)"),
    ("out_of_memory", rb"Out of memory: Kill|Memory cgroup out of memory"),
    ("link", rb"NIC Link is Down|link is not ready|Detected Hardware Unit Hang|NETDEV WATCHDOG"),
)  # fmt: skip
SPEAKS = re.compile(b"|".join(b"(?P<%s>%s)" % (name.encode(), pattern) for name, pattern in KINDS))


def observe_kernel(notes):
    """Equal messages together, the newest first; None when the buffer could not be read."""
    try:
        records = list(_records(files.place("/dev/kmsg"), notes))
    except OSError as error:
        notes.append(f"the kernel's messages cannot be known: {words(error)}")
        return None
    return group(records, time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))


def _records(path, notes):
    """(seconds since the start, kind, text) of what matters, the oldest first."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        for _ in range(MOST_RECORDS):
            try:
                record = os.read(descriptor, LONGEST_RECORD)
            except BlockingIOError:
                return  # the end
            except BrokenPipeError:
                continue  # overwritten while we read: the next is the oldest that is left
            if not record:
                return
            found = parse_record(record)
            if found:
                yield found
        notes.append(f"of the kernel's messages only the oldest {MOST_RECORDS} were read")
    finally:
        os.close(descriptor)


def parse_record(record):
    """One record of /dev/kmsg, ``priority,number,microseconds,flags;text``; None when it does not matter."""
    head, _, rest = record.partition(b";")
    message = rest.split(b"\n", 1)[0]
    match = SPEAKS.search(message)
    if not match:
        return None
    return int(head.split(b",")[2]) / 1e6, match.lastgroup, message.decode("utf-8", "replace").replace("\\x0a", " ")


def group(records, started):
    """The records by kind and words; ``started``, when the kernel did, makes times of its seconds."""
    found = {}
    for moment, kind, message in records:
        known = found.setdefault((kind, normalise(message)), {"count": 0, "first": moment})
        known.update(count=known["count"] + 1, last=moment, example=message[:EXAMPLE])
    newest = sorted(found.items(), key=lambda item: item[1]["last"], reverse=True)[:MOST_KEPT]
    return [
        {
            "kind": kind,
            "example": each["example"],
            "count": each["count"],
            "first": iso(started + each["first"]),
            "last": iso(started + each["last"]),
        }
        for (kind, _), each in newest
    ]
