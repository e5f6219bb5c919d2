"""Mail by a relay that is not the broken host: RFC 5321 by hand, so that the relay's own last answer is on record.

    smtps://user:password@relay.example.com?from=it@example.com&to=a@example.net&to=b@example.net     TLS at once (RFC 8314)
    smtp://relay.example.com?from=…&to=…             STARTTLS where the relay offers it; a password never goes without it

With a password the relay must prove by its certificate that it is the relay. Without one it need not: encryption with somebody
unknown is better than none (RFC 7435), and an outage must be told.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import charset, policy
from email.header import Header
from email.headerregistry import Address
from email.message import Message
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from smtplib import SMTP, SMTP_SSL, SMTPException, SMTPResponseException
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pyremediate.communication.values import Notice
from pyremediate.errors import UsageError

PORTS = {"smtp": 25, "smtps": 465}
SUBMISSION = 587  # with a password (RFC 6409)
UTF_8 = charset.Charset("utf-8")
UTF_8.header_encoding, UTF_8.body_encoding = charset.SHORTEST, charset.QP
WIRE = policy.compat32.clone(linesep="\r\n")
MOST_REFERENCES = 10  # beside the first mail of the thread
SECONDS = 4.0  # for each answer of a relay; to be connected, for all of its addresses together


Taken = Callable[[str], None]  # puts on record what a channel said once it had taken a message


class Undelivered(Exception):
    """A channel did not take a message; its own words, without secrets."""


@dataclass(frozen=True)
class Relay:
    """Where mail is handed over, and for whom."""

    host: str
    port: int
    sender: str
    recipients: Sequence[str]
    implicit_tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """Of the sender: what makes a Message-ID unique to us."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True)
class Broken:
    """The host under repair, by its names and addresses: no mail may be handed to it."""

    names: Collection[str] = ()
    addresses: Collection[str] = ()


def relay(url: str) -> Relay:
    """What a URL says. Raises ``UsageError`` without the URL, which may hold a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError("no URL of a relay; write smtps://user:password@relay?from=…&to=…") from None
    asked = parse_qs(parts.query)
    unknown = sorted(asked.keys() - {"from", "to"})
    senders, recipients = asked.get("from", []), [each for item in asked.get("to", []) for each in item.split(",") if each.strip()]
    if not parts.hostname:
        raise UsageError("the URL of the relay names no host; write smtps://user:password@relay?from=…&to=…")
    if unknown or parts.path.strip("/"):
        raise UsageError(f"the URL of the relay may say from and to alone, not {unknown[0] if unknown else 'a path'}")
    if len(senders) != 1 or not recipients:
        raise UsageError("the URL of the relay needs one from= and at least one to=")
    for address in (*senders, *recipients):
        if not _is_address(address):
            raise UsageError(f"{address!r} is no mail address; a + in it is written %2B, as in every URL")
    password = unquote(parts.password or "")
    default = SUBMISSION if password and parts.scheme == "smtp" else PORTS[parts.scheme]
    return Relay(
        host=parts.hostname,
        port=port or default,
        sender=senders[0].strip(),
        recipients=tuple(each.strip() for each in recipients),
        implicit_tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=password,
    )


def _is_address(text: str) -> bool:
    try:
        return bool(Address(addr_spec=text.strip()).domain) and text.isascii()
    except (ValueError, IndexError):
        return False


def message(via: Relay, notice: Notice, subject: str, body: str) -> Message:
    """The mail. Its Message-ID is the same whenever it is sent, and its thread is named (RFC 5322, section 3.6.4).

    By the older classes of ``email``: the newer ones begin a long subject on its second line.
    """
    mail = MIMENonMultipart("text", "plain")
    mail["From"], mail["To"] = via.sender, ", ".join(via.recipients)
    mail["Subject"] = Header(subject, UTF_8, header_name="Subject")  # type: ignore[assignment]
    mail["Date"] = format_datetime(notice.at or datetime.now(UTC))
    mail["Message-ID"] = f"<{notice.key}@{via.domain}>"
    if notice.after:
        before = [f"<{notice.incident}.{each}@{via.domain}>" for each in notice.after]
        mail["In-Reply-To"] = before[-1]
        mail["References"] = " ".join([before[0], *before[1:][-MOST_REFERENCES:]])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no auto-reply, please
    mail["Content-Language"] = notice.language
    mail.set_payload(body if body.endswith("\n") else f"{body}\n", UTF_8)
    return mail


def hand_over(via: Relay, mail: Message, broken: Broken, taken: Taken) -> None:
    """Hand the mail over; ``taken`` gets the relay's words the moment it has it, before anything else. Raises ``Undelivered``."""
    with _Session(via, broken) as session:
        refused = session.envelope()
        code, answer = session.server.data(mail.as_bytes(policy=WIRE))
        if code != 250:
            raise Undelivered(_reply(code, answer))
        taken("; ".join([_reply(code, answer), *(f"refused: {each}" for each in refused)]))


def probe(via: Relay, broken: Broken) -> str:
    """The dialogue up to the recipients, and no mail. Raises ``Undelivered`` if one of them is refused."""
    with _Session(via, broken) as session:
        if refused := session.envelope():
            raise Undelivered("; ".join(refused))
        session.server.rset()
        return f"takes mail for {len(via.recipients)} recipients"


class _Session:
    """A dialogue with the relay, logged in; every way in which it can fail is ``Undelivered``."""

    def __init__(self, via: Relay, broken: Broken) -> None:
        self.via, self.broken = via, broken
        self.server: SMTP = SMTP_SSL(timeout=SECONDS, context=_context(via)) if via.implicit_tls else SMTP(timeout=SECONDS)

    def __enter__(self) -> _Session:
        try:
            self._open()
        except Exception as error:
            self.server.close()
            self._raise(error)
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        with suppress(SMTPException, OSError):
            if error is None:
                self.server.quit()
        self.server.close()
        if isinstance(error, Exception):
            self._raise(error)

    def _open(self) -> None:
        addresses = resolved(self.via.host, self.via.port)
        if self.via.host.lower() in self.broken.names or {*addresses} & {*self.broken.addresses}:
            raise Undelivered(f"the relay {self.via.host} is the host under repair itself; name another one in the settings")
        code, answer = self._connect(addresses)
        if code != 220:
            raise SMTPResponseException(code, answer)
        assert self.server.sock  # it is connected
        own = self.server.sock.getsockname()[0]  # an address says who we are without a lookup, which might hang (RFC 5321, 4.1.3)
        self.server.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"
        self.server.ehlo_or_helo_if_needed()
        if not self.via.implicit_tls and self.server.has_extn("starttls"):
            self.server.starttls(context=_context(self.via))
            self.server.ehlo()
        if self.via.password:
            if not isinstance(self.server.sock, ssl.SSLSocket):
                raise Undelivered("the relay offers no encryption, and a password does not go without; use smtps:")
            self.server.login(self.via.user, self.via.password)

    def _connect(self, addresses: Sequence[str]) -> tuple[int, bytes]:
        """To the first address that answers; one that is dead leaves time for the others."""
        ends = time.monotonic() + SECONDS
        self.server._host = self.via.host  # type: ignore[attr-defined]  # the name that the certificate must have
        for number, address in enumerate(addresses):
            left = len(addresses) - number
            self.server.timeout = max(0.5, (ends - time.monotonic()) / left)
            try:
                code, answer = self.server.connect(address, self.via.port)
                assert self.server.sock
                self.server.sock.settimeout(SECONDS)
                return code, answer
            except OSError:
                if left == 1:
                    raise
        raise Undelivered(f"the name {self.via.host} has no address")

    def envelope(self) -> list[str]:
        """The sender and the recipients; what was said of those that were refused, if not all were."""
        code, answer = self.server.mail(self.via.sender)
        if code != 250:
            raise SMTPResponseException(code, answer)
        refused = []
        for recipient in self.via.recipients:
            code, answer = self.server.rcpt(recipient)
            if code not in (250, 251):
                refused.append(f"{recipient}: {_reply(code, answer)}")
        if len(refused) == len(self.via.recipients):
            raise Undelivered("; ".join(refused))
        return refused

    def _raise(self, error: Exception) -> None:
        if isinstance(error, Undelivered):
            raise error
        if isinstance(error, SMTPResponseException):
            raise Undelivered(_reply(error.smtp_code, error.smtp_error)) from None
        if isinstance(error, TimeoutError):
            raise Undelivered(f"{self.via.host} port {self.via.port}: no answer in time") from None
        if isinstance(error, (SMTPException, OSError)):
            raise Undelivered(f"{self.via.host} port {self.via.port}: {_plain(error)}") from None
        raise error


def _context(via: Relay) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not via.password:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def resolved(host: str, port: int | None = None) -> list[str]:
    """The addresses of a name. Raises ``OSError``; a resolver that hangs, as it may in an outage, holds nobody up."""
    found: list[str] = []
    wrong: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            wrong.append(error)

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(SECONDS)
    if found:
        return list(dict.fromkeys(found))
    raise wrong[0] if wrong else OSError(f"the name {host} could not be resolved in time")


def _reply(code: int, answer: Any) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return f"{code} {' '.join(words.split())}"


def _plain(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).split()) or type(error).__name__
