"""Which parameters of Postfix and Dovecot have become less safe, each with its authority. Pure.

Judged is the direction: a network that is added to mynetworks widens it, one that is taken away does not.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Found = Iterator[str]  # reasons
Table = Sequence[tuple[str, Callable[[str, str, str], Found]]]
WORDS = re.compile(r"[,\s]+")
GUARDS = frozenset({"reject_unauth_destination", "defer_unauth_destination", "reject", "defer"})
TLS_VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
TLS_LEVELS = ("none", "may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure")
CIPHERS = ("null", "export", "low", "medium", "high")
DOVECOT_SSL = ("no", "yes", "required")


def of_postfix(name: str, was: Any, now: Any) -> Found:
    """A parameter of main.cf, or of a service of master.cf; None: it is not set."""
    yield from _first(_PARAMETERS, name, was, now)


def of_dovecot(name: str, was: Any, now: Any) -> Found:
    """A setting of Dovecot by its name in ``doveconf``, blocks before it."""
    yield from _first(_DOVECOT, name.rpartition("/")[2], was, now)


def _first(table: Table, name: str, was: Any, now: Any) -> Found:
    for pattern, rule in table:
        if re.fullmatch(pattern, name):
            yield from rule(name, "" if was is None else str(was), "" if now is None else str(now))


def _networks(name: str, was: str, now: str) -> Found:
    """Who is in mynetworks may relay (postconf(5), permit_mynetworks)."""
    before = [network for word in WORDS.split(was) if (network := _network(word))]
    for word in WORDS.split(now.strip()):
        network = _network(word)
        if not word or word in WORDS.split(was) or word.startswith("!"):
            continue
        if network is None or not any(_within(network, known) for known in before):
            yield f"{word} may relay through this host now (postconf(5), permit_mynetworks)"


def _network(word: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(word.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None  # a table or a file: who is in it is not known from here


def _within(network: Any, known: Any) -> bool:
    return network.version == known.version and bool(network.subnet_of(known))


def _style(name: str, was: str, now: str) -> Found:
    if now in {"class", "subnet"} and was != "class":
        yield f"everybody in the host's {now} may relay through it now (postconf(5), mynetworks_style)"


def _restrictions(name: str, was: str, now: str) -> Found:
    """Open when a ``permit`` for anybody comes before the guard, or when no guard is left."""
    if now and _is_open(now) and not (was and _is_open(was)):
        yield f"{name} guards against strangers no more: an open relay (postconf(5), smtpd_relay_restrictions)"


def _is_open(restrictions: str) -> bool:
    for word in WORDS.split(restrictions.strip()):
        if word in GUARDS:
            return False
        if word == "permit":
            return True
    return True


def _level(order: Sequence[str], authority: str, default: str = "") -> Callable[[str, str, str], Found]:
    """A value lower in the order than it was."""

    def rule(name: str, was: str, now: str) -> Found:
        old, new = was.strip().lower() or default, now.strip().lower() or default
        if old in order and new in order and order.index(new) < order.index(old):
            yield f"{name} is {new}, and was {old}: weaker TLS ({authority})"

    return rule


def _protocols(name: str, was: str, now: str) -> Found:
    """Versions that were refused and are offered (RFC 8996 has deprecated what is older than TLS 1.2)."""
    gained = [version for version in _versions(now) if version not in _versions(was) and version != "TLSv1.3"]
    if gained:
        yield f"{name} allows {', '.join(gained)} again: weaker TLS (RFC 8996)"


def _versions(value: str) -> list[str]:
    """What a list of postconf(5) allows: ``>=TLSv1.2``, ``!SSLv3, !TLSv1``, ``TLSv1.2 TLSv1.3``; empty is its default."""
    words = [word for word in re.split(r"[,:\s]+", (value or ">=TLSv1").strip()) if word]
    names = {name.lower(): number for number, name in enumerate(TLS_VERSIONS)}
    low, high = 0, len(TLS_VERSIONS) - 1
    barred, named = set[int](), set[int]()
    for word in words:
        sign, number = re.match(r"[!<>=]*", word)[0], names.get(word.lstrip("!<>=").lower())  # type: ignore[index]
        if number is None:
            continue
        if sign == ">=":
            low = number
        elif sign == "<=":
            high = number
        elif sign == "!":
            barred.add(number)
        else:
            named.add(number)
    return [
        name for number, name in enumerate(TLS_VERSIONS)
        if low <= number <= high and number not in barred and (not named or number in named)
    ]  # fmt: skip


def _lost_yes(authority: str) -> Callable[[str, str, str], Found]:
    def rule(name: str, was: str, now: str) -> Found:
        if was.strip().lower() == "yes" and now.strip().lower() != "yes":
            yield f"{name} is no longer yes ({authority})"

    return rule


def _gained_yes(authority: str) -> Callable[[str, str, str], Found]:
    def rule(name: str, was: str, now: str) -> Found:
        if now.strip().lower() == "yes" != was.strip().lower():
            yield f"{name} is yes now ({authority})"

    return rule


def _copies(name: str, was: str, now: str) -> Found:
    if now and now != was:
        yield f"copies of mail go to where {name} says (postconf(5); MITRE ATT&CK T1114.003)"


def _sasl_options(name: str, was: str, now: str) -> Found:
    lost = {"noanonymous", "noplaintext"} & set(WORDS.split(was)) - set(WORDS.split(now))
    if lost:
        yield f"{name} has lost {', '.join(sorted(lost))} (postconf(5))"


_PARAMETERS: Table = (
    (r"mynetworks", _networks),
    (r"mynetworks_style", _style),
    (r"smtpd_(relay|recipient)_restrictions", _restrictions),
    (r"(smtpd?|lmtp|tlsproxy)_tls_security_level", _level(TLS_LEVELS, "RFC 7435, RFC 8314", "none")),
    (r"smtpd_tls_auth_only", _lost_yes("passwords go in clear text; RFC 4954, section 4; RFC 8314")),
    (r"(smtpd?|lmtp)_tls(_mandatory)?_protocols", _protocols),
    (r"(smtpd?|lmtp)_tls(_mandatory)?_ciphers", _level(CIPHERS, "postconf(5); RFC 9325", "medium")),
    (r"(smtpd?|lmtp)_sasl(_tls)?_security_options", _sasl_options),
    (r"always_bcc|(sender|recipient)_bcc_maps", _copies),
)
_DOVECOT: Table = (
    (r"ssl", _level(DOVECOT_SSL, "RFC 8314", "yes")),
    (r"ssl_min_protocol", _level(tuple(name.lower() for name in TLS_VERSIONS), "RFC 8996", "tlsv1.2")),
    (r"disable_plaintext_auth", _lost_yes("passwords go in clear text; RFC 8314")),
    (r"auth_allow_cleartext", _gained_yes("passwords go in clear text; RFC 8314")),
    (r"auth_debug_passwords|auth_verbose_passwords", _gained_yes("passwords are written to the log; CWE-532")),
)
