"""``pyremediate lab``: real mail hosts in containers, to break and to mend."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pyremediate.lab.verbs import HostState


@click.group()
def lab() -> None:
    """Real mail hosts in containers on this machine, to train on and to test your own faults."""


@lab.command()
@click.option("--hosts", type=int, metavar="N", help="At least N mail hosts (at first 2, later as many as there are).")
def up(hosts: int | None) -> None:
    """Start the lab, or what is missing of it; hosts that run stay as they are."""
    from pyremediate.lab import verbs

    say = _stages()
    made = verbs.up(hosts, say)
    say(f"up: {', '.join(host.name for host in made.hosts)}")


@lab.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def status(form: str) -> int:
    """Show each host: its state, its addresses, and which services answer. Exit status 1 when something does not."""
    from pyremediate.cli import output
    from pyremediate.lab import verbs

    states = verbs.status()
    if form == "json":
        output.as_json([_plain(state) for state in states])
    else:
        _print(states)
    return int(any(state.state != "running" or any(state.services.values()) for state in states))


@lab.command()
@click.argument("host", required=False)
def reset(host: str | None) -> None:
    """Make HOST (or every host) anew from its image: whatever was done to it is gone."""
    from pyremediate.lab import verbs

    say = _stages()
    verbs.reset(host, say)
    say("as new")


@lab.command()
@click.option("--images", is_flag=True, help="Remove the lab's images, too; the next `up` then takes minutes.")
def down(images: bool) -> None:
    """Remove the hosts and networks of the lab; images and keys stay for the next time."""
    from pyremediate.lab import verbs

    say = _stages()
    verbs.down(say, images)
    say("down")


@lab.command(context_settings={"ignore_unknown_options": True})
@click.argument("host")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def ssh(host: str, command: tuple[str, ...]) -> None:
    """Log in to HOST as root, or run COMMAND there (after --)."""
    from pyremediate.lab import shell

    line = shell.ssh_command(host, command)
    os.execvp(line[0], line)


@lab.command(name="break")
@click.argument("fault")
@click.option("--host", default="mail01", show_default=True, help="The mail host to break.")
def break_(fault: str, host: str) -> None:
    """Really break a host by FAULT (layer/name, as `pyremediate faults list` shows them)."""
    from pyremediate.lab import shell

    say = _stages()
    say(f"breaking {host} by {fault}")
    shell.break_host(fault, host)
    say("broken")


@lab.command()
@click.argument("host", required=False)
@click.option("--seed", type=int, help="Choose as an earlier run did; without it, by chance.")
@click.option("--count", type=click.IntRange(1, 20), default=1, show_default=True, help="So many kinds of damage at once.")
@click.option("--kinds", metavar="A,B", default="", help="Only of these kinds; `unit` stands for all of `unit.*`.")
@click.option("--list", "listed", is_flag=True, help="Only show the kinds.")
@click.option("--undo", is_flag=True, help="Take away what was last done to HOST.")
def mutate(host: str | None, seed: int | None, count: int, kinds: str, listed: bool, undo: bool) -> None:
    """Damage HOST at random, as real life does, and print what was done and how it would be undone."""
    from pyremediate.lab.mutation import choice, verb

    patterns = [name for name in kinds.split(",") if name]
    if listed:
        click.echo("\n".join(choice.selected(patterns)))
        return
    if host is None:
        raise click.UsageError("which HOST?")
    done = verb.undo(host) if undo else verb.mutate(host, seed, count, patterns)
    click.echo("\n".join(done))


def _stages() -> Callable[[str], None]:
    """Print a stage with the seconds since the beginning."""
    began = time.monotonic()

    def say(words: str) -> None:
        click.echo(f"[{time.monotonic() - began:5.1f} s] {words}", err=True)

    return say


def _print(states: Sequence[HostState]) -> None:
    from rich.console import Console
    from rich.table import Table

    from pyremediate.cli import terminal

    table = Table(box=None, pad_edge=False)
    for title in ("host", "state", "ssh", "address", "name", "services"):
        table.add_column(title, overflow="fold", no_wrap=title not in {"state", "services"})
    for item in states:
        services = [name if not words else f"[red]{name}: {words}[/red]" for name, words in item.services.items()]
        state = "[green]running[/green]" if item.state == "running" else f"[red]{item.state}[/red]"
        state += " (older image)" if item.outdated else ""
        host = item.host
        table.add_row(host.name, state, host.management, host.address, host.fqdn, ", ".join(services))
    Console(width=terminal.width() or 200).print(table)


def _plain(item: HostState) -> dict[str, object]:
    host = item.host
    return {
        "host": host.name,
        "kind": host.kind,
        "state": item.state,
        "outdated": item.outdated,
        "ssh": host.management,
        "address": host.address,
        "name": host.fqdn,
        "services": dict(item.services),
    }
