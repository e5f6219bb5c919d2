"""A baseboard management controller (BMC) for every mail host of the lab: real Redfish over TLS, whose power is the container's.

process    one process serves them all, each on a port of its own as if it were alone (a real server has one)
service    what that process does
machines   power by the container engine
documents  what Redfish says of the rest, from ``state``, which can be set
"""

from __future__ import annotations

from pathlib import Path

from pyremediate.lab.description import Host, Lab

USER = "admin"
PASSWORD = "pw-bmc"  # a fixture, as the lab's others; inventory/lab has the same (compared by a test)
FIRST_PORT = 8000  # on the controller's own address in the management network, where nobody else listens


def address(lab: Lab) -> str:
    """Where all of them listen."""
    return lab.gateway("mgmt")


def port(host: Host) -> int:
    """The port of a host's: 8010 for the host whose management address ends in 10."""
    return FIRST_PORT + int(host.management.rpartition(".")[2])


def sensors(lab: Lab, host: Host) -> Path:
    """The file that says what a host's sensors show (see ``state``)."""
    return directory(lab) / f"{host.name}.json"


def directory(lab: Lab) -> Path:
    """Where the process keeps its lock, its log, and what was set."""
    return lab.directory / "bmc"
