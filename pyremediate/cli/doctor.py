"""``pyremediate doctor``: is this control node fit for its work?"""

from __future__ import annotations

from typing import Any

import click

from pyremediate.cli import options

COLOURS = {"pass": "green", "fail": "red", "unknown": "yellow", "impossible": "yellow"}


@click.command(short_help="Is this control node fit for its work?")
@options.shared(options.ANSIBLE, options.SETTINGS, options.FORMAT, options.VERBOSE)
@click.pass_context
def doctor(ctx: click.Context, /, **given: Any) -> None:
    """Examine this control node: versions, state, disk, settings, journal, catalogue, inventory, clock."""
    from pyremediate.cli import output
    from pyremediate.doctor import Subject, examine
    from pyremediate.model import Answer

    found = examine(Subject(given["settings"], _options(given)))
    if given["form"] == "json":
        output.as_json({"findings": list(found)})
    for finding in found if given["form"] == "text" else ():
        answer = click.style(f"{finding.answer.value:<10}", fg=COLOURS[finding.answer.value])
        click.echo(f"{answer}  {finding.name}: {finding.detail}")
        if finding.mend and finding.answer is not Answer.PASS:
            click.echo(f"{'':<10}  mend: {finding.mend}")
    answers = {finding.answer for finding in found}
    ctx.exit(1 if Answer.FAIL in answers else 3 if Answer.UNKNOWN in answers else 0)


def _options(given: dict[str, Any]) -> Any:
    """Settings that cannot be read are a finding, not the end of the examination."""
    from pyremediate import settings
    from pyremediate.errors import UsageError

    try:
        found = settings.load(given["settings"])
    except UsageError:
        found = settings.Settings()
    return options.ansible_options(given, found)[0]
