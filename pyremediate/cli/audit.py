"""``pyremediate audit``: what has drifted from the known good? Changes nothing, without ``--fix``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.cli.audit_formats import FORMATS
from pyremediate.errors import PyremediateError, UsageError
from pyremediate.request import EVERY_HOST

if TYPE_CHECKING:
    from pyremediate.audit.values import Audit, Audited
    from pyremediate.model import Outcome
    from pyremediate.progress import Listener
    from pyremediate.request import Request

    Told = Callable[[Audited], object]

STATE_ALONE = frozenset({"prometheus", "nagios"})  # they tell what is, whatever was told before
FORMAT = click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", help="For whom (text).")
PUBLISHED = 0o644  # the textfile collector is another user
PRIVATE = 0o600


@click.command(short_help="What has drifted from the known good?")
@options.shared(options.HOSTS, FORMAT)
@click.option("--changed-only", is_flag=True, help="Tell only what the last audit did not have, and what is gone.")
@click.option("--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there, in one step.")
@click.option(
    "--playbook", "playbooks", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Also tell what this playbook of yours would change, by its run in check mode; can be repeated.",
)
@click.option("--trust-reads", is_flag=True, help="With --playbook: what says check_mode: false and changed_when: false may run.")
@click.option("--textfile", type=click.Path(dir_okay=False), metavar="FILE", help="Write the metrics for Prometheus there, too.")
@click.option("--fix", is_flag=True, help="Put back what policy allows: each proved by test mail, or undone.")
@click.option("-y", "--yes", is_flag=True, help="With --fix: consent to what policy would ask about.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.DIFF, options.VERBOSE)
@click.pass_context
def audit(
    ctx: click.Context, /, form: str, changed_only: bool, output: str | None, fix: bool,
    playbooks: tuple[Path, ...], trust_reads: bool, **given: Any,
) -> None:
    """Compare hosts and network devices with their known good: by default all of the groups `mail` and `network`."""
    if trust_reads and not playbooks:
        raise UsageError("--trust-reads goes with --playbook, whose tasks it is about")
    expected = Expected(playbooks, trust_reads)
    if form == "nagios" and not fix:
        _answer_nagios(ctx, output, given, expected)
    if fix and form in STATE_ALONE:
        raise UsageError(f"--fix does not go with --format {form}, which only tells a state")
    request = replace(options.request(given), assume_yes=given["yes"])
    live_text = form == "text" and output is None
    tell = _teller(changed_only, given["diff"]) if live_text else None
    found, outcomes = _audit(request, expected, tell), list["Outcome"]()
    if fix:
        found = _restored(request, found, tell, outcomes, given, expected)
    shown = found.changes() if changed_only and form not in STATE_ALONE else found
    if live_text:
        from pyremediate.cli import terminal
        from pyremediate.cli.audit_formats import text

        click.echo(text.ending(shown, terminal.width()))
    else:
        _deliver(shown, form, output)
    if given["textfile"]:
        _deliver(found, "prometheus", given["textfile"])
    ctx.exit(_status(found, outcomes))


@dataclass(frozen=True)
class Expected:
    """The second source of what is expected, beside the known good."""

    playbooks: tuple[Path, ...]
    trust_reads: bool


def _audit(request: Request, expected: Expected, told: Told | None = None, quiet: bool = False) -> Audit:
    from pyremediate.audit import verb
    from pyremediate.cli import live

    with live.watching(quiet) as listener:
        if expected.playbooks:
            listener.stage("running playbooks in check mode")
        foretold = verb.foretold_by(expected.playbooks, request, expected.trust_reads)
        listener.stage("auditing")

        def heard(target: Audited) -> None:
            if told is None:
                listener.note(f"{target.name}: {target.outcome}")
            else:
                with listener.paused():
                    told(target)

        return verb.audit(request, heard, foretold)


def _restored(
    request: Request, found: Audit, tell: Told | None, outcomes: list[Outcome], given: Mapping[str, Any], expected: Expected
) -> Audit:
    """Put back what has drifted, host by host; the audit with those hosts as they are then."""
    from pyremediate.cli import page, terminal

    style, tried = page.Style(terminal.width(), given["verbosity"] > 0, given["diff"]), list[str]()
    for name, outcome in chain(_hosts_restored(request, found), _devices_restored(request, found)):
        tried.append(name)
        outcomes.append(outcome)
        click.echo(page.page(outcome, style), err=tell is None)
    if not outcomes:
        return found
    again = _audit(replace(request, hosts=",".join(tried)), expected, tell)
    newer = {target.name: target for target in again.targets}
    return replace(found, targets=tuple(newer.get(target.name, target) for target in found.targets))


def _hosts_restored(request: Request, found: Audit) -> Iterator[tuple[str, Outcome]]:
    from pyremediate import pipeline
    from pyremediate.cli import fix

    drifted = {target.name: target.counted for target in found.targets if target.counted and not target.device}
    for outcome in fix.one_after_another(
        request, list(drifted), lambda own, listener: pipeline.put_back(own, drifted[own.hosts], listener)
    ):
        yield outcome.host, outcome


def _devices_restored(request: Request, found: Audit) -> Iterator[tuple[str, Outcome]]:
    """Proved by the mail of a host that could be looked at just now, else of any."""
    from pyremediate import pipeline
    from pyremediate.ansible import inventory
    from pyremediate.cli import fix

    drifted = {target.name: target.counted for target in found.targets if target.counted and target.device}
    if not drifted:
        return
    seen = [target.name for target in found.targets if not target.device and not target.unknown]
    hosts = seen or list(inventory.members(EVERY_HOST, inventory.inventory_hosts(request.options)))
    if not hosts:
        raise UsageError(f"{', '.join(drifted)}: no host is in the group {EVERY_HOST}, by whose mail it could be proved")

    for device in drifted:

        def work(own: Request, listener: Listener, device: str = device) -> Outcome:
            return pipeline.put_back_device(own, device, drifted[device], listener)

        for outcome in fix.one_after_another(request, hosts[:1], work):
            yield device, outcome


def _teller(changed_only: bool, diff: bool) -> Told:
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


def _status(found: Audit, outcomes: Sequence[Outcome]) -> int:
    """That of the worst host; see docs/exit-status.md."""
    from pyremediate.audit.values import EXIT_STATUS
    from pyremediate.cli import output

    return output.worst([output.exit_status(outcomes), EXIT_STATUS[found.outcome]])


def _answer_nagios(ctx: click.Context, output: str | None, given: dict[str, Any], expected: Expected) -> None:
    """Whatever happens, an answer in the form that the monitoring understands."""
    from pyremediate.cli import nagios
    from pyremediate.cli.audit_formats import nagios as line

    try:
        found = _audit(options.request(given), expected, quiet=True)
        _deliver(found, "nagios", output)
        if given["textfile"]:
            _deliver(found, "prometheus", given["textfile"])
        status = line.status(found)
    except PyremediateError as error:
        click.echo(line.failure(str(error)))
        status = nagios.UNKNOWN
    except Exception as error:  # a traceback would be taken for a WARNING
        click.echo(line.failure(f"{type(error).__name__}: {error}"))
        status = nagios.UNKNOWN
    ctx.exit(status)
