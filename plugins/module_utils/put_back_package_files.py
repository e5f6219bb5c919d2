# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One file as its package brought it, taken out of the package: no other file is touched, and no script of the package runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_packages as packages
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.package_files import INFO

SECONDS = 60  # for the download, where apt's cache does not have the package


class NotBrought(ValueError):
    """The package, or the file in it, is not to be had; the message says why."""


def brought(path, package):
    """The file as {kind, content, target, owner, group, mode}. Raises ``NotBrought`` or ``OSError``."""
    directory = tempfile.mkdtemp(prefix="pyremediate-", dir="/dev/shm")
    try:
        deb = packages.keep([package], directory, lambda: SECONDS)[package]
        if not deb:
            raise NotBrought("neither apt's cache nor a repository has the installed version of %s" % package)
        found = _member(os.path.join(directory, deb), path)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    wanted = _sum(path, package)
    if found["content"] is not None and wanted and hashlib.md5(found["content"]).hexdigest() != wanted:
        raise NotBrought("the file in the package is not the one that dpkg knows")
    return found


def _member(deb, path):
    """Read up to the file, as a stream: a package may be larger than what is free."""
    process = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    try:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                if member.name.lstrip(".") == path:
                    return _as_state(archive, member)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    raise NotBrought("there is no such file in the package")


def _as_state(archive, member):
    state = {"owner": member.uname or str(member.uid), "group": member.gname or str(member.gid), "mode": "%04o" % member.mode}
    if member.issym():
        return dict(state, kind="link", target=member.linkname, content=None)
    if not member.isreg():
        raise NotBrought("it is no regular file in the package")
    return dict(state, kind="file", target=None, content=archive.extractfile(member).read())


def _sum(path, package):
    """What dpkg recorded; empty for what has none, as links."""
    with open("%s/%s.md5sums" % (INFO, package), encoding="utf-8") as file:
        return next((line[:32] for line in file if line.rstrip("\n").split("  ", 1)[-1] == path[1:]), "")
