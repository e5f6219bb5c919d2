# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who has a port: a process that took it is ended, by its unit if it has one, and started again by an undo.

A state is {"processes": [names]}, a name ``tcp/25``.
"""

from __future__ import annotations

import os
import re
import signal
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.processes import listeners, running
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_units import LONGEST

UNIT = re.compile(r"/([^/]+\.service)(?:/|$)")
PATIENCE = 5.0  # seconds until a process that does not end is killed
WAIT = 0.05


def look(names):
    """{name: state}."""
    found = _all()
    return {name: {"processes": sorted({entry["process"] or "?" for entry in found.get(name, ())})} for name in names}


def keep(name):
    """What it takes to start the processes again: [{unit, argv, uid, gid, cwd}]."""
    return {"started": [_started(entry["pid"]) for entry in _by_process(name).values()]}


def end(name, process):
    """End the processes of this name that have the port; returns what went wrong, or nothing."""
    for pid, entry in _by_process(name).items():
        if entry["process"] == process:
            unit = unit_of(pid)
            wrong = _stop(unit) if unit else _end(pid, process)
            if wrong:
                return wrong
    return ""


def start(name, kept):
    """Start again what an undo finds ended; returns what went wrong, or nothing."""
    for started in kept["started"]:
        argv = ["systemctl", "start", "--", started["unit"]]
        if not started["unit"] or run(["systemctl", "cat", "--", started["unit"]]).ok is False:  # it was made for once
            properties = ["--uid=%d" % started["uid"], "--gid=%d" % started["gid"], "--working-directory=" + started["cwd"]]
            unit = ["--unit=" + started["unit"]] if started["unit"] else []
            argv = ["systemd-run", "--quiet", "--collect"] + unit + properties + ["--"] + started["argv"]
        done = run(argv, timeout=LONGEST)
        if not done.ok:
            return done.words()
    return "" if _within(PATIENCE, lambda: bool(_by_process(name))) else "%s is not listened on again" % name


def unit_of(pid):
    """The service of a process, by its control group; empty where it has none."""
    try:
        with open("/proc/%d/cgroup" % pid, encoding="utf-8", errors="replace") as file:
            found = UNIT.findall(file.read())
    except OSError:
        return ""
    return found[-1] if found else ""


def _all():
    found = {}
    for entry in listeners(running(), []):
        found.setdefault("%s/%d" % (entry["protocol"], entry["port"]), []).append(entry)
    return found


def _by_process(name):
    return {entry["pid"]: entry for entry in _all().get(name, ()) if entry["pid"]}


def _started(pid):
    with open("/proc/%d/cmdline" % pid, "rb") as file:
        argv = [word.decode("utf-8", "surrogateescape") for word in file.read().split(b"\0")[:-1]]
    info = os.stat("/proc/%d" % pid)
    return {"unit": unit_of(pid), "argv": argv, "uid": info.st_uid, "gid": info.st_gid, "cwd": os.readlink("/proc/%d/cwd" % pid)}


def _stop(unit):
    done = run(["systemctl", "stop", "--", unit], timeout=LONGEST)
    return "" if done.ok else done.words()


def _end(pid, name):
    """By its number, as long as it has its name: numbers are used again."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return ""
        if _within(PATIENCE, lambda: not _lives(pid, name)):
            return ""
    return "process %d (%s) does not end" % (pid, name)


def _lives(pid, name):
    """A process that has ended, and that nobody has waited for yet, has let go of its ports."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
            before, _, after = file.read().rpartition(")")
    except OSError:
        return False
    return before.partition(" (")[2] == name and after.split()[0] != "Z"


def _within(seconds, done):
    """Whether it came true in time."""
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            return False
        time.sleep(WAIT)
    return True
