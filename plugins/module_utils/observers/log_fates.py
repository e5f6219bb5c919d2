# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of messages that left Postfix's queue, from the lines that its queue manager and delivery agents log. Pure."""

from __future__ import annotations

import re

# A short queue id is hexadecimal; a long one (enable_long_queue_ids, postconf(5)) has digits and consonants of both cases.
LINE = re.compile(r"(?P<id>[0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): (?P<rest>.*)")
STATUS = re.compile(r"\bstatus=(?P<status>sent|bounced|expired)\b")
WORST_FIRST = ("bounced", "expired", "sent", "removed")
MOST = 2000


def fates(entries):
    """{queue id: bounced, expired, sent or removed}, the worst of its recipients' fates, of messages that the log says are gone.

    ``entries`` are mappings with ``message``. A message that is only deferred is still queued, and not in the answer.
    """
    seen, removed = {}, []
    for entry in entries:
        match = LINE.match(entry["message"])
        if not match:
            continue
        identity, rest = match.group("id"), match.group("rest")
        status = STATUS.search(rest)
        if status:
            seen.setdefault(identity, set()).add(status.group("status"))
        elif rest == "removed":
            removed.append(identity)
    return {identity: _worst(seen.get(identity, ())) for identity in removed[:MOST]}


def _worst(statuses):
    return next(status for status in WORST_FIRST if status in statuses or status == "removed")
