"""The status page in its directory: each file whole or not at all, for whoever reads it meanwhile (rename(2))."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pyremediate.errors import UsageError
from pyremediate.journal import Journal
from pyremediate.schedule import runs
from pyremediate.settings import StatusPageSettings
from pyremediate.status_page.pages import Appearance, files
from pyremediate.status_page.state import DAYS, KINDS, status
from pyremediate.status_page.values import Checked


def render(journal: Journal, wanted: StatusPageSettings, directory: Path) -> None:
    """Write the page as it is now. Raises ``UsageError`` when the directory cannot be written."""
    now, zone = datetime.now(UTC), ZoneInfo(wanted.timezone)
    since = now - timedelta(days=DAYS + 1)
    judged = status(journal.since(since, KINDS), now, zone, journal.first(), _checked())
    write(directory, files(judged, zone, Appearance(wanted.name, wanted.contact, wanted.details)))


def _checked() -> Checked | None:
    last = runs.last("check")
    if last is None or last.ended is None:
        return None
    return Checked(last.ended, {0: True, 1: False}.get(last.status if last.status is not None else -1))


def write(directory: Path, texts: dict[str, str]) -> None:
    """Put the files into the directory, readable for everybody; the index comes last, for it leads to the others."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            fresh = directory / f".{name}.{os.getpid()}"
            try:
                fresh.write_text(text, encoding="utf-8")
                fresh.chmod(0o644)
                fresh.replace(directory / name)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"{directory}: the status page cannot be written: {error.strerror}; name another directory"
        ) from None
