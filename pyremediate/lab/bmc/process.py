"""Start and stop the process of the controllers.

Who holds the lock is the process: after a kill the kernel has freed it (flock(2)).
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from pyremediate.errors import PyremediateError
from pyremediate.lab import bmc, keys
from pyremediate.lab.description import Host, Lab

START, END = 20.0, 5.0  # seconds
PAUSE = 0.05
MISSING = "no baseboard controllers: they need pip install 'pyremediate[lab-bmc]'"


@dataclass(frozen=True)
class Running:
    """The process that holds the lock, and for how many mail hosts it answers."""

    process: int
    mail_hosts: int
    made_of: str = ""


def available() -> bool:
    """Is what it is made of installed?"""
    return importlib.util.find_spec("sushy_tools") is not None


def ensure(lab: Lab, anew: Iterable[Host] = ()) -> None:
    """Let a controller answer for every mail host, whatever was left behind; hosts made anew are healthy again.

    Raises ``PyremediateError`` with the process's last words when it does not come.
    """
    with _alone(lab):
        for host in anew:
            bmc.sensors(lab, host).unlink(missing_ok=True)
        there = running(lab)
        if there and (there.mail_hosts, there.made_of) == (len(lab.mail_hosts), made_of()):
            return
        _end(lab, there)
        _start(lab)


def stop(lab: Lab) -> None:
    """End the process, if there is one, and forget what was set."""
    with _alone(lab):
        _end(lab, running(lab))
        for path in bmc.directory(lab).glob("*.json"):
            path.unlink()
        shutil.rmtree(bmc.directory(lab) / "run", ignore_errors=True)


def _end(lab: Lab, there: Running | None) -> None:
    if there is None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(there.process, number)
        if _gone(lab, END):
            return


@contextmanager
def _alone(lab: Lab) -> Iterator[None]:
    """One that starts or stops it at a time: hosts are reset side by side."""
    bmc.directory(lab).mkdir(parents=True, exist_ok=True, mode=0o700)
    with (bmc.directory(lab) / "change").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def running(lab: Lab) -> Running | None:
    """The process, by the lock that it holds."""
    path = _lock(lab)
    if not path.is_file():
        return None
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return Running(**json.loads(file.read()))
    return None


def hold(lab: Lab) -> IO[str]:
    """The lock, for as long as the file stays open. Raises ``BlockingIOError`` when another process has it."""
    file = _lock(lab).open("a+")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    file.truncate(0)
    file.write(json.dumps(asdict(Running(os.getpid(), len(lab.mail_hosts), made_of()))))
    file.flush()
    return file


def made_of() -> str:
    """A digest of what the process runs: one that runs something older is started anew, as hosts of an older image are told."""
    sources = sorted(Path(bmc.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def certificate(lab: Lab) -> tuple[Path, Path]:
    """The paths of certificate and key, made anew when they end soon or the lab has another authority."""
    return keys.for_address(lab.directory, "bmc", bmc.address(lab))


def _lock(lab: Lab) -> Path:
    return bmc.directory(lab) / "lock"


def _start(lab: Lab) -> None:
    certificate(lab)
    read, write = os.pipe()
    log = bmc.directory(lab) / "log"
    with log.open("wb") as output, os.fdopen(read, "rb", buffering=0) as ready:
        line = [sys.executable, "-m", "pyremediate.lab.bmc", str(len(lab.mail_hosts)), str(write)]
        child = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[write],
            start_new_session=True,
            cwd="/",
        )
        os.close(write)
        heard, _, _ = select.select([ready], [], [], START)
        if heard and ready.read():
            return
    child.kill()
    child.wait()
    words = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
    raise PyremediateError(f"the baseboard controllers did not come ({log}): {words[-1]}")


def _gone(lab: Lab, seconds: float) -> bool:
    """Until the kernel has freed the lock."""
    deadline = time.monotonic() + seconds
    while running(lab):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True
