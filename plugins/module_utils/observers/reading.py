# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files as they are: text, owner, mode; and whether somebody else than the observer could reach them."""

from __future__ import annotations

import grp
import os
import pwd
import stat

LARGEST = 4 * 1024 * 1024
READ, WRITE, SEARCH = 4, 2, 1


def read_text(path, largest=LARGEST):
    """The file's text. Raises OSError, or ValueError when it is larger than any configuration file is."""
    with open(path, "rb") as file:
        octets = file.read(largest + 1)
    if len(octets) > largest:
        raise ValueError(f"{path} is larger than {largest} bytes")
    return octets.decode("utf-8", "replace")


def words(error):
    """``/etc/postfix/main.cf: Permission denied``."""
    if isinstance(error, OSError) and error.errno:
        return f"{error.filename}: {os.strerror(error.errno)}" if error.filename else os.strerror(error.errno)
    return str(error)


def mode_of(status):
    """``0755``."""
    return f"{stat.S_IMODE(status.st_mode):04o}"


def user_name(uid):
    """The user's name, or the number of one that does not exist (any more)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid):
    """The group's name, or the number of one that does not exist (any more)."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def identity(user):
    """(uid, gids) of a user given by name or number; raises KeyError when there is no such user."""
    entry = pwd.getpwuid(int(user)) if str(user).isdigit() else pwd.getpwnam(user)
    return entry.pw_uid, set(os.getgrouplist(entry.pw_name, entry.pw_gid))


def hindrance(path, user, wanted):
    """What keeps a user from the path: a reason, or an empty text. Raises OSError, and KeyError for no such user."""
    uid, gids = identity(user)
    parent = os.path.dirname(path)
    for directory in _ancestors(parent):
        if not _may(os.stat(directory), uid, gids, SEARCH):
            return f"{directory}: Permission denied for {user}"
    if not _may(os.stat(path), uid, gids, wanted):
        return f"{path}: Permission denied for {user}"
    return ""


def _ancestors(directory):
    found = []
    while directory not in ("", "/"):
        found.append(directory)
        directory = os.path.dirname(directory)
    return ["/", *reversed(found)]


def _may(status, uid, gids, wanted):
    if uid == 0:
        return True
    if status.st_uid == uid:
        granted = status.st_mode >> 6
    elif status.st_gid in gids:
        granted = status.st_mode >> 3
    else:
        granted = status.st_mode
    return granted & wanted == wanted
