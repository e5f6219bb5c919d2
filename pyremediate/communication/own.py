"""The host under repair by its names and addresses, as far as they are known: mail about it must not go through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from ipaddress import ip_interface
from typing import Any

from pyremediate.communication.relay import Broken, resolved
from pyremediate.errors import PyremediateError
from pyremediate.journal import Journal
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.model import to_json


def broken(journal: Journal, incident: str) -> Broken:
    """By what was seen of it at first, and when it was good; by its name in the inventory, where nothing else tells."""
    host = journal.host_of(incident)
    names, addresses = {host.lower()}, set[str]()
    for sections in _seen(journal, incident, host):
        names |= {*_names(sections)}
        addresses |= {*_addresses(sections)}
    if not addresses:
        with suppress(OSError):
            addresses |= {*resolved(host)}
    return Broken(frozenset(names), frozenset(addresses))


def _seen(journal: Journal, incident: str, host: str) -> Iterator[Mapping[str, Any]]:
    with suppress(PyremediateError):  # without a known good that can be read there is still the look
        if known_good := kept_hosts.load(host):
            yield to_json(known_good.evidence.data())
    for entry in journal.entries(incident, kinds=("look",))[:1]:
        sections = (entry.payload["look"].get("evidence") or {}).get("sections", {})
        yield {name: section.get("data") or {} for name, section in sections.items()}


def _names(sections: Mapping[str, Any]) -> Iterator[str]:
    name = sections.get("postfix", {}).get("main", {}).get("parameters", {}).get("myhostname")
    if isinstance(name, str) and name and "$" not in name:
        yield name.lower()


def _addresses(sections: Mapping[str, Any]) -> Iterator[str]:
    """Those of its interfaces but the loopback's: 127.0.0.1 is another machine's, too."""
    for interface in sections.get("network", {}).get("interfaces") or ():
        for address in interface.get("addresses") or ():
            with suppress(ValueError):
                found = ip_interface(address).ip
                if not found.is_loopback and not found.is_link_local:
                    yield str(found)
