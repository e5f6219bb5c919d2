"""Who is told while a run goes on. The pipeline speaks to a ``Listener`` and does not know whether anybody listens."""

from __future__ import annotations

from typing import Protocol

from pyremediate.model import Step


class Listener(Protocol):
    """Hears of a run as it happens; never decides anything."""

    def stage(self, name: str) -> None:
        """A stage begins: assess, diagnose, fix, verify; the one before it has ended."""

    def note(self, text: str) -> None:
        """One sentence worth telling."""

    def step(self, step: Step) -> None:
        """A transaction has reached a new state."""


class Silent:
    """Nobody listens."""

    def stage(self, name: str) -> None:
        """Unheard."""

    def note(self, text: str) -> None:
        """Unheard."""

    def step(self, step: Step) -> None:
        """Unheard."""
