# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host keeps for convenience: the package cache, rotated logs, archived journals. Never mail, no live log."""

from __future__ import annotations

import os
import re

MOST_FILES = 200
MOST_DIRECTORIES = 500
ROTATED = re.compile(r"\.\d+$|\.(gz|xz|bz2|zst)$|-\d{8}$|\.old$")
ARCHIVED_JOURNAL = re.compile(r"@.*\.journal~?$|\.journal~$")
PACKAGE = re.compile(r"\.deb$|\.rpm$")
PLACES = (
    ("package_cache", "/var/cache/apt/archives", PACKAGE),
    ("rotated_logs", "/var/log", ROTATED),
    ("journal", "/var/log/journal", ARCHIVED_JOURNAL),
)


def observe_reclaimable(spool):
    """One entry for each kind that there is something of."""
    device = _device(spool)
    return [entry for entry in (_entry(*place, device) for place in PLACES) if entry]


def _entry(kind, path, pattern, spool_device):
    skipped = "/var/log/journal" if kind == "rotated_logs" else None
    files = [(found, status) for found, status in _walk(path, skipped) if pattern.search(found)]
    if not files:
        return None
    files.sort(key=lambda each: -each[1].st_size)
    return {
        "kind": kind,
        "path": path,
        "bytes": sum(status.st_blocks * 512 for _, status in files),
        "device_shared_with_spool": spool_device is not None and _device(path) == spool_device,
        "files": [found for found, _ in files[:MOST_FILES]],
    }


def _walk(top, skipped):
    """(path, status) of the regular files below, as far as they may be seen."""
    pending, visited = [top], 0
    while pending and visited < MOST_DIRECTORIES:
        directory, visited = pending.pop(), visited + 1
        if directory == skipped:
            continue
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry.path, entry.stat(follow_symlinks=False)
        except OSError:
            continue


def _device(path):
    try:
        return os.stat(path).st_dev
    except OSError:
        return None
