# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Points in time as the evidence has them: ISO 8601 in UTC with ``Z``, or ``None``."""

from __future__ import annotations

import calendar
import time


def iso(timestamp):
    """Seconds since the epoch as ``2026-11-25T01:02:03Z``."""
    if timestamp is None:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timestamp))


def seconds(text):
    """The inverse. Raises ValueError for any other text."""
    return float(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")))
