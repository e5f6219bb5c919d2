# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The records that others judge a mail domain by: MX, SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), and PTR of the host."""

from __future__ import annotations

import re
from functools import partial

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.concurrently import together
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text

SIGNERS = ("/etc/opendkim.conf", "/etc/rspamd/local.d/dkim_signing.conf")
SELECTOR = re.compile(r"^\s*selector\s*[=\s]\s*\"?([\w.-]+)", re.IGNORECASE | re.MULTILINE)
KIND = {"SPF": re.compile(r"v=spf1\b", re.I), "DMARC": re.compile(r"v=DMARC1\b", re.I), "DKIM": re.compile(r"p=")}


def observe_records(domain, addresses, ask):
    """[{name, type, answer, records}], by ``ask(name, type)`` of the DNS; nothing without a domain."""
    wanted = [*_of_domain(domain), *((address, "PTR", "PTR") for address in addresses)] if domain else []
    answers = together([partial(ask, name, asked) for name, asked, _ in wanted])
    return [_record(name, kind, answer) for (name, _, kind), answer in zip(wanted, answers)]


def _of_domain(domain):
    yield domain, "MX", "MX"
    yield domain, "TXT", "SPF"
    yield f"_dmarc.{domain}", "TXT", "DMARC"
    for selector in selectors():
        yield f"{selector}._domainkey.{domain}", "TXT", "DKIM"


def selectors():
    """Those that the signers here are told to use."""
    found = []
    for path in SIGNERS:
        try:
            found += SELECTOR.findall(read_text(path))
        except (OSError, ValueError):
            continue
    return list(dict.fromkeys(found))


def _record(name, kind, answer):
    """Of a domain's texts the one that is meant; others may come and go."""
    records = [record for record in answer["result"] if kind not in KIND or KIND[kind].search(record)]
    said = "fail" if answer["answer"] == "pass" and not records else answer["answer"]
    return {"name": name, "type": kind, "answer": said, "records": sorted(records)}
