"""One run that may change a host at a time, and one run of a scheduled job, on this controller.

The kernel frees a lock when its process ends, however that comes.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pyremediate.errors import Refused, UsageError
from pyremediate.paths import state_directory


@contextmanager
def host_lock(host: str) -> Iterator[None]:
    """Hold the host's lock; raises ``Refused`` naming the holder when somebody else has it (flock(2))."""
    if "/" in host or host.startswith("."):
        raise UsageError(f"{host!r} cannot be the name of a host")
    with _held(host, f"{host} is being worked on by"):
        yield


@contextmanager
def job_lock(job: str) -> Iterator[None]:
    """Hold a scheduled job's lock; raises ``Refused`` naming the holder when the run before it goes on."""
    with _held(f"schedule/{job}", f"the scheduled {job} is being carried out by"):
        yield


@contextmanager
def delivery_lock(host: str) -> Iterator[None]:
    """Hold the delivery of the notices about a host; raises ``Refused`` naming the holder when somebody else delivers them."""
    with _held(f"deliver/{host}", f"the notices about {host} are being delivered by"):
        yield


def is_held(job: str) -> bool:
    """Does a run of the scheduled job go on?"""
    if not _file(f"schedule/{job}").exists():
        return False
    try:
        with job_lock(job):
            return False
    except Refused:
        return True


@contextmanager
def _held(name: str, taken: str) -> Iterator[None]:
    path = _file(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another process"
            raise Refused(f"{taken} {holder}; wait for it to end") from None
        file.truncate(0)
        file.write(f"pyremediate, process {os.getpid()}")
        file.flush()
        yield


def _file(name: str) -> Path:
    return state_directory() / "locks" / f"{name}.lock"
