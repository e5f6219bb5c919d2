"""The ledger in words: a sentence, the data of an outcome, and what a human must do about what is missing. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyremediate.ledger.account import Fate, Ledger, Message, Origin, iso

MOST_TOLD = 1000  # messages with their details in an outcome; the bundle has them all
MOST_NAMED = 10
ORIGINS = {
    Origin.QUEUED: ("delayed", "delayed"),
    Origin.ARRIVED: ("arrived meanwhile", "arrived meanwhile"),
    Origin.TEST: ("test mail", "test mails"),
}
# Who keeps it waiting, by Postfix's own words: a peer over the network, and not a service of this host.
REMOTE = re.compile(r"^(?:host |connect to |lost connection with |conversation with )(?!\S*\[private/)(?!\S*\[127\.)")
# Enhanced status codes by their last two parts (RFC 3463, section 3; RFC 7505): what most bounces say.
RULES = {
    "1.1": "user unknown",
    "1.2": "no such domain",
    "1.10": "the domain takes no mail",
    "2.1": "mailbox disabled",
    "2.2": "mailbox full",
    "3.4": "message too big",
    "4.4": "no route to the domain",
    "4.6": "mail loop",
    "7.1": "refused by policy",
}
CODE = re.compile(r"^[245]\.(\d{1,3}\.\d{1,3}) ?")


def sentence(ledger: Ledger) -> str:
    """``412 delayed: 409 delivered, 2 still deferred by the remote, 1 bounced: user unknown.`` And the same of what arrived."""
    counts = ledger.counts()
    parts = [_of_origin(origin, [m for m in ledger.messages if m.origin is origin]) for origin in counts]
    if ledger.error:
        parts.insert(0, f"No account of the queue: {ledger.error}.")
    elif Origin.QUEUED not in counts:
        parts.insert(0, "Nothing was queued.")
    return " ".join(parts)


def _of_origin(origin: Origin, messages: Sequence[Message]) -> str:
    one, many = ORIGINS[origin]
    ends = Counter(map(_end, messages))
    order = list(Fate)
    fates = {_end(message): order.index(message.fate) for message in messages}
    told = [f"{count} {end}" for end, count in sorted(ends.items(), key=lambda item: (fates[item[0]], -item[1]))]
    return f"{len(messages)} {one if len(messages) == 1 else many}: {', '.join(told)}.{_names(messages)}"


def _end(message: Message) -> str:
    """``bounced: user unknown``."""
    if message.fate is Fate.QUEUED and message.queue == "deferred" and REMOTE.match(message.reason):
        return "still deferred by the remote"
    if message.fate in {Fate.BOUNCED, Fate.DISCARDED, Fate.UNKNOWN} and message.reason:
        return f"{message.fate}: {rule(message.reason)}"
    return str(message.fate)


def _names(messages: Iterable[Message]) -> str:
    """What is missing is named at once."""
    missing = [message.id for message in messages if message.fate is Fate.MISSING]
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    return f" Missing: {', '.join(missing[:MOST_NAMED])}{more}." if missing else ""


def rule(reason: str) -> str:
    """A bounce's rule in short: by its code where everybody knows what that means, else by its words."""
    match = CODE.match(reason)
    return RULES.get(match.group(1), CODE.sub("", reason)) if match else reason


def told(ledger: Ledger) -> dict[str, Any]:
    """The ledger as an outcome has it: sentence, counts, and the messages that neither were delivered nor go on as they did."""
    exceptions = [m for m in ledger.messages if m.fate not in {Fate.DELIVERED, Fate.QUEUED}]
    exceptions.sort(key=lambda message: message.fate is not Fate.MISSING)
    return {
        "sentence": sentence(ledger),
        "since": None if ledger.since is None else iso(ledger.since),
        "until": None if ledger.until is None else iso(ledger.until),
        "counts": {
            str(origin): {str(fate): n for fate, n in found.items()} for origin, found in ledger.counts().items()
        },
        "messages": [plain(message) for message in exceptions[:MOST_TOLD]],
        "not_told": max(0, len(exceptions) - MOST_TOLD),
    }


def plain(message: Message) -> dict[str, Any]:
    """One message as JSON data."""
    return {
        "id": message.id,
        "origin": str(message.origin),
        "fate": str(message.fate),
        "arrived": None if message.arrived is None else iso(message.arrived),
        "size": message.size,
        "queue": message.queue,
        "reason": message.reason,
        "now": message.now,
        "sender": message.sender,
        "recipients": list(message.recipients),
    }


def human(ledger: Ledger) -> list[str]:
    """What must be done about mail that is missing: one step for each message, for the first ones."""
    return list(_human([plain(message) for message in ledger.of(Fate.MISSING)]))


def _human(missing: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for message in missing[:MOST_NAMED]:
        id_, since = message["id"], message["arrived"] or "an unknown time"
        who = f" from {message['sender']} to {', '.join(message['recipients'])}" if message["recipients"] else ""
        where = f"in the queue directory (find -name {id_}), in a backup and in the mail log (grep {id_})"
        yield f"Message {id_}{who}, here since {since}, is missing: {message['reason']}. " + (
            f"Look for it {where}; if it is nowhere, ask its sender to send it again."
        )
    if len(missing) > MOST_NAMED:
        yield f"{len(missing) - MOST_NAMED} more messages are missing; the ledger of the incident names them."
