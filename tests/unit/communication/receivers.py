"""Real receivers on loopback ports, which count what they get: an SMTP relay and a webhook; and an incident to tell of."""

from __future__ import annotations

import email
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from pyremediate import model
from pyremediate.journal import Journal
from pyremediate.model import Answer, Assessment, Leg
from pyremediate.settings import Settings
from tests.unit import fake_mail
from tests.unit.incidents import CAUSE, ROLLBACK


@dataclass
class Webhook:
    """What came, with its key."""

    port: int = 0
    status: int = 200
    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Webhook]:
    found = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.received.append((self.headers["Idempotency-Key"], body))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def relay(**changes: Any) -> Iterator[tuple[fake_mail.Smtp, int]]:
    """A relay without encryption, and its port."""
    server = fake_mail.Smtp(None, **{"clear_extensions": (), **changes})
    with ExitStack() as ends:
        yield server, fake_mail.listen(server.serve, ends)


def mails(server: fake_mail.Smtp) -> list[EmailMessage]:
    return [email.message_from_bytes(content, policy=default) for content in server.received]  # type: ignore[misc]


def dead_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def url(port: int, to: str) -> str:
    return f"smtp://127.0.0.1:{port}?from=it@outside.test&to={to}@people.test"


def settings(channels: dict[str, str], **audiences: dict[str, Any]) -> Settings:
    return Settings.model_validate(
        {"communication": {"channels": {name: {"url": each} for name, each in channels.items()}, "audiences": audiences}}
    )


def outage(journal: Journal) -> str:
    """An incident whose first look found that no mail comes in, as a run has it on record before it changes anything."""
    incident = journal.begin("mail01", "anna", "1.0")
    failing = (Leg("inbound", "connect", Answer.FAIL, "peer01"),)
    assessment = Assessment(Answer.FAIL, "inbound", "critical", failing, sentence="Inbound is down.")
    journal.write(incident, "assess", "assess", {"assessment": assessment})
    journal.write(incident, "diagnose", "diagnose", {"diagnosis": {"causes": [model.to_json(CAUSE)]}})
    journal.write(incident, "plan", "plan", {"planned": [model.Planned(CAUSE.code, ROLLBACK, "go", "policy")]})
    return incident


def end(journal: Journal, incident: str, outcome: str = "repaired") -> None:
    journal.write(incident, "review", "end", {"outcome": model.Outcome(incident, "mail01", outcome, "inbound", "critical")})
