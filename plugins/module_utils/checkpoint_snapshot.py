# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading files for the last known good, sorted into what may be told and what may not."""

from __future__ import annotations

import os
import stat

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.files import digest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import group_name, mode_of, user_name
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import is_secret


class Taken:
    """By path: ``contents``, ``secrets`` (content and the entry under which it is kept), ``skipped`` (the reason)."""

    def __init__(self):
        self.contents, self.secrets, self.skipped = {}, {}, {}


def take(paths, hash_key, largest, secret=()):
    """Read the files. One that cannot be read is skipped with the reason; ``secret`` are known to be so."""
    taken = Taken()
    for path in paths:
        try:
            _take(taken, path, path in secret, hash_key, largest)
        except OSError as error:
            taken.skipped[path] = os.strerror(error.errno)
    return taken


def _take(taken, path, secret, hash_key, largest):
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb") as file:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            taken.skipped[path] = "it is no regular file"
        elif info.st_size > largest:
            taken.skipped[path] = "it has %d bytes, more than the %d that are taken" % (info.st_size, largest)
        else:
            _sort(taken, path, file.read(), info, secret, hash_key)


def _sort(taken, path, content, info, secret, hash_key):
    """By the observation's own rule, so that what it calls secret never leaves the host."""
    if not secret and not is_secret(path, info.st_mode, content):
        taken.contents[path] = content
        return
    attributes = {"owner": user_name(info.st_uid), "group": group_name(info.st_gid), "mode": mode_of(info)}
    keyed = digest(content, hash_key, secret=True)
    taken.secrets[path] = (content, known_good.entry_of(content, keyed, attributes))
