"""Where the sign-off of an incident stands: the view of its entries under a policy. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pyremediate.journal import Entry
from pyremediate.settings import SignOffSettings

KINDS = ("begin", "intent", "end", "sign", "refuse")  # the entries that a standing needs: none with what a look saw
ACTED = frozenset({"begin", "intent"})  # who wrote one of these ran the fix


@dataclass(frozen=True)
class Signature:
    """One person's word."""

    signer: str
    time: datetime
    by: str  # user: an account of the controller; key: an SSH key of the allowed signers
    reason: str = ""  # of a refusal


@dataclass(frozen=True)
class Standing:
    """Where it stands.

    ``state``         not_needed, awaiting, signed, expired, reopened
    ``verification``  the hash that is to be signed; empty while nothing is
    ``needed``        how many distinct people must sign
    ``until``         when what was verified is too old to be signed; None: never
    """

    state: str
    verification: str = ""
    needed: int = 0
    signed: tuple[Signature, ...] = ()
    refused: Signature | None = None
    until: datetime | None = None
    operators: tuple[str, ...] = ()  # who ran the fix

    @property
    def missing(self) -> int:
        """How many people are still to sign."""
        return max(0, self.needed - len(self.signed))


def standing(entries: Sequence[Entry], policy: SignOffSettings, now: datetime) -> Standing:
    """The standing of one incident's entries, in their order; those of ``KINDS`` are enough."""
    end = verified(entries)
    if end is None:
        return Standing("not_needed")
    later = [entry for entry in entries if entry.seq > end.seq]
    signed = {each.signer: each for each in _signatures(later, end.hash)}
    until = end.time + timedelta(hours=policy.within_hours) if policy.within_hours else None
    found = Standing(
        state="awaiting",
        verification=end.hash,
        needed=policy.required_signers,
        signed=tuple(signed.values()),
        refused=refusal(later),
        until=until,
        operators=operators(entries),
    )
    return _in_state(found, now)


def words(now: Standing) -> str:
    """Where the sign-off stands, in one line."""
    names = ", ".join(each.signer for each in now.signed) or "nobody"
    until = f", until {now.until:%Y-%m-%d %H:%M} UTC" if now.until else ""
    told = {
        "not_needed": "no sign-off is needed",
        "awaiting": f"awaiting sign-off by {now.missing} more (signed: {names}){until}",
        "signed": f"closed: signed by {names}",
        "expired": f"the sign-off has expired (signed: {names})",
        "reopened": f"open again: {now.refused.signer} refused it: {now.refused.reason}" if now.refused else "",
    }
    return told[now.state]


def _in_state(found: Standing, now: datetime) -> Standing:
    if found.refused:
        return replace(found, state="reopened")
    if not found.needed:
        return replace(found, state="not_needed")
    if not found.missing:
        return replace(found, state="signed")
    return replace(found, state="expired") if found.until and now > found.until else found


def verified(entries: Sequence[Entry]) -> Entry | None:
    """The end that people can sign: the newest, when mail flows since then because somebody did something about it.

    A host that was healthy at the first look has nothing to be signed; one that is healthy at a second, when the first had found
    something, was mended by people meanwhile.
    """
    ends = [entry for entry in entries if entry.kind == "end"]
    outcomes = [str(entry.payload["outcome"]["outcome"]) for entry in ends]
    if not ends:
        return None
    mended = outcomes[-1] == "healthy" and bool(set(outcomes) - {"healthy", "planned"})
    return ends[-1] if outcomes[-1] == "repaired" or mended else None


def refusal(entries: Sequence[Entry]) -> Signature | None:
    """The last refusal since the last end; None when there is none, or when the host was looked at again since."""
    last = [entry for entry in entries if entry.kind in {"end", "refuse"}][-1:]
    return _signature(last[0]) if last and last[0].kind == "refuse" else None


def to_reopen(entries: Sequence[Entry]) -> tuple[str, Signature] | None:
    """The newest incident of a host whose refusal no later incident has taken up, and that refusal.

    ``entries`` are those of one host of the kinds begin, end and refuse.
    """
    taken_up = {entry.payload.get("reopens") for entry in entries if entry.kind == "begin"}
    for incident in dict.fromkeys(entry.incident for entry in reversed(entries)):
        refused = refusal([entry for entry in entries if entry.incident == incident])
        if refused and incident not in taken_up:
            return incident, refused
    return None


def operators(entries: Sequence[Entry]) -> tuple[str, ...]:
    """The people who ran the fix: "anna" of the actor "anna as root" (``request.operator``)."""
    return tuple(dict.fromkeys(entry.actor.partition(" as ")[0] for entry in entries if entry.kind in ACTED))


def _signatures(entries: Sequence[Entry], verification: str) -> Iterator[Signature]:
    for entry in entries:
        if entry.kind == "sign" and entry.payload["verification"] == verification:
            yield _signature(entry)


def _signature(entry: Entry) -> Signature:
    return Signature(entry.payload["signer"], entry.time, entry.payload["by"], entry.payload.get("reason", ""))
