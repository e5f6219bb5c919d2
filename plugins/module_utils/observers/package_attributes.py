# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of packages that are missing, changed, or not owned and readable as files of packages usually are.

dpkg keeps no owners and modes (dpkg-query(1)). So that an observation need not name a thousand files, it names those that
are unusual: a difference is what is unusual now and was not when the host was good, or the other way round.
"""

from __future__ import annotations

import os
import re
import stat

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import package_files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.places import beyond_mode
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import (
    group_name,
    mode_of,
    user_name,
    words,
)

PROGRAM = re.compile(
    r"/usr/s?bin/|/etc/init\.d/|/usr/lib/(postfix/(sbin|configure)|dovecot/(?!.*\.so|modules/))|.*\.(sh|pl|py)$"
)
# Configuration is the section ``files``'; directories are other packages' too.
NOT_OURS = re.compile(r"/etc/|/(" + "|".join(package_files.NOT_MISSED) + ")")


def unusual_files(packages, notes):
    """{path: {package, and what is unusual: state, owner, group, mode, usual_mode, immutable, acl}}."""
    found = {}
    for package in packages:
        try:
            paths, sums, unpacked = _contents(package)
        except OSError as error:
            notes.append(words(error))
            continue
        for path in paths:
            entry = _unusual(path, sums.get(path), unpacked)
            if entry:
                found[path] = dict(entry, package=package)
    return found


def _contents(package):
    """(paths, {path: MD5 sum}, when it was unpacked) as dpkg recorded them."""
    with open("%s/%s.list" % (package_files.INFO, package), encoding="utf-8") as file:
        paths = [path for path in file.read().splitlines() if path != "/." and not NOT_OURS.match(path)]
        unpacked = os.fstat(file.fileno()).st_ctime
    with open("%s/%s.md5sums" % (package_files.INFO, package), encoding="utf-8") as file:
        entries = [line.rstrip("\n").split("  ", 1) for line in file if "  " in line]
    return paths, {"/" + path: digest for digest, path in entries}, unpacked


def _unusual(path, digest, unpacked):
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {"state": "missing"}
    if digest is None or not stat.S_ISREG(status.st_mode):
        return {"state": "changed"} if digest else {}
    found = _attributes(status, 0o755 if PROGRAM.match(path) else 0o644)
    if status.st_ctime > unpacked:  # nothing about it has been changed before then
        found.update(beyond_mode(path, "file"))
        found.update({"state": "changed"} if _sum(path) != digest else {})
    return found


def _attributes(status, usual):
    """Nothing for a file of root's with the usual mode, which is nearly every one."""
    if not status.st_uid and not status.st_gid and stat.S_IMODE(status.st_mode) == usual:
        return {}
    entry = {"owner": user_name(status.st_uid), "group": group_name(status.st_gid), "mode": mode_of(status)}
    return dict(entry, usual_mode="%04o" % usual)


def _sum(path):
    try:
        return package_files.md5_of(path)
    except OSError:
        return None
