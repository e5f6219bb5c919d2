"""Keeps the status page current while a run goes on, beside it: a page that cannot be written holds no repair up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pyremediate.errors import PyremediateError
from pyremediate.journal import Journal
from pyremediate.settings import StatusPageSettings

LAST_SECONDS = 5  # that the end of a run waits for the last page


@contextmanager
def kept_current(journal: Journal, wanted: StatusPageSettings, note: Callable[[str], None]) -> Iterator[None]:
    """Within it, the page is written anew at each entry of the run; the newest state counts, those between may be left out."""
    if wanted.directory is None:
        yield
        return
    from pyremediate.status_page.writing import render

    directory, changed, over = wanted.directory, threading.Event(), threading.Event()

    def work() -> None:
        last = False
        while not last:
            changed.wait()
            changed.clear()
            last = over.is_set()  # asked before the page is made, so that the last page has everything
            try:
                render(journal, wanted, directory)
            except PyremediateError as error:
                note(str(error))

    worker = threading.Thread(target=work, name="status page", daemon=True)  # it holds up no exit
    journal.observe(changed.set)
    worker.start()
    try:
        yield
    finally:
        over.set()
        changed.set()
        worker.join(LAST_SECONDS)
