# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Owners and modes of Postfix's own directories and files, against what its list ``postfix-files`` says.

The list is what ``postfix set-permissions`` works from. Distributions are stricter or laxer in harmless ways (Debian's
maildrop is sticky, its data directory may be read), so a mode is wrong when it lacks a permission, or when it lets
others write.
"""

from __future__ import annotations

import os
import stat

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import (
    group_name,
    mode_of,
    read_text,
    user_name,
    words,
)

DIRECTORIES = ("$queue_directory", "$data_directory", "$config_directory")
SET_GROUP_ID = ("$command_directory/postdrop", "$command_directory/postqueue")
OBSOLETE = "o"
ANY = "-"
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
WRITE = 0o222


def observe_permissions(configuration, notes):
    """Only what is not as it must be; None when the list cannot be read."""
    try:
        text = read_text(f"{configuration.directory}/postfix-files")
    except (OSError, ValueError) as error:
        notes.append(words(error))
        return None
    found = []
    for expected in expectations(text, configuration):
        try:
            found += _deviation(expected)
        except PermissionError as error:
            notes.append(words(error))
    return found


def expectations(text, configuration):
    """The lines of the list that are about directories of mail, and about programs that need their set-group-ID bit."""
    for line in text.splitlines():
        fields = line.strip().split(":")
        if len(fields) < 5 or line.startswith("#") or OBSOLETE in "".join(fields[5:]):
            continue
        name, kind, owner, group, mode = fields[:5]
        if kind not in ("d", "f") or not (name.startswith(DIRECTORIES) or name in SET_GROUP_ID):
            continue
        yield {
            "path": configuration.expand(name.replace("$config_directory", configuration.directory)),
            "directory": kind == "d",
            "owner": configuration.expand(owner),
            "group": None if group == ANY else configuration.expand(group),
            "mode": int(mode, 8),
        }


def _deviation(expected):
    """The path in a list of one, when it is not as expected."""
    try:
        status = os.stat(expected["path"])
    except FileNotFoundError:
        return [_entry(expected, None, None, None)]
    owner, group = user_name(status.st_uid), group_name(status.st_gid)
    right_group = expected["group"] in (None, group)
    suffices = mode_suffices(stat.S_IMODE(status.st_mode), expected)
    if owner == expected["owner"] and right_group and suffices:
        return []
    if suffices:  # the distribution's own, and no part of what is wrong
        expected = dict(expected, mode=stat.S_IMODE(status.st_mode))
    return [_entry(expected, owner, group, mode_of(status))]


def mode_suffices(mode, expected):
    """Whether nothing is missing, and nobody else may write. A program need not be writable for its owner."""
    missing = expected["mode"] & ~mode & (0o7777 if expected["directory"] else ~WRITE)
    return not missing and not mode & ~expected["mode"] & OTHERS_WRITE


def _entry(expected, owner, group, mode):
    return {
        "path": expected["path"],
        "owner": owner,
        "group": group,
        "mode": mode,
        "expected_owner": expected["owner"],
        "expected_group": expected["group"],
        "expected_mode": f"{expected['mode']:04o}",
    }
