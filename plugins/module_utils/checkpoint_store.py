# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where checkpoints lie on the host, and how what is written there survives a crash.

/var/lib/pyremediate/checkpoints/<id>/      0700 root; in /run when that file system is full or read-only
    manifest.json      what was recorded, and what became of it
    files/ debs/                            the contents
    removed/                                what an undo or a rollback took out of the way: nothing is deleted
    undo.py code/                           the same undo, for systemd's timer or a person, without any controller
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
import time
from contextlib import contextmanager

PERSISTENT = "/var/lib/pyremediate"
VOLATILE = "/run/pyremediate"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
RESERVE = 1 << 20  # bytes that must stay free, so that the manifest can be written again later
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


class CheckpointError(ValueError):
    """It cannot be done; the message says why, and what is unchanged."""


class Store:
    """One checkpoint's directory."""

    def __init__(self, directory):
        self.directory = directory

    def path(self, *parts):
        """A path in it."""
        return os.path.join(self.directory, *parts)

    @property
    def survives_reboot(self):
        """/run is memory."""
        return not self.directory.startswith(VOLATILE + "/")

    def read(self):
        """The manifest."""
        with open(self.path("manifest.json")) as file:
            return json.load(file)

    def write(self, manifest):
        """Replace the manifest in one step, durable before this returns."""
        write_text(self.path("manifest.json"), json.dumps(manifest, indent=1, sort_keys=True) + "\n", 0o600)


def validate(identifier):
    """Refuse what cannot be a directory's and a unit's name."""
    if not ID.fullmatch(identifier):
        raise CheckpointError("%r is no checkpoint id: letters, digits, dot, dash and underscore only" % identifier)
    return identifier


def home_in(place):
    """Where checkpoints lie below one of the two places."""
    return os.path.join(place, "checkpoints")


def find(identifier):
    """The store of a checkpoint, or None when there never was one.

    Raises ``CheckpointError`` when it was in memory and is lost: the link to it is still there.
    """
    for place in (PERSISTENT, VOLATILE):
        directory = os.path.join(home_in(place), identifier)
        if os.path.isfile(os.path.join(directory, "manifest.json")):
            return Store(os.path.realpath(directory))
        if os.path.islink(directory):
            raise CheckpointError(
                "checkpoint %s was kept in memory and is lost: the host was started again" % identifier
            )
    return None


def every():
    """The ids of all checkpoints."""
    found = set()
    for place in (PERSISTENT, VOLATILE):
        if os.path.isdir(home_in(place)):
            found.update(name for name in os.listdir(home_in(place)) if ID.fullmatch(name))
    return sorted(found)


def build(identifier, fill):
    """Make a checkpoint: ``fill(store)`` writes it into a directory that gets its name when everything is durable."""
    try:
        return _build(identifier, PERSISTENT, fill)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
    store = _build(identifier, VOLATILE, fill)
    _leave_a_link(identifier, store.directory)
    return store


def _build(identifier, place, fill):
    final = os.path.join(home_in(place), identifier)
    partial = Store(os.path.join(home_in(place), ".%s.partial" % identifier))
    os.makedirs(home_in(place), mode=0o700, exist_ok=True)
    os.chmod(place, 0o700)
    shutil.rmtree(partial.directory, ignore_errors=True)
    os.mkdir(partial.directory, 0o700)
    try:
        fill(partial)
        room = os.statvfs(partial.directory)
        if room.f_bfree * room.f_frsize < RESERVE:
            raise OSError(errno.ENOSPC, "no room is left to write down what becomes of the checkpoint")
        os.rename(partial.directory, final)
        sync(home_in(place))
    except BaseException:
        shutil.rmtree(partial.directory, ignore_errors=True)
        raise
    return Store(final)


def _leave_a_link(identifier, directory):
    """So that a lost checkpoint is not taken for one that never was; on most file systems a link takes no block."""
    try:
        os.symlink(directory, os.path.join(home_in(PERSISTENT), identifier))
    except OSError:
        pass  # read-only: then the step cannot change what survives a reboot either


def remove(identifier):
    """Remove a checkpoint for good; True when there was one."""
    found = False
    for place in (PERSISTENT, VOLATILE):
        directory = os.path.join(home_in(place), identifier)
        if os.path.islink(directory):
            os.unlink(directory)
        elif os.path.isdir(directory):
            shutil.rmtree(directory)
        else:
            continue
        found = True
    return found


@contextmanager
def locked(identifier, within=120.0):
    """One at a time: the controller, the dead-man switch, a person. Raises ``CheckpointError`` after waiting."""
    os.makedirs(VOLATILE, mode=0o700, exist_ok=True)
    deadline = time.monotonic() + within
    with open(os.path.join(VOLATILE, "%s.lock" % identifier), "w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    words = "checkpoint %s is in use by another process on this host" % identifier
                    raise CheckpointError(words) from error
                time.sleep(0.1)
        yield


def write_text(path, text, mode):
    """Write a file in one step, durable before this returns; nothing half written is ever seen."""
    temporary = "%s.%d" % (path, os.getpid())
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, path)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    sync(os.path.dirname(path))


def sync(directory):
    """Make a rename durable (fsync(2))."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
