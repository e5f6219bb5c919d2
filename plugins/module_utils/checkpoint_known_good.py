# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The secret files of a host's last known good, kept on that host alone: private keys, password files.

    /var/lib/pyremediate/known_good/manifest.json     {files: {path: {digest, keyed, owner, group, mode}}, salt}
    /var/lib/pyremediate/known_good/files/<sha256>    contents, 0600 root

Contents are named by their hash and the manifest is replaced in one step, so a capture that is cut off changes nothing.
``keyed`` is the keyed hash that the controller knows: it proves that the copy is of the capture that it means. ``salt``
never leaves the host: with it changed lines of secret files get names from which they cannot be guessed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores


def directory():
    """Where they are."""
    return os.path.join(stores.PERSISTENT, "known_good")


def manifest():
    """What is kept: {path: entry}; {} when nothing was captured."""
    return _kept().get("files", {})


def salt():
    """Bytes that nobody but this host knows; those of the capture's hashes where it was made before there was a salt."""
    kept = _kept()
    return (kept.get("salt") or json.dumps(kept.get("files", {}), sort_keys=True)).encode()


def _kept():
    try:
        with open(os.path.join(directory(), "manifest.json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def entry_of(content, keyed, attributes):
    """The manifest's entry for a content."""
    return dict(attributes, digest="sha256:" + hashlib.sha256(content).hexdigest(), keyed=keyed)


def keep(captured):
    """Make this the last known good: {path: (content, entry)}. What was kept before and is no longer wanted goes."""
    files = os.path.join(directory(), "files")
    os.makedirs(files, mode=0o700, exist_ok=True)
    os.chmod(directory(), 0o700)
    for content, entry in captured.values():
        path = _place(entry)
        if not os.path.exists(path):
            _write(path, content)
    stores.sync(files)
    entries = {path: entry for path, (_, entry) in captured.items()}
    kept = {"schema": 1, "salt": secrets.token_hex(16), "files": entries}
    text = json.dumps(kept, indent=1, sort_keys=True) + "\n"
    stores.write_text(os.path.join(directory(), "manifest.json"), text, 0o600)
    wanted = {os.path.basename(_place(entry)) for entry in entries.values()}
    for name in set(os.listdir(files)) - wanted:
        os.unlink(os.path.join(files, name))


def content(path, keyed):
    """The kept content of a path, proved to be whole and of the right capture. Raises ``CheckpointError``."""
    entry = manifest().get(path)
    if entry is None:
        raise stores.CheckpointError("no copy of %s is kept on this host: restore it from your backup" % path)
    if keyed and keyed.startswith("hmac:") and keyed != entry["keyed"]:
        raise stores.CheckpointError("the copy of %s on this host is of another capture than the controller's" % path)
    try:
        with open(_place(entry), "rb") as file:
            found = file.read()
    except FileNotFoundError:
        found = b""
    if "sha256:" + hashlib.sha256(found).hexdigest() != entry["digest"]:
        raise stores.CheckpointError("the copy of %s on this host is damaged: restore it from your backup" % path)
    return found


def _place(entry):
    return os.path.join(directory(), "files", entry["digest"].partition(":")[2])


def _write(path, found):
    temporary = path + ".new"
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(found)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, path)
