# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commands, bounded in time and in output: they read, in the C locale and in UTC, and never wait for input.

``run`` and ``lines`` never raise: a command that does not exist or does not end is an answer with a reason.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass
from typing import Optional

SECONDS = 6.0
# Not everybody's PATH has the directories of the system's daemons.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": PATH, "HOME": "/", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""}


_running = set()
_closed = threading.Event()


@dataclass(frozen=True)
class Completed:
    """How a command ended. ``returncode`` is None when it did not start or had to be ended; ``error`` says which."""

    returncode: Optional[int]
    stdout: str = ""
    stderr: str = ""
    error: str = ""

    @property
    def ok(self):
        """Whether it ended, and with success."""
        return self.returncode == 0

    @property
    def reason(self):
        """Why it failed, in one line; empty when it did not."""
        if self.error or self.ok:
            return self.error
        said = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return said[-1] if said else f"exit status {self.returncode}"


def installed(program):
    """The program's path, or None."""
    return shutil.which(program, path=PATH)


def run(argv, seconds=SECONDS):
    """Run the command to its end."""
    try:
        process = _start(argv, stderr=subprocess.PIPE)
    except OSError as error:
        return Completed(None, error=_not_started(argv, error))
    try:
        stdout, stderr = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        return Completed(None, error=f"{argv[0]} did not end within {seconds:g} s")
    _running.discard(process)
    return Completed(process.returncode, _text(stdout), _text(stderr))


def lines(argv, most, seconds=SECONDS):
    """(the first ``most`` lines of the command's output, why there may be fewer than there should be).

    A command that has more to say, or says it too slowly, is ended.
    """
    try:
        process = _start(argv, stderr=subprocess.DEVNULL)
    except OSError as error:
        return [], _not_started(argv, error)
    late = threading.Event()
    timer = threading.Timer(seconds, _end_late, (process, late))
    timer.daemon = True
    timer.start()
    with process.stdout:
        found = [_text(line).rstrip("\n") for line in itertools.islice(process.stdout, most)]
    timer.cancel()
    if late.is_set():
        return found, f"{argv[0]} was ended after {seconds:g} s"
    if len(found) == most:
        _end(process)
        return found, ""
    process.wait()
    _running.discard(process)
    return found, f"{argv[0]}: exit status {process.returncode}" if process.returncode else ""


def end_all():
    """End what still runs for observers that were given up, and start nothing any more."""
    _closed.set()
    for process in list(_running):
        _end(process)


def _start(argv, stderr):
    program = installed(argv[0])
    if program is None:
        raise FileNotFoundError(2, "not installed")
    if _closed.is_set():
        raise InterruptedError(4, "the observation is over")
    process = subprocess.Popen(
        [program, *argv[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,  # a group of its own, so that its children end with it
    )
    _running.add(process)
    return process


def _not_started(argv, error):
    return f"{argv[0]}: {error.strerror}"


def _end_late(process, late):
    late.set()
    _end(process)


def _end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass  # it ended by itself
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        pass  # it hangs in the kernel, where nobody can end it
    _running.discard(process)


def _text(octets):
    return octets.decode("utf-8", "replace")
