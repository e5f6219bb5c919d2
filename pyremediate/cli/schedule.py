"""``pyremediate schedule``: look and prove without anybody, by timers of systemd or by cron."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pyremediate.cli import options
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyremediate.schedule.change import Change, Scheduler
    from pyremediate.schedule.status import Status

USER = click.option("--user", is_flag=True, help="For this user alone, by the user's own timers; needs no root.")
CHECK = click.option("-C", "--check", "only_tell", is_flag=True, help="Tell what would change, and change nothing.")
DIFF = click.option("-D", "--diff", is_flag=True, help="Show the lines that change.")


@click.group(short_help="Look and prove by timers, without anybody.")
def schedule() -> None:
    """Let checks, test mails and audits run by themselves: timers of systemd, or cron where there is no systemd."""


@schedule.command()
@options.shared(USER, CHECK, DIFF, options.SETTINGS)
def install(user: bool, only_tell: bool, diff: bool, settings: str | None) -> None:
    """Install the timers that the settings want, as often as you like; what they no longer want is removed."""
    from pyremediate import settings as reader
    from pyremediate.schedule import install as installing

    found = reader.load(settings)
    scheduler = _scheduler(user, only_tell)
    jobs = installing.wanted(found)
    if obstacles := tuple(installing.obstacles(found, jobs, scheduler.sandboxed)):
        raise UsageError("\n".join(obstacles))
    changes = scheduler.changes(jobs)
    if changes and not only_tell:
        scheduler.apply(changes, jobs)
    _tell(changes, only_tell, diff)
    if advice := scheduler.advice():
        click.echo(f"note: {advice}", err=True)


@schedule.command()
@options.shared(USER, CHECK, DIFF)
def remove(user: bool, only_tell: bool, diff: bool) -> None:
    """Remove the timers that `install` made, and nothing else; the record of the last runs stays."""
    scheduler = _scheduler(user, only_tell)
    changes = scheduler.changes(())
    if changes and not only_tell:
        scheduler.apply(changes, ())
    _tell(changes, only_tell, diff)


@schedule.command(name="list")
@options.shared(USER, options.FORMAT)
def list_(user: bool, form: str) -> None:
    """List what is installed, when it runs next, when it last ran, and with which result."""
    from pyremediate.cli import output
    from pyremediate.schedule import install as installing
    from pyremediate.schedule import status

    scheduler = installing.scheduler_here(user or os.geteuid() != 0)
    found = status.of(scheduler) if scheduler else ()
    if form == "json":
        output.as_json({"jobs": list(found)})
        return
    if not found:
        click.echo("nothing is installed; install it with: pyremediate schedule install")
        return
    headings = ("job", "calendar", "next (UTC)", "last (UTC)", "result")
    output.table(headings, [_row(each) for each in found])


@schedule.command()
@click.argument("name")
@options.shared(options.SETTINGS)
@click.pass_context
def run(ctx: click.Context, /, name: str, settings: str | None) -> None:
    """Run the job NAME now, as its timer does: with the settings' hosts and keys, and on record."""
    from pyremediate import cli
    from pyremediate import settings as reader
    from pyremediate.schedule import jobs, runs

    if name not in jobs.KINDS:
        raise UsageError(f"there is no job {name!r}; there is: {', '.join(jobs.KINDS)}")
    found = reader.load(settings)
    handed_over = os.environ.get("CREDENTIALS_DIRECTORY")
    words = jobs.words(name, found, Path(handed_over) if handed_over else None)
    status = runs.recorded(name, lambda: cli.run(words), found.schedule.textfile_directory)
    if found.status_page.directory:
        cli.run(["status-page", "render", *([f"--settings={found.source}"] if found.source else [])])
    ctx.exit(status)


def _scheduler(user: bool, only_tell: bool) -> Scheduler:
    from pyremediate.schedule import install as installing

    if not user and not only_tell and os.geteuid() != 0:
        raise UsageError("the system's timers are root's to change; run this as root, or use --user for timers of your own")
    return installing.scheduler(user)


def _tell(changes: Sequence[Change], only_tell: bool, diff: bool) -> None:
    for change in changes:
        click.echo(f"{'would be ' if only_tell else ''}{change.verb}: {change.place}")
        if diff:
            click.echo(change.diff(), nl=False)
    if not changes:
        click.echo("nothing to change")


def _row(status: Status) -> tuple[str, ...]:
    run = status.run
    return (
        status.job,
        status.on_calendar,
        f"{status.next:%Y-%m-%d %H:%M}" if status.next else "never" if status.trouble else "unknown",
        f"{run.began:%Y-%m-%d %H:%M}" if run else "never",
        "; ".join(filter(None, (status.result, status.trouble))),
    )
