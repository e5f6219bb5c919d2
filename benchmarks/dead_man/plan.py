"""Which cuts are made: every change at every step, with the kinds of cut taken in turn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.dead_man.changes import Change

STEPS = {
    "armed": "the switch is armed, and nothing is changed yet",
    "middle": "the first of the change can be seen, and its play is not over",
    "sealed": "the change is made and sealed, and not yet looked at",
    "end": "the play that ends the step has begun: the confirmation, or the undo",
    "confirmed": "the confirmation is written down, and its play is not over",
    "alone": "nobody cuts anything but the change itself",
}
KINDS = {
    "kill": "SIGKILL to `pyremediate fix` and to everything that it started",
    "cable": "the management cable is out at its other end, and the controller lives on",
    "reboot": "the power of the device is cut, and comes back at once; the controller lives on",
    "blackout": "the power of the device and of the controller is cut, and comes back at the device alone",
    "none": "nothing is cut",
}
IN_TURN = ("kill", "cable", "reboot", "blackout")


@dataclass(frozen=True)
class Planned:
    """One cut to be made."""

    change: str
    step: str
    kind: str

    @property
    def key(self) -> str:
        """Its name on record."""
        return f"{self.change}/{self.step}/{self.kind}"


def every(changes: Sequence[Change], rounds: int = 1) -> list[Planned]:
    """All cuts; each round takes the next kind at every step, so that four rounds hold every combination once."""
    found = []
    for turn in range(rounds):
        for row, change in enumerate(changes):
            for column, step in enumerate(_steps(change)):
                found.append(Planned(change.name, step, IN_TURN[(row + column + turn) % len(IN_TURN)]))
            if turn == 0 and change.cuts != "nobody":
                found.append(Planned(change.name, "alone", "none"))
    return Random("drill").sample(found, len(found))  # so that an interrupted drill has some of everything


def _steps(change: Change) -> tuple[str, ...]:
    """The steps that it can come to: one that cuts SSH is never sealed, and one that fails the test mail never confirmed."""
    if change.cuts == "ssh":
        return ("armed", "middle")
    return ("armed", "middle", "sealed", "end", *(("confirmed",) if change.cuts == "nobody" else ()))
