"""Asking the operator for what policy does not allow unattended."""

from __future__ import annotations

from collections.abc import Callable

import click

from pyremediate.cli import terminal
from pyremediate.cli.live import Watching
from pyremediate.model import Planned


def asking(listener: Watching) -> Callable[[Planned], bool] | None:
    """A question on the terminal; None when nobody is there, and then the remedy is left and that is said."""
    if not terminal.interactive():
        return None

    def ask(item: Planned) -> bool:
        with listener.paused():
            click.echo(f"{item.remedy.words}, for {item.cause}; {item.reason}.", err=True)
            return click.confirm("Do it? It is undone if test mail does not prove it", default=False, err=True)

    return ask
