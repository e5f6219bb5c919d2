"""``pyremediate lab``: real mail hosts in containers, to break and to mend."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import click


@click.group()
def lab() -> None:
    """Real mail hosts in containers on this machine, to train on and to test your own faults."""


@lab.command()
@click.option("--hosts", type=int, metavar="N", help="How many mail hosts (first time: 2; later: as before).")
def up(hosts: int | None) -> None:
    """Start the lab, or what is missing of it; hosts that run stay as they are."""
    from pyremediate.lab import up as verbs

    say = _stages()
    made = verbs.up(hosts, say)
    say(f"up: {', '.join(host.name for host in made.hosts)}")


@lab.command()
def status() -> None:
    """Show each host: its state, its addresses, and which services answer."""
    from rich.console import Console
    from rich.table import Table

    from pyremediate.lab import up as verbs

    table = Table(box=None, pad_edge=False)
    for title in ("host", "state", "ssh", "address", "name", "services"):
        table.add_column(title, no_wrap=title != "services")
    states = verbs.status()
    for item in states:
        services = ", ".join(name if not words else f"[red]{name} ({words})[/red]" for name, words in item.services.items())
        colour = "green" if item.state == "running" else "red"
        table.add_row(
            item.host.name, f"[{colour}]{item.state}[/{colour}]", item.host.management, item.host.address, item.host.fqdn, services
        )
    Console(soft_wrap=True).print(table)
    if any(item.state != "running" or any(item.services.values()) for item in states):
        raise SystemExit(1)


@lab.command()
@click.argument("host", required=False)
def reset(host: str | None) -> None:
    """Make HOST (or every host) anew from its image: whatever was done to it is gone."""
    from pyremediate.lab import up as verbs

    say = _stages()
    verbs.reset(host, say)
    say("fresh")


@lab.command()
def down() -> None:
    """Remove the hosts and networks of the lab; images and keys stay for the next time."""
    from pyremediate.lab import up as verbs

    say = _stages()
    verbs.down(say)
    say("down")


@lab.command(context_settings={"ignore_unknown_options": True})
@click.argument("host")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def ssh(host: str, command: tuple[str, ...]) -> None:
    """Log in to HOST as root, or run COMMAND there."""
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
    say(f"breaking {host}: {fault}")
    shell.break_host(fault, host)
    say("broken")


def _stages() -> Callable[[str], None]:
    """Print a stage with the seconds since the beginning."""
    began = time.monotonic()

    def say(words: str) -> None:
        click.echo(f"[{time.monotonic() - began:5.1f} s] {words}", err=True)

    return say
