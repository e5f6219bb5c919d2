"""Redfish over HTTPS: documents in, each bounded in time and size, the certificate always verified.

Unseen             what could not be read, and why
└── NotThere       the controller has no such resource
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from pyremediate.bmc.redfish import Document
from pyremediate.bmc.values import Account
from pyremediate.errors import Undetermined

AT_ONCE = 4  # controllers are small machines
PATIENCE = 10.0  # seconds for one answer
LARGEST = 4 * 1024 * 1024
REDIRECTS = (301, 302, 307, 308)
FORBIDDEN = (401, 403)


class Unseen(Undetermined):
    """The controller could not be asked, or gave no answer that can be used."""


class NotThere(Unseen):
    """The controller has no such resource."""


class Connection:
    """Reads documents until the deadline; one HTTPS connection for each thread."""

    def __init__(self, account: Account, seconds: float) -> None:
        self.account = account
        self._deadline = time.monotonic() + seconds
        self._own = threading.local()
        self._tls = _context(account)
        token = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json", "OData-Version": "4.0"}

    def get(self, path: str) -> Document:
        """One document. Raises ``Unseen``."""
        for attempt in (1, 2):
            try:
                return self._answer(path)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                self._own.http = None  # a kept connection that the controller has closed: once more on a new one
                if attempt == 2:
                    raise Unseen(f"{self.account.address} hangs up: {error}") from None
            except ssl.SSLCertVerificationError as error:
                words = f"{self.account.address} has a certificate that is not trusted: {error.verify_message}"
                raise Unseen(f"{words}; name its authority by ca_file") from None
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise Unseen(f"{self.account.address} gives no answer: {error or type(error).__name__}") from None
        raise AssertionError("unreachable")

    def get_all(self, paths: Iterable[str]) -> list[Document]:
        """Several documents, some at the same time, in their order. Raises ``Unseen`` when one cannot be read."""
        with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
            return list(pool.map(self.get, paths))

    def _answer(self, path: str) -> Document:
        for _ in range(3):
            status, location, body = self._exchange(path)
            if status not in REDIRECTS:
                return _document(self.account.address, path, status, body)
            target = urlsplit(location or "")
            if target.netloc not in ("", self.account.address):
                break  # the password goes to nobody else
            path = target.path
        raise Unseen(f"{self.account.address} sends {path} elsewhere")

    def _exchange(self, path: str) -> tuple[int, str | None, bytes]:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Unseen(f"{self.account.address} takes too long")
        connection = self._connection(min(left, PATIENCE))
        try:
            connection.request("GET", path, headers=self._headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Location"), answer.read(LARGEST + 1)
        except BaseException:
            connection.close()  # half an exchange is on it
            self._own.http = None
            raise

    def _connection(self, seconds: float) -> http.client.HTTPSConnection:
        kept: http.client.HTTPSConnection | None = getattr(self._own, "http", None)
        if kept is None:
            kept = http.client.HTTPSConnection(self.account.address, timeout=seconds, context=self._tls)
            self._own.http = kept
        elif kept.sock is not None:
            kept.sock.settimeout(seconds)
        return kept


def _context(account: Account) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=account.ca_file)
    except OSError as error:
        raise Unseen(f"{account.ca_file}, the authority of {account.address}: {error}") from None


def _document(address: str, path: str, status: int, body: bytes) -> Document:
    if status in FORBIDDEN:
        raise Unseen(f"{address} refuses the account: HTTP {status}")
    if status == http.client.NOT_FOUND:
        raise NotThere(f"{address} has no {path}")
    if status != http.client.OK:
        raise Unseen(f"{address} answers {path} with HTTP {status}")
    if len(body) > LARGEST:
        raise Unseen(f"{address} answers {path} with more than {LARGEST} bytes")
    found: Any = json.loads(body)
    if not isinstance(found, dict):
        raise Unseen(f"{address} answers {path} with something that is no Redfish document")
    return found
