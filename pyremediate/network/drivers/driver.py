"""What a driver is: one platform, and how evidence of it is had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.session import Session

# The device's name, its command line, and a shell on it (an ``AbsentSession`` where there is none or none is needed).
Look = Callable[[str, Session, Session], DeviceEvidence]


@dataclass(frozen=True)
class Driver:
    """One platform. ``proven`` says on what its reading was tried: a running device, or recordings of others' devices alone."""

    platform: str
    network_os: tuple[str, ...]  # what ``ansible_network_os`` may say
    device_type: str  # Netmiko's
    proven: Literal["live", "recordings"]
    look: Look
    shell: str = ""  # Netmiko's type of a second session, where the command line does not show all
