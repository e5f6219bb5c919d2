# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of packages that are not as the package brought them: what ``dpkg --verify`` finds, in a fraction of its time.

A file whose status has not changed since dpkg wrote the package's file list cannot have been changed: only the others
are hashed. Configuration files are left out; the section ``files`` has them.
"""

from __future__ import annotations

import hashlib
import os

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words

INFO = "/var/lib/dpkg/info"
# Minimal images leave these out on purpose (dpkg's path-exclude), and no mail depends on them.
NOT_MISSED = ("usr/share/doc/", "usr/share/info/", "usr/share/locale/", "usr/share/man/", "usr/share/lintian/")
CHUNK = 1 << 20


def modified_files(packages, notes):
    """{package: the paths that are missing or changed}, packages without any left out."""
    found = {}
    for package in packages:
        try:
            changed = _changed(package)
        except OSError as error:
            notes.append(words(error))
            continue
        if changed:
            found[package] = changed
    return found


def _changed(package):
    unpacked = os.lstat(f"{INFO}/{package}.list").st_ctime
    with open(f"{INFO}/{package}.md5sums", encoding="utf-8") as file:
        entries = [line.rstrip("\n").split("  ", 1) for line in file if "  " in line]
    kept = [(digest, path) for digest, path in entries if not path.startswith(NOT_MISSED)]
    return [f"/{path}" for digest, path in kept if _differs(path, digest, unpacked)]


def _differs(path, digest, unpacked):
    try:
        if os.lstat(f"/{path}").st_ctime <= unpacked:
            return False
        return md5_of(f"/{path}") != digest
    except FileNotFoundError:
        return True


def md5_of(path):
    digest = hashlib.md5()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()
