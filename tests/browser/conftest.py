"""Debian's chromium, driven by Playwright; what is shown comes from a server on the loopback, as a web server would show it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="session")
def browser():
    """One browser for every test; each takes a context of its own. Skips where there is none."""
    if CHROMIUM is None:
        pytest.skip("no chromium here; as root: scripts/setup --browser")
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install -e '.[test]'")
    with playwright.sync_playwright() as driver:
        # Chromium refuses its sandbox to root (chromium(1)); it opens nothing but our own pages.
        started = driver.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0)
        yield started
        started.close()


class Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Browsers ask for an icon of their own accord."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        """The tests say what went wrong."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A directory, and the address at which it is served."""
    directory = tmp_path_factory.mktemp("www")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=directory)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield directory, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
