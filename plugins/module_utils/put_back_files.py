# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files as they were: look at one, keep a copy, put it back.

A state is a mapping; two are equal exactly when the file is the same. Times are kept, but are no part of it.

    {"kind": "file", "owner": 0, "group": 0, "mode": "0644", "digest": "sha256:…", "immutable": false, "acl": "AgAA…"}
    {"kind": "directory", …}  {"kind": "link", "target": …, …}  {"kind": "other", …}  {"kind": "missing"}

``acl`` is there only where a file has an access list.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import shutil
import stat

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_aside as aside
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_writing as writing

MISSING = {"kind": "missing"}
LARGEST = 64 * 1024 * 1024  # nothing that configures a mail server is larger


def look(path):
    """The state of a path now. Links are not followed."""
    try:
        info = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return dict(MISSING)
    state = {"kind": kind_of(info.st_mode), "owner": info.st_uid, "group": info.st_gid}
    if state["kind"] == "link":
        state["target"] = os.readlink(path)
        return state  # the mode of a link means nothing (symlink(7))
    state["mode"] = "%04o" % stat.S_IMODE(info.st_mode)
    if state["kind"] == "file":
        state["digest"] = digest_of(path)
    if state["kind"] != "other":
        state["immutable"] = writing.is_immutable(path)
        acl = writing.acl_of(path)
        state.update({"acl": acl} if acl else {})
    return state


def kind_of(mode):
    """file, directory, link or other."""
    for kind, test in (("file", stat.S_ISREG), ("directory", stat.S_ISDIR), ("link", stat.S_ISLNK)):
        if test(mode):
            return kind
    return "other"


def digest_of(path):
    """``sha256:…`` of the content."""
    with open(path, "rb") as file:
        return digest_of_stream(file)


def digest_of_stream(stream):
    """``sha256:…`` of what is left in the stream."""
    total = hashlib.sha256()
    for block in iter(lambda: stream.read(1 << 16), b""):
        total.update(block)
    return "sha256:" + total.hexdigest()


def keep(path, directory):
    """Keep a copy below ``directory``; returns the state that the copy has, and what else it takes to put it back."""
    state = look(path)
    if state["kind"] in ("missing", "other"):
        return state, {}
    info = os.lstat(path)
    kept = {"times": [info.st_atime_ns, info.st_mtime_ns], "attributes": _attributes(path)}
    if state["kind"] == "link":
        kept["aside"] = aside.find(path)  # the directory whose place it took, perhaps, which may be moved back
    if state["kind"] == "file":
        if info.st_size > LARGEST:
            raise ValueError("%s is too large for a checkpoint: %d bytes" % (path, info.st_size))
        state["digest"] = _copy(path, place_of(path, directory))
    return state, kept


def place_of(path, directory):
    """Where the copy of a file lies: the same path below the directory, so that people find it."""
    return os.path.join(directory, path.lstrip("/"))


def _copy(source, target):
    """Copy, durable before this returns; the digest is that of the copy, whatever happens to the source meanwhile."""
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(source, "rb") as original, open(handle, "w+b") as copy:
        shutil.copyfileobj(original, copy)
        copy.flush()
        os.fsync(copy.fileno())
        copy.seek(0)
        return digest_of_stream(copy)


def _attributes(path):
    """Extended attributes: access lists and security labels (xattr(7)); {} where the file system has none."""
    try:
        names = os.listxattr(path, follow_symlinks=False)
        pairs = [(name, os.getxattr(path, name, follow_symlinks=False)) for name in names]
    except OSError:
        return {}
    return {name: base64.b64encode(value).decode() for name, value in pairs}


def put_back(path, was, kept, copies, removed):
    """Make the path what it was. ``copies`` holds the kept contents; what is taken away goes below ``removed``.

    Raises ``OSError`` or ``ValueError`` when that cannot be done.
    """
    now = look(path)
    if now.get("immutable"):
        writing.set_immutable(path, False)
    if was["kind"] != now["kind"] and "directory" in (was["kind"], now["kind"]) or was["kind"] == "missing":
        if now["kind"] == "directory" and kept.get("aside") and not os.path.lexists(kept["aside"]):
            aside.move(path, kept["aside"])
        take_away(path, removed)
        now = look(path)
    if was["kind"] == "missing":
        return
    _make(path, was, now, kept, copies)
    if was.get("immutable"):
        writing.set_immutable(path, True)


def _make(path, was, now, kept, copies):
    if was["kind"] == "link":
        writing.link(path, was["target"], was["owner"], was["group"])
        return
    if was["kind"] == "directory" and now["kind"] != "directory":
        os.mkdir(path, 0o700)
    if was["kind"] == "file" and (now["kind"], now.get("digest")) != ("file", was["digest"]):
        writing.write(path, content_of(path, was, copies), writing.Attributes.of(was, kept))
        return
    if now["kind"] == "missing" and was["kind"] == "other":
        raise ValueError("%s: a socket, pipe or device is made by its owner, not by an undo" % path)
    writing.set_attributes(path, writing.Attributes.of(was, kept))


def content_of(path, was, copies):
    """The kept content, proved by its digest."""
    with open(place_of(path, copies), "rb") as file:
        content = file.read()
    if "sha256:" + hashlib.sha256(content).hexdigest() != was["digest"]:
        raise ValueError("the kept copy of %s is damaged" % path)
    return content


def take_away(path, removed):
    """Move a path out of the way; content is never deleted. A directory must be empty by now."""
    kind = look(path)["kind"]
    if kind == "missing":
        return
    if kind == "directory":
        os.rmdir(path)
    elif kind == "file":
        _move(path, place_of(path, removed))
    else:
        os.unlink(path)
    writing.sync_directory(os.path.dirname(path))


def _move(path, target):
    while os.path.lexists(target):
        target += "~"  # nothing that was moved here before is overwritten
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    try:
        os.rename(path, target)  # takes no space, which may be what is missing
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(path, target)
        os.unlink(path)
