"""The options that several verbs share, and the request that they add up to, checked before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pyremediate.request import EVERY_HOST, AnsibleOptions, Request, operator

if TYPE_CHECKING:
    from pyremediate.journal import Journal
    from pyremediate.settings import Settings

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
SETTINGS = click.option("--settings", metavar="FILE", help="Settings to use instead of the ones that would be found.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people or for programs."
)
LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "it", "pt", "fr", "nl", "es"]), default="en", show_default=True, help="Which."
)
HOSTS = (
    click.option("--host", multiple=True, metavar="NAME", help="A host to work on; can be repeated."),
    click.option("-l", "--limit", multiple=True, metavar="PATTERN", help="Hosts or groups, as in Ansible."),
)
VERBOSE = click.option("-v", "--verbose", "verbosity", count=True, help="Tell more; can be repeated.")
DIFF = click.option("-D", "--diff", is_flag=True, help="Show the values that differ from the last known good.")
ANSIBLE = (
    click.option("-i", "--inventory", multiple=True, metavar="PATH", help="Inventory, or hosts with a comma."),
    click.option("-u", "--user", metavar="NAME", help="Log in as this user."),
    click.option("--private-key", "--key-file", "private_key", metavar="FILE", help="Log in with this key."),
    click.option("-b", "--become", is_flag=True, help="Work as another user than the one that logs in."),
    click.option("--become-user", metavar="NAME", help="Which user (root)."),
    click.option("--become-method", metavar="NAME", help="By which means (sudo)."),
    click.option("-K", "--ask-become-pass", is_flag=True, help="Ask for the password of --become."),
    click.option("--become-password-file", "--become-pass-file", metavar="FILE", help="Or read it here."),
    click.option("-J", "--ask-vault-pass", "--ask-vault-password", is_flag=True, help="Ask for the vault's password."),
    click.option("--vault-password-file", "--vault-pass-file", multiple=True, metavar="FILE", help="Or read it here."),
    click.option("--vault-id", multiple=True, metavar="LABEL@FILE", help="A vault identity; can be repeated."),
    click.option("-f", "--forks", type=click.IntRange(min=1), metavar="N", help="How many hosts to look at at once."),
)


def shared(*options: Any) -> Callable[[Decorated], Decorated]:
    """A decorator that adds these options, or tuples of them, in this order of the help."""
    flat = [option for item in options for option in (item if isinstance(item, tuple) else (item,))]

    def decorate(command: Decorated) -> Decorated:
        for option in reversed(flat):
            command = option(command)
        return command

    return decorate


def journal(settings: str | None) -> Journal:
    """The journal that the settings name, for a verb that needs no more of them."""
    from pyremediate.journal import Journal
    from pyremediate.settings import load

    return Journal.open(load(settings).journal.url)


def request(given: Mapping[str, Any]) -> Request:
    """What the options of a verb add up to. Raises ``UsageError`` before anything runs when one cannot be right.

    Ansible starts and reads the inventory meanwhile, and while the rest of the product is imported.
    """
    from pyremediate.ansible.questions import prepared

    read_inventory = click.get_current_context().with_resource(prepared())

    from pyremediate import settings

    found = settings.load(given.get("settings"))
    options, secrets = ansible_options(given, found)
    read_inventory(options)
    return Request(
        hosts=",".join((*given.get("host", ()), *given.get("limit", ()))) or EVERY_HOST,
        options=options,
        settings=found,
        actor=operator(),
        secrets=secrets,
    )


def ansible_options(given: Mapping[str, Any], settings: Settings) -> tuple[AnsibleOptions, tuple[str, ...]]:
    """The options for Ansible, and the passwords that were typed; in files in memory until the command ends."""
    from pyremediate.cli import inputs

    context = click.get_current_context()
    secrets: list[str] = []

    def ask(prompt: str) -> str:
        secrets.append(inputs.ask_secret(prompt))
        return context.with_resource(inputs.private_file(secrets[-1]))

    become_password_file = ask("Password for become") if given["ask_become_pass"] else given["become_password_file"]
    typed = (ask("Vault password"),) if given["ask_vault_pass"] else ()
    options = AnsibleOptions(
        inventory=tuple(given["inventory"]) or settings.inventory or (),
        diff=bool(given.get("diff")),
        become=given["become"],
        become_user=given["become_user"],
        become_method=given["become_method"],
        become_password_file=become_password_file,
        vault_password_files=(*given["vault_password_file"], *typed),
        vault_ids=tuple(given["vault_id"]),
        user=given["user"],
        private_key=given["private_key"],
        verbosity=given["verbosity"],
        forks=given["forks"],
    )
    inputs.check(options)
    return options, tuple(secrets)
