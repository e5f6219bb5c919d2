# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the host's own resolver answers: without it mail can neither leave nor be checked."""

from __future__ import annotations

import hashlib
import os
import socket
from functools import partial

from ansible_collections.pyremediate.mail.plugins.module_utils.dns_query import query
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.concurrently import together
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dns_records import observe_records
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text, words

RESOLV_CONF = "/etc/resolv.conf"
ON_THIS_HOST = "127.0.0.1"  # where the C library asks when resolv.conf names nobody (resolv.conf(5))
MOST_SERVERS = 3  # the C library asks no more (resolv.conf(5), MAXNS)
NO_DOMAIN = (".localdomain", ".local")  # what a host without a name in the DNS calls itself
TIMEOUT = 1.5


def observe(request, notes):
    """The section ``dns``."""
    text = _text(RESOLV_CONF, notes)
    inside = configuration().in_queue("etc/resolv.conf")
    nameservers = parse_resolv_conf(text or "")["nameservers"]
    servers = nameservers or [ON_THIS_HOST]
    lookups = _lookups(_questions(request), servers)
    return {
        "resolv_conf": {
            "path": os.path.realpath(RESOLV_CONF),
            **parse_resolv_conf(text or ""),
            "sha256": None if text is None else hashlib.sha256(text.encode("utf-8")).hexdigest(),
        },
        "chroot_resolv_conf": _in_chroot(inside, nameservers, notes),
        "lookups": lookups,
        "records": _records(request.mail_domain, lookups, servers[:MOST_SERVERS]),
    }


def _text(path, notes):
    try:
        return read_text(path)
    except (OSError, ValueError) as error:
        notes.append(words(error))
        return None


def parse_resolv_conf(text):
    """The servers and the search list (resolv.conf(5)); of several search lists the last counts."""
    nameservers, search = [], []
    for line in text.splitlines():
        fields = line.split("#")[0].split(";")[0].split()
        if len(fields) > 1 and fields[0] == "nameserver":
            nameservers.append(fields[1])
        elif len(fields) > 1 and fields[0] in ("search", "domain"):
            search = fields[1:]
    return {"nameservers": nameservers, "search": search}


def _in_chroot(path, nameservers, notes):
    """Daemons in the chroot ask the servers of the copy there, which nobody keeps up to date while Postfix runs."""
    if not os.path.exists(path):
        return {"exists": False, "nameservers": [], "differs": False}
    inside = parse_resolv_conf(_text(path, notes) or "")["nameservers"]
    return {"exists": True, "nameservers": inside, "differs": inside != nameservers}


def _questions(request):
    """The mail domain's MX, this host's own address, and what else is wished for."""
    name = _own_name()
    wished = [(each["name"], each["type"]) for each in request.lookups]
    own = [(request.mail_domain, "MX")] if request.mail_domain else []
    if "." in name and not name.endswith(NO_DOMAIN):
        own.append((name, "A"))
    return list(dict.fromkeys([*own, *wished]))


def _lookups(questions, servers):
    """All at the same time: a dead resolver costs its timeout once."""
    return together([partial(_lookup, name, type_, servers[:MOST_SERVERS]) for name, type_ in questions])


def _records(domain, lookups, servers):
    """Only where somebody answers: a dead resolver is waited for once."""
    if all(each["answer"] == "unknown" for each in lookups):
        return []
    own = [address for each in lookups if each["type"] == "A" and each["name"] == _own_name() for address in each["result"]]
    return observe_records(domain, own, partial(_lookup, servers=servers))


def _own_name():
    return configuration().value("myhostname") or socket.getfqdn()


def _lookup(name, type_, servers):
    """The first definite answer, the servers asked in order as the C library does; else the last indefinite one."""
    for server in servers:
        found = query(name, type_, server, timeout=TIMEOUT)
        if found.answer != "unknown":
            break
    return {
        "name": name,
        "type": type_,
        "server": server,
        "answer": found.answer,
        "result": found.records,
        "error": found.error,
        "seconds": found.seconds,
    }
