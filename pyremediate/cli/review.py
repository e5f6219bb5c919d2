"""``pyremediate incident review``: the post-incident review, for those who were not there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pyremediate.cli import options


@click.command()
@click.argument("ident", metavar="ID")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html", "pdf", "json"]),
    default="markdown",
    show_default=True,
    help="html: one page that needs nothing else; pdf: with pyremediate[pdf].",
)
@click.option("-o", "--output", metavar="FILE", help="Write it there, for its owner alone to read.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.shared(options.LANGUAGE, options.SETTINGS)
def review(ident: str, form: str, output: str | None, force: bool, language: str, settings: str | None) -> None:
    """Write the post-incident review: impact, timeline, times against targets, causes, what to learn."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from pyremediate.communication import notices, outbox
    from pyremediate.diagnosis import catalogue
    from pyremediate.journal import Journal
    from pyremediate.languages import SOURCE, Language
    from pyremediate.report import bundle
    from pyremediate.review import formats
    from pyremediate.review.build import build
    from pyremediate.review.retelling import retelling
    from pyremediate.settings import load
    from pyremediate.sign_off.standing import standing

    found = load(settings)
    with Journal.open(found.journal.url) as journal:
        entries = journal.entries(ident)
        earlier = [item for item in journal.incidents(entries[0].host, limit=None) if item.began < entries[0].time]
        finder = notices.outage_of(journal, ident)[0]
        told = journal.entries(finder, ("begin", *outbox.KINDS)) if finder != ident else ()
    built = build(entries, found.review.targets, earlier, standing(entries, found.sign_off, datetime.now(UTC)), told)
    reader = Language(language, ZoneInfo(found.review.timezone))
    if language != SOURCE:
        reader = retelling(reader, entries, catalogue.load(found.faults, found.builtin_faults))
    content = formats.render(built, reader, form)
    if output:
        bundle.write(Path(output), content, force)
        click.echo(output)
    elif form == "pdf" and sys.stdout.isatty():
        raise click.UsageError("a PDF is not for a terminal; name a file with --output")
    else:
        sys.stdout.buffer.write(content)
