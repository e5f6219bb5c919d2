"""``pyremediate baseline``: what each host and network device was like when it was good, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import approvals, options
from pyremediate.cli.approvals import APPROVAL, SHORT_ID
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from pyremediate.known_good.devices import KnownGoodDevice
    from pyremediate.known_good.hosts import KnownGood


@click.group(short_help="The last known good of each host.")
def baseline() -> None:
    """The last known good of each host and network device: what it was like when somebody said that it was good."""


for verb in (approvals.diff, approvals.approve, approvals.restore, approvals.history):
    baseline.add_command(verb)


@baseline.command()
@options.shared(options.HOSTS)
@click.option("--reason", default="captured by hand", show_default=True, help="Why this is good; kept with it.")
@options.shared(APPROVAL, options.ANSIBLE, options.SETTINGS, options.FORMAT, options.VERBOSE)
def capture(reason: str, incident: str, ticket: str, **given: Any) -> None:
    """Record hosts as they are now as their last known good. Changes no host.

    By default all of the group `mail`, and the network devices of the group `network`.
    """
    from pyremediate import capture as capturing
    from pyremediate.cli import live, output
    from pyremediate.known_good.writing import Approval

    request = options.request(given)
    with live.watching() as listener:
        listener.stage("capturing")
        kept = capturing.capture(request, Approval(request.actor, reason, incident, ticket))
    changed, same = ([subject.partition("/")[2] for subject in found] for found in (kept.changed, kept.same))
    if given["form"] == "json":
        output.as_json({"captured": [*changed, *same], "commit": kept.commit or None, "unchanged": same})
        return
    if changed:
        click.echo(f"captured: {', '.join(changed)} ({kept.commit[:SHORT_ID]})")
    if same:
        click.echo(f"as it was kept before: {', '.join(same)}")


@baseline.command(name="list")
@options.shared(options.FORMAT)
def list_(form: str) -> None:
    """List the hosts and network devices whose last known good is kept here."""
    from pyremediate.cli import output
    from pyremediate.known_good import devices, hosts

    kept: dict[str, Mapping[str, KnownGood | KnownGoodDevice]] = {
        "hosts": hosts.load_all(hosts.names()),
        "devices": devices.load_all(devices.names()),
    }
    if form == "json":
        named = {"hosts": "host", "devices": "device"}
        output.as_json({kind: [{named[kind]: name, **_meta(item)} for name, item in found.items()] for kind, found in kept.items()})
        return
    rows = [
        (name, kind.removesuffix("s"), f"{item.captured_at:%Y-%m-%d %H:%M}", item.by, item.reason)
        for kind, found in kept.items()
        for name, item in found.items()
    ]
    if rows:
        output.table(("name", "kind", "captured (UTC)", "by", "reason"), rows)
    else:
        click.echo("no last known good is kept; capture one with: pyremediate baseline capture")


@baseline.command()
@click.argument("name")
@options.shared(options.FORMAT)
def show(name: str, form: str) -> None:
    """Show what is kept of a host or network device NAME; with --format json, all of its evidence."""
    from pyremediate.cli import output
    from pyremediate.known_good import devices, hosts

    known_good = hosts.load(name) or devices.load(name)
    if known_good is None:
        mend = f"pyremediate baseline capture --host {name}"
        raise UsageError(f"no last known good of {name} is kept; capture it with: {mend}")
    if form == "json":
        kind = "host" if isinstance(known_good, hosts.KnownGood) else "device"
        output.as_json({kind: name, **_meta(known_good), "evidence": known_good.evidence})
        return
    captured = f"captured {known_good.captured_at:%Y-%m-%d %H:%M} UTC by {known_good.by}: {known_good.reason}"
    click.echo(f"{click.style(name, bold=True)}: {captured}")
    for line in _told(known_good) if isinstance(known_good, hosts.KnownGood) else _told_device(known_good):
        click.echo(f"  {line}")


def _told(known_good: KnownGood) -> list[str]:
    from pyremediate.model import State

    sections = known_good.evidence.sections
    told = [
        f"{name:<10}  {section.state.value}{f': {section.error}' if section.error else ''}" for name, section in sections.items()
    ]
    files = sections.get("files")
    tracked = files.data.get("tracked", {}) if files and files.state is State.OK else {}
    secret = sum(bool(meta.get("secret")) for meta in tracked.values())
    encrypted = len(known_good.sealed())
    how = f"{encrypted} encrypted by Ansible Vault; of the others" if encrypted else "of these"
    return [*told, f"{len(tracked)} files, of which {secret} secret ({how} keyed hashes alone are kept here)"]


def _told_device(known_good: KnownGoodDevice) -> list[str]:
    from pyremediate.network.evidence import PARTS

    evidence = known_good.evidence
    told = ((part, getattr(evidence, part), evidence.notes.get(part, "")) for part in PARTS)
    return [f"{part:<10}  {'ok' if value is not None else f'unknown: {note}'}" for part, value, note in told]


def _meta(known_good: KnownGood | KnownGoodDevice) -> dict[str, Any]:
    return {"captured_at": known_good.captured_at, "by": known_good.by, "reason": known_good.reason}
