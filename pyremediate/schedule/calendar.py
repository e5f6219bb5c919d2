"""Calendar expressions, read by systemd's own reader (systemd.time(7), ``systemd-analyze calendar``)."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import datetime

PLAIN = re.compile(r"[A-Za-z0-9*:/.,~_+ -]+")  # no character that could end a line of a unit
TIMEOUT = 10.0


def complaint(expression: str) -> str | None:
    """Why this cannot be a timer's ``OnCalendar=``; None: nothing is known against it (without systemd, that is little)."""
    mend = "give an expression of systemd.time(7), such as hourly, *:0/15 or Mon *-*-* 03:00"
    if not PLAIN.fullmatch(expression) or not expression.strip():
        return f"{expression!r} is not a calendar expression; {mend}"
    done = _analyze(expression)
    if done and "Failed to parse" in done.stderr:
        return f"systemd cannot read {expression!r}; {mend}"
    if done and "Next elapse: never" in done.stdout:
        return f"{expression!r} never comes again; {mend}"
    return None


def next_after(expression: str, moment: datetime) -> datetime | None:
    """When the expression elapses first after ``moment``; None: never, or nobody here can tell."""
    done = _analyze(expression, f"--base-time=@{moment.timestamp():.0f}")
    # "(in UTC): Wed 2025-11-26 03:05:00 UTC", or "Next elapse: …" where the local time is UTC
    found = re.search(r": \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.\d+)? UTC$", done.stdout if done else "", re.MULTILINE)
    return datetime.fromisoformat(f"{found[1]}+00:00") if found else None


def _analyze(expression: str, *options: str) -> subprocess.CompletedProcess[str] | None:
    """What ``systemd-analyze calendar`` says; None where there is none that answers."""
    line = ["systemd-analyze", "calendar", *options, "--", expression]
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT, check=False, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return None
