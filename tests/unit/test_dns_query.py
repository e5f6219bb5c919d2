"""The DNS client of the modules, against a server in this process that answers as it is told."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ansible_collections.pyremediate.mail.plugins.module_utils.dns_query import DnsAnswer, query

Respond = Callable[[bytes], "bytes | None"]
POINTER_TO_QUESTION = b"\xc0\x0c"


@contextmanager
def serving(by_udp: Respond, by_tcp: Respond | None = None) -> Iterator[int]:
    """A DNS server on one loopback port, over UDP and TCP; ``None`` from a responder means silence."""
    tcp = socket.create_server(("127.0.0.1", 0))
    port = tcp.getsockname()[1]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", port))

    def answer_datagrams() -> None:
        while True:
            question, client = udp.recvfrom(4096)
            if question == b"stop":
                return
            reply = by_udp(question)
            if reply is not None:
                udp.sendto(reply, client)

    def answer_streams() -> None:
        connection, _ = tcp.accept()
        with connection:
            length = connection.recv(2)
            if length:
                reply = (by_tcp or by_udp)(connection.recv(4096)) or b""
                connection.sendall(struct.pack("!H", len(reply)) + reply)

    threads = [threading.Thread(target=answer_datagrams), threading.Thread(target=answer_streams)]
    for thread in threads:
        thread.start()
    try:
        yield port
    finally:
        udp.sendto(b"stop", ("127.0.0.1", port))
        socket.create_connection(("127.0.0.1", port)).close()
        for thread in threads:
            thread.join(5)
        udp.close()
        tcp.close()


def reply_with(*records: tuple[int, bytes], code: int = 0, flags: int = 0) -> Respond:
    """A responder that sends these (type, data) records for the name in the question."""

    def respond(question: bytes) -> bytes:
        header = question[:2] + struct.pack("!HHHHH", 0x8180 | flags | code, 1, len(records), 0, 0)
        body = question[12:]
        for type_, data in records:
            body += POINTER_TO_QUESTION + struct.pack("!HHIH", type_, 1, 60, len(data)) + data
        return header + body

    return respond


def ask(respond: Respond, name: str = "lab.test", type_: str = "A", timeout: float = 2.0) -> DnsAnswer:
    with serving(respond) as port:
        return query(name, type_, "127.0.0.1", timeout=timeout, port=port)


def test_addresses_are_returned_as_text() -> None:
    answer = ask(reply_with((1, bytes([10, 61, 2, 10]))))
    assert (answer.answer, answer.records, answer.code) == ("pass", ["10.61.2.10"], "NOERROR")


def test_ipv6_addresses_are_returned_as_text() -> None:
    assert ask(reply_with((28, bytes(15) + b"\1")), type_="AAAA").records == ["::1"]


def test_an_mx_record_is_preference_and_host_with_a_compressed_name_followed() -> None:
    answer = ask(reply_with((15, struct.pack("!H", 10) + b"\2mx" + POINTER_TO_QUESTION)), type_="MX")
    assert answer.records == ["10 mx.lab.test."]


def test_a_null_mx_is_a_record_like_any_other() -> None:
    answer = ask(reply_with((15, struct.pack("!H", 0) + b"\0")), type_="MX")
    assert (answer.answer, answer.records) == ("pass", ["0 ."])


def test_the_strings_of_a_txt_record_are_joined() -> None:
    assert ask(reply_with((16, b"\6v=spf1\5 -all")), type_="TXT").records == ["v=spf1 -all"]


def test_an_address_can_be_asked_for_its_name() -> None:
    asked = []

    def respond(question: bytes) -> bytes:
        asked.append(question)
        return reply_with((12, b"\2mx\3lab\4test\0"))(question)

    answer = ask(respond, name="10.61.2.10", type_="PTR")
    assert answer.records == ["mx.lab.test."]
    assert b"\x0210\x012\x0261\x0210\x07in-addr\x04arpa\0" in asked[0]


def test_a_name_that_does_not_exist_is_a_definite_failure() -> None:
    answer = ask(reply_with(code=3))
    assert (answer.answer, answer.code) == ("fail", "NXDOMAIN")


def test_a_name_without_records_of_the_type_is_a_definite_failure() -> None:
    answer = ask(reply_with())
    assert (answer.answer, answer.code) == ("fail", "NODATA")


def test_a_resolver_that_cannot_tell_leaves_it_unknown() -> None:
    answer = ask(reply_with(code=2))
    assert (answer.answer, answer.code) == ("unknown", "SERVFAIL")


def test_a_refusal_leaves_it_unknown() -> None:
    assert ask(reply_with(code=5)).answer == "unknown"


def test_silence_is_a_timeout_within_the_given_time() -> None:
    answer = ask(lambda _question: None, timeout=0.4)
    assert (answer.answer, answer.code) == ("unknown", "TIMEOUT")
    assert 0.35 < answer.seconds < 1.5


def test_a_lost_datagram_is_asked_again() -> None:
    seen = []

    def respond(question: bytes) -> bytes | None:
        seen.append(question)
        return None if len(seen) == 1 else reply_with((1, bytes(4)))(question)

    assert ask(respond, timeout=1.0).answer == "pass"
    assert len(seen) == 2


def test_a_closed_port_is_unreachable_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answer = query("lab.test", "A", "127.0.0.1", timeout=5.0, port=port)
    assert (answer.answer, answer.code) == ("unknown", "UNREACHABLE")
    assert answer.seconds < 1


def test_an_answer_that_was_cut_short_is_fetched_by_tcp() -> None:
    whole = reply_with(*[(16, b"\xc8" + bytes([65 + n]) * 200) for n in range(8)])
    with serving(reply_with(flags=0x0200), by_tcp=whole) as port:
        answer = query("lab.test", "TXT", "127.0.0.1", port=port)
    assert answer.answer == "pass"
    assert len(answer.records) == 8


def test_a_stray_answer_with_another_identifier_is_ignored() -> None:
    def respond(question: bytes) -> bytes:
        return b"\0\0" + reply_with((1, bytes(4)))(question)[2:] if question[:2] != b"\0\0" else b""

    assert ask(respond, timeout=0.3).code == "TIMEOUT"


def test_a_name_that_points_at_itself_does_not_hang() -> None:
    answer = ask(reply_with((15, struct.pack("!H", 10) + b"\xc0\x28")), type_="MX")
    assert (answer.answer, answer.code) == ("unknown", "MALFORMED")


def test_garbage_is_not_taken_for_an_answer() -> None:
    answer = ask(lambda question: question[:2] + b"\x81\x80\0\1\0\5\0\0\0\0" + question[12:] + b"\xff")
    assert (answer.answer, answer.code) == ("unknown", "MALFORMED")


def test_a_name_that_cannot_be_asked_is_said_to_be_so() -> None:
    answer = query("two..dots", "A", "127.0.0.1")
    assert (answer.answer, answer.code) == ("unknown", "BADNAME")
