"""Tells people while a run goes on, and carries on with what earlier runs left: beside the repair, never in its way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from pyremediate.communication import channels, notices, outbox, own
from pyremediate.communication.courier import Courier
from pyremediate.communication.notices import RECENT, Outage
from pyremediate.communication.outbox import Letter
from pyremediate.errors import Refused
from pyremediate.journal import Journal
from pyremediate.lock import delivery_lock
from pyremediate.settings import Settings

PATIENCE = 10.0  # seconds that the end of a run waits for what is under way
TICK = 1.0  # seconds between two looks at what is due, when nothing happens
LATER = "pyremediate notify deliver"


class Herald:
    """Tells people of one outage in a thread of its own. Nothing that goes wrong here reaches the run."""

    def __init__(self, journal: Journal, incident: str, settings: Settings) -> None:
        self._journal, self._incident, self._settings = journal, incident, settings
        self._woken, self._closing = Event(), Event()
        self._ends = float("inf")  # of time.monotonic(), when nobody waits any more
        self.trouble = ""
        self._thread = Thread(target=self._run, name=f"herald {incident}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """Something is on record that people may have to be told of; returns at once."""
        self._woken.set()

    def close(self, patience: float) -> None:
        """Tell the end, and wait so many seconds for what is under way."""
        self._ends = time.monotonic() + patience
        self._closing.set()
        self.wake()
        self._thread.join(patience + TICK)

    def _run(self) -> None:
        try:
            with _locked(self._journal.host_of(self._incident), self._over):
                self._tell()
        except Exception as error:  # people are told as well as we can; the repair goes on whatever comes
            self.trouble = " ".join(str(error).split()) or type(error).__name__

    def _over(self) -> bool:
        return time.monotonic() >= self._ends

    def _tell(self) -> None:
        self._journal.redact(channels.secrets(self._settings.communication))
        outage, repairs = notices.outage_of(self._journal, self._incident), notices.past(self._journal)
        courier: Courier | None = None
        while True:
            self._woken.clear()
            last = self._closing.is_set()  # before what is due is made: the end is on record by then
            now = datetime.now(UTC)
            made = notices.make(self._journal, outage, self._settings, repairs, now)
            known = notices.told(self._journal, outage, self._settings, repairs, now)
            if courier is None and outbox.waiting(known.letters, now):
                broken = own.broken(self._journal, known.facts.incident)
                courier = Courier(self._journal, known.facts.thread, self._settings.communication, broken, self.wake)
            if courier:
                courier.send()
            if last and (self._over() or not (made or (courier and courier.busy))):
                return
            if made:
                continue  # one that is made may make the next one due
            self._woken.wait(TICK)


@contextmanager
def _locked(host: str, over: Callable[[], bool]) -> Iterator[None]:
    """Wait for the one who delivers now, as ``notify deliver`` does; not for ever."""
    while True:
        try:
            with delivery_lock(host):
                yield
                return
        except Refused:
            if over():
                raise
            time.sleep(TICK)


@contextmanager
def telling(journal: Journal, incident: str, settings: Settings, note: Callable[[str], None]) -> Iterator[None]:
    """Tell people of the incident while this goes on; what is not delivered at its end is noted, and kept for later."""
    if not settings.communication.audiences:
        yield
        return
    herald = Herald(journal, incident, settings)
    journal.observe(herald.wake)
    herald.start()
    try:
        yield
    finally:
        herald.close(PATIENCE)
        if herald.trouble:
            note(f"people could not be told: {herald.trouble}; try: {LATER}")
        for words in undelivered(journal, notices.outage_of(journal, incident), settings):
            note(f"{words}; {LATER} tries again")


def letters(journal: Journal, outage: Outage) -> tuple[Letter, ...]:
    """Every notice about an outage, under whichever of its incidents it is on record."""
    found = [journal.entries(incident, ("begin", *outbox.KINDS)) for incident in dict.fromkeys(outage)]
    return tuple(letter for entries in found for letter in outbox.letters(entries))


def undelivered(journal: Journal, outage: Outage, settings: Settings) -> Iterator[str]:
    """What nobody has got yet, and why, one line each."""
    for letter in outbox.current(letters(journal, outage), settings.communication):
        if not letter.settled and not letter.given_up(datetime.now(UTC)):
            why = f": {letter.attempts[-1].channel}: {letter.attempts[-1].answer}" if letter.state == "failed" else ""
            yield f"{letter.notice.audience} is not told yet ({letter.notice.message}){why}"


def carry_on(journal: Journal, settings: Settings, told: Callable[[Letter], None], patience: float = 60.0) -> list[str]:
    """Make what is due of every recent outage, and deliver it; what could not be, one line each.

    A host of which somebody else tells at this moment is left to them.
    """
    left, repairs = list[str](), notices.past(journal)
    for outage in notices.outages(journal):
        now = datetime.now(UTC)
        known = notices.told(journal, outage, settings, repairs, now)
        if now - known.facts.run_since > RECENT:
            continue
        if not notices.due_now(known, settings, now) and not outbox.waiting(known.letters, now):
            continue
        left += _carried_on(journal, outage, settings, patience)
        before = {letter.notice.id for letter in known.letters if letter.delivered}
        for letter in letters(journal, outage):
            if letter.delivered and letter.notice.id not in before:
                told(letter)
    return left


def _carried_on(journal: Journal, outage: Outage, settings: Settings, patience: float) -> list[str]:
    try:
        with delivery_lock(journal.host_of(outage[-1])):
            pass
    except Refused as error:
        return [str(error)]
    herald = Herald(journal, outage[-1], settings)
    herald.start()
    herald.close(patience)
    return [*([herald.trouble] if herald.trouble else []), *undelivered(journal, outage, settings)]
