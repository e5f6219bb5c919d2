# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The way to the port: names, route, TCP and TLS, each failure in words that tell it from its look-alikes."""

from __future__ import annotations

import contextlib
import datetime
import errno
import ipaddress
import os
import socket
import ssl
import sys

from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import LegFailed

LOGIN_WAIT = 16.0  # Dovecot holds a refused login back for up to 15 s, the longer the more have failed (auth_penalty)
IP_MTU, IPV6_MTU = 14, 24  # of Linux (ip(7), ipv6(7)); Python 3.8 has no names for them
SMALL_SEGMENT = 536  # what every host takes (RFC 9293, section 3.7.1), in packets of 576 bytes
SMALL_PACKET = 576
UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EACCES, errno.EINVAL)


def is_address(text):
    """Whether the text is an IP address and not a name."""
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def check_route(address, port):
    """Ask the kernel for its route: connecting a datagram socket looks it up and sends nothing (udp(7))."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, port))
        except OSError as error:
            raise LegFailed(f"no route to {address}: {_words(error)}") from error
        return f"from {probe.getsockname()[0]}"


def connect(address, port, timeout):
    """A TCP connection, or the reason as its first word: refused, timeout, unreachable."""
    where = f"{address} port {port}"
    try:
        return socket.create_connection((address, port), timeout)
    except (socket.timeout, TimeoutError) as error:
        raise LegFailed(f"timeout: {where} does not answer within {timeout:g} s (firewall, or nobody there)") from error
    except ConnectionRefusedError as error:
        raise LegFailed(f"refused: {where} is reached, and nothing listens there (or a firewall rejects)") from error
    except OSError as error:
        word = "unreachable: " if error.errno in UNREACHABLE else ""
        raise LegFailed(f"{word}{where}: {_words(error)}") from error


def path_mtu(connection):
    """The largest packet that passes to the other end, in bytes, as the kernel has it; None where it does not tell.

    That is what its own interface sends, or less once a router has said so. Nothing is sent to find out: a probe would teach the
    kernel what mail has not learned yet, and mail that hangs would then pass.
    """
    six = connection.family == socket.AF_INET6
    level, option = (socket.IPPROTO_IPV6, IPV6_MTU) if six else (socket.IPPROTO_IP, IP_MTU)
    try:
        return connection.getsockopt(level, option) if sys.platform.startswith("linux") else None
    except OSError:
        return None


def connect_with_small_packets(address, port, timeout):
    """A TCP connection on which neither end sends large ones (tcp(7), TCP_MAXSEG). Raises OSError."""
    connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SMALL_SEGMENT)
        connection.connect((address, port))
    except OSError:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def patience(connection, seconds):
    """Wait longer than usual for an answer that may be late although all is well."""
    usual = connection.gettimeout()
    connection.settimeout(max(usual, seconds))
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # closed meanwhile
            connection.settimeout(usual)


def _words(error):
    return os.strerror(error.errno) if error.errno else str(error)


def contexts(ca_file, ca_pem):
    """Two verifying TLS contexts: for the mail host (the given authority alone), for others (the system's as well)."""
    given = {"cafile": ca_file or None, "cadata": ca_pem or None}
    host = ssl.create_default_context(**given)
    others = ssl.create_default_context()
    if ca_file or ca_pem:
        others.load_verify_locations(**given)
    for context in (host, others):
        # Python 3.13 asks for more than mail clients do: certificates of many a private authority would fail.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return host, others


def handshake(connection, context, name):
    """TLS with the certificate verified against authority and name; what fails is named."""
    try:
        return context.wrap_socket(connection, server_hostname=name)
    except Exception as error:
        raise tls_failed(error, name) from error


def tls_failed(error, name):
    """A TLS failure as a leg's answer."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return LegFailed(f"certificate not valid for {name}: {error.verify_message.rstrip('.')}")
    if isinstance(error, socket.timeout):
        return LegFailed("timeout: the TLS handshake was not answered")
    if isinstance(error, ssl.SSLEOFError) or isinstance(error, ConnectionError):
        return LegFailed("the server broke the TLS handshake off")
    if isinstance(error, ssl.SSLError):
        return LegFailed(f"TLS handshake failed: {error.reason or error}")
    if isinstance(error, OSError):
        return LegFailed(f"TLS handshake failed: {_words(error)}")
    return error


def certificate_words(connection):
    """``TLSv1.3, certificate valid for 89 more days`` of a verified connection."""
    expires = ssl.cert_time_to_seconds(connection.getpeercert()["notAfter"])
    left = (expires - datetime.datetime.now(datetime.timezone.utc).timestamp()) / 86400
    return f"{connection.version()}, certificate valid for {int(left)} more days"
