# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was installed, upgraded and removed lately, from dpkg's log: a change close to the first error is a suspect."""

from __future__ import annotations

import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words

LOGS = ("/var/log/dpkg.log", "/var/log/dpkg.log.1")
ACTIONS = {"install", "upgrade", "remove", "purge"}
MOST_ENTRIES = 50
TAIL = 256 * 1024  # octets from the end of each log
NONE = "<none>"


def observe_history(notes):
    """The newest entries first."""
    found = []
    for path in LOGS:
        try:
            found += parse_log(tail(path))
        except FileNotFoundError:
            continue
        except OSError as error:
            notes.append(words(error))
    return sorted(found, key=lambda entry: entry["time"], reverse=True)[:MOST_ENTRIES]


def tail(path, size=TAIL):
    """The end of the file as text, from the start of a line."""
    with open(path, "rb") as file:
        file.seek(0, 2)
        length = file.tell()
        file.seek(max(0, length - size))
        text = file.read().decode("utf-8", "replace")
    return text if length <= size else text.split("\n", 1)[-1]


def parse_log(text):
    """``2026-11-25 01:03:16 upgrade postfix:amd64 3.7.10 3.7.11``, in the host's local time."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) < 6 or fields[2] not in ACTIONS:
            continue
        moment = time.strptime(" ".join(fields[:2]), "%Y-%m-%d %H:%M:%S")
        found.append(
            {
                "time": iso(time.mktime(moment)),
                "action": fields[2],
                "package": fields[3].split(":")[0],
                "from": None if fields[4] == NONE else fields[4],
                "to": None if fields[5] == NONE else fields[5],
            }
        )
    return found
