"""``pyremediate baseline``: what each host was like when it was good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options
from pyremediate.errors import UsageError
from pyremediate.paths import state_directory

if TYPE_CHECKING:
    from pyremediate.baseline import KnownGood


@click.group(short_help="The last known good of each host.")
def baseline() -> None:
    """The last known good of each host: capture it, list it, show it."""


@baseline.command()
@options.shared(options.HOSTS)
@click.option("--reason", default="captured by hand", show_default=True, help="Why this is good; kept with it.")
@options.shared(options.ANSIBLE, options.SETTINGS, options.FORMAT, options.VERBOSE)
def capture(reason: str, **given: Any) -> None:
    """Record hosts as they are now as their last known good. Changes no host.

    By default all of the group `mail`, and the network devices of the group `network`.
    """
    from pyremediate import capture as capturing
    from pyremediate.cli import live, output

    request = options.request(given)
    with live.watching() as listener:
        listener.stage("capturing")
        hosts = capturing.capture(request, reason)
    if given["form"] == "json":
        output.as_json({"captured": list(hosts)})
    else:
        click.echo(f"captured: {', '.join(hosts)}")


@baseline.command(name="list")
@options.shared(options.FORMAT)
def list_(form: str) -> None:
    """List the hosts whose last known good is kept here."""
    from pyremediate import baseline as keeper
    from pyremediate.cli import output

    kept = {host: known_good for host in _hosts() if (known_good := keeper.load(host))}
    if form == "json":
        output.as_json({"hosts": [{"host": host, **_meta(known_good)} for host, known_good in kept.items()]})
    elif kept:
        rows = [(host, f"{item.captured_at:%Y-%m-%d %H:%M}", item.by, item.reason) for host, item in kept.items()]
        output.table(("host", "captured (UTC)", "by", "reason"), rows)
    else:
        click.echo("no last known good is kept; capture one with: pyremediate baseline capture")


@baseline.command()
@click.argument("host")
@options.shared(options.FORMAT)
def show(host: str, form: str) -> None:
    """Show what is kept of HOST; with --format json, all of its evidence."""
    from pyremediate import baseline as keeper
    from pyremediate.cli import output
    from pyremediate.model import State

    known_good = keeper.load(host)
    if known_good is None:
        mend = f"pyremediate baseline capture --host {host}"
        raise UsageError(f"no last known good of {host} is kept; capture it with: {mend}")
    if form == "json":
        output.as_json({"host": host, **_meta(known_good), "evidence": known_good.evidence})
        return
    captured = f"captured {known_good.captured_at:%Y-%m-%d %H:%M} UTC by {known_good.by}: {known_good.reason}"
    click.echo(f"{click.style(host, bold=True)}: {captured}")
    for name, section in known_good.evidence.sections.items():
        click.echo(f"  {name:<10}  {section.state.value}{f': {section.error}' if section.error else ''}")
    files = known_good.evidence.sections.get("files")
    tracked = files.data.get("tracked", {}) if files and files.state is State.OK else {}
    secret = sum(bool(meta.get("secret")) for meta in tracked.values())
    click.echo(f"  {len(tracked)} files, of which {secret} secret (their keyed hashes alone are kept here)")


def _meta(known_good: KnownGood) -> dict[str, Any]:
    return {"captured_at": known_good.captured_at, "by": known_good.by, "reason": known_good.reason}


def _hosts() -> list[str]:
    """The published captures: a link for each host (see ``pyremediate.baseline``)."""
    directory = state_directory() / "known_good"
    return sorted(path.name for path in directory.iterdir() if path.is_symlink()) if directory.is_dir() else []
