# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that Postfix logged since a moment, however much: from the journal, or from the log file with the one before it."""

from __future__ import annotations

import collections
import glob
import math
import os
import re
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import lines
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_fates import (
    grouped,
    lacking,
    lives,
    unsettled,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_file import FILES
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_file import since as lines_since
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.queue_listing import identities

JOURNALS = ("/run/log/journal/*/system.journal", "/var/log/journal/*/system.journal")

MAIL_FACILITY = 2
OTHER_INSTANCE = "postfix-"  # what their names must begin with (postmulti(1)); their queues are not ours
SECONDS = 6.0
MOST = 3000000  # lines; a bound for the memory, never reached by mail between two looks
LISTING_SECONDS = 9.0  # for the listing of the queue; without it nobody can say what is missing
READING_AGAIN = 3.0  # seconds; a loaded host has other lines to write first
# What journald did not take because there was too much of it (systemd's sd-messages.h, SD_MESSAGE_JOURNAL_DROPPED).
DROPPED = "a596d6fe7bfa4994828e72309e95d61e"
DROPS = re.compile(r"Suppressed \d+ messages from .*postfix|messages lost due to rate-limiting|begin to drop messages")
COUNT = re.compile(r"Suppressed (\d+) messages")
BURST, INTERVAL = 9000, 30  # journald.conf(5): RateLimitBurst is 10000 in RateLimitIntervalSec
SHORT_UNIX = re.compile(r"(?P<time>\d+\.\d+) \S+ (?P<program>[^\s:\[]+)(?:\[\d+\])?: (?P<text>.*)")
JOURNALCTL = ["journalctl", "--quiet", "--no-pager", "--all", "--output=short-unix"]


def journals():
    """The paths of the system's journals."""
    return [path for pattern in JOURNALS for path in glob.glob(pattern)]


class Read:
    """What was read: (time, daemon, message) of Postfix's lines, from when on they are all there, and why they may not be."""

    def __init__(self, entries, since, error="", held_back=0):
        self.entries = entries
        self.since = since
        self.error = error
        self.held_back = held_back  # lines, as far as it is known


def observe_fates(request):
    """The section's ``fates``, of all lives since ``log_since``: {since, error, groups}; None when no moment was given.

    The log is read after the listing of the queue, and again while it lacks the end of a message that had left by then: a message's
    file goes before the line that says so (qmgr(8)).
    """
    if request.log_since is None:
        return None
    listing = request.listing.take(LISTING_SECONDS)
    queued = identities(listing) if listing else set()
    deadline = time.monotonic() + READING_AGAIN
    while True:
        read = _read(request.log_since)
        found = lives(read.entries)
        settled = not (listing and unsettled(found, queued, listing["at"]))
        if settled or time.monotonic() >= deadline:
            break
    error = read.error or ("deliveries of messages that were removed are not in it" if lacking(found, request.log_since) else "")
    since = None if math.isinf(read.since) else round(read.since, 3)
    return {"since": since, "error": error, "groups": grouped(found)}


def _read(since):
    """From the journal; where that is not readable or held lines back, with those of a log file, too."""
    first = _from_journal(since) if any(os.access(path, os.R_OK) for path in journals()) else None
    if first and not first.error and first.since <= since:
        return first
    for path in FILES:
        try:
            entries, reached = lines_since(path, since)
        except OSError:
            continue
        said = split((entry["time"], entry["program"], entry["message"]) for entry in entries)
        second = Read(said[0], since if reached else _begin(said[0]), said[1])
        return joined(first, second) if first else second
    return first or Read([], float("inf"), "there is no mail log that can be read")


def joined(journal, file):
    """Both together: what one did not take may be in the other. Complete when the file has as much as the journal held back."""
    counted = collections.Counter((daemon, message) for _, daemon, message in journal.entries)
    more = []
    for entry in file.entries:
        if counted[entry[1:]] > 0:
            counted[entry[1:]] -= 1
        else:
            more.append(entry)
    whole = file.since <= journal.since and not file.error and len(more) >= max(journal.held_back, 1)
    entries = sorted([*journal.entries, *more], key=lambda entry: entry[0])
    since = min(journal.since, file.since) if whole or not journal.error else journal.since
    return Read(entries, since, "" if whole else journal.error)


def _from_journal(since):
    terms = [f"SYSLOG_FACILITY={MAIL_FACILITY}", "+", f"MESSAGE_ID={DROPPED}"]
    output, failure = lines([*JOURNALCTL, f"--since=@{int(since)}", *terms], MOST, SECONDS)
    entries, dropped = split(match.groups() for match in map(SHORT_UNIX.fullmatch, output) if match)
    dropped = dropped or _flooded(entries)
    return Read(entries, max(since, _first_of_journal()), failure or dropped, sum(map(int, COUNT.findall(dropped))))


def _flooded(entries):
    """journald says only afterwards that it holds lines back; so many lines in its last interval are the sign of it."""
    recent = sum(entry[0] >= entries[-1][0] - INTERVAL for entry in reversed(entries[-BURST:])) if entries else 0
    return f"there were {BURST} lines in {INTERVAL} s: journald may hold more of them back" if recent >= BURST else ""


def _first_of_journal():
    """When the journal begins; what was before it is gone."""
    output, _ = lines(JOURNALCTL, 1)
    match = SHORT_UNIX.fullmatch(output[0]) if output else None
    return float(match.group("time")) if match else float("inf")


def _begin(entries):
    return entries[0][0] if entries else float("inf")


def split(said):
    """((time, daemon, message) of Postfix's lines, what was said of lines that were dropped)."""
    entries, dropped = [], []
    for moment, program, text in said:
        if program.startswith(OTHER_INSTANCE):
            continue
        if "/" in program:  # postfix/smtpd; syslog_name (postconf(5)) may have more of them
            entries.append((float(moment), program.rpartition("/")[2], text))
        elif DROPS.search(text):
            dropped.append(text)
    return entries, "; ".join(dropped[-3:])
