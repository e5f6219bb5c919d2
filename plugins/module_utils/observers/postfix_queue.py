# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mail queue: how much is where, since when, and what it waits for.

Counts and the listing of all messages come from the spool's directories. The first messages with their details come from
``postqueue -j`` while Postfix runs, and from the queue files when it does not: then nobody else can say what it holds.
"""

from __future__ import annotations

import collections
import json
import os
import re
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import lines
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.log_lines import normalise
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_queue_file import read_envelope
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.queue_listing import files, listed

QUEUES = ("incoming", "active", "deferred", "hold", "corrupt", "maildrop")
MOST_RECIPIENTS = 50
LONGEST_REASONS = 16384  # octets to read of a message's log
REASON = re.compile(r"^reason=(.*)$", re.MULTILINE)
BY_SOCKET = re.compile(r"\[private/")
BY_NETWORK = re.compile(
    r"\bconnect to |^host |lost connection with|Name service error|conversation with|delivery temporarily"
)


def observe_queue(configuration, running, limit, notes, listing):
    """The section's ``queue``; counts are None where the spool cannot be read. The listing is given on as soon as it is made."""
    directory = configuration.value("queue_directory")
    everything = listed(directory)
    listing.give(everything)
    found = {queue: files(os.path.join(directory, queue), notes) for queue in QUEUES}
    if running:
        messages, failure = detailed(*lines(["postqueue", "-j"], limit))
        if failure:
            notes.append(failure)
    else:
        messages = _from_files(directory, found, limit)
    arrivals = [message["arrived"] for message in messages if message["arrived"]]
    return {
        "counts": {queue: None if paths is None else len(paths) for queue, paths in found.items()},
        "oldest_seconds": max(0, int(time.time() - min(arrivals))) if arrivals else None,
        "reasons": _reasons(messages),
        "messages": [_told(message) for message in messages],
        "listing": everything,
    }


def detailed(output, failure):
    """(messages, why there are none) from the lines of ``postqueue -j``, one JSON object each."""
    messages = []
    for line in output:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # a warning of Postfix in between
        recipients = entry.get("recipients", [])
        reasons = [recipient["delay_reason"] for recipient in recipients if recipient.get("delay_reason")]
        messages.append(
            {
                "id": entry["queue_id"],
                "queue": entry["queue_name"],
                "arrived": entry["arrival_time"],
                "size": entry["message_size"],
                "sender": entry["sender"],
                "recipients": [recipient["address"] for recipient in recipients],
                "reasons": reasons,
            }
        )
    return messages, failure


def _from_files(directory, found, limit):
    messages = []
    for queue in QUEUES:
        for path in (found[queue] or [])[: limit - len(messages)]:
            messages += _from_file(directory, queue, path)
    return messages


def _from_file(directory, queue, path):
    try:
        with open(path, "rb") as file:
            envelope = read_envelope(file)
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return []  # delivered meanwhile, or not ours to read
    id_ = os.path.basename(path)
    return [{"id": id_, "queue": queue, "size": size, **envelope, "reasons": _deferred_because(directory, id_)}]


def _deferred_because(directory, id_):
    """The reasons in the message's log, which Postfix keeps in the queue ``defer`` (bounce(8))."""
    for path in (os.path.join(directory, "defer", id_[:1], id_), os.path.join(directory, "defer", id_)):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return REASON.findall(file.read(LONGEST_REASONS))
        except OSError:
            continue
    return []


def _reasons(messages):
    """What the mail waits for, equal reasons counted together, the most frequent first."""
    counted = collections.Counter(
        (normalise(reason), transport_of(reason)) for message in messages for reason in message["reasons"]
    )
    return [
        {"reason": reason, "transport": transport, "count": count}
        for (reason, transport), count in counted.most_common()
    ]


def transport_of(reason):
    """``lmtp`` or ``smtp`` when the words tell, else nothing: the queue itself does not record it."""
    if BY_SOCKET.search(reason):
        return "lmtp"
    return "smtp" if BY_NETWORK.search(reason) else ""


def _told(message):
    return {
        "id": message["id"],
        "queue": message["queue"],
        "arrival": iso(message["arrived"]),
        "size": message["size"],
        "sender": message["sender"],
        "recipients": message["recipients"][:MOST_RECIPIENTS],
        "reason": message["reasons"][0] if message["reasons"] else "",
    }
