"""Whom this host trusts, and by what others trust it: packages, certificates, records of the DNS, where mail is sent on. Pure.

Each reason has its authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pyremediate.audit.security_access import key_of
from pyremediate.audit.security_parameters import TLS_LEVELS
from pyremediate.model import Difference

Found = Iterator[str]  # reasons
UNSIGNED = re.compile(r"\b(trusted|allow-insecure|allow-weak)\s*[=:]\s*yes\b", re.IGNORECASE)  # sources.list(5)
FORWARDS = re.compile(r"alias_maps|alias_database|virtual_alias_maps|virtual_maps")
COPIES = re.compile(r"(sender|recipient)_bcc_maps")
LETS_IN = re.compile(r"(OK|PERMIT\S*|\d+)\b.*", re.IGNORECASE)  # access(5), ACCEPT ACTIONS
RUNS = re.compile(r'^"?(\||/|:include:)')  # aliases(5): a command, a file, a list that somebody else keeps
# Bits of security by key, NIST SP 800-57 part 1, table 2; of RSA the largest that it reaches.
STRENGTHS = {"EC P-256": 128, "EC P-384": 192, "EC P-521": 256, "Ed25519": 128, "Ed448": 224}
RSA = ((15360, 256), (7680, 192), (4096, 140), (3072, 128), (2048, 112), (1024, 80))
ENCRYPT = TLS_LEVELS.index("encrypt")
SPF_ALL = {"-": 0, "~": 1, "?": 2, "+": 3}  # RFC 7208, section 4.6.2; without one it is as ``?all`` (section 4.7)
POLICIES = ("reject", "quarantine", "none")  # RFC 7489, section 6.3


def of_entry(difference: Difference) -> Found:
    """An entry of a table: where mail is sent on, who may relay, by which TLS, who has a mailbox."""
    place, key = difference.place or {}, key_of(difference)
    path, parameter = str(place.get("path", "")), str(place.get("parameter", ""))
    if difference.is_ is None:
        return
    if difference.secret and path.startswith("/etc/dovecot/"):
        yield f"who may log in as {key}, or with which password, has changed (MITRE ATT&CK T1098)"
    gained = [each for each in _listed(difference.is_) if each not in _listed(difference.was)]
    if COPIES.fullmatch(parameter) and gained:
        yield f"copies of the mail of {key} go to {', '.join(gained)} (postconf(5), {parameter}; MITRE ATT&CK T1114.003)"
    if FORWARDS.fullmatch(parameter) or path == "/etc/aliases":
        yield from _forwarded(key, gained, _listed(difference.was))
    if parameter.endswith("_restrictions") and LETS_IN.fullmatch(str(difference.is_)):
        yield f"{key} passes what {parameter} guards (access(5))"
    if parameter.endswith("_tls_policy_maps"):
        levels = [str(side or "").partition(" ")[0] for side in (difference.was, difference.is_)]
        old, new = (TLS_LEVELS.index(level) if level in TLS_LEVELS else None for level in levels)
        if new is not None and new < (ENCRYPT if old is None else old):  # a policy of its own was meant to be more than the default
            yield f"mail to {key} has TLS of the level {levels[1]}: weaker TLS (postconf(5), {parameter})"


def _forwarded(key: str, gained: list[str], was: list[str]) -> Found:
    """To another domain than its own and those it went to before; or to a program or file."""
    known = {domain for address in (key, *was) if (domain := address.rpartition("@")[2]) and "@" in address}
    if runs := [each for each in gained if RUNS.match(each)]:
        yield f"mail for {key} is given to {runs[0]} (aliases(5); MITRE ATT&CK T1546)"
    if away := [each for each in gained if "@" in each and each.rpartition("@")[2] not in known]:
        yield f"mail for {key} is sent to another domain, {', '.join(away)} (MITRE ATT&CK T1114.003)"


def _listed(value: Any) -> list[str]:
    return [word.strip() for word in str(value or "").split(",") if word.strip()]


def of_source(difference: Difference) -> Found:
    """sources.list(5), apt-secure(8)."""
    if difference.is_ is None:
        return
    if UNSIGNED.search(difference.name):
        yield "what comes from this source is installed without a valid signature (sources.list(5), apt-secure(8); CWE-494)"
    yield "who signs for this source may put any program on this host (apt-secure(8); MITRE ATT&CK T1195.002)"


def of_hold(difference: Difference) -> Found:
    """apt-mark(8): both ways, since what is held gets no security updates, and what was held was so for a reason."""
    if difference.is_ == "held":
        yield f"{difference.name} gets no security updates (apt-mark(8); CIS Controls 7.4)"
    else:
        yield f"{difference.name} was held at its version, and any source may replace it now (apt-mark(8), apt_preferences(5))"


def of_certificate(difference: Difference, certificates: Mapping[str, Mapping[str, Any]]) -> Found:
    """A weaker key, or nobody's signature but its own. ``certificates``: as they are now, by path."""
    now = certificates.get(difference.name, {})
    if difference.aspect == "key_type":
        old, new = strength(str(difference.was)), strength(str(difference.is_))
        if new is not None and new < (112 if old is None else old):
            yield f"its key is {difference.is_}, and was {difference.was}: weaker (NIST SP 800-57 part 1, table 2)"
    if difference.aspect == "issuer" and now.get("issuer") and now["issuer"] == now.get("subject"):
        yield "it is signed by nobody but itself, so that nobody can tell it from another's (RFC 5280, section 3.2; RFC 6125)"


def strength(key: str) -> int | None:
    """Bits of security of ``RSA 2048``, ``EC P-256``; None for what is not known."""
    name, _, size = key.partition(" ")
    if name == "RSA" and size.isdigit():
        return next((bits for least, bits in RSA if int(size) >= least), 0)
    return STRENGTHS.get(key)


def of_record(difference: Difference) -> Found:
    """What others judge the domain's mail by. That mail does not arrive without an MX is told by the legs that it breaks."""
    name, _, type_ = difference.name.rpartition(" ")
    was, now = (str(side or "") for side in (difference.was, difference.is_))
    if type_ == "MX" and (came := [each for each in _listed(now) if each not in _listed(was)]):
        yield f"mail for {name} is delivered to {', '.join(came)}, too (RFC 5321, section 5.1; MITRE ATT&CK T1557)"
    if type_ == "SPF":
        yield from _spf(name, was, now)
    if type_ == "DMARC":
        yield from _dmarc(name, was, now)
    if type_ == "DKIM" and now:
        yield f"who has the key to {name} may sign in the domain's name (RFC 6376, section 3.6.1)"


def _spf(name: str, was: str, now: str) -> Found:
    if not now:
        yield f"anybody may send in the name of {name}: it has no SPF record any more (RFC 7208)"
        return
    old, new = (_all(side) for side in (was, now))
    if was and new > old:
        yield f"the SPF record of {name} refuses less than it did (RFC 7208, section 5.1)"
    if was and (came := [term for term in now.split() if term not in was.split() and not term.endswith("all")]):
        yield f"{', '.join(came)} may send in the name of {name} (RFC 7208, section 5)"


def _all(record: str) -> int:
    found = re.search(r"(?:^|\s)([-~?+]?)all\b", record)
    return SPF_ALL[found[1] or "+"] if found else SPF_ALL["?"]


def _dmarc(name: str, was: str, now: str) -> Found:
    if not now:
        yield f"{name} is gone: mail in the domain's name that nobody has signed is not refused any more (RFC 7489)"
        return
    for tag in ("p", "sp"):
        old, new = (_policy(side, tag) for side in (was, now))
        if was and new > old:
            yield f"{name} says {tag}={POLICIES[new]}, and said {tag}={POLICIES[old]}: less is refused (RFC 7489, section 6.3)"


def _policy(record: str, tag: str) -> int:
    """Without a policy of their own, subdomains have the domain's."""
    found = re.search(rf"(?:^|[;\s]){tag}\s*=\s*(\w+)", record)
    if found is None and tag == "sp":
        return _policy(record, "p")
    return POLICIES.index(found[1].lower()) if found and found[1].lower() in POLICIES else len(POLICIES) - 1
