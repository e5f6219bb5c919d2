# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of messages, from the lines that Postfix's programs log: the lives of queue ids, told in groups. Pure.

Short queue ids are used again (postconf(5), enable_long_queue_ids), so an id alone names no message: its life does, from the line
in which somebody gave it to a message to the one in which the message left. A life that began before the log was read from is told
from its messages by the arrival, which each delivery line implies by its ``delay``.
"""

from __future__ import annotations

import re

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_lines import normalise

# A short queue id is hexadecimal; a long one has digits and consonants of both cases.
LINE = re.compile(r"(?P<id>[0-9A-F]{6,}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): (?P<rest>.*)")
DELIVERY = re.compile(
    r"to=<(?P<to>.*?)>, (?:orig_to=<(?P<orig>.*?)>, )?.*?\bdelay=(?P<delay>[\d.]+), .*?"
    r"\bdsn=(?P<dsn>[\d.]+), status=(?P<status>sent|bounced|deferred|expired|SOFTBOUNCE|deliverable|undeliverable)\b ?(?P<words>.*)"
)
FIRST_ID = re.compile(r"\borig_id=(\S+)$")
EXPIRED = re.compile(r"from=<.*>, status=(force-)?expired\b")
SAID = re.compile(r"^\(?(?:host \S+ (?:said|refused[^:]*): )?(?:[245]\d\d[- ])?(?:[245](?:\.\d{1,3}){2} )?(?:<[^>]*>:? )?")
REPLY = re.compile(r" ?\(in reply to .*$")
LONGEST_REASON = 160
SHORTLY = 5.0  # seconds between lines that belong together
BEGINS = ("client=", "uid=")  # smtpd(8) and pickup(8) give an id before the message is there
ACCEPTED = ("placed on hold", "released from hold", "hold: ", "milter-hold: ")
DISCARDED = ("discard: ", "milter-discard: ")


class Life:
    """One message under one queue id, as far as the log tells. Times are seconds since the epoch, None when not in the log."""

    def __init__(self, identity, began=None):
        self.id = identity
        self.began = began
        self.accepted = None  # the queue manager has it, or it is held
        self.arrived = None  # by the delay of a delivery
        self.last = began
        self.end = ""  # removed, deleted (by postsuper), requeued, discarded (by a rule); "" while it goes on
        self.was = ""  # the id before postsuper -r
        self.named = False  # cleanup(8) has logged its Message-ID
        self.expired = False
        self.probe = False  # of an address (verify(8)); no mail
        self.recipients = {}  # {address: (status, reason)}, the last one counts

    def owed(self):
        """Did Postfix accept it? A message that a client did not finish, or that was rejected, is owed to nobody."""
        return bool(self.accepted or self.recipients or self.end) and not self.probe


def lives(entries):
    """The lives of all queue ids, in the order of their beginning; ``entries`` are (time, daemon, message), in order."""
    found, current = [], {}
    for time, daemon, message in entries:
        match = LINE.match(message)
        if match:
            identity, rest = match.group("id"), match.group("rest")
            life = current.get(identity)
            if _begins(life, daemon, rest):
                life = Life(identity, time)
            elif life is None:
                life = Life(identity)
            if life is not current.get(identity):
                found.append(life)
                current[identity] = life
            _tell(life, time, daemon, rest)
    return [life for life in found if life.owed()]


def _begins(life, daemon, rest):
    """Is it the first line of a message's life?"""
    if rest.startswith(BEGINS):
        return True
    if daemon == "cleanup" and rest.startswith("message-id="):
        return life is None or life.named or bool(life.end)
    return life is not None and bool(life.end) and " (queue active)" in rest  # its first lines are not in the log


def _tell(life, time, daemon, rest):
    delivery = DELIVERY.match(rest)
    if life.end:
        # A straggler of a life that is over, as of the bounce that is sent for it; two logs together have not quite the same clock.
        if delivery and time - life.last < SHORTLY:
            _deliver(life, time, delivery)
        return
    life.last = time
    if delivery:
        _deliver(life, time, delivery)
    elif rest.startswith("message-id="):
        life.named = True
    elif rest.startswith("uid="):
        first = FIRST_ID.search(rest)
        life.was = first.group(1) if first else ""
    elif rest.endswith(" (queue active)") or rest.startswith(ACCEPTED):
        life.accepted = life.accepted or time
    elif EXPIRED.match(rest):
        life.expired = True
    else:
        life.end = _end(daemon, rest)


def _end(daemon, rest):
    if rest == "removed":
        return "deleted" if daemon == "postsuper" else "removed"
    if rest == "requeued":
        return "requeued"
    return "discarded" if rest.startswith(DISCARDED) else ""


def _deliver(life, time, delivery):
    status = delivery.group("status")
    # With soft_bounce (postconf(5)) what would bounce is deferred.
    status = "deferred" if status == "SOFTBOUNCE" else status
    life.probe = status.endswith("deliverable")
    reason = "" if status == "sent" else _reason(delivery.group("dsn"), delivery.group("words"))
    life.recipients[delivery.group("orig") or delivery.group("to")] = (status, reason)
    life.arrived = time - float(delivery.group("delay"))


def _reason(dsn, words):
    """``5.1.1 Recipient address rejected: User unknown``: the rule, without who said it to whom."""
    said = REPLY.sub("", SAID.sub("", words)).rstrip(")")
    return f"{dsn} {normalise(said)}"[:LONGEST_REASON].strip()


def grouped(found):
    """Lives with the same end together: [{end, recipients: {status: how many}, reasons, lives: lines}], the largest group first.

    A line is: id, began, accepted, arrived, last (seconds since the epoch), the id before; ``-`` for what the log does not tell.
    """
    groups = {}
    for life in found:
        counts, reasons = {}, set()
        for status, reason in life.recipients.values():
            fate = "expired" if life.expired and status == "deferred" else status
            counts[fate] = counts.get(fate, 0) + 1
            reasons.add(reason)
        key = (life.end, tuple(sorted(counts.items())), tuple(sorted(reasons - {""})))
        groups.setdefault(key, []).append(_line(life))
    largest = sorted(groups.items(), key=lambda item: -len(item[1]))
    return [
        {"end": end, "recipients": dict(counts), "reasons": list(reasons), "lives": "\n".join(lines)}
        for (end, counts, reasons), lines in largest
    ]


def _line(life):
    times = ("-" if time is None else f"{time:.2f}" for time in (life.began, life.accepted, life.arrived, life.last))
    return " ".join((life.id, *times, life.was or "-"))


def unsettled(found, queued, before):
    """Do lives go on of messages that were not in the queue at that time? Then the log was read too early to have their end."""
    return any(not life.end and life.last < before and life.id not in queued for life in found)


def lacking(found, since):
    """Were messages removed of which no delivery is told? It removes at once after the last one: lines are lost."""
    return any(life.end == "removed" and not life.recipients and life.last >= since + SHORTLY for life in found)
