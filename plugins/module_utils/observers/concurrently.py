# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several bounded calls at the same time: what waits, waits once."""

from __future__ import annotations

import threading


def together(calls):
    """The results of the calls, in order. The calls end by themselves in time, and do not raise."""
    results = [None] * len(calls)

    def keep(position, call):
        results[position] = call()

    # Daemons: one that hangs all the same must not keep the module from ending.
    threads = [threading.Thread(target=keep, args=each, daemon=True) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
