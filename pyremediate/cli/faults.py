"""``pyremediate faults``: the knowledge, as the catalogue has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options

if TYPE_CHECKING:
    from pyremediate.diagnosis.catalogue import Catalogue, Fault


@click.group(short_help="The faults that are known.")
def faults() -> None:
    """The faults that are known: how each is recognised, cured and prevented."""


@faults.command(name="list")
@options.shared(options.SETTINGS, options.FORMAT)
def list_(settings: str | None, form: str) -> None:
    """List the faults, from the ground up."""
    from pyremediate.cli import output

    known = _catalogue(settings).faults
    if form == "json":
        output.as_json({"faults": [_data(fault) for fault in known]})
    else:
        rows = [(fault.code, fault.severity, _classes(fault), fault.title) for fault in known]
        output.table(("fault", "severity", "remedies", "title"), rows)


@faults.command()
@click.argument("code")
@options.shared(options.SETTINGS, options.FORMAT)
def show(code: str, settings: str | None, form: str) -> None:
    """Show one fault: its condition, its remedies in order, what a human does, what prevents it."""
    from pyremediate.cli import output

    fault = _catalogue(settings).get(code)
    if form == "json":
        output.as_json(_data(fault))
        return
    click.echo(f"{click.style(fault.code, bold=True)}: {fault.title}  (severity {fault.severity}, scope {fault.scope})")
    _list("Recognised when all of these hold", [condition.source for condition in fault.when])
    _list("Breaks these legs of the mail's way", fault.legs)
    _list("Explains", (*fault.explains, *(f"failing {leg}" for leg in fault.explains_legs)))
    _list("Remedies, in order", [f"{remedy.title} ({remedy.class_})" for remedy in fault.remedies])
    _list("What a human does", [text.source for text in fault.escalate])
    _list("Prevention", fault.prevention)
    if fault.recordings_only:
        click.echo(f"Known by recordings alone: {fault.recordings_only}")
    click.echo(f"Folder: {fault.folder}")


def _list(title: str, items: Any) -> None:
    if items:
        click.echo(click.style(title, bold=True))
    for item in items:
        click.echo(f"  * {item}")


def _classes(fault: Fault) -> str:
    return ", ".join(dict.fromkeys(remedy.class_ for remedy in fault.remedies)) or "a human"


def _data(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "title": fault.title,
        "layer": fault.layer,
        "severity": fault.severity,
        "scope": fault.scope,
        "when": [condition.source for condition in fault.when],
        "legs": list(fault.legs),
        "explains": [*fault.explains, *(f"leg:{leg}" for leg in fault.explains_legs)],
        "remedies": [
            {"name": item.name, "class": item.class_, "title": item.title, "role": item.role, "tasks": item.tasks}
            for item in fault.remedies
        ],
        "escalate": [text.source for text in fault.escalate],
        "prevention": list(fault.prevention),
        "recordings_only": fault.recordings_only or None,
        "folder": str(fault.folder),
    }


def _catalogue(settings: str | None) -> Catalogue:
    from pyremediate.diagnosis import catalogue
    from pyremediate.settings import load

    return catalogue.load(load(settings).faults)
