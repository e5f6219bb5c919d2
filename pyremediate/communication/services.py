"""Chat, SMS gateways, push and webhooks: whatever Apprise knows."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread, get_ident
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from pyremediate.communication.relay import Undelivered
from pyremediate.errors import UsageError
from pyremediate.journal.redact import Redactor

INSTALL = "this channel needs Apprise; install it with: pip install 'pyremediate[notify]'"
WEBHOOKS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})  # whose receivers are ours: they may look at a header
SECONDS = 4  # to connect, and again to be answered
DEADLINE = 8.0  # for a service of several requests, and for a name that cannot be looked up


def hand_over(url: str, key: str, subject: str, body: str) -> str:
    """What the service said once it has taken the message. Raises ``Undelivered``, or ``UsageError`` for a URL that is none."""
    service = load(_with_key(url, key))
    answer: list[str] = []
    wrong: list[Undelivered] = []

    def send() -> None:
        try:
            answer.append(_sent(service, url, subject, body))
        except Undelivered as error:
            wrong.append(error)
        except Exception as error:  # a plugin's own mistake is one more way in which a channel fails
            wrong.append(Undelivered(_clean(url, f"{type(error).__name__}: {error}")))

    sending = Thread(target=send, daemon=True)
    sending.start()
    sending.join(DEADLINE)
    if wrong:
        raise wrong[0]
    if not answer:
        raise Undelivered(f"the service was still being asked after {DEADLINE:.0f} s; the message may yet arrive")
    return answer[0]


def load(url: str) -> Any:
    """The service of a URL. Raises ``UsageError`` without the URL, which may hold a secret."""
    try:
        import apprise
    except ModuleNotFoundError:
        raise UsageError(INSTALL) from None
    with _words():
        service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        scheme = url.partition(":")[0]
        raise UsageError(f"Apprise does not take this URL of {scheme}:; see `apprise --details`, or its documentation")
    service.socket_connect_timeout = service.socket_read_timeout = SECONDS
    return service


def _with_key(url: str, key: str) -> str:
    """The key as a header, by which a webhook's receiver knows a message that comes again."""
    if urlsplit(url).scheme not in WEBHOOKS:
        return url
    return f"{url}{'&' if '?' in url else '?'}+Idempotency-Key={quote(key, safe='')}"


def _sent(service: Any, url: str, subject: str, body: str) -> str:
    with _words() as said:
        taken = service.notify(body=body, title=subject)
    if not taken:
        raise Undelivered(_clean(url, "; ".join(dict.fromkeys(said))) or "the service did not take it, and did not say why")
    return f"taken by {service.service_name or 'the service'}"


@contextmanager
def _words() -> Iterator[list[str]]:
    """What Apprise logs in this thread meanwhile: the services' own words about a failure are nowhere else."""
    said: list[str] = []
    mine = get_ident()

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == mine:
                said.append(" ".join(record.getMessage().split()))

    logger, listening = logging.getLogger("apprise"), Listening(logging.WARNING)
    logger.addHandler(listening)
    logger.propagate = False  # a URL in somebody's words belongs into no log of ours
    try:
        yield said
    finally:
        logger.removeHandler(listening)


def _clean(url: str, words: str) -> str:
    """Without anything of the URL that may be a secret."""
    redactor = Redactor()
    redactor.add(secrets(url))
    return str(redactor.clean(words))


def secrets(url: str) -> list[str]:
    """Everything in a URL that may be one: it whole, its password, and each part of what follows the host."""
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return [url]
    pieces = [*parts.path.split("/"), *(item.partition("=")[2] for item in parts.query.split("&"))]
    if parts.scheme not in WEBHOOKS:
        pieces += [parts.username or "", parts.netloc.rpartition("@")[2]]
    long = [piece for piece in pieces if len(piece) >= 8 and not (piece.isalpha() and piece.islower())]  # a word is no secret
    return [url, *(each for piece in (password or "", *long) for each in (piece, unquote(piece)) if each)]
