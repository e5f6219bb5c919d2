# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writing a file so that it is the old one or the new one, whenever the power fails: temporary file, fsync, rename."""

from __future__ import annotations

import array
import base64
import errno
import fcntl
import os
import struct
import tempfile

PREFIX = ".pyremediate-"
IN_PLACE = (errno.EBUSY, errno.EXDEV, errno.EROFS)  # what rename(2) and open(2) say of a path that is mounted by itself
FS_IOC_GETFLAGS = 0x80006601 | struct.calcsize("l") << 16  # _IOR('f', 1, long) and _IOW('f', 2, long): ioctl_iflags(2)
FS_IOC_SETFLAGS = 0x40006602 | struct.calcsize("l") << 16
FS_IMMUTABLE_FL = 0x10
ACL = "system.posix_acl_access"  # acl(5)


class Attributes:
    """Everything about a file that is not its content. ``times`` are nanoseconds, accessed and modified.

    ``acl`` is the access list, encoded with base64, or empty.
    """

    def __init__(self, owner, group, mode, times=None, extended=(), acl=""):
        self.owner, self.group, self.mode, self.times = owner, group, mode, times
        self.extended, self.acl = dict(extended), acl
        self.extended.pop(ACL, None)

    @classmethod
    def of(cls, state, kept):
        """From a recorded state and what was kept with it."""
        extended = kept.get("attributes", {})
        mode = int(state["mode"], 8)
        return cls(state["owner"], state["group"], mode, kept.get("times"), extended, extended.get(ACL, ""))


def write(path, content, attributes):
    """Replace or make a file in one step; in place where it is a mount of its own, as a container's resolv.conf is."""
    directory = os.path.dirname(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=PREFIX, dir=directory)
    except OSError as error:
        if error.errno not in IN_PLACE:
            raise
        _write_in_place(path, content, attributes)
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            set_attributes(temporary, attributes)
            os.fsync(file.fileno())
        os.rename(temporary, path)
    except OSError as error:
        os.unlink(temporary)
        if error.errno not in IN_PLACE:
            raise
        _write_in_place(path, content, attributes)
        return
    sync_directory(directory)


def _write_in_place(path, content, attributes):
    with open(path, "r+b") as file:
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())
    set_attributes(path, attributes)


def link(path, target, owner, group):
    """Replace or make a symbolic link in one step."""
    temporary = os.path.join(os.path.dirname(path), "%s%d" % (PREFIX, os.getpid()))
    os.symlink(target, temporary)
    try:
        os.lchown(temporary, owner, group)
        os.rename(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    sync_directory(os.path.dirname(path))


def set_attributes(path, attributes):
    """Owner before mode, since chown(2) takes the set-id bits away; times last, since the others touch them.

    An access list changes what the mode's group bits mean (acl(5)), so an unwanted one goes first and a wanted one comes last.
    """
    if not attributes.acl and acl_of(path):
        os.removexattr(path, ACL)
    os.chown(path, attributes.owner, attributes.group)
    os.chmod(path, attributes.mode)
    for name, value in attributes.extended.items():
        os.setxattr(path, name, base64.b64decode(value))
    if attributes.acl:
        os.setxattr(path, ACL, base64.b64decode(attributes.acl))
    if attributes.times:
        os.utime(path, ns=tuple(attributes.times))


def sync_directory(directory):
    """Make a rename durable (fsync(2))."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def acl_of(path):
    """The access list, encoded with base64; empty where there is none, or the file system knows none."""
    try:
        return base64.b64encode(os.getxattr(path, ACL, follow_symlinks=False)).decode()
    except OSError:
        return ""


def is_immutable(path):
    """chattr(1) +i; False where the file system has no such flag."""
    try:
        return bool(_flags(path) & FS_IMMUTABLE_FL)
    except OSError:
        return False


def set_immutable(path, wanted):
    """Set or take the flag."""
    flags = _flags(path)
    _flags(path, flags | FS_IMMUTABLE_FL if wanted else flags & ~FS_IMMUTABLE_FL)


def _flags(path, fresh=None):
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        value = array.array("i", [fresh or 0, 0])  # the kernel takes 32 bits, whatever the size in the request says
        fcntl.ioctl(handle, FS_IOC_GETFLAGS if fresh is None else FS_IOC_SETFLAGS, value, True)
        return value[0]
    finally:
        os.close(handle)
