# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One look at one mail host: its ways are walked at the same time, with one login per mailbox; no test mail is left."""

from __future__ import annotations

import concurrent.futures
import re
import threading
import time
import types

from ansible_collections.pyremediate.mail.plugins.module_utils import vantage_ways
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_imap import any_of, of_token, of_yesterday
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import (
    FAIL,
    LEGS,
    PASS,
    UNKNOWN,
    LegFailed,
    LegUnknown,
    Way,
    WayEnded,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_mail import TestMail, mail_token, sent_before
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_names import Names
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_net import contexts

CLEAN_UP = 3.0  # seconds of the deadline that are kept for removing the test mail
DIAGNOSTIC = re.compile(rb"^Diagnostic-Code:\s*(.*(?:\r?\n[ \t].*)*)", re.MULTILINE)  # folded lines belong to it


class Look:
    """What is asked for (``ask``: the options of the module), and what the ways share."""

    def __init__(self, options):
        self.began = time.monotonic()
        self.ask = types.SimpleNamespace(**options)
        self.ask.sender = self.ask.sender or (self.ask.peer or {}).get("address") or "postmaster@" + self.ask.vantage
        self.awaits = self.ask.awaited is not None  # sends nothing: goes on waiting for what an earlier look sent
        self.mails = {told["path"]: sent_before(told) for told in self.ask.awaited or ()}
        if self.awaits:
            self.ask.paths = [path for path in LEGS if path in self.mails]
        self.connectivity = not self.ask.paths and not self.awaits
        self.patience = max(1.0, self.ask.deadline - CLEAN_UP)
        self.context, self.context_of_others = contexts(self.ask.ca_file, self.ask.ca_pem)
        self.names = Names(self.ask.resolver)
        self.submitted = threading.Event()
        self.canary_box = concurrent.futures.Future()
        self.peer_box = concurrent.futures.Future()
        self.ways = {path: Way(path, self.connectivity, set(self.mails)) for path in self._needed()}

    def _needed(self):
        """The paths asked for and those that they rest on: whatever is sent must be found, to be removed."""
        if self.connectivity:
            return ("inbound", "submission", "retrieval")
        if self.awaits:
            return tuple(self.mails) + (("retrieval",) if self.mails else ())
        needed = set(self.ask.paths) | {"retrieval"}
        if needed & {"submission", "outbound"}:
            needed |= {"submission", "outbound"}
        return tuple(path for path in LEGS if path in needed)

    def run(self):
        """Walk, clean up, and say what was seen."""
        walkers = [lambda path=path: self._walk(path) for path in self.ways]
        if "outbound" in self.ways:
            walkers.append(lambda: settle(self.peer_box, lambda: vantage_ways.peer_mailbox(self)))
        together(walkers, self.began + self.patience)
        asked = list(self.ways) if self.connectivity else self.ask.paths
        seen = {
            "schema": 1,
            "vantage": self.ask.vantage,
            "target": self.ask.target,
            "token": self.ask.token,
            "legs": [line for path in self.ways if path in asked for line in self.ways[path].report()],
            "mails": [self._fate(path) for path in ("inbound", "outbound") if path in self.ask.paths],
        }
        together([self._clean_canary, self._clean_peer], self.began + self.ask.deadline)
        seen["seconds"] = round(time.monotonic() - self.began, 3)
        return seen

    def _walk(self, path):
        """One way to its end; what waits for it goes on, however it ended."""
        way, walk = self.ways[path], getattr(vantage_ways, path)
        if path == "retrieval":
            settle(self.canary_box, lambda: walk(self, way), way)
            return
        try:
            walk(self, way)
        except WayEnded:
            pass  # its record says why
        finally:
            if path == "submission":
                self.submitted.set()

    def test_mail(self, path, sender, recipient):
        """A new test mail, to be removed in the end."""
        token = mail_token(self.ask.token, self.ask.target, self.ask.vantage, path)
        self.mails[path] = TestMail(path, token, sender, recipient)
        return self.mails[path]

    def bounce(self, mail):
        """Why a mail came back to the canary, in the words of the remote server (RFC 3464); empty if it did not."""
        box = settled(self.canary_box)
        for uid in box.find(of_token(mail.token, bounced=True)) if box else ():
            found = DIAGNOSTIC.search(box.content(uid))
            words = " ".join(found.group(1).decode("utf-8", "replace").split()) if found else "without a reason"
            return f"it came back: {words}"
        return ""

    def _fate(self, path):
        """What became of the test mail of a path, sent or not. That it cannot be fetched does not undo its arrival."""
        ways = [self.ways[path]] + ([self.ways["submission"]] if path == "outbound" and not self.awaits else [])
        mail = self.mails.get(path)
        answers = [line["answer"] for way in ways for line in way.walked if line["name"] != "retrieval"]
        arrived = mail is not None and mail.arrived
        stopped = next(filter(None, (way.stopped() for way in ways)), "")
        return {
            "path": path,
            "token": mail.token if mail else "",
            "answer": FAIL if FAIL in answers else PASS if arrived else UNKNOWN,
            "accepted": mail is not None and mail.accepted,
            "queue_id": mail.queue_id if mail else "",
            "accepted_at": round(mail.accepted_at, 3) if mail else 0.0,
            "seconds": round(mail.seconds, 3) if mail else 0.0,
            "detail": stopped or ("arrived" if arrived else "no end within the deadline"),
        }

    def _clean_canary(self):
        self._clean(settled(self.canary_box))

    def _clean_peer(self):
        self._clean(settled(self.peer_box))

    def _clean(self, box):
        """Remove this look's test mail and bounces, and what an earlier look could not remove."""
        if box is None:
            return
        # One that comes this moment is not to be removed: a later look may be waiting for it.
        found = [of_token(mail.token) for mail in self.mails.values() if mail.arrived or self.awaits]
        criteria = [*found, *(of_token(mail.token, bounced=True) for mail in self.mails.values())]
        try:
            box.remove(any_of([*criteria, of_yesterday()]))
        except LegFailed:
            pass  # the next look removes what is older than a day
        box.leave()


def settle(future, work, way=None):
    """Do the work and put its result, or the reason why there is none, where others wait for it."""
    try:
        future.set_result(work())
    except WayEnded:
        future.set_exception(way.end())
    except LegFailed as failed:
        future.set_exception(failed)
    except Exception as error:
        future.set_exception(LegUnknown(f"could not look: {type(error).__name__}: {error}"))


def settled(future):
    """The mailbox, if it could be opened."""
    return future.result() if future.done() and future.exception() is None else None


def together(walkers, deadline):
    """Run them at the same time until the deadline (of time.monotonic); who is late is left behind and ends with us."""
    threads = [threading.Thread(target=walker, daemon=True) for walker in walkers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
