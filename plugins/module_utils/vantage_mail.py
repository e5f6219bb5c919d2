# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The test mail: marked by a unique token, so that it is found and removed, and made so that nothing answers it."""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import re
import time

HEADER = "X-Pyremediate-Token"
# More than a packet of Ethernet's holds: a network that loses large packets lets small mail pass, and not the mail of users.
FILLING = "\nIt is as large as this so that it fills a packet.\n" + ("-" * 71 + "\n") * 30
POLICY = email.policy.SMTP.clone(max_line_length=998)  # RFC 5322 2.1.1; folded, a long token is not found again


class TestMail:
    """One test mail and what became of it."""

    __test__ = False  # not a test case, whatever its name says to a collector

    def __init__(self, path, token, sender, recipient):
        self.path = path
        self.token = token
        self.sender = sender
        self.recipient = recipient
        self.queue_id = ""  # the words of the reply that accepted it
        self.accepted = False
        self.arrived = False
        self.accepted_at = 0.0  # of time.time(): another look, in another process, may go on waiting for it
        self.seconds = 0.0

    def accept(self, words):
        """The server has taken it, and owes its delivery from now on (RFC 5321 6.1)."""
        self.accepted, self.queue_id, self.accepted_at = True, words, time.time()

    def arrive(self):
        """It was found in the mailbox."""
        self.arrived, self.seconds = True, self.age()

    def age(self):
        """Seconds since it was accepted."""
        return max(0.0, time.time() - self.accepted_at)

    def content(self):
        """The message as bytes."""
        message = email.message.EmailMessage(POLICY)
        message["From"] = self.sender
        message["To"] = self.recipient
        message["Subject"] = "pyremediate test mail " + self.token
        message["Date"] = email.utils.formatdate()
        message["Message-ID"] = f"<{self.token}@{self.sender.rpartition('@')[2]}>"
        message[HEADER] = self.token
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation reply, no answer of any robot
        message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
        message["Precedence"] = "bulk"  # the same for what is older than RFC 3834
        message["X-Loop"] = self.sender
        message.set_content(
            "A test of the mail service by pyremediate, which looks for it by its token and removes it.\n"
            "If you can read this, it could not be removed: delete it, nothing depends on it.\n"
            + FILLING
        )
        return message.as_bytes()


def sent_before(told):
    """A test mail of an earlier look, from what that one said of it: {path, token, queue_id, accepted_at}."""
    mail = TestMail(told["path"], told["token"], "", "")
    mail.accepted, mail.queue_id, mail.accepted_at = True, told["queue_id"], told["accepted_at"]
    return mail


def mail_token(token, *parts):
    """A token for one mail of a run: unique by target, vantage and path, and safe to quote in IMAP."""
    return re.sub(r"[^A-Za-z0-9.-]", "_", "-".join((token,) + parts))
