# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every message in Postfix's queue, in one short line each: what a ledger needs, also of 50 000 messages.

From the queue files themselves, whether Postfix runs or not: ``postqueue`` reads each of them too, and passes over mail that
moves to a queue that it has listed already.
"""

from __future__ import annotations

import os
import stat
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_queue_file import SUMMARY, read_summary
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words

# The way of a message (qmgr(8)): one that moves on while we look is met again further on.
QUEUES = ("maildrop", "incoming", "active", "deferred", "hold", "corrupt")
MOST_FILES = 200000  # more would take too long; then the listing says that it is not complete
# A retry moves a message back, from deferred to active: so the way is gone more than once.
FEWEST_PASSES, MOST_PASSES = 2, 4


def files(directory, failures):
    """The paths of the files in a queue, its subdirectories included; None when it cannot be listed."""
    found, pending = [], [directory]
    while pending and len(found) < MOST_FILES:
        current = pending.pop()
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    (pending if entry.is_dir(follow_symlinks=False) else found).append(entry.path)
        except FileNotFoundError:
            continue  # mail moves on while we look
        except OSError as error:
            failures.append(words(error))
            return None
    return found


def listed(directory):
    """The section's ``queue.listing``: {at, until, complete, error, rows: {queue: lines of id, arrival, size}}.

    Times are seconds since the epoch; an arrival that the file does not tell is ``-``.
    """
    at, failures = time.time(), []
    messages = _messages(directory, failures)
    return {
        "at": round(at, 3),
        "until": round(time.time(), 3),
        "complete": not failures and len(messages) < MOST_FILES,
        "error": "; ".join(sorted(set(failures))[:3]),
        "rows": _rows(messages),
    }


def identities(listing):
    """The queue ids of a listing."""
    return {line.partition(" ")[0] for rows in listing["rows"].values() for line in rows.splitlines()}


def _messages(directory, failures):
    """{id: [queue, arrival, size]}."""
    found = {}
    for number in range(MOST_PASSES):
        news = sum(_pass_through(directory, queue, found, failures) for queue in QUEUES)
        if number + 1 >= FEWEST_PASSES and not news:
            break
    return found


def _pass_through(directory, queue, found, failures):
    """Note the messages of one queue; how many were new, or gone before they could be read."""
    news = 0
    for path in files(os.path.join(directory, queue), failures) or ():
        identity = os.path.basename(path)
        known = found.get(identity)
        if known:
            known[0] = queue
            continue
        read = _read(path, failures)
        if read:
            found[identity] = [queue, *read]
        news += read is not False
    return news


def _read(path, failures):
    """(arrival, size); None when it is gone, False when it is not a message yet: Postfix has not accepted it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        failures.append(words(error))
        return False
    try:
        status = os.fstat(descriptor)
        # The owner's execute bit says that the file is whole (Postfix's mail_queue.h, MAIL_QUEUE_STAT_READY).
        if not stat.S_ISREG(status.st_mode) or not status.st_mode & stat.S_IXUSR:
            return False
        arrived, size = read_summary(os.read(descriptor, SUMMARY))
        return arrived, status.st_size if size is None else size
    except OSError as error:
        failures.append(words(error))
        return False
    finally:
        os.close(descriptor)


def _rows(messages):
    """{queue: its messages in the order of their arrival}: like lines stand together, which compresses well."""
    lines = {}
    for identity, (queue, arrived, size) in sorted(messages.items(), key=lambda item: (item[1][1] or 0, item[0])):
        lines.setdefault(queue, []).append(f"{identity} {'-' if arrived is None else arrived} {size}")
    return {queue: "\n".join(found) for queue, found in lines.items()}
