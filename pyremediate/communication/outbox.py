"""What is on record of the notices of an incident: which are delivered, and which attempt comes next. Pure.

A notice is tried by each channel of its ladder in turn; when all have failed, from the first again, after a pause that grows.
An attempt that has no end on record was cut off, and nobody knows whether it was delivered: it is made again, with the same key,
by which receivers know it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pyremediate.communication.settings import CommunicationSettings
from pyremediate.communication.values import ATTEMPT, ATTEMPTED, NOTICE, READ, Attempt, Notice
from pyremediate.journal import Entry

PAUSE = timedelta(seconds=30)  # after all channels have failed; twice as long after each further round
LONGEST_PAUSE = timedelta(minutes=15)
GIVE_UP = timedelta(days=1)  # news of yesterday is none
KINDS = (NOTICE, ATTEMPT, ATTEMPTED, READ)


@dataclass(frozen=True)
class Letter:
    """A notice with what was tried, and who is known to have read it."""

    notice: Notice
    attempts: Sequence[Attempt] = ()
    readers: Sequence[str] = ()

    @property
    def delivered(self) -> bool:
        """Did a channel take it?"""
        return any(attempt.delivered for attempt in self.attempts)

    @property
    def settled(self) -> bool:
        """Is there no need to send it any more? Who has read it has it, though nobody may know how it came."""
        return self.delivered or bool(self.readers)

    @property
    def _failed(self) -> Sequence[Attempt]:
        return [attempt for attempt in self.attempts if attempt.ended]

    def next_try(self) -> tuple[str, datetime]:
        """The channel that is next, and when it may be tried at the earliest."""
        at = self.notice.at or datetime.min
        rounds, position = divmod(len(self._failed), len(self.notice.ladder))
        if rounds and position == 0:
            last = self._failed[-1].ended or at
            return self.notice.ladder[0], last + min(PAUSE * 2 ** min(rounds - 1, 10), LONGEST_PAUSE)
        return self.notice.ladder[position], at

    def given_up(self, now: datetime) -> bool:
        """Is it too old to be of any use?"""
        return self.notice.at is not None and now - self.notice.at > GIVE_UP

    @property
    def state(self) -> str:
        """``read``, ``delivered``, ``uncertain`` (it was cut off while it was tried), ``failed`` so far, or ``waiting``."""
        if self.readers:
            return "read"
        if self.delivered:
            return "delivered"
        if not self.attempts:
            return "waiting"
        return "failed" if self.attempts[-1].ended else "uncertain"


def letters(entries: Sequence[Entry]) -> tuple[Letter, ...]:
    """Every notice of one incident with its attempts, in order."""
    notices = [_notice(entry) for entry in entries if entry.kind == NOTICE]
    attempts: dict[tuple[str, int], Attempt] = {}
    for entry in entries:
        if entry.kind in {ATTEMPT, ATTEMPTED}:
            told = entry.payload
            attempts[told["notice"], told["number"]] = _attempt(told, entry, attempts.get((told["notice"], told["number"])))
    readers = [(entry.payload["notice"], entry.payload["by"]) for entry in entries if entry.kind == READ]
    return tuple(
        Letter(
            notice,
            tuple(each for each in attempts.values() if each.notice == notice.id),
            tuple(by for read, by in readers if read == notice.id),
        )
        for notice in notices
    )


def current(found: Sequence[Letter], settings: CommunicationSettings) -> tuple[Letter, ...]:
    """Those to the audiences that there still are, by the channels that they have now: what waits goes by mended settings."""
    ladders = {name: audience.channels for name, audience in settings.audiences.items()}
    return tuple(
        replace(letter, notice=replace(letter.notice, ladder=ladders[letter.notice.audience]))
        for letter in found
        if letter.notice.audience in ladders
    )


def waiting(found: Sequence[Letter], now: datetime) -> dict[str, Letter]:
    """The notice that each audience is to get next, by audience: one after the other, so that none overtakes another."""
    first: dict[str, Letter] = {}
    for letter in found:
        if not letter.settled and not letter.given_up(now):
            first.setdefault(letter.notice.audience, letter)
    return first


def _notice(entry: Entry) -> Notice:
    told = entry.payload
    return Notice(
        **{**told, "incident": entry.incident, "ladder": tuple(told["ladder"]), "after": tuple(told["after"]), "at": entry.time}
    )


def payload(notice: Notice) -> dict[str, Any]:
    """A notice as its entry has it; the entry itself says of which incident, and when."""
    return {name: value for name, value in vars(notice).items() if name not in {"incident", "at"}}


def _attempt(told: Mapping[str, Any], entry: Entry, begun: Attempt | None) -> Attempt:
    if entry.kind == ATTEMPT:
        return Attempt(told["notice"], told["channel"], told["number"], entry.time)
    began = begun.began if begun else entry.time
    return Attempt(
        told["notice"], told["channel"], told["number"], began, entry.time, bool(told["delivered"]), str(told["answer"])
    )
