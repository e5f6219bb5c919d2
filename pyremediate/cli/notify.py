"""``pyremediate notify``: who is told of an outage, whether they can be reached, and what they were told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pyremediate.cli import options
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from pyremediate.communication.outbox import Letter
    from pyremediate.communication.trying import Trial
    from pyremediate.journal import Journal
    from pyremediate.settings import Settings

AUDIENCE = click.option("--audience", metavar="NAME", help="This audience alone.")
RESULTS = {True: "works", False: "FAILS", None: "not tried"}


@click.group(short_help="Tell people of outages; try the channels beforehand.")
def notify() -> None:
    """Who is told of an outage, by which channels, and what they were told. A fix tells them by itself."""


@notify.command()
@options.shared(AUDIENCE)
@click.option("--dry-run", "-C", "--check", "dry_run", is_flag=True, help="Print the test messages, and send none.")
@click.option("--quiet", is_flag=True, help="Mail up to the recipients, and no message to anybody.")
@options.shared(options.SETTINGS, options.FORMAT)
@click.pass_context
def test(ctx: click.Context, /, audience: str | None, dry_run: bool, quiet: bool, settings: str | None, form: str) -> None:
    """Send a test message through every channel of every ladder, so that a dead one is known before the outage."""
    from pyremediate.cli import output
    from pyremediate.communication import trying

    found = _settings(settings).communication
    audiences = trying.named(found, audience)
    trying.check_templates(found)
    if dry_run:
        _print_tests(audiences, settings)
        return
    trials = list(trying.attempt(found, audiences, quiet))
    trying.remember(trials)
    if form == "json":
        output.as_json({"channels": trials})
    else:
        output.table(("audience", "channel", "result", "answer"), [_row(trial) for trial in trials])
    ctx.exit(int(any(trial.well is False for trial in trials)))


def _row(trial: Trial) -> tuple[str, ...]:
    return trial.audience, trial.channel, RESULTS[trial.well], trial.answer


def _print_tests(audiences: Sequence[str], settings: str | None) -> None:
    from datetime import UTC, datetime

    from pyremediate.communication import trying

    found = _settings(settings).communication
    for number, name in enumerate(audiences):
        made = trying.notice(name, found, datetime.now(UTC))
        _print(made.subject, made.body, f"to {name} by {', '.join(made.ladder)}", first=number == 0)


@notify.command()
@click.option("--message", metavar="NAME", help="This message alone: outage, update, resolved and so on.")
@options.shared(AUDIENCE)
@click.option("--language", metavar="CODE", help="In this language instead of the audience's: en, it, pt, fr, nl, es.")
@options.shared(options.SETTINGS)
def preview(message: str | None, audience: str | None, language: str | None, settings: str | None) -> None:
    """Print the messages about an example of an outage, as each audience would get them; send nothing."""
    from pyremediate.communication import example, render, trying
    from pyremediate.communication.due import next_moment
    from pyremediate.communication.settings import MESSAGES, AudienceSettings
    from pyremediate.languages import LANGUAGES

    found = _settings(settings).communication
    if message is not None and message not in MESSAGES:
        raise UsageError(f"there is no message {message!r}; there is: {', '.join(MESSAGES)}")
    if language is not None and language not in LANGUAGES:
        raise UsageError(f"{language!r} is no language that is known here; there is: {', '.join(LANGUAGES)}")
    trying.check_templates(found)
    first = True
    for name in trying.named(found, audience):
        given: AudienceSettings = found.audiences[name]
        reader = render.Reader.of(name, given.model_copy(update={"language": language or given.language}))
        for each in (message,) if message else given.messages or ():
            facts = example.MOMENTS[each]
            text = render.text(each, reader, facts, next_moment(facts, found, example.after(1)), found.templates)
            _print(text.subject, text.body, f"{each} to {name}", first)
            first = False


def _print(subject: str, body: str, heading: str, first: bool) -> None:
    click.echo(f"{'' if first else chr(10)}{click.style(f'── {heading}', bold=True)}\n{subject}\n\n{body}")


@notify.command()
@options.shared(options.SETTINGS, options.FORMAT)
@click.pass_context
def deliver(ctx: click.Context, /, settings: str | None, form: str) -> None:
    """Make and deliver what is due of recent incidents; as often as you like, nothing is delivered twice."""
    from pyremediate.cli import output
    from pyremediate.communication import herald, trying

    found = _settings(settings)
    trying.named(found.communication, None)
    told: list[Letter] = []
    with _journal(found) as journal:
        left = herald.carry_on(journal, found, told.append)
    if form == "json":
        output.as_json({"delivered": [letter.notice.key for letter in told], "left": left})
    else:
        for letter in told:
            click.echo(f"{letter.notice.audience} was told ({letter.notice.message}) by {letter.attempts[-1].channel}")
        for words in left:
            click.echo(words, err=True)
        if not told and not left:
            click.echo("nothing is due")
    ctx.exit(int(bool(left)))


@notify.command(name="list")
@click.argument("ident", metavar="ID")
@options.shared(options.SETTINGS, options.FORMAT)
def list_(ident: str, settings: str | None, form: str) -> None:
    """List who was told what of the incident ID, when, and by which channel."""
    from pyremediate.cli import output

    letters = _letters(ident, settings)
    if form == "json":
        output.as_json({"notices": [{"notice": each.notice, "state": each.state, "attempts": each.attempts} for each in letters]})
    elif letters:
        output.table(("notice", "time (UTC)", "message", "state", "channel", "answer"), [_told(letter) for letter in letters])
    else:
        click.echo(f"nobody was told of {ident}")


def _told(letter: Letter) -> tuple[str, ...]:
    last = letter.attempts[-1] if letter.attempts else None
    at = f"{letter.notice.at:%Y-%m-%d %H:%M:%S}" if letter.notice.at else ""
    return (
        letter.notice.id, at, letter.notice.message, letter.state, last.channel if last else "", last.answer if last else "",
    )  # fmt: skip


@notify.command()
@click.argument("ident", metavar="ID")
@click.argument("name", metavar="NOTICE")
@options.shared(options.SETTINGS)
def show(ident: str, name: str, settings: str | None) -> None:
    """Show one notice of the incident ID as it was sent, and each attempt."""
    letter = _named(name, _letters(ident, settings), ident)
    _print(letter.notice.subject, letter.notice.body, f"{letter.notice.message} to {letter.notice.audience}", first=True)
    click.echo()
    for attempt in letter.attempts:
        end = f"{'delivered' if attempt.delivered else 'failed'}: {attempt.answer}" if attempt.ended else "cut off: nobody knows"
        click.echo(f"{attempt.began:%Y-%m-%d %H:%M:%S} UTC  {attempt.channel}  {end}")


@notify.command()
@click.argument("ident", metavar="ID")
@click.argument("name", metavar="NOTICE")
@click.option("--by", metavar="NAME", help="Who has read it, if not you.")
@options.shared(options.SETTINGS)
def read(ident: str, name: str, by: str | None, settings: str | None) -> None:
    """Put on record that NOTICE of the incident ID was read; it is not sent again then."""
    from pyremediate.communication import herald, notices
    from pyremediate.communication.values import READ, STAGE
    from pyremediate.request import operator

    with _journal(_settings(settings)) as journal:
        outage = notices.outage_of(journal, ident)
        letter = _named(name, herald.letters(journal, outage), ident)
        reader = " ".join((by or operator()).split())
        if not letter.attempts:
            raise UsageError(f"notice {name} has not been sent yet, so nobody can have read it")
        if reader not in letter.readers:
            journal.write(letter.notice.incident, STAGE, READ, {"notice": name, "by": reader})
    click.echo(f"{letter.notice.incident}: notice {name} was read by {reader}")


def _named(name: str, letters: Sequence[Letter], ident: str) -> Letter:
    found = {letter.notice.id: letter for letter in letters}
    if name not in found:
        raise UsageError(f"incident {ident} has no notice {name}; there is: {', '.join(found) or 'none'}")
    return found[name]


def _letters(ident: str, settings: str | None) -> Sequence[Letter]:
    from pyremediate.communication import herald, notices

    with _journal(_settings(settings)) as journal:
        return herald.letters(journal, notices.outage_of(journal, ident))


def _settings(settings: str | None) -> Settings:
    from pyremediate.settings import load

    return load(settings)


def _journal(settings: Settings) -> Journal:
    from pyremediate.journal import Journal

    return Journal.open(settings.journal.url)
