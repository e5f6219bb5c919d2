# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The four ways of mail, walked leg by leg as a mail user sees them. Each walks in its own thread; see vantage_look.

Every function takes the ``Look`` (what is asked for, and what the ways share) and its own ``Way`` (where it records).
"""

from __future__ import annotations

import contextlib

from ansible_collections.pyremediate.mail.plugins.module_utils import vantage_net as net
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_imap import Mailbox
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import (
    FAIL,
    IMPOSSIBLE,
    PASS,
    UNKNOWN,
    LegFailed,
    LegImpossible,
    LegUnknown,
    no_finding,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_smtp import SmtpSession


def inbound(look, way):
    """A stranger's mail to the canary: accepted on port 25, delivered, and fetched again."""
    mail = look.mails["inbound"] if look.awaits else handed_in(look, way)
    if mail:
        fetched(look, way, mail)


def handed_in(look, way):
    """The test mail that port 25 has taken; None where only the connection is looked at."""
    resolve(look, way)
    with dialogue(look, way, look.ask.smtp_port, look.ask.require_tls) as session:
        if look.connectivity:
            return None
        return envelope(look, way, session, "inbound", look.ask.sender, look.ask.canary)


def fetched(look, way, mail):
    """From its acceptance to the mail program of its recipient."""
    uid, mailbox, blind = None, None, None
    with way.leg("delivery") as leg:
        try:
            mailbox = look.canary_box.result(look.patience)
        except LegFailed as error:
            blind = error
            nothing = no_finding(error, "the mailbox could not be looked into")
            leg.answer, leg.detail = nothing.answer, nothing.detail
        else:
            uid = arrival(look, mailbox, mail)
            leg.detail = f"in the mailbox after {mail.seconds:.1f} s"
    with way.leg("retrieval") as leg:
        if blind:
            raise blind
        content = mailbox.content(uid)
        if mail.token.encode() not in content:
            raise LegFailed("what was fetched is not the mail that was sent: its token is missing")
        leg.detail = f"{len(content)} bytes"


def submission(look, way):
    """A user's mail to the outside, handed in on the submission port (RFC 6409)."""
    resolve(look, way)
    with dialogue(look, way, look.ask.submission_port, starttls_required=True) as session:
        if look.connectivity:
            return
        with way.leg("auth") as leg:
            canary = known(look.ask.canary, "username", "no login of the canary is configured")
            leg.code, leg.detail = session.authenticate(canary["username"], canary["password"])
        envelope(look, way, session, "outbound", canary["address"], look.ask.peer)


def outbound(look, way):
    """The submitted mail on its way to the peer: seen again only when it has arrived there."""
    mail = look.mails["outbound"] if look.awaits else submitted(look, way)
    with way.leg("remote") as leg:
        try:
            mailbox = look.peer_box.result(look.patience)
        except LegFailed as error:
            raise no_finding(error, "the peer's mailbox could not be looked into") from error
        arrival(look, mailbox, mail, look.bounce)
        leg.detail = f"in the peer's mailbox after {mail.seconds:.1f} s"


def submitted(look, way):
    """The mail that was handed in on the submission port."""
    with way.leg("queue") as leg:
        look.submitted.wait(look.patience)
        mail = look.mails.get("outbound")
        if mail is None or not mail.accepted:
            raise no_finding(
                look.ways["submission"].end() or LegUnknown("submission has not ended"), "no mail was accepted"
            )
        leg.detail = mail.queue_id
    return mail


def retrieval(look, way):
    """A user's mailbox over IMAPS (RFC 8314). Returns the session, which serves the inbound way, too."""
    resolve(look, way)
    connection = reach(look, way, look.ask.imap_port)
    again = lambda other: net.handshake(other, look.context, look.ask.host).close()  # noqa: E731
    with way.leg("starttls") as leg, large_packets(look, way, look.ask.imap_port, again):
        connection = net.handshake(connection, look.context, look.ask.host)
        leg.detail = net.certificate_words(connection)
    with way.leg("banner") as leg:
        mailbox = Mailbox(connection)
        leg.detail = mailbox.greeting()
    if look.connectivity:
        mailbox.leave()
        return None
    with way.leg("auth"):
        canary = known(look.ask.canary, "username", "no login of the canary is configured")
        mailbox.enter(canary["username"], canary["password"])
    with way.leg("fetch") as leg:
        leg.detail = mailbox.look()
    return mailbox


def peer_mailbox(look):
    """A session with the mailbox outside; what fails here says nothing about the mail host."""
    peer = known(look.ask.peer, "username", "no login of a peer is configured")
    name = peer["imap_host"] or peer["address"].rpartition("@")[2]
    address = peer["imap_address"] or look.names.first_address(name)
    connection = net.connect(address, peer["imap_port"], look.ask.connect_timeout)
    connection.settimeout(look.ask.command_timeout)
    mailbox = Mailbox(net.handshake(connection, look.context_of_others, name))
    mailbox.enter(peer["username"], peer["password"])
    mailbox.look()
    return mailbox


def resolve(look, way):
    """The names. A resolver that is silent, or not meant to know them, ends the way only when no address is given."""
    with way.leg("resolve") as leg:
        found = look.names.of_host(look.ask.host, look.ask.address)
        if way.path == "inbound" and look.ask.domain and found.answer == PASS:
            host_words = found.words
            found = look.names.of_domain(look.ask.domain, look.ask.exchangers or [look.ask.host])
            found.words += f"; {host_words}"
        leg.detail = found.words
        if found.answer == PASS:
            return
        if not look.ask.address or (found.answer == FAIL and not look.connectivity):
            raise LegFailed(found.words) if found.answer == FAIL else LegUnknown(found.words)
        leg.answer = UNKNOWN if found.answer == UNKNOWN else IMPOSSIBLE
        leg.detail += "; looked at the configured address"


def reach(look, way, port):
    """Route and TCP."""
    with way.leg("route") as leg:
        address = look.ask.address or look.names.first_address(look.ask.host)
        leg.detail = net.check_route(address, port)
    with way.leg("connect") as leg:
        connection = net.connect(address, port, look.ask.connect_timeout)
        connection.settimeout(look.ask.command_timeout)
        leg.detail = f"{address} port {port}"
        way.path_mtu = net.path_mtu(connection)
    return connection


@contextlib.contextmanager
def large_packets(look, way, port, again):
    """What comes next fills packets. When it is not answered, the same is tried with small ones: large ones may be lost (RFC 2923).

    ``again`` does the same on another connection, and raises when that fails, too.
    """
    try:
        yield
    except LegFailed as error:
        if not (error.detail.startswith("timeout") and passes_small(look, port, again)):
            raise
        way.path_mtu = net.SMALL_PACKET
        words = f"packets of {net.SMALL_PACKET} bytes pass, and larger ones are lost on the way"
        raise LegFailed(f"{error.detail}: {words}", error.code) from error


def passes_small(look, port, again):
    """Whether it goes when neither end sends large packets."""
    try:
        address = look.ask.address or look.names.first_address(look.ask.host)
        with net.connect_with_small_packets(address, port, look.ask.connect_timeout) as connection:
            again(connection)
    except (LegFailed, OSError):
        return False
    return True


@contextlib.contextmanager
def dialogue(look, way, port, starttls_required):
    """An SMTP session, from the route to verified TLS."""
    connection = reach(look, way, port)
    session = SmtpSession(connection, look.ask.host, look.ask.helo)

    def again(connection):
        other = SmtpSession(connection, look.ask.host, look.ask.helo)
        other.greet()
        other.secure(look.context, starttls_required)
        other.close_politely()

    try:
        with way.leg("banner") as leg:
            leg.code, leg.detail = session.greet()
        with way.leg("starttls") as leg, large_packets(look, way, port, again):
            leg.detail = session.secure(look.context, starttls_required)
        yield session
        way.path_mtu = session.path_mtu()  # after a test mail, which fills packets
    finally:
        session.close_politely()


def envelope(look, way, session, path, sender, recipient):
    """Recipient and content of a new test mail."""
    with way.leg("recipient") as leg:
        mailbox = known(recipient, "address", "no mailbox to send to is configured")
        mail = look.test_mail(path, sender, mailbox["address"])
        leg.code, leg.detail = session.address(mail)
    with way.leg("content") as leg:
        leg.code, leg.detail = session.deliver(mail)
    return mail


def arrival(look, mailbox, mail, explanation=lambda mail: ""):
    """The UID of a mail that arrived in time. That it did not is a failure; that the mailbox cannot be read is none."""
    try:
        uid = mailbox.wait_for(mail.token, look.ask.wait - mail.age())
    except LegFailed as error:
        raise LegUnknown(f"the mailbox could not be looked into: {error.detail}") from error
    if uid is None:
        raise LegFailed(explanation(mail) or f"accepted ({mail.queue_id}), and not there after {look.ask.wait:g} s")
    mail.arrive()
    return uid


def known(mailbox, key, otherwise):
    """The settings of a mailbox; without them the way ends here, and says nothing about the mail host."""
    if not mailbox or not mailbox.get(key):
        raise LegImpossible(otherwise)
    return mailbox
