"""Redfish over HTTPS against a real TLS server on loopback: what is trusted, what is refused, and in which words."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from pyremediate.bmc import connection
from pyremediate.bmc.connection import Connection, NotThere, Unseen
from pyremediate.bmc.values import Account
from pyremediate.lab import keys


class Controller(BaseHTTPRequestHandler):
    """Answers by path, and closes the connection after each answer when its protocol is HTTP/1.0."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.headers["Authorization"] or "")
        status, body = {
            "/redfish/v1/": (200, json.dumps({"Id": "root"})),
            "/here": (308, ""),
            "/elsewhere": (307, ""),
            "/refused": (401, "{}"),
            "/broken": (500, "{}"),
            "/list": (200, "[]"),
            "/text": (200, "<html>"),
            "/large": (200, " " * 2000),
        }.get(self.path, (404, "{}"))
        self.send_response(status)
        if status in (307, 308):
            self.send_header("Location", "/redfish/v1/" if status == 308 else "https://127.0.0.1:1/redfish/v1/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Not into the tests' output."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("keys")
    keys.ensure(directory, [])
    return directory


@pytest.fixture(params=["HTTP/1.0", "HTTP/1.1"])
def address(authority: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    handler = type("Protocol", (Controller,), {"protocol_version": request.param})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*keys.for_address(authority, "controller", "127.0.0.1"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def connect(address: str, authority: Path) -> Callable[..., Connection]:
    def make(ca_file: str | None = str(authority / "ca.pem"), seconds: float = 20) -> Connection:
        return Connection(Account(address, "reader", "secret", ca_file), seconds)

    return make


def test_a_controller_whose_certificate_is_by_the_authority_is_read(connect: Callable[..., Connection]) -> None:
    reader = connect()
    assert reader.get("/redfish/v1/") == reader.get("/redfish/v1/") == {"Id": "root"}
    assert reader.get_all(["/redfish/v1/"] * 9) == [{"Id": "root"}] * 9
    assert Controller.seen


def test_a_certificate_by_nobody_known_is_refused_before_the_password_is_sent(
    connect: Callable[..., Connection], tmp_path: Path
) -> None:
    Controller.seen.clear()
    keys.ensure(tmp_path, [])
    for ca_file in (None, str(tmp_path / "ca.pem")):
        with pytest.raises(Unseen, match=r"certificate that is not trusted: .*; name its authority by ca_file"):
            connect(ca_file).get("/redfish/v1/")
    assert Controller.seen == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/refused", "refuses the account: HTTP 401"),
        ("/broken", "answers /broken with HTTP 500"),
        ("/list", "no Redfish document"),
        ("/text", "gives no answer: "),
        ("/elsewhere", "sends /elsewhere elsewhere"),
    ],
)
def test_what_is_no_document_is_said_in_words(connect: Callable[..., Connection], path: str, words: str) -> None:
    with pytest.raises(Unseen, match=words):
        connect().get(path)


def test_what_is_not_there_is_told_from_what_cannot_be_read(connect: Callable[..., Connection]) -> None:
    with pytest.raises(NotThere, match="has no /nothing"):
        connect().get("/nothing")


def test_a_redirection_on_the_same_controller_is_followed(connect: Callable[..., Connection]) -> None:
    assert connect().get("/here") == {"Id": "root"}


def test_an_endless_answer_is_cut_off(connect: Callable[..., Connection], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LARGEST", 1000)
    with pytest.raises(Unseen, match="more than 1000 bytes"):
        connect().get("/large")


def test_after_its_deadline_nothing_is_asked_any_more(connect: Callable[..., Connection]) -> None:
    with pytest.raises(Unseen, match="takes too long"):
        connect(seconds=0).get("/redfish/v1/")


def test_a_controller_that_is_not_there_and_an_authority_that_is_not_there_are_said(tmp_path: Path) -> None:
    with pytest.raises(Unseen, match=r"gives no answer: .*refused"):
        Connection(Account("127.0.0.1:1", "reader", "secret"), 5).get("/redfish/v1/")
    with pytest.raises(Unseen, match=r"missing\.pem, the authority of"):
        Connection(Account("127.0.0.1:1", "reader", "secret", str(tmp_path / "missing.pem")), 5)
