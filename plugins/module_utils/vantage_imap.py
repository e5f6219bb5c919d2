# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One IMAP session with one mailbox: logs in once, finds test mail by its token, fetches it, and removes it alone."""

from __future__ import annotations

import contextlib
import datetime
import imaplib
import re
import socket
import threading
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import LegFailed
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_mail import HEADER
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_net import LOGIN_WAIT, patience

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 0.5
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # not strftime: locales
ATTEMPTS = 3  # another vantage point may remove its test mail between SELECT and FETCH


class Connected(imaplib.IMAP4):
    """IMAP over a connection that exists already, so that connecting is a leg of its own."""

    def __init__(self, connection):
        self._connection = connection
        super().__init__()  # reads the greeting, asks for the capabilities

    def _create_socket(self, *_timeout):
        return self._connection


class Mailbox:
    """A session over a TLS connection that exists already. Used by several threads: one command at a time."""

    def __init__(self, connection):
        self._turn = threading.RLock()
        with answers():
            self._imap = Connected(connection)

    def greeting(self):
        """The server's greeting."""
        return re.sub(r"^\* |\[CAPABILITY [^]]*\] ", "", plain(self._imap.welcome))

    def enter(self, username, password):
        """LOGIN, tried once; what the server can do is asked again, for it may say more to whom it knows."""
        with self._turn, answers(), patience(self._imap.sock, LOGIN_WAIT):
            self._imap.login(username, password)
            self._imap.capabilities = tuple(checked(self._imap.capability())[0].decode().upper().split())

    def look(self):
        """SELECT INBOX and fetch the newest message, if there is one."""
        with self._turn, answers():
            for _ in range(ATTEMPTS):
                count = int(checked(self._imap.select("INBOX"))[0])
                if not count:
                    return "INBOX is empty"
                status, fetched = self._imap.fetch(str(count), "(RFC822.SIZE BODY.PEEK[HEADER])")
                if status == "OK" and any(isinstance(part, tuple) for part in fetched):
                    return f"{count} messages, the newest fetched"
            raise LegFailed(f"the newest of {count} messages could not be fetched: {status} {plain(fetched[0])}")

    def wait_for(self, token, seconds):
        """The UID of the mail with the token, or None when it has not come in time."""
        deadline, pause = time.monotonic() + seconds, FIRST_PAUSE
        while True:
            found = self.find(of_token(token))
            if found:
                return found[-1]
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def find(self, criteria):
        """UIDs that match; NOOP first, or the server need not mention what is new (RFC 3501 7)."""
        with self._turn, answers():
            self._imap.noop()
            return [uid.decode() for uid in (checked(self._imap.uid("SEARCH", criteria))[0] or b"").split()]

    def content(self, uid):
        """The bytes of one message."""
        with self._turn, answers():
            fetched = checked(self._imap.uid("FETCH", uid, "(BODY.PEEK[])"))
            return b"".join(part[1] for part in fetched if isinstance(part, tuple))

    def remove(self, criteria):
        """Delete what matches, and nothing else (RFC 4315)."""
        with self._turn, answers():
            uids = self.find(criteria)
            if not uids:
                return 0
            checked(self._imap.uid("STORE", ",".join(uids), "+FLAGS.SILENT", r"(\Deleted)"))
            if "UIDPLUS" in self._imap.capabilities:  # a bare EXPUNGE takes what others marked: then it stays marked
                checked(self._imap.uid("EXPUNGE", ",".join(uids)))
            return len(uids)

    def leave(self):
        """LOGOUT and close; without CLOSE, which would expunge."""
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self._imap.logout()


def checked(reply):
    """The data of a reply that is OK."""
    status, data = reply
    if status != "OK":
        raise LegFailed(f"{status} {plain(data[0] if data else '')}")
    return data


def of_token(token, bounced=False):
    """A test mail, or the bounce that carries its header back (RFC 3464)."""
    return f'FROM "MAILER-DAEMON" BODY "{token}"' if bounced else f'HEADER {HEADER} "{token}"'


def of_yesterday(now=None):
    """Test mail and bounces that earlier runs left, older than a day (BEFORE knows only dates, RFC 3501 6.4.4)."""
    day = (now or datetime.datetime.now(datetime.timezone.utc)) - datetime.timedelta(days=1)
    before = f"{day.day}-{MONTHS[day.month - 1]}-{day.year}"
    return f'BEFORE {before} OR (HEADER {HEADER} "") (FROM "MAILER-DAEMON" BODY "{HEADER}")'


def any_of(criteria):
    """OR takes exactly two (RFC 3501 6.4.4)."""
    first, *rest = criteria
    return f"OR ({first}) ({any_of(rest)})" if rest else first


@contextlib.contextmanager
def answers():
    """imaplib's ways to fail as a leg's answer."""
    try:
        yield
    except (socket.timeout, TimeoutError) as error:
        raise LegFailed("timeout: connected, and no answer") from error
    except imaplib.IMAP4.readonly as error:
        raise LegFailed(plain(error)) from error
    except imaplib.IMAP4.abort as error:
        raise LegFailed(f"the server ended the session: {plain(error)}") from error
    except imaplib.IMAP4.error as error:
        raise LegFailed(plain(error)) from error
    except OSError as error:
        raise LegFailed(f"the connection broke: {error}") from error


def plain(words):
    """The server's words in one line."""
    if isinstance(words, imaplib.IMAP4.error) and words.args:
        words = words.args[0]
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.split())[:500]
