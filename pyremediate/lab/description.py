"""What the lab consists of: hosts, networks and their addresses. Frozen values; nothing is touched here."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pyremediate.errors import UsageError
from pyremediate.paths import state_directory

DEFAULT_NAME = "pyremediate-lab"
DEFAULT_RANGE = "10.61.0.0/16"
DEFAULT_MAIL_HOSTS = 2
MOST_MAIL_HOSTS = 24  # the name server knows that many

MAIL_DOMAIN = "lab.test"
PEER_DOMAIN = "peer.test"
CANARY = "canary@lab.test"

# Third octet of each network. Management reaches every host, so that a cut mail network never cuts the session.
NETWORKS: Mapping[str, int] = {"mgmt": 0, "client": 1, "mail": 2, "world": 3}
USERS = 9  # of the network behind client01, where mail users come from; the router knows it by a static route
GATEWAY = 254  # the controller's own address in each network
ROUTER = 2


@dataclass(frozen=True)
class Leg:
    """One network interface of a host."""

    network: str
    interface: str
    address: str
    mac: str  # fixed: with a new one at every start, neighbours keep the old for up to two minutes


@dataclass(frozen=True)
class Host:
    """One host of the lab."""

    name: str
    kind: str  # directory of lab/ with its Containerfile
    fqdn: str
    legs: tuple[Leg, ...]
    capabilities: tuple[str, ...] = ("NET_ADMIN", "NET_RAW")
    sysctls: tuple[str, ...] = ()

    @property
    def management(self) -> str:
        """Where SSH answers."""
        return self.legs[0].address

    @property
    def address(self) -> str:
        """Where the host does its work."""
        return self.legs[-1].address


@dataclass(frozen=True)
class Lab:
    """A whole lab: its identity, its range and its hosts."""

    name: str
    range: ipaddress.IPv4Network
    hosts: tuple[Host, ...]
    directory: Path  # keys, known_hosts, number of hosts

    @property
    def prefix(self) -> str:
        """The first two octets, which stand for ``@PREFIX@`` in the files of ``lab/``."""
        return prefix_of(self.range)

    def network(self, name: str) -> str:
        """The engine's name of a network."""
        return f"{self.name}-{name}"

    @property
    def networks(self) -> tuple[str, ...]:
        """The engine's names of all networks."""
        return tuple(self.network(name) for name in NETWORKS)

    def subnet(self, name: str) -> str:
        """The addresses of a network."""
        return f"{self.prefix}.{NETWORKS[name]}.0/24"

    @property
    def users(self) -> str:
        """The addresses of the mail users, behind client01; hidden from the world."""
        return f"{self.prefix}.{USERS}.0/24"

    def gateway(self, name: str) -> str:
        """The controller's own address in a network."""
        return f"{self.prefix}.{NETWORKS[name]}.{GATEWAY}"

    def container(self, host: Host) -> str:
        """The engine's name of a host."""
        return f"{self.name}-{host.name}"

    @property
    def containers(self) -> tuple[str, ...]:
        """The engine's names of all hosts."""
        return tuple(self.container(host) for host in self.hosts)

    @property
    def mail_hosts(self) -> tuple[Host, ...]:
        """Those to be broken and repaired."""
        return tuple(host for host in self.hosts if host.kind == "mail")

    def host(self, name: str) -> Host:
        """The host of that name, or ``UsageError`` with the names that there are."""
        for host in self.hosts:
            if host.name == name:
                return host
        raise UsageError(f"the lab has no host {name!r}; it has: {', '.join(host.name for host in self.hosts)}")


def identity() -> tuple[str, ipaddress.IPv4Network, Path]:
    """Name, range and state directory; two labs can live side by side.

    ``PYREMEDIATE_LAB_NAME`` and ``PYREMEDIATE_LAB_RANGE`` choose; inventory/lab/ follows the same rules.
    """
    name = os.environ.get("PYREMEDIATE_LAB_NAME") or DEFAULT_NAME
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise UsageError(f"PYREMEDIATE_LAB_NAME={name!r}: only small letters, digits and hyphens")
    text = os.environ.get("PYREMEDIATE_LAB_RANGE") or DEFAULT_RANGE
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise UsageError(f"PYREMEDIATE_LAB_RANGE={text!r}: {error}") from None
    if network.prefixlen != 16 or not network.is_private:
        raise UsageError(f"PYREMEDIATE_LAB_RANGE={text!r}: a private range of size /16, such as {DEFAULT_RANGE}")
    return name, network, state_directory() / ("lab" if name == DEFAULT_NAME else name)


def describe(mail_hosts: int = DEFAULT_MAIL_HOSTS) -> Lab:
    """The lab with that many mail hosts."""
    if not 1 <= mail_hosts <= MOST_MAIL_HOSTS:
        raise UsageError(f"--hosts {mail_hosts}: the lab has 1 to {MOST_MAIL_HOSTS} mail hosts")
    name, network, directory = identity()
    prefix = prefix_of(network)
    mail = tuple(_mail_host(prefix, number) for number in range(1, mail_hosts + 1))
    return Lab(name, network, (*mail, *_surroundings(prefix)), directory)


def prefix_of(network: ipaddress.IPv4Network) -> str:
    """``10.61`` of ``10.61.0.0/16``."""
    return ".".join(str(network.network_address).split(".")[:2])


def _mail_host(prefix: str, number: int) -> Host:
    name = f"mail{number:02}"
    return Host(
        name, "mail", f"{name}.{MAIL_DOMAIN}", _legs(prefix, mgmt=9 + number, mail=9 + number),
        capabilities=("NET_ADMIN", "NET_RAW", "SYS_ADMIN", "LINUX_IMMUTABLE"),  # faults mount file systems, and pin files
    )  # fmt: skip


def _surroundings(prefix: str) -> tuple[Host, ...]:
    return (
        Host("peer01", "peer", f"mx.{PEER_DOMAIN}", _legs(prefix, mgmt=41, world=10)),
        Host("dns01", "dns", f"dns01.{MAIL_DOMAIN}", _legs(prefix, mgmt=53, mail=53)),
        Host("client01", "client", f"client01.{MAIL_DOMAIN}", _legs(prefix, mgmt=42, client=10)),
        Host(
            "router01", "router", f"router01.{MAIL_DOMAIN}",
            _legs(prefix, mgmt=ROUTER, client=ROUTER, mail=ROUTER, world=ROUTER),
            capabilities=("NET_ADMIN", "NET_RAW", "SYS_ADMIN"), sysctls=("net.ipv4.ip_forward=1",),
        ),
    )  # fmt: skip


def _legs(prefix: str, **addresses: int) -> tuple[Leg, ...]:
    high, low = (int(octet) for octet in prefix.split("."))
    return tuple(
        Leg(
            network=network,
            interface=f"eth{number}",
            address=f"{prefix}.{NETWORKS[network]}.{last}",
            mac=f"02:{high:02x}:{low:02x}:{NETWORKS[network]:02x}:00:{last:02x}",
        )
        for number, (network, last) in enumerate(addresses.items())
    )
