"""``pyremediate undo``: put back what an incident changed."""

from __future__ import annotations

from typing import Any

import click

from pyremediate.cli import options
from pyremediate.errors import UsageError
from pyremediate.request import Request


@click.command(short_help="Put back what an incident changed.")
@click.argument("incident", required=False)
@click.option("--host", metavar="NAME", help="Undo the newest incident of this host, when none is named.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.FORMAT, options.DIFF, options.VERBOSE)
@click.pass_context
def undo(ctx: click.Context, /, incident: str | None, host: str | None, **given: Any) -> None:
    """Put back everything that INCIDENT changed, the last first; what somebody else changed since is left, and said."""
    from pyremediate import pipeline
    from pyremediate.cli import live, output

    request = options.request(given)
    chosen = incident or _newest(request, host)
    with live.watching() as listener:
        listener.stage("undo")
        outcome = pipeline.undo(request, chosen, listener)
    output.show([outcome], given["form"], verbose=given["verbosity"] > 0, diff=given["diff"])
    ctx.exit(output.exit_status([outcome]))


def _newest(request: Request, host: str | None) -> str:
    from pyremediate.journal import Journal

    if host is None:
        raise UsageError("which incident? Name one of `pyremediate incident list`, or a host with --host")
    with Journal.open(request.settings.journal.url) as journal:
        for incident in journal.incidents(host, limit=1):
            return incident.id
    raise UsageError(f"there is no incident of {host}; see: pyremediate incident list")
