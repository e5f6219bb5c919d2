"""Seconds per stage of the procedure; a stage that is entered again adds to its sum."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """``with watch.stage("verify"):`` … ``watch.seconds`` is {stage: seconds}, rounded to hundredths."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time within as this stage's, also when it ends by an error."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._sums[name] = self._sums.get(name, 0.0) + time.monotonic() - began

    @property
    def seconds(self) -> dict[str, float]:
        """The sums so far."""
        return {name: round(value, 2) for name, value in self._sums.items()}
