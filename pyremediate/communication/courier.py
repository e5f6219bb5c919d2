"""Delivers the notices of one incident: each audience's one after the other, all audiences at the same time.

An attempt is on record before it begins, and its end the moment the channel has answered. What is killed in between was delivered,
or was not: it is tried again with the same key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock, Thread

from pyremediate.communication import channels, outbox
from pyremediate.communication.outbox import Letter
from pyremediate.communication.relay import Broken, Undelivered
from pyremediate.communication.settings import CommunicationSettings
from pyremediate.communication.values import ATTEMPT, ATTEMPTED, STAGE
from pyremediate.errors import PyremediateError
from pyremediate.journal import Journal


class Courier:
    """``send`` begins whatever can be tried now, and returns at once."""

    def __init__(
        self, journal: Journal, incident: str, settings: CommunicationSettings, broken: Broken, ended: Callable[[], None]
    ) -> None:
        self._journal, self._incident, self._settings, self._broken = journal, incident, settings, broken
        self._ended = ended  # is called whenever an audience's turn is over
        self._under_way: dict[str, Thread] = {}
        self._lock = Lock()

    def send(self) -> None:
        """Begin with each audience that is to get something now, and whose turn has not begun."""
        for audience in self._ready():
            with self._lock:
                if audience in self._under_way:
                    continue
                turn = Thread(target=self._turn, args=(audience,), name=f"notify {audience}", daemon=True)
                self._under_way[audience] = turn
            turn.start()

    @property
    def busy(self) -> bool:
        """Is something under way, or could it be tried now?"""
        with self._lock:
            under_way = bool(self._under_way)
        return under_way or bool(self._ready())

    def _letters(self) -> tuple[Letter, ...]:
        return outbox.current(outbox.letters(self._journal.entries(self._incident, outbox.KINDS)), self._settings)

    def _ready(self) -> dict[str, Letter]:
        now = datetime.now(UTC)
        first = outbox.waiting(self._letters(), now)
        return {audience: letter for audience, letter in first.items() if letter.next_try()[1] <= now}

    def _turn(self, audience: str) -> None:
        try:
            while letter := self._ready().get(audience):
                self._attempt(letter)
        finally:
            with self._lock:
                del self._under_way[audience]
            self._ended()

    def _attempt(self, letter: Letter) -> None:
        channel = letter.next_try()[0]
        begun = {"notice": letter.notice.id, "channel": channel, "number": len(letter.attempts) + 1}
        self._record(ATTEMPT, begun)

        def taken(answer: str) -> None:
            self._record(ATTEMPTED, {**begun, "delivered": True, "answer": answer})

        try:
            channels.hand_over(channel, self._settings.channels[channel], letter.notice, self._broken, taken)
        except Undelivered as error:
            self._record(ATTEMPTED, {**begun, "delivered": False, "answer": str(error)})
        except PyremediateError:  # the journal cannot be used: then nothing goes on
            raise
        except Exception as error:  # a mistake of ours must not keep the next channel from being tried
            self._record(ATTEMPTED, {**begun, "delivered": False, "answer": f"unforeseen: {type(error).__name__}: {error}"})

    def _record(self, kind: str, attempt: dict[str, object]) -> None:
        self._journal.write(self._incident, STAGE, kind, attempt)
