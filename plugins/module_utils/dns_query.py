# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""A small DNS client (RFC 1035) over UDP, and TCP when the answer does not fit: one question, one server, one answer.

``query`` never raises. It tells "there is no such name" (fail) from "nobody could tell" (unknown), which the system's
own resolver functions do not. It asks exactly the given server, for A, AAAA, MX, TXT or PTR records.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import List, Tuple

TYPES = {"A": 1, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
INTERNET = 1
TRUNCATED = 0x0200
RECURSION_DESIRED = 0x0100
LONGEST_DATAGRAM = 65535
MOST_POINTERS = 32  # a compressed name that jumps more often is a loop, whether by mistake or on purpose


@dataclass(frozen=True)
class DnsAnswer:
    """What one server says of one name.

    ``answer``   pass: there are records; fail: the server says that there are none; unknown: nobody could tell
    ``records``  as text, an MX record as ``10 mx.example.``, names with their final dot
    ``code``     NOERROR, NXDOMAIN, NODATA (the name exists, without records of this type), SERVFAIL, TIMEOUT, ...
    """

    answer: str
    records: List[str] = field(default_factory=list)
    code: str = ""
    error: str = ""
    seconds: float = 0.0


class Malformed(Exception):
    """The server's answer cannot be read."""


def query(name, type, server, timeout=2.0, port=53):  # noqa: A002 - what DNS calls it
    """Ask ``server`` for the records of ``name`` (for PTR: a name or an address); ``timeout`` is for all of it."""
    started = time.monotonic()
    answer, records, code, error = _outcome(name, type.upper(), server, started + timeout, port)
    return DnsAnswer(answer, records, code, error, round(time.monotonic() - started, 3))


def _outcome(name, type_name, server, deadline, port):
    try:
        question = _question(name, type_name)
        reply = _exchange(question, server, deadline, port)
        code, records = _read_reply(reply, TYPES[type_name])
    except (socket.timeout, TimeoutError):
        return "unknown", [], "TIMEOUT", f"no answer from {server}"
    except OSError as error:
        return "unknown", [], "UNREACHABLE", f"{server}: {error.strerror or error}"
    except (Malformed, struct.error, IndexError):
        return "unknown", [], "MALFORMED", f"{server} answered something that is not DNS"
    except (KeyError, ValueError, UnicodeError) as error:
        return "unknown", [], "BADNAME", f"cannot ask for {type_name} of {name!r}: {error}"
    if code == "NXDOMAIN":
        return "fail", [], code, f"{server} says that {name} does not exist"
    if code != "NOERROR":
        return "unknown", [], code, f"{server} answers {code}"
    if not records:
        return "fail", [], "NODATA", f"{server} says that {name} has no {type_name} records"
    return "pass", records, code, ""


def _question(name, type_name):
    """The message with one question; its identifier is random: a stray or forged answer is not taken for ours."""
    if type_name == "PTR" and not name.rstrip(".").endswith(".arpa"):
        name = ipaddress.ip_address(name).reverse_pointer
    header = struct.pack("!HHHHHH", random.SystemRandom().randrange(65536), RECURSION_DESIRED, 1, 0, 0, 0)
    return header + _encode_name(name) + struct.pack("!HH", TYPES[type_name], INTERNET)


def _encode_name(name):
    encoded = b""
    for label in name.rstrip(".").split("."):
        octets = label.encode("ascii" if label.isascii() else "idna")
        if not 0 < len(octets) < 64:
            raise ValueError("a label must have 1 to 63 octets")
        encoded += bytes([len(octets)]) + octets
    return encoded + b"\0"


def _exchange(question, server, deadline, port):
    """By UDP, asked twice since datagrams get lost; by TCP when the answer was cut short."""
    remaining = max(deadline - time.monotonic(), 0.01)
    for until in (deadline - remaining * 0.6, deadline):
        try:
            reply = _by_udp(question, server, until, port)
            break
        except (socket.timeout, TimeoutError):
            if until == deadline:
                raise
    if struct.unpack("!H", reply[2:4])[0] & TRUNCATED:
        return _by_tcp(question, server, deadline, port)
    return reply


def _by_udp(question, server, until, port):
    # A connected socket receives from this server alone, and learns at once that the port is closed.
    with socket.socket(_family(server), socket.SOCK_DGRAM) as connection:
        connection.settimeout(_left(until))
        connection.connect((server, port))
        connection.send(question)
        while True:
            connection.settimeout(_left(until))
            reply = connection.recv(LONGEST_DATAGRAM)
            if _answers(question, reply):
                return reply


def _by_tcp(question, server, deadline, port):
    with socket.socket(_family(server), socket.SOCK_STREAM) as connection:
        connection.settimeout(_left(deadline))
        connection.connect((server, port))
        connection.sendall(struct.pack("!H", len(question)) + question)
        (length,) = struct.unpack("!H", _receive(connection, 2, deadline))
        reply = _receive(connection, length, deadline)
    if not _answers(question, reply):
        raise Malformed()
    return reply


def _receive(connection, length, deadline):
    received = b""
    while len(received) < length:
        connection.settimeout(_left(deadline))
        part = connection.recv(length - len(received))
        if not part:
            raise Malformed()
        received += part
    return received


def _left(until):
    left = until - time.monotonic()
    if left <= 0:
        raise socket.timeout()
    return left


def _family(server):
    return socket.AF_INET6 if ":" in server else socket.AF_INET


def _answers(question, reply):
    """Whether this is a response with our identifier and, where it repeats it, our question (case does not count)."""
    if len(reply) < 12 or reply[:2] != question[:2] or not reply[2] & 0x80:
        return False
    asked = question[12:].lower()
    return reply[4:6] == b"\0\0" or reply[12 : 12 + len(asked)].lower() == asked


def _read_reply(reply, wanted) -> Tuple[str, List[str]]:
    _identifier, flags, questions, answers = struct.unpack("!HHHH", reply[:8])
    code = CODES.get(flags & 0x000F, f"RCODE{flags & 0x000F}")
    offset = 12
    for _ in range(questions):
        offset = _read_name(reply, offset)[1] + 4
    records = []
    for _ in range(answers):
        offset = _read_name(reply, offset)[1]
        type_, class_, _ttl, length = struct.unpack("!HHIH", reply[offset : offset + 10])
        offset += 10
        # CNAME records on the way to the wanted ones are the resolver's business.
        if type_ == wanted and class_ == INTERNET:
            records.append(_read_record(reply, offset, length, wanted))
        offset += length
    return code, sorted(records)


def _read_record(reply, offset, length, type_):
    content = reply[offset : offset + length]
    if len(content) != length:
        raise Malformed()
    if type_ == TYPES["A"]:
        return socket.inet_ntop(socket.AF_INET, content)
    if type_ == TYPES["AAAA"]:
        return socket.inet_ntop(socket.AF_INET6, content)
    if type_ == TYPES["MX"]:
        return f"{struct.unpack('!H', content[:2])[0]} {_read_name(reply, offset + 2)[0]}"
    if type_ == TYPES["PTR"]:
        return _read_name(reply, offset)[0]
    return _read_strings(content)


def _read_strings(content):
    """A TXT record: its strings joined without anything between, as SPF and DKIM want them (RFC 7208, 3.3)."""
    text, offset = "", 0
    while offset < len(content):
        end = offset + 1 + content[offset]
        text += content[offset + 1 : end].decode("utf-8", "replace")
        offset = end
    return text


def _read_name(reply, offset):
    """The name at the offset and the offset behind it; compressed names point backwards (RFC 1035, 4.1.4)."""
    labels, behind = [], None
    for _ in range(MOST_POINTERS * 8):
        length = reply[offset]
        if length == 0:
            return ".".join([*labels, ""]) or ".", behind if behind is not None else offset + 1
        if length & 0xC0 == 0xC0:
            if behind is None:
                behind = offset + 2
            offset = struct.unpack("!H", reply[offset : offset + 2])[0] & 0x3FFF
            continue
        labels.append(reply[offset + 1 : offset + 1 + length].decode("ascii", "backslashreplace"))
        offset += 1 + length
    raise Malformed()
