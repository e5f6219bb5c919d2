"""The ledger: what became of every message between two looks at one host. Pure.

Accounted for are all messages that were queued at the first look, all that Postfix accepted since as far as its log tells, and
every test mail. Queue ids are used again, and change (postsuper(1), pickup(8)), so a message is known by its id *and* its arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pyremediate.diagnosis.facts import evidence_from
from pyremediate.ledger.account import Fate, Ledger, Message, Origin, iso
from pyremediate.ledger.matching import Matching
from pyremediate.ledger.queue_evidence import Fates, Listing, fates_of, listing_of
from pyremediate.ledger.words import human, sentence, told
from pyremediate.model import Answer, Look, Verification

NAME = "queue ledger"
MARGIN = 5.0  # seconds; what left the queue while it was listed is in the log shortly before


def reconcile(before: Look, after: Look) -> Ledger:
    """The account of everything between two looks at one host; never raises for evidence that is not there."""
    old, new = listing_of(before), listing_of(after)
    if isinstance(old, str):
        return Ledger(tuple(_with_test_mails((), before, after)), f"the queue was not listed at the first look: {old}")
    fates = fates_of(after)
    doubt = _doubt(old, new, fates)
    lives = fates.lives if isinstance(fates, Fates) else ()
    rows = new if isinstance(new, Listing) else Listing(old.at, ())
    messages = Matching(old, rows, lives, doubt).messages()
    until = new.at if isinstance(new, Listing) else None
    return Ledger(tuple(_with_test_mails(messages, before, after)), "", old.at, until)


def _doubt(old: Listing, new: Listing | str, fates: Fates | str) -> str:
    """Why a message that is found nowhere may be somewhere nevertheless; empty when it is missing."""
    if isinstance(new, str):
        return f"the queue was not listed at the last look: {new}"
    if new.error:
        return f"the listing of the queue is not complete: {new.error}"
    if new.at < old.at:
        return "the host's clock was set back between the looks"
    if isinstance(fates, str):
        return fates
    if fates.since > old.at:
        return f"the log does not reach back to the first look: it begins at {iso(fates.since)}"
    return f"the log is not complete: {fates.error}" if fates.error else ""


def _with_test_mails(messages: Iterable[Message], before: Look, after: Look) -> Iterator[Message]:
    """The messages, those that a look sent marked; and the test mails that are not among them."""
    mails = {queued_as(mail): mail for look in (before, after) for mail in look.mails if mail.get("accepted")}
    for message in messages:
        mail = mails.pop(message.id, None)
        yield message if mail is None else _test(replace(message, origin=Origin.TEST), mail)
    for id_, mail in mails.items():
        reason = str(mail.get("detail") or "nobody saw it arrive")
        yield _test(Message(id_, Origin.TEST, Fate.UNKNOWN, reason=reason), mail)


def _test(message: Message, mail: Mapping[str, Any]) -> Message:
    """Who finds a test mail in its mailbox knows better than any log."""
    return replace(message, fate=Fate.DELIVERED, reason="") if mail.get("answer") == Answer.PASS else message


def queued_as(mail: Mapping[str, Any]) -> str:
    """The queue id in the words of the reply that accepted it; without one its own token."""
    _, told, id_ = str(mail.get("queue_id", "")).rpartition("queued as ")
    return id_.split()[0] if told and id_.strip() else str(mail.get("token", ""))


def log_since(before: Look) -> str:
    """From when on the log must be asked to account for what this look saw, in ISO 8601; "" when it did not list the queue."""
    listing = listing_of(before)
    return "" if isinstance(listing, str) else iso(listing.at - MARGIN)


def verification(ledger: Ledger) -> Verification:
    """Missing mail is a failure; what cannot be known is not. A queue that was not listed before cannot be listed afterwards."""
    answer = Answer.UNKNOWN if ledger.of(Fate.UNKNOWN) else Answer.IMPOSSIBLE if ledger.error else Answer.PASS
    answer = Answer.FAIL if ledger.of(Fate.MISSING) else answer
    return Verification(NAME, answer, sentence(ledger).removesuffix("."))


def recorded(told: Mapping[str, Any]) -> Look:
    """A look of the journal as a value, as far as the ledger needs it: the evidence and the test mails."""
    evidence = evidence_from(told["host"], told["evidence"]) if told.get("evidence") else None
    return Look(told["host"], evidence, mails=tuple(told.get("mails", ())), unreachable=told.get("unreachable", ""))


class Looks:
    """The looks of one run, in order; the account of the whole run is between the first and the last."""

    def __init__(self) -> None:
        self._first: Look | None = None
        self._last: Look | None = None
        self._mails: list[Mapping[str, Any]] = []

    def note(self, look: Look) -> None:
        """One more look."""
        self._first = self._first or look
        self._last = look
        self._mails += [mail for mail in look.mails if mail not in self._mails]

    def since(self) -> str:
        """From when on the next look must ask the log; "" for the first one."""
        return log_since(self._first) if self._first else ""

    def ending(self, outcome: str) -> tuple[str, list[str], dict[str, Any] | None]:
        """What the account makes of an outcome: (the outcome, more steps for a human, the ledger for the record).

        Missing mail is a failure, whatever else was achieved. Without two looks there is nothing to account for.
        """
        if self._first is None or self._last is None or self._first is self._last:
            return outcome, [], None
        ledger = reconcile(self._first, replace(self._last, mails=tuple(self._mails)))
        steps = human(ledger)
        return ("escalated" if steps else outcome), steps, told(ledger)
