"""Small SMTP and IMAP servers on loopback ports, which fail as they are told; and certificates for them.

Real sockets, real TLS: only the mail store is a list. What a test wants otherwise it gives as ``replies``.
"""

from __future__ import annotations

import contextlib
import datetime
import email
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "mail.lab.test"
ANY_SEGMENT = 65535
SILENCE = "silence"
HANG_UP = "hang up"
AFFIRMATIVE = {"AUTH": "235 2.7.0 ok", "QUIT": "221 bye"}


def lose(passes: int, connection: socket.socket) -> None:
    """Be a network that loses what is larger than ``passes``, for ends that send such segments."""
    if connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) > passes:
        threading.Event().wait(5)
        raise OSError("lost")


def listen(serve: Callable[[socket.socket], None], ends: contextlib.ExitStack) -> int:
    """A loopback port whose connections are each served in a thread; closed with the stack."""
    listener = socket.create_server(("127.0.0.1", 0))
    ends.callback(listener.close)
    ends.callback(lambda: listener.shutdown(socket.SHUT_RDWR))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve_one, args=(connection,), daemon=True).start()

    def serve_one(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            serve(connection)

    threading.Thread(target=accept, daemon=True).start()
    return int(listener.getsockname()[1])


@dataclass
class Message:
    uid: int
    content: bytes
    deleted: bool = False
    old: bool = False


@dataclass
class Store:
    """A mailbox. ``arriving``: whether what is delivered arrives."""

    messages: list[Message] = field(default_factory=list)
    arriving: bool = True
    logins: int = 0
    next_uid: int = 1

    def deliver(self, content: bytes, old: bool = False) -> None:
        if self.arriving:
            self.messages.append(Message(self.next_uid, content, old=old))
            self.next_uid += 1

    def matching(self, criteria: str) -> list[Message]:
        """As much of SEARCH as the product uses."""
        tokens = re.findall(r'HEADER \S+ "([^"]+)"', criteria)
        bounced = re.findall(r'BODY "([^"]+)"', criteria)
        return [
            message
            for message in self.messages
            if any(self._header(message) == token for token in tokens)
            or ("BEFORE" in criteria and message.old and self._header(message))
            or any(b"From: MAILER-DAEMON" in message.content and token.encode() in message.content for token in bounced)
        ]

    @staticmethod
    def _header(message: Message) -> str:
        return str(email.message_from_bytes(message.content)["X-Pyremediate-Token"] or "")


@dataclass
class Smtp:
    """``replies``: by verb, and ``banner``, ``content``, ``tls``; a reply may be SILENCE or HANG_UP."""

    context: ssl.SSLContext | None
    store: Store = field(default_factory=Store)
    replies: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("DSN", "AUTH PLAIN LOGIN")
    clear_extensions: tuple[str, ...] = ("STARTTLS",)
    commands: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)
    passes: int = ANY_SEGMENT  # of the network on the way: whoever sends larger ones waits in vain for an answer

    def serve(self, connection: socket.socket) -> None:
        stream, encrypted = connection.makefile("rwb"), False
        self._say(stream, self.replies.get("banner", f"220 {NAME} ESMTP"))
        while line := stream.readline():
            verb = line.split()[0].decode().upper()
            self.commands.append(("encrypted " if encrypted else "") + line.decode().strip())
            if verb == "EHLO" and "EHLO" not in self.replies:
                self._say(stream, *[NAME, *(self.extensions if encrypted else self.clear_extensions)], code=250)
            elif verb == "STARTTLS" and verb not in self.replies and self.context:
                self._say(stream, "220 go on")
                lose(self.passes, connection)
                connection = self.context.wrap_socket(connection, server_side=True)
                stream, encrypted = connection.makefile("rwb"), True
            elif verb == "DATA" and verb not in self.replies:
                self._say(stream, "354 go on")
                self._take(stream)
            else:
                self._say(stream, self.replies.get(verb) or AFFIRMATIVE.get(verb, "250 2.1.0 ok"))

    def _take(self, stream: object) -> None:
        lines = []
        while (line := stream.readline()) != b".\r\n":  # type: ignore[attr-defined]
            if not line:
                raise OSError("cut off: what has no end is no message (RFC 5321, section 4.1.1.4)")
            lines.append(line)
        reply = self.replies.get("content", "250 2.0.0 Ok: queued as 4ABC")
        if reply.startswith("250"):
            self.received.append(b"".join(lines))
            self.store.deliver(b"".join(lines))
        self._say(stream, reply)

    def _say(self, stream: object, *lines: str, code: int = 0) -> None:
        if SILENCE in lines:
            threading.Event().wait(5)
        if SILENCE in lines or HANG_UP in lines:
            raise OSError("as told")
        if code:
            lines = tuple(f"{code}{'-' if line != lines[-1] else ' '}{line}" for line in lines)
        stream.write("".join(f"{line}\r\n" for line in lines).encode())  # type: ignore[attr-defined]
        stream.flush()  # type: ignore[attr-defined]


@dataclass
class Imap:
    """IMAP over TLS. ``replies``: by command, what comes after the tag."""

    context: ssl.SSLContext
    store: Store
    replies: Mapping[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    passes: int = ANY_SEGMENT

    def serve(self, connection: socket.socket) -> None:
        lose(self.passes, connection)
        connection = self.context.wrap_socket(connection, server_side=True)
        stream = connection.makefile("rwb")

        def say(*lines: bytes) -> None:
            stream.write(b"".join(line + b"\r\n" for line in lines))
            stream.flush()

        say(self.replies.get("greeting", "* OK ready").encode())
        while line := stream.readline().decode().strip():
            tag, command, *words = line.split(" ", 2)
            rest = words[0] if words else ""
            if command == "UID":
                command, rest = "UID " + rest.split()[0], rest.split(" ", 1)[1]
            self.commands.append(f"{command} {rest}" if command != "LOGIN" else "LOGIN")
            if command in self.replies:
                say(f"{tag} {self.replies[command]}".encode())
                continue
            say(*self._answer(command, rest), f"{tag} OK done".encode())

    def _answer(self, command: str, rest: str) -> Iterator[bytes]:
        store = self.store
        if command == "CAPABILITY":
            yield b"* CAPABILITY IMAP4rev1 UIDPLUS"
        elif command == "LOGIN":
            store.logins += 1
        elif command == "SELECT":
            yield f"* {len(store.messages)} EXISTS".encode()
        elif command == "UID SEARCH":
            yield ("* SEARCH " + " ".join(str(message.uid) for message in store.matching(rest))).encode()
        elif command == "UID STORE":
            for message in self._named(rest):
                message.deleted = True
        elif command == "UID EXPUNGE":
            gone = [message for message in self._named(rest) if message.deleted]
            store.messages = [message for message in store.messages if message not in gone]
        elif command in {"UID FETCH", "FETCH"}:
            chosen = self._named(rest) if command == "UID FETCH" else [store.messages[int(rest.split()[0]) - 1]]
            for message in chosen:
                yield b"* 1 FETCH (UID %d BODY[] {%d}" % (message.uid, len(message.content))
                yield message.content + b")"
        elif command == "LOGOUT":
            yield b"* BYE"

    def _named(self, rest: str) -> list[Message]:
        uids = {int(uid) for uid in rest.split()[0].split(",")}
        return [message for message in self.store.messages if message.uid in uids]


class Authority:
    """A certificate authority and what it signs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign("the authority", self.key, days=(-30, 3650), authority=True)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, name: str = NAME, days: tuple[int, int] = (-30, 90)) -> ssl.SSLContext:
        """A server's TLS context, with a certificate for the name that is valid from and to so many days from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        file = self.directory / f"{name}.{days[1]}.pem"
        file.write_bytes(
            self._sign(name, key, days).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self, name: str, key: ec.EllipticCurvePrivateKey, days: tuple[int, int], authority: bool = False
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        issuer = "the authority" if authority else self.certificate.subject.rdns[0].rfc4514_string().removeprefix("CN=")
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if not authority:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        return builder.sign(self.key, hashes.SHA256())
