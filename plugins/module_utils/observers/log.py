# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the mail system complained of lately, equal complaints counted together.

From the journal, or from /var/log/mail.log where there is none.
"""

from __future__ import annotations

import json
import os
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import lines
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_file import FILES, parse_lines
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_lines import normalise, speaks_of_a_problem
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_postfix import journals, observe_fates
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.package_history import tail
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import without_secrets

UNITS = ("postfix@-", "postfix", "dovecot", "rspamd", "opendkim", "dnsmasq", "unbound", "named", "rsyslog", "nftables")
MAIL_FACILITY = 2
NOTICE = 5
INFO = 6
MOST_WARNINGS = 1500
MOST_LINES = 2500
MOST_PROBLEMS = 200
LINES_BEFORE, LINES_AFTER = 15, 35
TAIL = 1024 * 1024


def observe(request, notes):
    """The section ``log``."""
    since = time.time() - 60 * request.log_minutes
    unread = []
    source, entries = _from_journal(since, unread) or _from_file(since, unread) or ("none", None)
    if entries is None and unread:
        # A log that may not be read is not a log without problems.
        raise PermissionError("; ".join(unread))
    if entries is None:
        raise Unavailable("there is no mail log on this host", {"source": source})
    notes.extend(unread)
    entries = sorted(entries, key=lambda entry: entry["time"])
    problems = group(entry for entry in entries if _matters(entry))
    return {
        "source": source,
        "since": iso(since),
        "problems": problems,
        "first_problem": min((each["first"] for each in problems), default=None),
        "around_first": around(entries),
        "fates": observe_fates(request),
    }


def _matters(entry):
    return speaks_of_a_problem(entry["message"], entry["priority"], entry["program"])


def _from_journal(since, notes):
    """The newest warnings, and the newest ordinary lines of mail, which say what was deferred or refused.

    None where there is no journal, or not that of the system: everybody may read their own.
    """
    found = journals()
    if not any(os.access(path, os.R_OK) for path in found):
        notes.extend(f"{path}: Permission denied" for path in found)
        return None
    found = []
    for most, priorities in ((MOST_WARNINGS, range(NOTICE)), (MOST_LINES, (NOTICE, INFO))):
        output, failure = lines([*_journalctl(since, most), *matches(priorities)], most)
        found += [entry for entry in map(parse_entry, output) if entry]
        if failure:
            notes.append(failure)
    return "journal", found


def _journalctl(since, most):
    fields = "MESSAGE,PRIORITY,SYSLOG_IDENTIFIER"
    bounds = [f"--since=@{int(since)}", f"--lines={most}", "--reverse"]
    return ["journalctl", "--quiet", "--no-pager", "--output=json", f"--output-fields={fields}", *bounds]


def matches(priorities):
    """journalctl(1)'s terms: fields of one term all match, ``+`` is "or"."""
    wanted = [f"PRIORITY={priority}" for priority in priorities]
    units = [f"{name}.service" for name in UNITS]
    terms = [
        [f"SYSLOG_FACILITY={MAIL_FACILITY}"],
        [f"_SYSTEMD_UNIT={unit}" for unit in units],
        [f"UNIT={unit}" for unit in units],
        ["_TRANSPORT=kernel"],
    ]
    joined = [word for term in terms for word in ("+", *term, *wanted)]
    return joined[1:]


def parse_entry(line):
    """One line of ``journalctl --output=json``; None when it is no message."""
    try:
        entry = json.loads(line)
        message = entry["MESSAGE"]
        if isinstance(message, list):  # octets that are not UTF-8
            message = bytes(message).decode("utf-8", "replace")
        return {
            "time": int(entry["__REALTIME_TIMESTAMP"]) / 1e6,
            "program": entry.get("SYSLOG_IDENTIFIER") or entry.get("_COMM") or "",
            "message": message,
            "priority": int(entry.get("PRIORITY", INFO)),
        }
    except (KeyError, TypeError, ValueError):
        return None


def _from_file(since, notes):
    for path in FILES:
        try:
            entries = [entry for entry in parse_lines(tail(path, TAIL)) if entry["time"] >= since]
        except FileNotFoundError:
            continue
        except OSError as error:
            notes.append(words(error))
            continue
        return path, entries
    return None


def around(entries):
    """The lines before and after the first problem, in their own words: what a human would look at first."""
    first = next((number for number, entry in enumerate(entries) if _matters(entry)), None)
    if first is None:
        return []
    shown = entries[max(0, first - LINES_BEFORE) : first + LINES_AFTER]
    return [f"{iso(entry['time'])} {entry['program']}: {entry['message'][:500]}" for entry in shown]


def group(entries):
    """Equal problems of one program together, the newest first; the example is the newest one's own words."""
    found = {}
    for entry in sorted(entries, key=lambda each: each["time"]):
        key = (entry["program"], normalise(entry["message"]))
        known = found.setdefault(key, {"count": 0, "first": entry["time"]})
        known.update(count=known["count"] + 1, last=entry["time"], example=without_secrets("", entry["message"])[:500])
    newest = sorted(found.items(), key=lambda item: item[1]["last"], reverse=True)[:MOST_PROBLEMS]
    return [
        {
            "program": program,
            "message": message[:500],
            "example": each["example"],
            "count": each["count"],
            "first": iso(each["first"]),
            "last": iso(each["last"]),
        }
        for (program, message), each in newest
    ]
