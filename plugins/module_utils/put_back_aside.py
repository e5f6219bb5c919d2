# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory that was moved aside and replaced by a link: found under its other name, and moved back with all that is in it."""

from __future__ import annotations

import errno
import os

from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_writing import sync_directory

MARKS = ".-_~ "  # what follows the name: spool.old, private-20261125, conf.d~
LONGEST = 300


def find(path):
    """The one directory beside the path that has its name with something after it; empty when there is none, or several."""
    parent, name = os.path.split(path)
    try:
        with os.scandir(parent) as entries:
            found = [entry.path for entry in entries if _is_aside(entry, name)]
    except OSError:
        return ""
    return found[0] if len(found) == 1 else ""


def _is_aside(entry, name):
    longer = entry.name.startswith(name) and entry.name[len(name) : len(name) + 1] in tuple(MARKS)
    return longer and entry.is_dir(follow_symlinks=False)


def move(source, target):
    """Rename a directory. An overlay refuses that for a directory of its lower layer (EXDEV): then mv(1) copies it first."""
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        done = run(["mv", "--no-target-directory", "--", source, target], timeout=LONGEST)
        if not done.ok:
            raise OSError(done.words()) from error
    sync_directory(os.path.dirname(target))
