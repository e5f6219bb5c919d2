# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kernel's small files about hardware: a value, or None where this machine does not have it."""

from __future__ import annotations

import glob
import os

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text

ROOT = "/"  # tests look at trees of files that other machines showed


def place(path):
    """Where a path of the host really is."""
    return os.path.join(ROOT, path.lstrip("/"))


def text(path):
    """The file's text without the white space around it; None when it is not there or may not be read."""
    try:
        return read_text(place(path)).strip()
    except (OSError, ValueError):
        return None


def number(path):
    """The integer that the file holds, or None."""
    value = text(path)
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def entries(pattern):
    """The paths of the host that match, in order, as the host names them."""
    prefix = len(ROOT.rstrip("/"))
    return [found[prefix:] for found in sorted(glob.glob(place(pattern)))]
