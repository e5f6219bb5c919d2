"""``pyremediate incident note``, ``impact``, ``cause``, ``measure`` and ``measures``: what people know of an incident.

Also of what was done outside the tool: a disk that was replaced, a provider that was called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from pyremediate.journal import Journal
    from pyremediate.sign_off.measures import Measure

IDENT = click.argument("ident", metavar="ID")
TEXT = click.argument("text")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@options.shared(IDENT, TEXT, options.SETTINGS)
def note(ident: str, text: str, settings: str | None) -> None:
    """Put on record what somebody did or saw outside of this tool."""
    with options.journal(settings) as journal:
        journal.write(ident, "review", "note", {"text": _said(text), "person": True})


@click.command()
@options.shared(IDENT, TEXT)
@click.option("--users", type=click.IntRange(min=0), metavar="N", help="How many people were affected.")
@options.shared(options.SETTINGS)
def impact(ident: str, text: str, users: int | None, settings: str | None) -> None:
    """State what an incident meant for people; the last statement counts."""
    with options.journal(settings) as journal:
        journal.write(ident, "review", "impact", {"text": _said(text), "users": users})


@click.command()
@options.shared(IDENT, TEXT, options.SETTINGS)
def cause(ident: str, text: str, settings: str | None) -> None:
    """State the root cause in a person's words, beside what was diagnosed; the last statement counts."""
    with options.journal(settings) as journal:
        journal.write(ident, "review", "cause", {"text": _said(text)})


@click.command()
@options.shared(IDENT)
@click.argument("text", required=False, default="")
@click.option("--owner", metavar="NAME", help="Who sees to it.")
@click.option("--due", type=DAY, metavar="YYYY-MM-DD", help="By when.")
@click.option("--done", type=click.IntRange(min=1), metavar="NUMBER", help="Measure NUMBER is done; TEXT may say how.")
@options.shared(options.SETTINGS)
def measure(
    ident: str, text: str, owner: str | None, due: datetime | None, done: int | None, settings: str | None
) -> None:
    """Set down what is to prevent the next such incident, with an owner and a date; or that it is done."""
    with options.journal(settings) as journal:
        found = _measures(journal.entries(ident))
        if done is not None:
            _done(journal, ident, found, done, text)
            return
        if owner is None or due is None or not owner.strip():
            raise UsageError("a measure needs somebody and a day: --owner NAME --due YYYY-MM-DD")
        number = 1 + max((each.number for each in found), default=0)
        told = {"number": number, "text": _said(text), "owner": owner.strip(), "due": due.date().isoformat()}
        journal.write(ident, "review", "measure", told)
    click.echo(f"{ident}: measure {number}, {owner.strip()} by {due.date()}")


def _done(journal: Journal, ident: str, found: Sequence[Measure], number: int, text: str) -> None:
    which = next((each for each in found if each.number == number), None)
    if which is None:
        known = ", ".join(str(each.number) for each in found) or "none"
        raise UsageError(f"{ident}: there is no measure {number}; there are: {known}")
    if which.done_at:
        raise UsageError(f"{ident}: measure {number} was done already, {which.done_at:%Y-%m-%d}, by {which.done_by}")
    journal.write(ident, "review", "measure_done", {"number": number, "text": " ".join(text.split())})
    click.echo(f"{ident}: measure {number} is done")


@click.command()
@click.option("--open", "open_", is_flag=True, help="Those alone that are not done.")
@click.option("--host", metavar="NAME", help="Those of this host's incidents alone.")
@options.shared(options.SETTINGS, options.FORMAT)
def measures(open_: bool, host: str | None, settings: str | None, form: str) -> None:
    """List preventive measures, the next due first."""
    from pyremediate.cli import output
    from pyremediate.sign_off.measures import KINDS

    with options.journal(settings) as journal:
        found = [each for each in _measures(journal.of_kinds(KINDS, host)) if not (open_ and each.done_at)]
    if form == "json":
        output.as_json({"measures": found})
    elif found:
        today = datetime.now(UTC).date()
        headings = ("due", "owner", "incident", "number", "state", "measure")
        output.table(headings, [_row(each, today) for each in found])
    else:
        click.echo("no measure is open" if open_ else "no measures are on record")


def _row(item: Measure, today: date) -> tuple[str, ...]:
    state = "done" if item.done_at else "overdue" if item.overdue(today) else "open"
    return item.due.isoformat(), item.owner, item.incident, str(item.number), state, item.text


def _measures(entries: Any) -> tuple[Measure, ...]:
    from pyremediate.sign_off.measures import measures as view

    return view(entries)


def _said(text: str) -> str:
    """Somebody's words on one line. Raises ``UsageError`` when there are none."""
    words = " ".join(text.split())
    if not words:
        raise UsageError("TEXT is empty; say it in a sentence")
    return words
