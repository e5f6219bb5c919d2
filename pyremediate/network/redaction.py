"""Configurations without their secrets: no password, key or community leaves the device's session. Pure.

A changed secret alone is therefore not seen as a difference; nothing that could be used to guess it (a digest of a short
word) is kept either. What follows one of the words is withheld up to the end of the value, hashed or not: a hash is a secret too.
"""

from __future__ import annotations

import re

WITHHELD = "(withheld)"
_WORDS = (
    r"(?:\w+-)*(?:password|secret|passphrase|passwd|authentication-key(?:\s+\d+(?=\s+(?:md5|sha)))?|pre-shared-key|shared-key|md5-key|private-key|"
    r"key-string|psk|preshared|wpa2?-pre-shared-key)"
)
# The value may come after the kind of its encoding, twice at most: ``password 7 0822455D0A16``, ``secret sha512 $6$…``,
# ``key-string 0 x``, ``authentication-key 1 md5 7 x``.
_KIND = r"(?:(?:[0-9]|md5|sha\d*|clear|encrypted|plaintext|ascii-text|hexadecimal|cleartext)\s+){0,2}"
_VALUE = r"(?:\"[^\"]*\"|'[^']*'|[^\s;\"']+)"
_SECRET = re.compile(rf"(?i)(?<![\w-])({_WORDS})(\s+|\s*=\s*)({_KIND})({_VALUE})")
_KEY = re.compile(  # ``key`` names a secret only in these places; elsewhere it is a number or a chain's name
    rf"(?i)\b(crypto isakmp key|(?:tacacs|radius|tacplus|radius-server|tacacs-server|server)\b(?:\s+\S+)*?\s+key|"
    rf"message-digest-key\s+\d+\s+md5)(\s+)({_KIND})({_VALUE})"
)
_COMMUNITY = re.compile(
    rf"(?i)\b(snmp\S*(?:\s+\S+)*?\s+community)(\s+)({_KIND})({_VALUE})"
)  # BGP has communities that are none
# A trap's receiver is told a community, or a user, as the last word of where and how.
_TRAPS = re.compile(
    r"(?i)\b(snmp-server host \S+(?:\s+(?:vrf \S+|traps?|informs?|version (?:1|2c|3(?:\s+(?:no)?auth|\s+priv)?)))*)(\s+)"
    rf"((?:\d\s+)?)(?!vrf\b|traps?\b|informs?\b|version\b)({_VALUE})"
)
_USER = tuple(
    re.compile(rf"(?i)\b(snmp-server user\b.*?\s{word})(\s+)()({_VALUE})")
    for word in (r"auth\s+(?:md5|sha[\d-]*)", r"priv\s+(?:3?des|aes)(?:[-\s]?\d+)?")
)
_SPOKEN = re.compile(  # to neighbours of a protocol without a better one
    rf"(?i)\b((?:ip (?:rip|nhrp)|standby(?:\s+\d+)?|vrrp(?:\s+\d+)?|glbp\s+\d+)\s+authentication(?:\s+(?:string|text))?)"
    rf"(\s+)()(?!mode\b|key-chain\b|md5\b|string\b|text\b)({_VALUE})"
)
_BLOCK = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


def redacted(configuration: str) -> str:
    """The configuration with every secret value replaced. Lines keep their number, except inside a private key."""
    text = _BLOCK.sub(WITHHELD, configuration)
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    for pattern in (_SECRET, _KEY, _COMMUNITY, _TRAPS, *_USER, _SPOKEN):
        line = pattern.sub(_hide, line)
    return line


def _hide(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}{match[3]}{WITHHELD}"
