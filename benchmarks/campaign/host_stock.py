"""Sent to a mail host of the lab as text, and run there: puts messages on it, or finds them again by their Message-ID.

``REQUEST``, set before this text: {"do": "put", "token", "nowhere"} or {"do": "find", "ids": [...]}. Standard library only.
"""

# A script that is sent as text does without pathlib.
# ruff: noqa: PTH118, PTH119, PTH123

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any

SPOOL, MAILBOXES = "/var/spool/postfix", "/var/vmail"
QUEUES = ("maildrop", "incoming", "active", "deferred", "hold", "corrupt")
DEFERRED, HELD, DELIVERED = 3, 2, ("alice@lab.test", "bob@lab.test")
WAIT_SECONDS = 40.0  # a busy machine may be slow to deliver


def put(token: str, nowhere: str) -> dict[str, Any]:
    """Queue messages to a recipient to whom no route leads, and deliver some; {"ids", "error": why they are not there}."""
    recipients = [nowhere] * (DEFERRED + HELD) + list(DELIVERED)
    ids = [f"{token}-{number}@stock.test" for number in range(len(recipients))]
    for identity, recipient in zip(ids, recipients, strict=True):
        send(identity, recipient)
    end = time.monotonic() + WAIT_SECONDS
    places: dict[str, str] = {}
    while time.monotonic() < end:
        places = find(ids)
        if sorted(places.values()) == sorted(["deferred"] * (DEFERRED + HELD) + ["mailbox"] * len(DELIVERED)):
            return hold(ids)
        time.sleep(0.1)
    return {"ids": ids, "error": f"the stock did not come to rest: {places}"}


def send(identity: str, recipient: str) -> None:
    """One message, by sendmail(1)."""
    head = f"From: alice@lab.test\nTo: {recipient}\nSubject: stock\nMessage-ID: <{identity}>"
    text = f"{head}\n\nKept.\n"
    subprocess.run(["sendmail", "-i", "-f", "alice@lab.test", recipient], input=text.encode(), check=True, timeout=30)


def hold(ids: list[str]) -> dict[str, Any]:
    """Hold some of the deferred ones (postsuper(1))."""
    for name in queue_files(ids[DEFERRED : DEFERRED + HELD]):
        subprocess.run(["postsuper", "-h", name], stderr=subprocess.DEVNULL, check=True, timeout=30)
    return {"ids": ids, "error": ""}


def queue_files(ids: Iterable[str]) -> Iterator[str]:
    """The queue ids of messages."""
    wanted = set(ids)
    for queue in QUEUES:
        for path in files(os.path.join(SPOOL, queue)):
            if own_id(path) in wanted:
                yield os.path.basename(path)


def find(ids: Iterable[str]) -> dict[str, str]:
    """{Message-ID: the queue, "mailbox", or "missing"}."""
    places = dict.fromkeys(ids, "missing")
    for queue in QUEUES:
        for path in files(os.path.join(SPOOL, queue)):
            if own_id(path) in places:
                places[own_id(path)] = queue
    for path in files(MAILBOXES):
        if own_id(path) in places:
            places[own_id(path)] = "mailbox"
    return places


def files(top: str) -> Iterator[str]:
    """Every file below a directory that is really there: what a link hides is nowhere that mail is looked for."""
    for directory, _, names in os.walk(top):
        for name in names:
            yield os.path.join(directory, name)


def own_id(path: str) -> str:
    """The Message-ID of a file's own headers: the first one, for a bounce has that of the lost message further down."""
    try:
        with open(path, "rb") as file:
            found = re.search(rb"Message-ID: <([^>]+)>", file.read(65536), re.IGNORECASE)
    except OSError:
        return ""
    return found.group(1).decode("ascii", "replace") if found else ""


if __name__ == "__main__":
    request = globals()["REQUEST"]
    json.dump(put(request["token"], request["nowhere"]) if request["do"] == "put" else find(request["ids"]), sys.stdout)
