# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What DNS tells the host that looks of the mail host: its address, and whether the domain's mail goes to it."""

from __future__ import annotations

import re
import socket
import threading

from ansible_collections.pyremediate.mail.plugins.module_utils.dns_query import query
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_legs import FAIL, PASS, UNKNOWN, LegUnknown
from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_net import is_address

TIMEOUT = 2.0


class Named:
    """An answer of DNS. ``fail``: a resolver says that there is none; ``unknown``: no resolver answered."""

    def __init__(self, answer, records=(), words=""):
        self.answer = answer
        self.records = list(records)
        self.words = words

    def copy(self):
        """For a caller that adds its own words."""
        return Named(self.answer, self.records, self.words)


class Names:
    """The names as one resolver knows them; if none is named, as this host does: its resolvers, then its hosts file."""

    def __init__(self, resolver=""):
        self._named = bool(resolver)
        self._servers = [resolver] if resolver else nameservers()
        self._turn = threading.Lock()
        self._known = {}

    def of_host(self, host, configured=None):
        """The addresses of the mail host; that the configured one is another is worth a word, and no failure (NAT)."""
        found = self._addresses(host)
        if found.answer == PASS:
            found.words = f"{host} is {', '.join(found.records)}"
            if configured and configured not in found.records:
                found.words += f"; looked at the configured address {configured}"
        return found

    def of_domain(self, domain, exchangers):
        """Whether the domain's mail goes to one of these: by MX, or without any by its own address (RFC 5321 5.1)."""
        found = self._ask(domain, "MX")
        if found.answer == FAIL:
            instead = self._ask(domain, "A")
            named = [domain] if instead.answer == PASS else []
        else:
            named = [record.split()[-1].rstrip(".") for record in found.records]
        if found.answer == UNKNOWN or not named:
            return found
        if named == [""]:
            return Named(FAIL, words=f"{domain} says that it takes no mail (null MX, RFC 7505)")
        words = f"mail for {domain} goes to {', '.join(sorted(named))}"
        if not {name.lower() for name in named} & {name.lower() for name in exchangers}:
            return Named(FAIL, words=f"{words}, not to {' or '.join(exchangers)}")
        return Named(PASS, named, words)

    def first_address(self, host):
        """Where to connect, for one who has no address configured."""
        found = self._addresses(host)
        if found.answer != PASS:
            raise LegUnknown(found.words)
        return found.records[0]

    def _addresses(self, host):
        if is_address(host):
            return Named(PASS, [host])
        found = self._ask(host, "A")
        others = (lambda: self._ask(host, "AAAA"), lambda: self._ask_this_host(host))
        for other in others:
            if found.answer == FAIL:
                instead = other()
                found = instead if instead.answer == PASS else found
        return found

    def _ask(self, name, kind):
        """Each question once, whichever way asks first."""
        with self._turn:
            if (name, kind) not in self._known:
                self._known[name, kind] = self._query(name, kind)
            return self._known[name, kind].copy()

    def _query(self, name, kind):
        """The first resolver that answers at all, as a stub resolver does (resolv.conf(5))."""
        silent = Named(UNKNOWN, words="no resolver is known")
        for server in self._servers:
            reply = query(name, kind, server, timeout=TIMEOUT)
            if reply.answer != UNKNOWN:
                return Named(reply.answer, reply.records, reply.error)
            silent = Named(UNKNOWN, words=f"resolver {reply.error}" if reply.error.startswith(server) else reply.error)
        return silent

    def _ask_this_host(self, host):
        """The hosts file, and whatever else it asks (nsswitch.conf(5)); not when a resolver was named."""
        if self._named:
            return Named(FAIL)
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as error:
            return Named(FAIL, words=str(error))
        return Named(PASS, sorted({entry[4][0] for entry in entries}))


def nameservers(path="/etc/resolv.conf"):
    """The resolvers of this host in order; 127.0.0.1 when none is named (resolv.conf(5))."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            found = re.findall(r"^\s*nameserver\s+(\S+)", file.read(), re.MULTILINE)
    except OSError:
        found = []
    return found[:3] or ["127.0.0.1"]
