# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts that several observers need are found once, by the first that asks; the others wait for it."""

from __future__ import annotations

import functools
import threading


def once(function):
    """The function without arguments is called once; ``forget`` makes the next call look again (for tests)."""
    lock = threading.Lock()
    found = []

    @functools.wraps(function)
    def call():
        with lock:
            if not found:
                found.append(function())
            return found[0]

    call.forget = found.clear
    return call
