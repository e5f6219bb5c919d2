"""``pyremediate audit``: what has drifted from the known good? Changes nothing."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.cli.audit_formats import FORMATS
from pyremediate.errors import PyremediateError, UsageError

if TYPE_CHECKING:
    from pyremediate.audit.values import Audit, Audited

STATE_ALONE = frozenset({"prometheus", "nagios"})  # they tell what is, whatever was told before
FORMAT = click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", help="For whom (text).")
PUBLISHED = 0o644  # the textfile collector is another user
PRIVATE = 0o600


@click.command(short_help="What has drifted from the known good?")
@options.shared(options.HOSTS, FORMAT)
@click.option("--changed-only", is_flag=True, help="Tell only what the last audit did not have, and what is gone.")
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there, in one step.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.DIFF, options.VERBOSE)
@click.pass_context
def audit(ctx: click.Context, /, form: str, changed_only: bool, output: str | None, **given: Any) -> None:
    """Compare hosts and network devices with their known good: by default all of the groups `mail` and `network`."""
    if form == "nagios":
        _answer_nagios(ctx, output, given)
    live_text = form == "text" and output is None
    found = _audit(given, _teller(changed_only, given["diff"]) if live_text else None)
    shown = found.changes() if changed_only and form not in STATE_ALONE else found
    if live_text:
        from pyremediate.cli import terminal
        from pyremediate.cli.audit_formats import text

        click.echo(text.ending(shown, terminal.width()))
    else:
        _deliver(shown, form, output)
    ctx.exit(_status(found))


def _audit(given: dict[str, Any], told: Any = None, quiet: bool = False) -> Audit:
    request = options.request(given)

    from pyremediate.audit import verb
    from pyremediate.cli import live

    with live.watching(quiet) as listener:
        listener.stage("auditing")

        def heard(target: Audited) -> None:
            if told is None:
                listener.note(f"{target.name}: {target.outcome}")
            else:
                with listener.paused():
                    told(target)

        return verb.audit(request, heard)


def _teller(changed_only: bool, diff: bool) -> Any:
    """Each host on the standard output, as soon as it is known."""
    from pyremediate.audit import values
    from pyremediate.cli import terminal
    from pyremediate.cli.audit_formats import text

    def tell(target: Audited) -> None:
        shown = values.changes(target) if changed_only else target
        click.echo(text.target(shown, terminal.width(), diff))

    return tell


def _deliver(found: Audit, form: str, output: str | None) -> None:
    from pyremediate.cli.audit_formats import render

    text = render(found, form)
    if output is None:
        click.echo(text, nl=False)
    else:
        _replace(Path(output), text, PUBLISHED if form == "prometheus" else PRIVATE)


def _replace(path: Path, text: str, mode: int) -> None:
    """Renamed into place: whoever reads it finds a whole one (rename(2))."""
    try:
        descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(descriptor, mode)
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            Path(fresh).replace(path)
        finally:
            with suppress(FileNotFoundError):
                Path(fresh).unlink()
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; name another --output") from error


def _status(found: Audit) -> int:
    """See docs/exit-status.md."""
    return {"clean": 0, "drifted": 1, "unknown": 3}[found.outcome]


def _answer_nagios(ctx: click.Context, output: str | None, given: dict[str, Any]) -> None:
    """Whatever happens, an answer in the form that the monitoring understands."""
    from pyremediate.cli import nagios
    from pyremediate.cli.audit_formats import nagios as line

    try:
        found = _audit(given, quiet=True)
        _deliver(found, "nagios", output)
        status = line.status(found)
    except PyremediateError as error:
        click.echo(line.failure(str(error)))
        status = nagios.UNKNOWN
    except Exception as error:  # a traceback would be taken for a WARNING
        click.echo(line.failure(f"{type(error).__name__}: {error}"))
        status = nagios.UNKNOWN
    ctx.exit(status)
