# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One SMTP dialogue: greeting, STARTTLS, AUTH, envelope, content. The server's words are kept as it says them."""

from __future__ import annotations

import contextlib
import smtplib
import socket

from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import LegFailed
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_net import (
    LOGIN_WAIT,
    certificate_words,
    path_mtu,
    patience,
    tls_failed,
)

GREET_WAIT = 8.0  # postscreen(8) holds its greeting back for 6 s (postscreen_greet_wait)


class Connected(smtplib.SMTP):
    """SMTP over a connection that exists already, so that connecting is a leg of its own."""

    def __init__(self, connection, host, helo):
        super().__init__(local_hostname=helo)
        self._connection = connection
        self._host = host  # the name that starttls() verifies

    def _get_socket(self, *_where):
        return self._connection


class SmtpSession:
    """A dialogue with the mail server called ``host``."""

    def __init__(self, connection, host, helo):
        self._connection = connection
        self._host = host
        self._smtp = Connected(connection, host, helo or own_name(connection))

    def greet(self):
        """The 220 and the answer to EHLO."""
        with answers():
            with patience(self._connection, GREET_WAIT):
                reply = accepted(self._smtp.connect("127.0.0.1", 25), 220)  # arguments that _get_socket does not use
            self._introduce()
            return reply

    def _introduce(self):
        """EHLO; again after STARTTLS, where it belongs to the next leg: Postfix asks its SASL server only then."""
        if self._smtp.ehlo_resp is None:
            accepted(self._smtp.ehlo(), 250)

    def secure(self, context, required):
        """STARTTLS with a verified certificate; what is said of a server that does not offer it depends on the port."""
        if not self._smtp.has_extn("starttls"):
            if required:
                raise LegFailed("STARTTLS is not offered")
            return "STARTTLS is not offered: mail comes in clear"
        with answers():
            try:
                self._smtp.starttls(context=context)
            except (OSError, ValueError) as error:
                if isinstance(error, smtplib.SMTPException):
                    raise
                raise tls_failed(error, self._host) from error
            return certificate_words(self._smtp.sock)

    def authenticate(self, username, password):
        """AUTH, tried once: a second mechanism after a refusal is a second failed login to whoever counts them."""
        with answers():
            self._introduce()
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        for mechanism, answer in (("PLAIN", self._smtp.auth_plain), ("LOGIN", self._smtp.auth_login)):
            if mechanism in offered:
                self._smtp.user, self._smtp.password = username, password
                with answers(), patience(self._smtp.sock, LOGIN_WAIT):
                    return accepted(self._smtp.auth(mechanism, answer), 235)
        raise LegFailed(f"AUTH PLAIN or LOGIN is not offered (offered: {' '.join(offered) or 'no AUTH at all'})")

    def address(self, mail):
        """MAIL and RCPT. A test mail that cannot be delivered shall not bounce to a third party (RFC 3461)."""
        with answers():
            self._introduce()
            accepted(self._smtp.mail(mail.sender), 250)
            options = ["NOTIFY=NEVER"] if self._smtp.has_extn("dsn") and mail.path == "inbound" else []
            return accepted(self._smtp.rcpt(mail.recipient, options), 250)

    def deliver(self, mail):
        """DATA; from the 250 on the server answers for the mail."""
        with answers():
            code, words = accepted(self._smtp.data(mail.content()), 250)
            mail.accept(words)
            return code, words

    def path_mtu(self):
        """The largest packet that passes, as the kernel has it by now."""
        return path_mtu(self._smtp.sock)

    def close_politely(self):
        """QUIT, so that the server's log shows no lost connection; then close."""
        with contextlib.suppress(OSError):  # smtplib's exceptions are OSErrors too
            self._smtp.quit()
        self._smtp.close()


def accepted(reply, wanted):
    """The reply as (code, words); another code than the wanted one fails the leg."""
    code, words = reply[0], plain(reply[1])
    if code != wanted:
        raise LegFailed(f"{code} {words}" if code > 0 else f"not an SMTP reply: {words}", code if code > 0 else None)
    return code, words


@contextlib.contextmanager
def answers():
    """smtplib's ways to fail as a leg's answer."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        accepted((error.smtp_code, error.smtp_error), None)
    except smtplib.SMTPServerDisconnected as error:
        if isinstance(error.__context__, (socket.timeout, TimeoutError)) or "timed out" in str(error):
            raise LegFailed("timeout: connected, and no answer") from error
        raise LegFailed("the server closed the connection without an answer") from error
    except (socket.timeout, TimeoutError) as error:
        raise LegFailed("timeout: connected, and no answer") from error
    except smtplib.SMTPException as error:
        raise LegFailed(str(error)) from error
    except OSError as error:
        raise LegFailed(f"the connection broke: {error}") from error


def plain(words):
    """The text of a reply in one line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(text.split())[:500]


def own_name(connection):
    """What to say in EHLO without asking DNS: the host's name, or an address literal (RFC 5321 4.1.1.1)."""
    name = socket.gethostname()
    if "." in name:
        return name
    address = connection.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
