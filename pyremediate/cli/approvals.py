"""``pyremediate baseline diff | approve | restore | history``: what has changed since somebody said that it was good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options, terminal
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from pyremediate.approve import Entry, Found
    from pyremediate.known_good.meaning import Change
    from pyremediate.known_good.writing import Approval

SHORT_ID = 10  # characters of a commit's name, as people read it
DIFFERENT, UNKNOWN = 1, 3  # exit statuses; see docs/exit-status.md
APPROVAL = (
    click.option("--incident", default="", metavar="ID", help="The incident that it belongs to; kept with it."),
    click.option("--ticket", default="", metavar="ID", help="The ticket that it belongs to; kept with it."),
)
REASON = click.option("--reason", default="", metavar="TEXT", help="Why this is good; kept with it, and asked for when left out.")
ONLY = click.option(
    "--only", nargs=2, multiple=True, metavar="KIND NAME", help="Only this difference, as diff names it; can be repeated."
)
MARKS = {"+": "green", "-": "red"}


@click.command()
@click.argument("name", required=False)
@click.argument("commits", nargs=-1)
@options.shared(options.HOSTS, options.ANSIBLE, options.SETTINGS, options.FORMAT, options.VERBOSE)
@click.pass_context
def diff(ctx: click.Context, /, name: str | None, commits: tuple[str, ...], **given: Any) -> None:
    """Show how hosts differ from what was approved. Changes nothing.

    Without COMMITS, hosts and network devices as they are now: NAME, or those of --host and --limit, or all. With one commit of
    the history, NAME as it was approved then against what is approved now; with two, the one against the other.
    """
    from pyremediate import approve as approving
    from pyremediate.cli import live, output

    if len(commits) > 2:
        raise UsageError("diff takes two commits at most")
    if name and commits:
        changes = [approving.between(name, commits[0], commits[1] if len(commits) > 1 else "refs/heads/main")]
        _show_changes(changes, given["form"])
        ctx.exit(DIFFERENT if changes[0].differences else 0)
    request = options.request({**given, "host": (*given["host"], *([name] if name else []))})
    with live.watching() as listener:
        listener.stage("looking")
        found = approving.diff(request)
    if given["form"] == "json":
        output.as_json({**_json(found.changes), "without": found.without, "unreachable": found.refused})
    else:
        _show_changes(found.changes, "text")
        for line in _left(found):
            click.echo(line)
    ctx.exit(_status(found))


@click.command()
@click.argument("name")
@options.shared(ONLY, REASON, APPROVAL, options.ANSIBLE, options.SETTINGS, options.FORMAT, options.VERBOSE)
def approve(name: str, only: tuple[tuple[str, str], ...], reason: str, incident: str, ticket: str, **given: Any) -> None:
    """Let what differs on the host or network device NAME be its known good: all of it, or --only what is named.

    The host is not changed, but for the copies of its secret files that it keeps for rollbacks.
    """
    from pyremediate import approve as approving
    from pyremediate.cli import live, output

    request = options.request({**given, "host": (name,)})
    approval = _approval(request.actor, reason, incident, ticket)
    with live.watching() as listener:
        listener.stage("looking")
        kept, change = approving.approve(request, approval, only)
    if given["form"] == "json":
        output.as_json({"commit": kept.commit or None, "approved": change.to_json()})
    elif kept.commit:
        click.echo(f"{click.style(name, bold=True)}: approved ({kept.commit[:SHORT_ID]})")
        for line in _sentences(change):
            click.echo(line)
    else:
        click.echo(f"{name}: nothing differs from what was approved")


@click.command()
@click.argument("name")
@click.argument("commit")
@options.shared(REASON, APPROVAL, options.FORMAT)
def restore(name: str, commit: str, reason: str, incident: str, ticket: str, form: str) -> None:
    """Let what was approved of NAME by an earlier COMMIT be its known good again, in a new commit. The host is not changed."""
    from pyremediate import approve as approving
    from pyremediate.cli import output
    from pyremediate.request import operator

    kept = approving.restore(name, commit, _approval(operator(), reason, incident, ticket))
    if form == "json":
        output.as_json({"commit": kept.commit or None, "restored": commit})
    elif kept.commit:
        click.echo(f"{name}: what was approved by {commit} is its known good again ({kept.commit[:SHORT_ID]})")
    else:
        click.echo(f"{name}: its known good is what was approved by {commit}")


@click.command()
@click.argument("name")
@options.shared(options.FORMAT)
def history(name: str, form: str) -> None:
    """Show who approved what of a host or network device NAME, when and why, newest first."""
    from pyremediate import approve as approving
    from pyremediate.cli import output

    entries = approving.history(name)
    if form == "json":
        output.as_json({"name": name, "history": [_entry_json(entry) for entry in entries]})
        return
    for entry in entries:
        for line in _entry(entry):
            click.echo(line)


def _approval(by: str, reason: str, incident: str, ticket: str) -> Approval:
    from pyremediate.known_good.writing import Approval

    approval = Approval(by, reason, incident, ticket)
    if reason.strip():
        return approval
    if not terminal.interactive():
        raise UsageError("--reason: why is this good? It is kept with the approval")
    return replace(approval, reason=click.prompt("Why is this good", err=True))


def _show_changes(changes: Any, form: str) -> None:
    from pyremediate.cli import output

    if form == "json":
        output.as_json(_json(changes))
        return
    for change in changes:
        for line in _page(change):
            click.echo(line)


def _json(changes: Any) -> dict[str, Any]:
    return {"changes": [change.to_json() for change in changes]}


def _page(change: Change) -> Iterator[str]:
    """What it means first; the texts beneath."""
    number = len(change.differences)
    words = {0: "no difference", 1: "1 difference"}.get(number, f"{number} differences")
    since = f"what was approved {change.since:%Y-%m-%d %H:%M} UTC"
    yield f"{click.style(change.name, bold=True)}: {click.style(words, fg='yellow' if number else 'green')} from {since}"
    yield from _sentences(change)
    yield from (f"  not known: {words}" for words in change.unknown)
    for text in change.texts:
        if text.withheld:
            yield f"  {text.name}: {text.withheld}"
        yield from (f"  {click.style(line, fg=MARKS.get(line[:1]))}" for line in text.lines)


def _sentences(change: Change) -> Iterator[str]:
    from pyremediate.comparison import telling

    for each in change.differences:
        yield f"  - {telling.had_happened(each)} [{each.kind} {each.name}]"


def _left(found: Found) -> Iterator[str]:
    if found.without:
        yield f"nothing was approved of {', '.join(found.without)}; capture what is good: pyremediate baseline capture"
    for name, words in found.refused.items():
        yield f"{click.style(name, bold=True)}: could not be looked at: {words}"


def _status(found: Found) -> int:
    """What is known to differ is worse than what could not be known."""
    if any(change.differences for change in found.changes):
        return DIFFERENT
    return UNKNOWN if found.refused or found.without or any(change.unknown for change in found.changes) else 0


def _entry(entry: Entry) -> Iterator[str]:
    commit = entry.commit
    named = ", ".join(f"{word} {value}" for word, value in (("incident", commit.incident), ("ticket", commit.ticket)) if value)
    yield f"{click.style(commit.id[:SHORT_ID], fg='yellow')}  {commit.at:%Y-%m-%d %H:%M} UTC  {commit.by}: {commit.reason}"
    yield f"  {commit.what}{f' ({named})' if named else ''}"
    if entry.change is not None:
        yield from _sentences(entry.change)


def _entry_json(entry: Entry) -> dict[str, Any]:
    commit = entry.commit
    told = {"commit": commit.id, "at": commit.at, "by": commit.by, "reason": commit.reason, "what": commit.what}
    trailers = {"incident": commit.incident or None, "ticket": commit.ticket or None}
    return {**told, **trailers, "changed": entry.change.to_json()["differences"] if entry.change else None}
