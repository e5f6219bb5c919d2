"""The verbs about what is approved: how hosts differ from it, approving that, going back to an earlier approval, and the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pyremediate import capture as capturing
from pyremediate.capture import Refused, Taken
from pyremediate.errors import Undetermined, UsageError
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good import meaning, repository, writing
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.meaning import Change
from pyremediate.known_good.merging import Named, accepted
from pyremediate.known_good.repository import Commit
from pyremediate.known_good.writing import Approval, Kept
from pyremediate.request import Request

SHORT_ID = 10  # characters of a commit's name, as people read it


@dataclass(frozen=True)
class Found:
    """How hosts and devices differ; ``without`` have nothing that was approved, ``refused`` could not be looked at, and why."""

    changes: tuple[Change, ...]
    without: tuple[str, ...]
    refused: Refused


@dataclass(frozen=True)
class Entry:
    """One approval of a host or device, and what it changed."""

    commit: Commit
    change: Change | None  # None: it was the first


def diff(request: Request) -> Found:
    """The hosts and devices as they are now, against what was approved. Changes nothing on them.

    Raises ``NoSuchHost`` when nothing matches.
    """
    taken = capturing.take(request, keep_secrets=False)
    hosts, devices = kept_hosts.load_all(taken.hosts), kept_devices.load_all(taken.devices)
    changes = [meaning.of_host(name, hosts[name], now) for name, now in taken.hosts.items() if name in hosts]
    changes += [meaning.of_device(name, devices[name], now) for name, now in taken.devices.items() if name in devices]
    without = [name for name in (*taken.hosts, *taken.devices) if name not in hosts and name not in devices]
    return Found(tuple(changes), tuple(without), taken.refused)


def between(name: str, before: str, after: str) -> Change:
    """One approval of a host or device against another. Raises ``UsageError`` when one of them is none of it."""
    if _kind(name) == kept_hosts.KIND:
        return meaning.of_host(name, kept_hosts.at(before, name), kept_hosts.at(after, name))
    return meaning.of_device(name, kept_devices.at(before, name), kept_devices.at(after, name).evidence)


def approve(request: Request, approval: Approval, only: Sequence[Named]) -> tuple[Kept, Change]:
    """What differs now becomes the known good: all of it, or only the named differences. The host is not changed.

    Raises ``UsageError`` when nothing was approved before, or what is named does not differ, ``Undetermined`` when it is silent.
    """
    name = request.hosts
    _kind(name)
    taken = capturing.take(request, keep_secrets=not only)
    if name in taken.refused:
        raise Undetermined(f"{name} could not be looked at: {taken.refused[name]}")
    if name in taken.devices:
        return _approve_device(name, taken, approval, only)
    known_good, now = kept_hosts.load(name), taken.hosts.get(name)
    if known_good is None or now is None:
        raise UsageError(f"{name!r} is not the name of one host; approve one at a time")
    change = meaning.of_host(name, known_good, now)
    chosen = [each for each in change.differences if not only or (each.kind, each.name) in only]
    told = replace(approval, what=_what(name, [f"{each.kind} {each.name}" for each in chosen]))
    return keep({name: accepted(known_good, now, only) if only else now}, [], told), replace(change, differences=tuple(chosen))


def _approve_device(name: str, taken: Taken, approval: Approval, only: Sequence[Named]) -> tuple[Kept, Change]:
    known_good = kept_devices.load(name)
    if only or known_good is None:
        raise UsageError(f"{name} is a network device: what differs is approved as a whole; leave --only out")
    change = meaning.of_device(name, known_good, taken.devices[name])
    told = replace(approval, what=_what(name, [f"{each.kind} {each.name}" for each in change.differences]))
    return keep({}, [taken.devices[name]], told), change


def restore(name: str, revision: str, approval: Approval) -> Kept:
    """An earlier approval becomes the known good again, in a new commit; the host is not changed."""
    kind = _kind(name)
    subject, commit = repository.subject(kind, name), repository.resolved(revision)
    files = repository.files(commit, subject)
    if not files:
        raise UsageError(f"nothing was kept of {name} at {revision}; see: pyremediate baseline history {name}")
    told = replace(approval, what=f"Restored: {name} as of {commit[:SHORT_ID]}")
    return writing.replace({subject: files}, told, datetime.now(UTC).replace(microsecond=0))


def history(name: str) -> Iterator[Entry]:
    """The approvals of a host or device, newest first, each with what it changed."""
    commits = repository.history(repository.subject(_kind(name), name))
    for number, commit in enumerate(commits):
        earlier = commits[number + 1 : number + 2]
        yield Entry(commit, between(name, earlier[0].id, commit.id) if earlier else None)


def _kind(name: str) -> str:
    """Is it a host or a device? Raises ``UsageError`` when nothing was ever approved of it."""
    for kind in (kept_hosts.KIND, kept_devices.KIND):
        if repository.history(repository.subject(kind, name)):
            return kind
    raise UsageError(f"no last known good of {name} is kept; capture it with: pyremediate baseline capture --host {name}")


def _what(name: str, differences: Sequence[str]) -> str:
    told = list(dict.fromkeys(differences))
    return f"Approved of {name}: {'; '.join(told) if told else 'nothing that means anything'}"
