# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration that was put back comes into force: databases rebuilt, tested by its owner, read by running units.

A restart, not a reload: Postfix's master(8) holds back what failed for service_throttle_time, a reload does not end that, and some
parameters are read at the start alone (postconf(5)). What is queued is not touched by either.
"""

from __future__ import annotations

import os
import re
import time

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_owners as owners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_maps import SUFFIXES
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

POLL = 0.1
POSTFIX = re.compile(r"postfix(@|\.|$)")


class NotApplied(Exception):
    """What its owner's test, or systemd, says against it."""


def rebuild(maps):
    """Make the databases of maps (``hash:/etc/aliases``) anew; returns those that were. Alias files are postalias(1)'s."""
    aliases = run(["postconf", "-xh", "alias_maps", "alias_database"], timeout=20).out.replace(",", " ").split()
    return [each for each in maps if _rebuilt(each, "postalias" if each in aliases else "postmap")]


def _rebuilt(name, program):
    type_, _, path = name.partition(":")
    if type_ not in SUFFIXES or not os.path.exists(path):
        return False
    done = run(["timeout", "120", program, name], timeout=125)
    if not done.ok:
        raise NotApplied(done.words())
    return True


def stale(maps):
    """Those whose database is missing, older than its source, or not readable by Postfix's own reading."""
    return [each for each in maps if _stale(each)]


def _stale(name):
    type_, _, path = name.partition(":")
    if type_ not in SUFFIXES:
        return False
    try:
        if os.stat(path).st_mtime > os.stat(path + SUFFIXES[type_]).st_mtime:
            return True
    except OSError:
        return os.path.exists(path)
    # An answer without complaint means that it can be read; the status is 1 for a key that is not there (postmap(1)).
    return bool(run(["timeout", "20", "postmap", "-q", "pyremediate.invalid", name], timeout=25).err.strip())


def bring_up(names, seconds):
    """Test and restart units; {unit: words} of those that did not run before and do not run now either.

    That is no fault of what was put back, and others' matter, as long as any unit runs on it. One that ran must run again. Raises
    ``NotApplied``, before anything is restarted where a running unit's owner refuses its configuration.
    """
    idle = [name for name in names if not _runs(name)]
    down = {}
    for name in names:
        wrong = owners.complaint(name)
        if wrong:
            down[name] = "%s: %s" % (name, wrong)
            if name not in idle:
                raise NotApplied(down[name])
    restart([name for name in names if name not in idle], seconds)
    for name in idle:
        try:
            if name not in down:
                restart([name], seconds)
        except NotApplied as refusal:
            down[name] = str(refusal)
    if names and len(down) == len(names):
        raise NotApplied(down[names[0]])
    return down


def _runs(name):
    return all(state["runs"] == "running" for state in units.look(units.with_parts([name])).values())


def restart(names, seconds):
    """Restart units with their parts and wait until all are active; what failed before is forgotten (systemd.unit(5)).

    Postfix comes last, when those that it asks are there: its master holds a service back for a minute of which one process found
    no authentication (master(5), service_throttle_time), while its mail goes on arriving.
    """
    last = [name for name in names if POSTFIX.match(name)]
    for group in ([name for name in names if name not in last], last):
        _restart(group, seconds)


def _restart(names, seconds):
    for name in names:
        run(["systemctl", "reset-failed", "--"] + list(units.with_parts([name])), timeout=20)
        done = run(["systemctl", "restart", "--", name], timeout=units.LONGEST)
        if not done.ok:
            raise NotApplied("%s did not start: %s" % (name, done.words()))
    _wait(units.with_parts(names) if names else [], seconds)


def _wait(names, seconds):
    ends = time.monotonic() + seconds
    while True:
        waiting = {name: state["runs"] for name, state in units.look(names).items() if state["runs"] != "running"}
        if not waiting:
            return
        if "failed" in waiting.values() or time.monotonic() > ends:
            raise NotApplied(", ".join("%s is %s" % each for each in sorted(waiting.items())))
        time.sleep(POLL)


def wake(names):
    """Restart those that run and hold back what failed meanwhile, if their configuration is right; returns them."""
    return [name for name in names if not owners.complaint(name) and _woken(name)]


def _woken(name):
    return run(["systemctl", "try-restart", "--", name], timeout=units.LONGEST).ok
