"""``pyremediate verify``: the proof by real test mail, in every direction."""

from __future__ import annotations

from typing import Any

import click

from pyremediate.cli import options


@click.command(short_help="Prove by test mail that mail flows.")
@options.shared(options.HOSTS, options.ANSIBLE, options.SETTINGS, options.FORMAT, options.DIFF, options.VERBOSE)
@click.pass_context
def verify(ctx: click.Context, /, **given: Any) -> None:
    """Prove by test mail in every direction that mail flows, and show each step of its way with its time."""
    request = options.request(given)

    from pyremediate import check as checks
    from pyremediate.cli import live, output

    with live.watching() as listener:
        listener.stage("verifying")
        outcomes = checks.verify(request)
    output.show(outcomes, given["form"], verbose=True, diff=given["diff"], listed=True)
    ctx.exit(output.exit_status(outcomes))
