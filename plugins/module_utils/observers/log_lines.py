# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log lines of mail systems: which of them speak of a problem, and what of them varies from one message to the next."""

from __future__ import annotations

import re

# Of the lines that are not warnings by their priority, these matter.
PROBLEM = re.compile(
    r"status=(deferred|bounced|expired|undeliverable)"
    r"|\b(milter-)?reject: |\b(fatal|panic|error|warning): |\bconnect to .*: |(Fatal|Error|Panic|Warning): "
    r"|exited, code=|[Ff]ailed|Start request repeated|start-limit|oom-kill|[Oo]ut of memory|timed out"
    r"|auth failed|authentication failed|Connection queue full|discard action|[Qq]uota exceeded|SSL_accept\(\) failed"
    r"|too many|throttling|Permission denied|No space left|Read-only file system|Too many open files"
)
# What looks like a problem and is none: ordinary stops, clients that go, what scanners on the internet try.
HARMLESS = re.compile(r"Deactivated successfully|lost connection after|statistics:|SIGHUP received|0 failed")

# The kernel warns of much that no mail depends on; these make mail fail.
KERNEL = re.compile(
    r"[Oo]ut of memory|oom|I/O error|EXT4-fs|XFS|BTRFS|[Rr]emounting|read-only|table full|segfault|[Ll]ink is [Dd]own|hung_task"
)

ADDRESS = r"(?:\d{1,3}(?:\.\d{1,3}){3}|(?=[0-9a-fA-F:]*::|(?:[0-9a-fA-F]+:){7})[0-9a-fA-F:]{3,})"
VARIES = (
    # Short queue ids are hexadecimal, long ones have digits and consonants (postconf(5), enable_long_queue_ids).
    (re.compile(r"^(?:[0-9A-F]{6,16}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{11,20}): "), "QID: "),
    (re.compile(r"\b(msgid|message-id)=<[^>]*>"), r"\1=<>"),
    (re.compile(r"\bsession=<[^>]*>"), "session=<>"),
    (re.compile(r"(\w\([^)\s]*\))<\d+><[^>]*>"), r"\1<>"),
    (re.compile(r"<[^<>\s]*@[^<>\s]*>"), "<address>"),
    (re.compile(r"(?<![\w.+=-])(?!\S+\.(?:service|timer)\b)[\w.+=-]+@[\w-]+(?:\.[\w-]+)+"), "address"),
    (re.compile(rf"[\w.-]+\[{ADDRESS}\](?::\d+)?"), "host[ip]"),
    (re.compile(r"\bhelo=<[^>]*>"), "helo=<>"),
    (re.compile(rf"(?<![\w.:/]){ADDRESS}(?!/\d)"), "ip"),
    (re.compile(r"\b(pid|uid|gid|rport|lport|port)([= ])\d+"), r"\1\2N"),
    (re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]"), "[time]"),
    (re.compile(r"(?<=[\[(])\d+(?=[\])])"), "N"),
    (re.compile(r"\bdelays?=[\d./]+"), "delay=N"),
    (re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?= (?:secs?|seconds|bytes|ms)\b)"), "N"),
    (re.compile(r"\b(?=[0-9A-Fa-f]*\d)[0-9A-F]{8,}\b|\b\d{5,}\b"), "N"),
)


def speaks_of_a_problem(message, priority, program=""):
    """Whether the line is evidence; priorities are those of syslog, warning and worse are 4 to 0."""
    if program == "kernel":
        return bool(KERNEL.search(message))
    return not HARMLESS.search(message) and (priority <= 4 or bool(PROBLEM.search(message)))


def normalise(message):
    """The message with queue ids, addresses, process ids, times and sizes replaced: equal problems are equal."""
    for pattern, replacement in VARIES:
        message = pattern.sub(replacement, message)
    return message.strip()
