"""VyOS: its login shell is a shell, so that the structured output of iproute2 and nft is at hand beside its own commands.

What runs is told as ``set`` commands; ``/config/config.boot``, which it starts with, is written in another form (braces, with
a version at the end), and is not compared with it.
"""

from __future__ import annotations

import re

from pyremediate.network.drivers import linux, nftables
from pyremediate.network.drivers.driver import Driver
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.reading import Reading, gathered
from pyremediate.network.session import Session


def look(device: str, session: Session, shell: Session) -> DeviceEvidence:
    """Everything that its one shell tells. Packet filters need ``sudo``, which VyOS gives its administrators."""
    reading = Reading(session)
    parts = {
        "version": lambda: _version(reading.text("show version")),
        "interfaces": lambda: linux.interfaces(reading.data(linux.ADDRESSES)),
        "routes": lambda: (
            *linux.routes(reading.data(linux.ROUTES), "0.0.0.0/0"), *linux.routes(reading.data(linux.ROUTES6), "::/0"),
        ),
        "neighbours": lambda: linux.neighbours(reading.data(linux.NEIGHBOURS)),
        "filters": lambda: nftables.rules(reading.data(f"sudo -n {linux.RULES}")),
        "running": lambda: reading.text("show configuration commands"),
    }  # fmt: skip
    reading.cannot(("vlans",), "a router has no VLANs of a switch; tagged interfaces say their tag")
    reading.cannot(("lldp",), "LLDP is not read on VyOS")
    reading.cannot(("saved",), "VyOS writes the saved configuration in another form than the running one")
    reading.cannot(("routes.vrf",), "only the main routing table is read")
    return gathered(device, "vyos", reading, parts)


def _version(text: str) -> str:
    match = re.search(r"^Version:\s+(?:VyOS )?(\S.*?)\s*$", text, re.MULTILINE)
    if match is None:
        raise ValueError("no version in 'show version'")
    return match[1]


DRIVER = Driver("vyos", ("vyos", "vyos.vyos.vyos"), "vyos", "recordings", look)
