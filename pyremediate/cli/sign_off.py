"""``pyremediate incident sign`` and ``refuse``: people say whether mail is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pyremediate.cli import options, terminal
from pyremediate.errors import UsageError

if TYPE_CHECKING:
    from pyremediate.journal import Journal
    from pyremediate.settings import Settings, SignOffSettings
    from pyremediate.sign_off.person import Signed

KEY = click.option("--key", metavar="FILE", help="Sign with this SSH key; its public half, when ssh-agent(1) holds it.")
SHOWN = 12  # characters of the hash that people are shown; enough to tell two verifications of one incident apart


@click.command()
@click.argument("ident", metavar="ID")
@click.option("--verification", metavar="HASH", help="What you have seen, as `incident show` names it; nothing is asked then.")
@options.shared(KEY, options.SETTINGS)
def sign(ident: str, verification: str | None, key: str | None, settings: str | None) -> None:
    """Put your name to an incident: mail is back, as the verification says."""
    from pyremediate.sign_off import acts
    from pyremediate.sign_off.standing import words

    found, journal = _opened(settings)
    with journal:
        seen = _seen(journal, ident, found.sign_off) if verification is None else _long_enough(verification)
        now = acts.sign(journal, ident, found.sign_off, seen, _signer(key, ident, found.sign_off, journal))
        if found.communication.audiences:
            _tell(journal, ident, found)
    click.echo(f"{ident}: signed by {now.signed[-1].signer}; {words(now)}")


@click.command()
@click.argument("ident", metavar="ID")
@click.argument("reason")
@options.shared(KEY, options.SETTINGS)
def refuse(ident: str, reason: str, key: str | None, settings: str | None) -> None:
    """Say that mail is not back, and why: the diagnosis is open again.

    The next `pyremediate fix` of the host takes it up; `pyremediate incident resume ID` looks once more without changing anything.
    """
    from pyremediate.sign_off import acts
    from pyremediate.status_page.keeper import kept_current

    found, journal = _opened(settings)
    with journal, kept_current(journal, found.status_page, lambda text: click.echo(f"note: {text}", err=True)):
        now = acts.refuse(journal, ident, found.sign_off, _reason(reason), _signer(key, ident, found.sign_off, journal))
        host = journal.host_of(ident)
    click.echo(f"{ident}: refused by {now.refused.signer if now.refused else ''}; open again: pyremediate fix --host {host}")


def _tell(journal: Journal, ident: str, settings: Settings) -> None:
    """Those who read the review hear that the incident is closed."""
    from pyremediate.communication.herald import telling

    with telling(journal, ident, settings, lambda words: click.echo(f"note: {words}", err=True)):
        pass  # what is due by now is told when this ends


def _seen(journal: Journal, ident: str, policy: SignOffSettings) -> str:
    """Show what was verified and ask; the hash of it. Raises ``UsageError`` where there is nobody to ask."""
    from pyremediate.sign_off import acts
    from pyremediate.sign_off.standing import verified

    now = acts.where(journal, ident, policy)
    acts.refuse_unless_awaiting(journal, ident, now)
    if not terminal.interactive():
        raise UsageError(f"{ident}: nobody is at the terminal; say what you have seen: --verification {now.verification[:SHOWN]}")
    end = verified(journal.entries(ident, ("end",)))
    outcome = end.payload["outcome"] if end else {}
    click.echo("\n".join(_told(ident, outcome, now.verification)), err=True)
    click.confirm("Do you put your name to it", abort=True, err=True)
    return now.verification


def _told(ident: str, outcome: dict[str, Any], verification: str) -> Iterator[str]:
    """What somebody ought to have seen before they sign."""
    yield f"{ident}: {outcome['outcome']}. {outcome['reason']}"
    yield from (f"  cause: {cause['title']} [{cause['code']}]" for cause in outcome["causes"])
    yield from (f"  {check['answer']:<10} {check['name']}" for check in outcome["verification"])
    if ledger := outcome.get("ledger"):
        yield f"  mail: {ledger['sentence']}"
    yield f"  verification {verification[:SHOWN]}"


def _signer(key: str | None, ident: str, policy: SignOffSettings, journal: Journal) -> Callable[[], Signed]:
    """How the signer is known: by key where the settings name those who may sign, else by their account."""
    from pyremediate.sign_off import acts, person

    allowed = policy.allowed_signers
    if key and not allowed:
        raise UsageError("--key: the settings do not say whose keys may sign; set sign_off.allowed_signers")
    if allowed and not key:
        raise UsageError(f"sign_off.allowed_signers ({allowed}) lets only keys sign; name yours with --key")

    def signed() -> Signed:
        verification = acts.where(journal, ident, policy).verification
        if key and allowed:
            return person.by_key(ident, verification, Path(key).expanduser(), allowed)
        return person.by_user(ident, verification)

    return signed


def _long_enough(seen: str) -> str:
    if len(seen) < SHOWN:
        raise UsageError(f"--verification {seen!r}: give at least {SHOWN} characters of the hash")
    return seen


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise UsageError("REASON is empty; say what does not work, and for whom")
    return reason


def _opened(settings: str | None) -> tuple[Settings, Journal]:
    from pyremediate.journal import Journal
    from pyremediate.settings import load

    found = load(settings)
    return found, Journal.open(found.journal.url)
