"""``pyremediate incident``: what is on record, and what was left in the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.cli.review import review
from pyremediate.cli.sign_off import refuse, sign
from pyremediate.cli.statements import cause, impact, measure, measures, note
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from pyremediate.journal import Entry, IncidentSummary
    from pyremediate.settings import Settings
    from pyremediate.sign_off.standing import Standing


@click.group(short_help="What is on record; resume what was left.")
def incident() -> None:
    """The record: list, show, export and bundle incidents; resume one that was left in the middle."""


@incident.command(name="list")
@click.option("--host", metavar="NAME", help="Those of this host alone.")
@click.option("-n", "--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@options.shared(options.SETTINGS, options.FORMAT)
def list_(host: str | None, last: int, settings: str | None, form: str) -> None:
    """List incidents, the newest first."""
    from pyremediate.cli import output
    from pyremediate.model import to_json
    from pyremediate.settings import load
    from pyremediate.sign_off.acts import where

    policy = load(settings).sign_off
    with options.journal(settings) as journal:
        found = journal.incidents(host, limit=last)
        standings = {item.id: where(journal, item.id, policy) for item in found}
    if form == "json":
        output.as_json({"incidents": [{**to_json(item), "sign_off": standings[item.id].state} for item in found]})
    elif found:
        headings = ("incident", "host", "began (UTC)", "seconds", "outcome", "causes")
        output.table(headings, [_row(item, standings[item.id]) for item in found])
    else:
        click.echo("no incidents are on record")


STANDING = {
    "awaiting": ", awaiting sign-off",
    "expired": ", sign-off expired",
    "reopened": ", sign-off refused",
    "signed": ", signed",
}


def _row(item: IncidentSummary, signed: Standing) -> tuple[str, ...]:
    outcome = f"{item.outcome} (open)".strip() if item.open else f"{item.outcome}{STANDING.get(signed.state, '')}"
    return item.id, item.host, f"{item.began:%Y-%m-%d %H:%M}", _took(item), outcome, ", ".join(item.causes)


def _took(item: IncidentSummary) -> str:
    ended: datetime | None = item.ended
    return f"{(ended - item.began).total_seconds():.1f}" if ended else ""


@incident.command()
@click.argument("ident", metavar="ID")
@options.shared(options.SETTINGS, options.FORMAT)
def show(ident: str, settings: str | None, form: str) -> None:
    """Show everything about one incident."""
    _tell(ident, settings, "json" if form == "json" else "markdown", pretty=True)


@incident.command()
@click.argument("ident", metavar="ID")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "json", "svg"]),
    default="markdown",
    help="Which (markdown); svg: who reached what, as a picture.",
)
@options.shared(options.SETTINGS)
def export(ident: str, settings: str | None, form: str) -> None:
    """Write the report of one incident to the standard output."""
    _tell(ident, settings, form)


def _tell(ident: str, settings: str | None, form: str, pretty: bool = False) -> None:
    from pyremediate.cli import output, terminal
    from pyremediate.report import report
    from pyremediate.settings import load
    from pyremediate.sign_off.standing import standing

    with options.journal(settings) as journal:
        entries = journal.entries(ident)
    built = report.build(entries, standing(entries, load(settings).sign_off, datetime.now(UTC)))
    if form == "json":
        output.as_json(built)
    elif form == "svg":
        if not built["vantage"]:
            raise UsageError(f"{ident}: there is no picture, for nobody looked from outside; see --format markdown")
        click.echo(report.picture(built), nl=False)
    elif pretty and terminal.width():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(report.markdown(built)))
    else:
        click.echo(report.markdown(built), nl=False)


@incident.command()
@click.argument("ident", metavar="ID")
@click.option(
    "-o", "--output", metavar="FILE", help="Where to (ID.tar.gz here); a name that ends in .tar is not compressed."
)
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.VERBOSE)
def bundle(ident: str, output: str | None, force: bool, **given: Any) -> None:
    """Write everything about one incident to a tar that can be read without this tool: start with its index.md.

    With an inventory (-i, or in the settings), the values of its passwords are withheld too, wherever they turn up.
    """
    from pyremediate.report import bundle as bundling
    from pyremediate.settings import load

    path = Path(output or f"{ident}.tar.gz")
    with options.journal(given["settings"]) as journal:
        entries = _redacted(journal.entries(ident), _secrets(given, load(given["settings"])))
    bundling.write(path, bundling.pack(ident, bundling.files(entries), entries, path.suffix != ".tar"), force)
    click.echo(path)


def _secrets(given: Mapping[str, Any], settings: Settings) -> list[str]:
    """What must not be told: passwords of the inventory and those that were typed, and the key of the digests."""
    from pyremediate.ansible.inventory import inventory_hosts
    from pyremediate.journal.redact import secret_values
    from pyremediate.known_good.secrecy import hash_key

    found, typed = options.ansible_options(given, settings)
    listed = secret_values(inventory_hosts(found)) if found.inventory else ()
    return [hash_key(), *typed, *listed]


def _redacted(entries: Sequence[Entry], secrets: Sequence[str]) -> list[Entry]:
    from pyremediate.journal.redact import Redactor

    redactor = Redactor()
    redactor.add(secrets)
    return [replace(entry, payload=redactor.clean(entry.payload)) for entry in entries]


@incident.command()
@click.argument("ident", metavar="[ID]", required=False)
@click.option("--host", metavar="NAME", help="The one of this host, when none is named.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.FORMAT, options.DIFF, options.VERBOSE)
@click.pass_context
def resume(ctx: click.Context, /, ident: str | None, host: str | None, **given: Any) -> None:
    """Resolve an incident that was left in the middle: look at the host, keep what is proved, undo the rest."""
    from pyremediate import pipeline
    from pyremediate.cli import live, output

    request = options.request(given)
    chosen = ident or (_left_of(host, given["settings"]) if host else None)
    with live.watching() as listener:
        listener.stage("resuming")
        outcome = pipeline.resume_incident(request, chosen, listener)
    signers = request.settings.sign_off.required_signers
    output.show([outcome], given["form"], given["verbosity"] > 0, given["diff"], sign_off=signers > 0)
    ctx.exit(output.exit_status([outcome]))


def _left_of(host: str, settings: str | None) -> str:
    with options.journal(settings) as journal:
        left = journal.unfinished(host)
    if left is None:
        raise UsageError(f"no incident of {host} is unfinished; see: pyremediate incident list --host {host}")
    return left.incident


for command in (review, sign, refuse, note, impact, cause, measure, measures):
    incident.add_command(command)
