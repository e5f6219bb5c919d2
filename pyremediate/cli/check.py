"""``pyremediate check``: is it down, for whom, and why? Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.errors import PyremediateError

if TYPE_CHECKING:
    from pyremediate.model import Outcome


@click.command(short_help="Is mail down, for whom, and why?")
@options.shared(options.HOSTS, options.ANSIBLE, options.SETTINGS, options.FORMAT, options.DIFF, options.VERBOSE)
@click.option("--look", type=click.Choice(["inside", "outside", "both"]), default="both", help="Which views (both).")
@click.option("--nagios", is_flag=True, help="Answer as a Nagios plugin: one line, and its exit statuses.")
@click.pass_context
def check(ctx: click.Context, /, look: str, nagios: bool, **given: Any) -> None:
    """Look at mail hosts from inside and outside, and judge: by default at all of the group `mail`."""
    from pyremediate.cli import output

    if nagios:
        _answer_nagios(ctx, look, given)
    outcomes = _look(look, given)
    output.show(outcomes, given["form"], verbose=given["verbosity"] > 0, diff=given["diff"], listed=True)
    ctx.exit(output.exit_status(outcomes))


def _look(look: str, given: dict[str, Any], quiet: bool = False) -> Sequence[Outcome]:
    request = replace(options.request(given), look=look)

    from pyremediate import check as checks
    from pyremediate.cli import live

    with live.watching(quiet) as listener:
        listener.stage("looking")
        return checks.check(request)


def _answer_nagios(ctx: click.Context, /, look: str, given: dict[str, Any]) -> None:
    """Whatever happens, an answer in the form that the monitoring understands."""
    from pyremediate.cli import nagios

    try:
        line, status = nagios.answer(_look(look, given, quiet=True))
    except PyremediateError as error:
        line, status = nagios.failure(str(error)), nagios.UNKNOWN
    except Exception as error:  # a traceback would be taken for a WARNING
        line, status = nagios.failure(f"{type(error).__name__}: {error}"), nagios.UNKNOWN
    click.echo(line)
    ctx.exit(status)
