"""``pyremediate fix``: from "down" to "proved working", or everything put back and a human told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.request import Request

if TYPE_CHECKING:
    from pyremediate.model import Outcome
    from pyremediate.progress import Listener


@click.command(short_help="Repair a mail host: proved by test mail, or undone.")
@options.shared(options.HOSTS)
@click.option("--plan", "-C", "--check", is_flag=True, help="Show what would be done, and why; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Consent to the remedies that policy would ask about.")
@click.option("--accept-risk", is_flag=True, help="Change a device that cannot undo it by itself (no dead-man switch), too.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.FORMAT, options.DIFF, options.VERBOSE)
@click.pass_context
def fix(ctx: click.Context, /, plan: bool, yes: bool, accept_risk: bool, **given: Any) -> None:
    """Repair a mail host: every change is proved by test mail, or undone. Several hosts go one after another."""
    from pyremediate.cli import output, targets

    request = replace(options.request(given), plan_only=plan, assume_yes=yes, accept_risk=accept_risk)
    hosts = targets.named(given["host"], given["limit"], request.options)
    outcomes: list[Outcome] = []
    try:
        for outcome in one_after_another(request, hosts, _fix):
            outcomes.append(outcome)
    finally:  # what was done is told even if a later host ends the command
        if outcomes:
            signers = request.settings.sign_off.required_signers
            output.show(outcomes, given["form"], given["verbosity"] > 0, given["diff"], sign_off=signers > 0)
    ctx.exit(output.exit_status(outcomes))


def _fix(request: Request, listener: Listener) -> Outcome:
    from pyremediate import pipeline

    return pipeline.fix(request, listener)


def one_after_another(
    request: Request, hosts: Sequence[str], work: Callable[[Request, Listener], Outcome]
) -> Iterator[Outcome]:
    """Never two hosts at once; and none after one whose state is not known."""
    from pyremediate.cli import consent, live

    for number, host in enumerate(hosts):
        with live.watching() as listener:
            outcome = work(replace(request, hosts=host, approve=consent.asking(listener)), listener)
        yield outcome
        left = hosts[number + 1 :]
        if left and not _settled(outcome):
            click.echo(f"not touched, since the state of {host} is not known: {', '.join(left)}", err=True)
            return


def _settled(outcome: Outcome) -> bool:
    """Is it known what the host is like now?"""
    return outcome.outcome != "unknown" and not {step.state for step in outcome.actions} & {"unknown", "undo_refused"}
