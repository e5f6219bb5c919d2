"""The command line: a thin shell. Options in, calls, a page or JSON out; errors end here, each with its exit status."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from pyremediate import __version__
from pyremediate.errors import PyremediateError

# Verb → the module that holds it, under its own name; imported when used, so that ``--help`` stays fast.
COMMANDS = {
    "audit": "pyremediate.cli.audit",
    "baseline": "pyremediate.cli.baseline",
    "check": "pyremediate.cli.check",
    "doctor": "pyremediate.cli.doctor",
    "faults": "pyremediate.cli.faults",
    "fix": "pyremediate.cli.fix",
    "incident": "pyremediate.cli.incident",
    "lab": "pyremediate.cli.lab",
    "notify": "pyremediate.cli.notify",
    "report": "pyremediate.cli.report",
    "schedule": "pyremediate.cli.schedule",
    "status-page": "pyremediate.cli.status_page",
    "undo": "pyremediate.cli.undo",
    "verify": "pyremediate.cli.verify",
}
NAGIOS = frozenset({"--nagios", "nagios", "--format=nagios"})
NAGIOS_UNKNOWN = 3
INTERRUPTED = 130  # 128 + SIGINT, as a shell says it
BROKEN_PIPE = 141  # 128 + SIGPIPE


class LazyGroup(click.Group):
    """A group that imports a verb only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pyremediate")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Bring broken mail hosts back: verified or undone."""
    if os.environ.get("NO_COLOR"):  # no-color.org: whatever its value
        ctx.color = False


def main() -> None:
    """Entry point."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit status. What somebody can act on becomes a line; the unforeseen keeps its traceback."""
    try:
        status = cli.main(list(arguments), prog_name="pyremediate", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except PyremediateError as error:
        _say(str(error))
        return error.exit_status
    except click.ClickException as error:
        error.show()
        return NAGIOS_UNKNOWN if NAGIOS & {*arguments} else error.exit_code  # to Nagios, 2 would be CRITICAL
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; if a fix was under way, it is on record: pyremediate incident resume")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone; what is left in the buffer must not fail again at exit (Python's signal documentation).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _say(text: str) -> None:
    """Each line of an error stands for itself."""
    for line in text.splitlines():
        click.echo(f"pyremediate: {line}", err=True)
