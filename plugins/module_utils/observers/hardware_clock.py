# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the clock follows a better one: as the kernel has it (adjtimex(2)), and by whom (chronyc(1))."""

from __future__ import annotations

import ctypes
import os

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run

STATUS_UNSYNCHRONISED = 0x0040  # STA_UNSYNC, linux/timex.h
ERROR = 5  # TIME_ERROR
LONG = ctypes.c_long
DAEMONS = {  # by their names in /proc/PID/comm, which has 15 characters of them
    "chronyd": "chronyd", "ntpd": "ntpd", "openntpd": "openntpd", "systemd-timesyn": "systemd-timesyncd", "phc2sys": "phc2sys",
}  # fmt: skip
SECONDS = 3.0


class Timex(ctypes.Structure):
    """struct timex of linux/timex.h, and room for what it keeps for later."""

    _fields_ = [
        ("modes", ctypes.c_uint), ("offset", LONG), ("freq", LONG), ("maxerror", LONG), ("esterror", LONG),
        ("status", ctypes.c_int), ("constant", LONG), ("precision", LONG), ("tolerance", LONG),
        ("time_seconds", LONG), ("time_fraction", LONG), ("tick", LONG), ("reserved", ctypes.c_int * 64),
    ]  # fmt: skip


def observe_clock(notes):
    """None when the kernel did not tell."""
    told = _kernel(notes)
    if told is None:
        return None
    return {**told, "daemons": _daemons(), **_chrony(notes)}


def _kernel(notes):
    """With no modes set, adjtimex only reads, which everybody may."""
    timex = Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        notes.append(f"the state of the clock cannot be known: {os.strerror(ctypes.get_errno())}")
        return None
    return {
        "synchronised": state != ERROR and not timex.status & STATUS_UNSYNCHRONISED,
        "maximum_error_seconds": round(timex.maxerror / 1e6, 3),
    }


def _daemons():
    """Those that run."""
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/comm", encoding="utf-8", errors="replace") as file:
                    found.add(file.read().strip())
            except OSError:
                continue  # it ended meanwhile
    return [name for comm, name in DAEMONS.items() if comm in found]


def _chrony(notes):
    """{} of two values: how far the clock is off, and what it follows; None of both without chrony."""
    if not installed("chronyc"):
        return {"offset_seconds": None, "source": None}
    answer = run(["chronyc", "-n", "-c", "tracking"], SECONDS)
    if not answer.ok:
        notes.append(f"chronyc tracking: {answer.reason}")
    return parse_tracking(answer.stdout if answer.ok else "")


def parse_tracking(text):
    """``chronyc -c tracking``: comma separated; the fifth is how far the system clock is off, positive when it is slow."""
    fields = text.strip().split(",")
    if len(fields) < 14:
        return {"offset_seconds": None, "source": None}
    return {"offset_seconds": float(fields[4]), "source": fields[1] or None}
