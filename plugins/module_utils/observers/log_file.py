# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mail logs that are files: their lines with their times, as far back as somebody asks."""

from __future__ import annotations

import datetime
import os
import re

FILES = ("/var/log/mail.log", "/var/log/maillog", "/var/log/syslog")
BEFORE = ".1"  # what logrotate(8) calls the file before this one
FIRST_PIECE = 1024 * 1024
LARGEST_PIECE = 256 * 1024 * 1024
INFO = 6
# With and without the high-precision time that rsyslog writes nowadays.
LINE = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ "
    r"(?P<program>[^\s:\[]+)(?:\[\d+\])?: (?P<text>.*)"
)
SAYS_WARNING = re.compile(r"^(?:\S+: )?(warning|fatal|panic|error): ")


def parse_lines(text):
    """The lines of a log file; their priority is not written, so the words must tell."""
    for line in text.splitlines():
        match = LINE.fullmatch(line)
        moment = moment_of(match.group("time")) if match else None
        if moment is not None:
            message = match.group("text")
            priority = 4 if SAYS_WARNING.match(message) else INFO
            yield {"time": moment, "program": match.group("program"), "message": message, "priority": priority}


def moment_of(text):
    """Seconds since the epoch of ``2026-11-25T01:04:00.343420+00:00``, or of ``Nov 25 01:04:00`` in local time."""
    try:
        if text[0].isdigit():
            return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
        now = datetime.datetime.now()
        moment = datetime.datetime.strptime(f"{now.year} {text}", "%Y %b %d %H:%M:%S")
    except ValueError:
        return None
    # Without a year: a line "from the future" is last year's.
    if moment > now + datetime.timedelta(days=1):
        moment = moment.replace(year=now.year - 1)
    return moment.timestamp()


def since(path, moment):
    """(the lines from a moment on, whether they reach back to it), with those of the file before it. Raises OSError."""
    pieces, reached = [], False
    for name in (path, path + BEFORE):
        try:
            text, reached = _back_to(name, moment)
        except FileNotFoundError:
            if name == path:
                raise
            break
        pieces.insert(0, text)
        if reached:
            break
    wanted = (entry for text in pieces for entry in parse_lines(text) if entry["time"] >= moment)
    return list(wanted), reached


def _back_to(path, moment):
    """(the end of the file, whether it begins before the moment): twice as much as before, until it does."""
    size = FIRST_PIECE
    while True:
        text, whole = _end(path, size)
        first = next(parse_lines(text), None)
        if whole or size >= LARGEST_PIECE or (first and first["time"] < moment):
            return text, bool(first and first["time"] < moment)
        size *= 2


def _end(path, size):
    """(the last octets of the file as text, from the start of a line, whether that is all of it)."""
    with open(path, "rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(max(0, length - size))
        text = file.read().decode("utf-8", "replace")
    return (text, True) if length <= size else (text.partition("\n")[2], False)
