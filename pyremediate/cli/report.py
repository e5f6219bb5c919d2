"""``pyremediate report``: what many incidents have in common."""

from __future__ import annotations

from pathlib import Path

import click

from pyremediate.cli import options


@click.group(short_help="What many incidents have in common.")
def report() -> None:
    """What many incidents have in common, from the journal."""


@report.command()
@click.option("--days", type=click.IntRange(min=1, max=3660), default=90, show_default=True, help="How far back.")
@click.option(
    "--format", "form", type=click.Choice(["text", "html", "json"]), default="text", show_default=True, help="As what."
)
@click.option("-o", "--output", metavar="FILE", help="Write it there, for its owner alone to read.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.shared(options.LANGUAGE, options.SETTINGS)
def trends(days: int, form: str, output: str | None, force: bool, language: str, settings: str | None) -> None:
    """Incidents by cause, how long repairs took, what came back, and what went without people."""
    from datetime import UTC, datetime, timedelta
    from zoneinfo import ZoneInfo

    from pyremediate.journal import Journal
    from pyremediate.languages import Language
    from pyremediate.report import bundle
    from pyremediate.settings import load
    from pyremediate.trends import build, formats

    found = load(settings)
    until = datetime.now(UTC)
    since, zone = until - timedelta(days=days), ZoneInfo(found.review.timezone)
    with Journal.open(found.journal.url) as journal:
        entries = journal.since(since, build.KINDS)
    text = formats.render(build.trends(entries, since, until, zone), Language(language, zone), form)
    if output:
        bundle.write(Path(output), text.encode(), force)
        click.echo(output)
    else:
        click.echo(text, nl=False)
