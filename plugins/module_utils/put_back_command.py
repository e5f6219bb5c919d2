# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""One command, bounded in time, in the C locale, with nothing to read from."""

from __future__ import annotations

import os
import signal
import subprocess

NOT_FOUND = 127  # as a shell says it
TIMED_OUT = 124  # as timeout(1) says it


class Done:
    """How a command ended."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    @property
    def ok(self):
        """It ended with status 0."""
        return self.status == 0

    def words(self):
        """What it was, and the end of what it said, for a person."""
        said = (self.err.strip() or self.out.strip()).splitlines()
        tail = " / ".join(line.strip() for line in said[-3:])
        return "%s ended with status %d%s" % (" ".join(self.argv), self.status, ": " + tail if tail else "")


def run(argv, timeout=30, environment=None):
    """Run it to its end or its time limit; then its whole process group is ended. Raises nothing."""
    surroundings = dict(os.environ, LC_ALL="C", LANGUAGE="C", **(environment or {}))
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=surroundings,
            start_new_session=True,
        )
    except OSError as error:
        return Done(argv, NOT_FOUND, "", os.strerror(error.errno))
    try:
        out, err = process.communicate(timeout=timeout)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        status, err = TIMED_OUT, err + b"\nno end within %d s" % timeout
    return Done(argv, status, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
