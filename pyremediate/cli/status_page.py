"""``pyremediate status-page``: how mail is, for its users."""

from __future__ import annotations

from pathlib import Path

import click

from pyremediate.cli import options
from pyremediate.errors import UsageError


@click.group(short_help="The page that tells users how mail is.")
def status_page() -> None:
    """The page that tells users how mail is, in six languages, for any web server."""


@status_page.command()
@click.option("-o", "--output", metavar="DIR", help="Write it there (status_page.directory of the settings).")
@options.shared(options.SETTINGS)
def render(output: str | None, settings: str | None) -> None:
    """Write the status page from the journal, as it is now."""
    from pyremediate.journal import Journal
    from pyremediate.settings import load
    from pyremediate.status_page import writing

    found = load(settings)
    directory = Path(output) if output else found.status_page.directory
    if directory is None:
        raise UsageError("where to? name a directory with --output, or set status_page.directory in the settings")
    with Journal.open(found.journal.url) as journal:
        writing.render(journal, found.status_page, directory)
    click.echo(directory / "index.html")
