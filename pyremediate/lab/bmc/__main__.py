"""Be the controllers of so many hosts: ``python -m pyremediate.lab.bmc MAIL_HOSTS READY``.

The descriptor READY is told when they listen.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from pyremediate.lab.bmc import process, service
from pyremediate.lab.description import describe


def main(mail_hosts: int, ready: int) -> None:
    """Hold the lock, listen, say so, serve. A lock that another holds ends us: it serves already."""
    lab = describe(mail_hosts)
    lock = process.hold(lab)
    listening = service.servers(lab, *process.certificate(lab))
    signal.signal(signal.SIGTERM, _end)
    os.write(ready, b"listening")
    os.close(ready)
    service.serve(listening)
    lock.close()


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(0)  # the servers' threads have nothing to save


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
