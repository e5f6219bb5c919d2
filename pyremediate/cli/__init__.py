"""The command line: a thin shell. Options in, calls, a page or JSON out; errors end here, each kind with its exit status."""

from __future__ import annotations

import importlib
import sys

import click

from pyremediate import __version__
from pyremediate.errors import PyremediateError

# Verb → (module, attribute); imported when used, so that ``--help`` stays fast.
COMMANDS = {
    "lab": ("pyremediate.cli.lab", "lab"),
}


class LazyGroup(click.Group):
    """A group that imports a verb only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup)
@click.version_option(__version__, prog_name="pyremediate")
def cli() -> None:
    """Bring broken mail hosts back: verified or undone."""


def main() -> None:
    """Entry point: errors that the operator can act on become one line and an exit status."""
    try:
        cli.main(standalone_mode=True)
    except PyremediateError as error:
        click.echo(f"pyremediate: {error}", err=True)
        sys.exit(error.exit_status)
