# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The dead-man switch: a timer of systemd on the host that undoes a step unless it is confirmed in time.

Its units are files, so it also runs after a reboot, counting again from the boot. ``OnActiveSec=`` does that alone: the
timer is enabled, and ``OnBootSec=`` of a host that has been up for longer would elapse at once (systemd.timer(5)). An undo that
failed is tried again, since nobody else can reach the host: a lock may have been held, a daemon may have been starting.
(``Type=simple``: a oneshot service may have ``Restart=`` only since systemd 244. Status 2: something was refused, and stays so.)
"""

from __future__ import annotations

import os
import sys
import time

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

DIRECTORIES = ("/etc/systemd/system", "/run/systemd/system")  # the second where the first cannot be written to
SERVICE = """# Made by pyremediate for one step; goes when the step is confirmed or undone.
[Unit]
Description=Undo step {id} of pyremediate, since nobody confirmed it
RequiresMountsFor={directory}
StartLimitIntervalSec=2h
StartLimitBurst=20

[Service]
Type=simple
ExecStart={python} -I {directory}/undo.py --dead-man
RuntimeMaxSec=15min
Restart=on-failure
RestartSec=30
RestartPreventExitStatus=2
"""
TIMER = """# Made by pyremediate for one step; goes when the step is confirmed or undone.
[Unit]
Description=Undo step {id} of pyremediate unless it is confirmed within {seconds} s

[Timer]
OnActiveSec={seconds}
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def unit(identifier, suffix):
    """The name of the switch's timer or service."""
    return "pyremediate-deadman-%s.%s" % (identifier, suffix)


class NotArmed(stores.CheckpointError):
    """No switch runs on this host, and nothing of it is left."""


def arm(store, manifest, seconds):
    """Start the switch. Raises ``NotArmed``."""
    manifest["deadman"] = {
        "seconds": seconds,
        "armed": True,
        "armed_at": _moment(),
        "fired_at": None,
        "persistent": True,
    }
    store.write(manifest)
    try:
        persistent = manifest["deadman"]["persistent"] = _write_units(store, manifest["id"], seconds)
        store.write(manifest)
        timer = unit(manifest["id"], "timer")
        _systemctl("daemon-reload")
        _systemctl("enable", *([] if persistent else ["--runtime"]), timer)
        _systemctl("start", timer)
        if not is_waiting(manifest["id"]):
            raise OSError("%s does not run" % timer)
    except OSError as error:
        disarm(store, manifest)
        raise NotArmed("the dead-man switch could not be armed: %s" % error) from error


def _write_units(store, identifier, seconds):
    """Returns whether they survive a reboot."""
    values = {"id": identifier, "directory": store.directory, "python": sys.executable, "seconds": seconds}
    for directory in DIRECTORIES:
        try:
            stores.write_text(os.path.join(directory, unit(identifier, "service")), SERVICE.format(**values), 0o644)
            stores.write_text(os.path.join(directory, unit(identifier, "timer")), TIMER.format(**values), 0o644)
            return directory == DIRECTORIES[0]
        except OSError as error:
            if error.errno not in stores.NO_ROOM:
                raise
    raise OSError("its units can be written neither to %s nor to %s" % DIRECTORIES)


def _systemctl(*words):
    done = run(["systemctl"] + list(words), timeout=units.LONGEST)
    if not done.ok:
        raise OSError(done.words())


def fire(store, manifest):
    """The time is over: should the undo run? Called by the timer's service, under the lock."""
    if manifest.get("confirmed_at") or manifest.get("restored_at"):
        disarm(store, manifest)
        return False
    manifest["deadman"]["fired_at"] = _moment()
    store.write(manifest)
    return True


def disarm(store, manifest):
    """Stop the switch and remove its units; True when it was armed. The switch itself may be what calls this."""
    if not manifest.get("deadman", {}).get("armed"):
        return False
    names = [unit(manifest["id"], suffix) for suffix in ("timer", "service")]
    run(["systemctl", "disable", "--now", names[0]], timeout=units.LONGEST)
    for path in (os.path.join(directory, name) for directory in DIRECTORIES for name in names):
        if os.path.lexists(path):
            os.unlink(path)
    run(["systemctl", "daemon-reload"], timeout=units.LONGEST)
    manifest["deadman"]["armed"] = False
    store.write(manifest)
    return True


def is_waiting(identifier):
    """Does the timer run? Where there is no systemd, none does."""
    timer = unit(identifier, "timer")
    try:
        return units.look([timer])[timer]["runs"] == "running"
    except OSError:
        return False


def _moment():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
