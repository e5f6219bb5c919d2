"""The verbs that act: each looks at hosts, asks the judgement, and acts in transactions. See ARCHITECTURE.md for the one arrow.

What to conclude is decided elsewhere, by pure functions; this file says only in which order they are asked, and leaves one entry
in the journal for every answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from pyremediate import __version__, secret_files
from pyremediate.audit.device_batches import OfDevice
from pyremediate.audit.restore import Restore
from pyremediate.audit.values import Drift
from pyremediate.diagnosis import catalogue
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.errors import UsageError
from pyremediate.journal import Journal
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good.secrecy import hash_key
from pyremediate.lock import host_lock
from pyremediate.looking import look as looking
from pyremediate.model import Look, Outcome
from pyremediate.progress import Listener
from pyremediate.repair import resume
from pyremediate.repair.plan import Cured
from pyremediate.repair.repair import Repair
from pyremediate.request import Request
from pyremediate.sign_off.standing import Signature, refusal, to_reopen
from pyremediate.status_page.keeper import kept_current
from pyremediate.stopwatch import Stopwatch
from pyremediate.transaction import Context


def fix(request: Request, listener: Listener) -> Outcome:
    """Bring one host back: verified, or undone. Raises ``Refused`` when somebody else works on it."""
    with _begun(request, listener, reopening=True) as (context, faults, watch, first):
        return Repair(context, faults, watch, _earlier(context.journal, context.host), _refused(context)).to_the_end(first)


def put_back(request: Request, drifts: Sequence[Drift], listener: Listener) -> Outcome:
    """Put drifts of one host back: each verified, or undone. Raises ``Refused`` when somebody else works on it."""
    with _begun(request, listener) as (context, faults, watch, first):
        return Restore(context, faults, watch, drifts).to_the_end(first)


def put_back_device(request: Request, device: str, drifts: Sequence[Drift], listener: Listener) -> Outcome:
    """Put drifts of a router back, each verified by the mail of the host that the request names, or undone."""
    with host_lock(device), _begun(request, listener) as (context, faults, watch, first):
        return Restore(context, faults, watch, drifts, OfDevice(device)).to_the_end(first)


@contextmanager
def _begun(
    request: Request, listener: Listener, reopening: bool = False
) -> Iterator[tuple[Context, Catalogue, Stopwatch, Look]]:
    """A new incident of one host, which is locked, and its first look; what an earlier run left there is settled before."""
    faults = catalogue.load(request.settings.faults, request.settings.builtin_faults)
    secret_files.prove([request.hosts], request.options)
    with host_lock(request.hosts), _journal(request, listener) as journal:
        _finish_what_was_left(request, journal, listener)
        watch = Stopwatch()
        listener.stage("assess")
        with watch.stage("assess"):
            first = _only(looking.thorough(request, request.hosts, looking.Views.named("both")), request.hosts)
        reopens = _to_reopen(journal, request.hosts) if reopening else None
        incident = journal.begin(request.hosts, request.actor, __version__, reopens[0] if reopens else "")
        with _told_of(request, journal, incident, listener):
            yield Context(request, journal, incident, request.hosts, listener), faults, watch, first


@contextmanager
def _told_of(request: Request, journal: Journal, incident: str, listener: Listener) -> Iterator[None]:
    """People are told of the incident meanwhile, where the settings name any; of a plan that is only asked for, nobody is."""
    if request.plan_only or not request.settings.communication.audiences:
        yield
        return
    from pyremediate.communication.herald import telling

    with telling(journal, incident, request.settings, listener.note):
        yield


def _to_reopen(journal: Journal, host: str) -> tuple[str, Signature] | None:
    """What ``to_reopen`` finds; every end of the host is read only where somebody ever refused one."""
    if not journal.of_kinds(("refuse",), host):
        return None
    return to_reopen(journal.of_kinds(("begin", "end", "refuse"), host))


def _refused(context: Context) -> str:
    """What somebody says is still wrong, when this run takes up an incident whose sign-off they refused."""
    begin = context.journal.entries(context.incident, kinds=("begin",))[0]
    if not (reopened := begin.payload.get("reopens")):
        return ""
    refused = refusal(context.journal.entries(reopened, kinds=("end", "refuse")))
    return f"{refused.signer} refused to sign {reopened}: {refused.reason}" if refused else ""


@contextmanager
def _journal(request: Request, listener: Listener) -> Iterator[Journal]:
    """The journal, which writes none of the secrets that this run knows, and after whose entries the status page is kept."""
    with Journal.open(request.settings.journal.url, request.actor) as journal:
        journal.redact([*request.secrets, hash_key()])
        with kept_current(journal, request.settings.status_page, listener.note):
            yield journal


def _only(looks: Mapping[str, Look], host: str) -> Look:
    """The one host of a fix: a pattern that matches several is not one host."""
    if list(looks) != [host]:
        raise UsageError(
            f"fix works on one host at a time, and {host!r} matches {', '.join(sorted(looks))}; name one with --host"
        )
    return looks[host]


def _finish_what_was_left(request: Request, journal: Journal, listener: Listener) -> None:
    """An incident of this host that a killed run left is resolved before anything new is begun."""
    left = journal.unfinished(request.hosts)
    if left is not None and not request.plan_only:
        listener.note(f"incident {left.incident} was not finished; settling it first")
        resume.finish(Context(request, journal, left.incident, request.hosts, listener))  # people are told by what goes on now


def _earlier(journal: Journal, host: str) -> tuple[Cured, ...]:
    """The remedies that were kept in earlier incidents of this host, for telling a cause that comes back.

    A known good that was captured since says that the host was in order again, whatever had been done before.
    """
    known_good = kept_hosts.load(host)
    found = []
    for summary in journal.incidents(host=host, limit=20):
        for entry in journal.entries(summary.id, kinds=("kept",)):
            if known_good is None or entry.time > known_good.captured_at:
                step = entry.payload["step"]
                found.append(Cured(step["cause"], step["remedy"]["name"], entry.time))
    return tuple(found)


def resume_incident(request: Request, incident: str | None, listener: Listener) -> Outcome:
    """Settle an incident that a killed run left: keep what is verified, undo the rest."""
    with _journal(request, listener) as journal:
        left = incident or next((item.id for item in journal.incidents(limit=None) if item.open), None)
        if left is None:
            raise UsageError("no incident is unfinished; `pyremediate incident list` shows them all")
        with _of_incident(request, journal, left, listener) as context:
            return resume.finish(context)


def undo(request: Request, incident: str, listener: Listener) -> Outcome:
    """Put back everything that an incident changed and kept, last step first."""
    with (
        _journal(request, listener) as journal,
        _of_incident(request, journal, incident, listener) as context,
    ):
        return resume.undo_all(context)


@contextmanager
def _of_incident(request: Request, journal: Journal, incident: str, listener: Listener) -> Iterator[Context]:
    """The context of an incident that is on record, with its host locked."""
    host = journal.host_of(incident)
    with host_lock(host), _told_of(request, journal, incident, listener):
        yield Context(replace(request, hosts=host), journal, incident, host, listener)
