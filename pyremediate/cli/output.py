"""Outcomes on the standard output, as a page or as JSON, and the exit status that they add up to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click

from pyremediate.cli import page, terminal
from pyremediate.model import EXIT_STATUS, Outcome, to_json

# What is known to be bad, what could not be known, what was not allowed, what nobody has approved yet, what is well.
WORST_FIRST = (1, 3, 4, 5, 0)


def show(
    outcomes: Sequence[Outcome],
    form: str,
    verbose: bool = False,
    diff: bool = False,
    listed: bool = False,
    sign_off: bool = False,
) -> None:
    """A page for each outcome; or JSON: one as itself, several, and those of a verb for groups, as ``{"hosts": [...]}``."""
    if form == "json":
        values = to_json(list(outcomes))
        as_json({"hosts": values} if listed or len(values) != 1 else values[0])
        return
    style = page.Style(terminal.width(), verbose, diff, sign_off)
    click.echo("\n\n".join(page.page(outcome, style) for outcome in outcomes))


def as_json(value: Any) -> None:
    """A value for programs: ASCII alone, so that no locale can spoil it."""
    click.echo(json.dumps(to_json(value), indent=2))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell; the last one is as long as it is."""
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    for number, row in enumerate((headings, *rows)):
        line = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        click.echo(click.style(line, bold=True) if number == 0 else line)


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """That of the worst host; see docs/exit-status.md."""
    return worst(EXIT_STATUS[outcome.outcome] for outcome in outcomes)


def worst(statuses: Iterable[int]) -> int:
    """The worst of several exit statuses; 0 when there is none."""
    found = {*statuses}
    return next(status for status in WORST_FIRST if status in found or status == 0)
