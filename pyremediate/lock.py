"""One run that may change a host at a time, on this controller. The kernel frees the lock when the process ends, however."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from pyremediate.errors import Refused, UsageError
from pyremediate.paths import state_directory


@contextmanager
def host_lock(host: str) -> Iterator[None]:
    """Hold the host's lock; raises ``Refused`` naming the holder when somebody else has it (flock(2))."""
    if "/" in host or host.startswith("."):
        raise UsageError(f"{host!r} cannot be the name of a host")
    directory = state_directory() / "locks"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / f"{host}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise Refused(f"{host} is being worked on by {holder}; wait for it to end") from None
        file.truncate(0)
        file.write(f"pyremediate, process {os.getpid()}")
        file.flush()
        yield
