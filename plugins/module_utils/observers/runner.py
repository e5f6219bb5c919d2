# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the observers at the same time, each with its own deadline and its own failure: a crash loses one section."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Callable

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable

SCHEMA = 1
SHARE = 0.9  # of the whole deadline is the most for one observer: the rest is for collecting the answers


@dataclass(frozen=True)
class Observer:
    """A section's name, who observes it, and how long that may take at most."""

    section: str
    observe: Callable
    seconds: float


def run(observers, request, deadline):
    """The evidence: every observer's section, within the deadline in seconds, whatever the observers do."""
    started = time.monotonic()
    running = [_Running(observer, request, min(observer.seconds, deadline * SHARE)) for observer in observers]
    sections = {each.observer.section: each.section() for each in running}
    return {
        "schema": SCHEMA,
        "host": request.name,
        "observed_at": iso(time.time()),
        "seconds": round(time.monotonic() - started, 3),
        "sections": sections,
    }


class _Running:
    """An observer in its own thread. A daemon: one that hangs in the kernel must not keep the module from ending."""

    def __init__(self, observer, request, seconds):
        self.observer = observer
        self._seconds = seconds
        self._started = time.monotonic()
        self._section = None
        self._thread = threading.Thread(target=self._run, args=(request,), name=observer.section, daemon=True)
        self._thread.start()

    def _run(self, request):
        section = _observed(self.observer.observe, request)
        self._section = dict(section, seconds=self._elapsed())

    def section(self):
        """What it found, or that it found nothing in time."""
        self._thread.join(max(0.0, self._seconds - self._elapsed()))
        return self._section or _section("failed", f"no answer within {self._seconds:g} s", seconds=self._elapsed())

    def _elapsed(self):
        return round(time.monotonic() - self._started, 3)




def _observed(observe, request):
    notes = []
    try:
        data = observe(request, notes)
    except Unavailable as absent:
        return _section("unavailable", str(absent), absent.data)
    except Exception as error:  # the observer's own mistake included: the other sections must not suffer from it
        return _section("failed", f"{type(error).__name__}: {error}")
    return _section("ok", "; ".join(notes), data)


def _section(state, error, data=None, seconds=0.0):
    return {"state": state, "error": error, "seconds": seconds, "data": data or {}}
