# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who was logged in, and who ran sudo: for the question who was there when a file was changed.

From wtmp(5) and from what sshd and sudo wrote to the log. What this host does not keep is ``None``: nobody can know then.
"""

from __future__ import annotations

import json
import os
import re
import struct
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import lines
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_file import moment_of
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_postfix import journals
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.package_history import tail
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words

DAYS = 30  # looked back, when nobody says how far
WTMP = "/var/log/wtmp"
# struct utmp of glibc (utmp(5)): type, pid, line, id, user, host, exit, session, seconds, microseconds, address, unused.
RECORD = struct.Struct("hi32s4s32s256shhiii4i20s")
BOOT, RUN_LEVEL, USER, DEAD = 2, 1, 7, 8
LOGS = ("/var/log/auth.log", "/var/log/secure")
TAIL = 4 * 1024 * 1024
MOST_LINES = 5000
MOST = 500  # sessions, and commands
PROGRAMS = ("sshd", "sshd-session", "sudo")
LINE = re.compile(
    r"(\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ (sshd|sshd-session|sudo)(?:\[(\d+)\])?:\s+(.*)"
)
ACCEPTED = re.compile(r"Accepted \S+ for (\S+) from (\S+)")
CLOSED = re.compile(r"pam_unix\(sshd:session\): session closed|Disconnected from|Connection closed by|Received disconnect")
SUDO = re.compile(r"(\S+) : (?:.*; )?USER=(\S+) ; (?:ENV=.*? ; )?COMMAND=(.*)")
# Of these every word may be told; of the others paths alone, since anything else may be a password, or hold one.
TOLD_WHOLE = {"systemctl", "service", "apt", "apt-get", "apt-mark", "dpkg", "postmap", "newaliases", "postsuper"}


def observe(request, notes):
    """The section ``sessions``."""
    since = request.log_since if request.log_since is not None else time.time() - DAYS * 86400
    logins, logins_from = _logins(since, notes)
    entries, log_from = _entries(since, notes)
    if entries is not None:
        logins = (logins or []) + sessions(entries)
    known = [moment for moment in (logins_from, log_from) if moment is not None]
    found = None if logins is None else sorted(logins, key=lambda each: each["began"] or "")[-MOST:]
    return {
        "since": iso(max(since, min(known))) if known else None,
        "sudo_since": None if log_from is None else iso(max(since, log_from)),
        "sessions": found,
        "sudo": None if entries is None else commands(entries)[-MOST:],
    }


def _logins(since, notes):
    """(the logins at terminals, from when on they were kept); None where they are not."""
    try:
        with open(WTMP, "rb") as file:
            octets = file.read()
    except FileNotFoundError:
        return None, None
    except OSError as error:
        notes.append(words(error))
        return None, None
    return parse_wtmp(octets, since)


def parse_wtmp(octets, since):
    """([{user, from, began, ended}], the first record's time): a line's session ends with its process, or the host."""
    whole = octets[: len(octets) - len(octets) % RECORD.size]
    records = [_record(fields) for fields in RECORD.iter_unpack(whole)]
    open_, found = {}, []
    for kind, line, user, host, moment in records:
        ended = list(open_) if kind == BOOT else [line] if kind in (USER, DEAD) else []
        for each in ended:
            if each in open_:
                found.append(dict(open_.pop(each), ended=moment))
        if kind == USER:
            open_[line] = {"user": user, "from": host or line, "began": moment, "ended": None}
    found += open_.values()
    late = [each for each in found if each["ended"] is None or each["ended"] >= since]
    return [dict(each, began=iso(each["began"]), ended=iso(each["ended"])) for each in late], records[0][4] if records else None


def _record(fields):
    line, user, host = (fields[place].split(b"\0")[0].decode("utf-8", "replace") for place in (2, 4, 5))
    return fields[0], line, user, host, fields[9]


def _entries(since, notes):
    """([(time, program, pid, text)] of sshd and sudo, from when on); None where there is no log of them."""
    found = None
    if any(os.access(path, os.R_OK) for path in journals()):
        wanted = [word for program in PROGRAMS for word in ("+", f"SYSLOG_IDENTIFIER={program}")][1:]
        fields = "MESSAGE,SYSLOG_IDENTIFIER,_PID,SYSLOG_PID"
        argv = ["journalctl", "--quiet", "--no-pager", "--output=json", f"--output-fields={fields}", f"--since=@{int(since)}"]
        output, failure = lines([*argv, f"--lines={MOST_LINES}", *wanted], MOST_LINES)
        notes.extend([failure] if failure else [])
        found = sorted(filter(None, map(_of_journal, output)))
    for path in LOGS:
        try:
            read = sorted(filter(None, map(_of_line, tail(path, TAIL).splitlines())))
        except FileNotFoundError:
            continue
        except OSError as error:
            notes.append(words(error))
            continue
        if found is None or (read and (not found or read[0][0] < found[0][0])):
            found = read  # whichever reaches further back
    return found, found[0][0] if found else None


def _of_journal(line):
    try:
        entry = json.loads(line)
        pid = entry.get("SYSLOG_PID") or entry.get("_PID") or ""
        return int(entry["__REALTIME_TIMESTAMP"]) / 1e6, entry["SYSLOG_IDENTIFIER"], pid, str(entry["MESSAGE"]).strip()
    except (KeyError, TypeError, ValueError):
        return None


def _of_line(line):
    match = LINE.fullmatch(line)
    moment = moment_of(match.group(1)) if match else None
    return None if moment is None else (moment, match.group(2), match.group(3) or "", match.group(4))


def sessions(entries):
    """[{user, from, began, ended}] of what sshd said, by its processes; one that goes on has no end."""
    open_, found = {}, []
    for moment, program, pid, text in entries:
        accepted = ACCEPTED.match(text)
        if not program.startswith("sshd"):
            continue
        if accepted:
            open_[pid] = {"user": accepted.group(1), "from": accepted.group(2), "began": iso(moment), "ended": None}
            found.append(open_[pid])
        elif CLOSED.match(text) and pid in open_:
            open_.pop(pid)["ended"] = iso(moment)
    return found


def commands(entries):
    """[{user, as, command, at}] of what sudo logged (sudoers(5)); what may be a password is left out."""
    found = []
    for moment, program, _, text in entries:
        match = SUDO.match(text) if program == "sudo" else None
        if match:
            command = _shown(match.group(3))
            found.append({"user": match.group(1), "as": match.group(2), "command": command[:300], "at": iso(moment)})
    return found


def _shown(command):
    """``/usr/bin/sed … /etc/hosts``."""
    program, *rest = command.split()
    shown = [program]
    for word in rest:
        told = word if word.startswith("/") or os.path.basename(program) in TOLD_WHOLE else "…"
        if told != "…" or shown[-1] != "…":
            shown.append(told)
    return " ".join(shown)
