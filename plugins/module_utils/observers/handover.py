# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One value that one observer hands to another: whoever takes it waits for it, and not for ever."""

from __future__ import annotations

import threading


class Handover:
    """Given once, taken as often as one likes. ``give`` without a value says that there will be none."""

    def __init__(self):
        self._given = threading.Event()
        self._value = None

    def give(self, value=None):
        """Only the first value counts."""
        if not self._given.is_set():
            self._value = value
            self._given.set()

    def take(self, seconds):
        """The value; None when there is none, or not in time."""
        self._given.wait(seconds)
        return self._value
