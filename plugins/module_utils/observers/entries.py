# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each configuration file says: its entries where they are few enough to be told, else a digest of them, its meaning.

Two texts with the same meaning differ in comments, white space and order alone. The values of a secret file's entries are keyed
digests, and so is every value in another file that looks like a password.
"""

from __future__ import annotations

import hashlib
import json
import re

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import entries_formats as formats
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import effective, parse
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_maps import tables
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import (
    SECRET_NAME,
    SHORT,
    WITHHELD,
    is_secret,
    keyed,
    line_without_secrets,
    without_secrets,
)

BY_PATH = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"/etc/aliases", formats.ALIASES),
        (r"/etc/passwd", formats.USERS),
        (r"/etc/group", formats.GROUPS),
        (r"/etc/sudoers(\.d/.*)?", formats.SUDO),
        (r"/etc/crontab|/etc/cron\.d/.*", formats.SYSTEM_CRON),
        (r"/var/spool/cron/.*", formats.CRON),
        (r"/etc/ssh/sshd_config(\.d/.*)?", formats.SSH),
        (r".*/\.ssh/authorized_keys2?", formats.KEYS),
        (r"/etc/apt/sources\.list(\.d/.*\.(list|sources))?", formats.SOURCES),
        (r"/(etc|run)/systemd/.*", formats.INI),
        (r"/etc/hosts", formats.HOSTS),
        (r"/etc/nsswitch\.conf", formats.NAMES),
        (r"/etc/(resolv|host|opendkim|opendmarc|sysctl)\.conf|/etc/mailname|/etc/postfix/dynamicmaps.*|/etc/dnsmasq.*|/etc/sysctl\.d/.*|/etc/default/.*",
         formats.SETTINGS),
        (r"/etc/rspamd/.*\.(conf|inc)", formats.BLOCKS),
        (r"/etc/dovecot/.*passw?d.*|/etc/dovecot/users", formats.COLONS),
        (r"/etc/dovecot/[^/]*\.ext", formats.SETTINGS),  # a driver's own file, which doveconf(1) does not read
        (r"/etc/dovecot/.*\.(conf|ext)", formats.DOVECOT),
        (r"/etc/(cron\.|apt/|hosts\.(allow|deny)|nftables|rsyslog|security/|unbound/|fail2ban/|network/|pam\.d/|opendkim/|rspamd/.*\.(map|list)).*"
         r"|.*\.sieve", formats.LINES),
    )
)  # fmt: skip
ALIAS_PARAMETERS = {"alias_maps", "alias_database"}
PATTERN_TYPES = {"regexp", "pcre", "cidr"}
# Of rspamd, what the package brings is told by its meaning alone: others write into these two.
NOT_TOLD = re.compile(r"/etc/rspamd/(?!local\.d/|override\.d/)")
MOST_IN_FILE, MOST_IN_ALL = 1000, 6000
LONGEST = 400  # characters of a value


class Reader:
    """Reads one host's files, one after the other, until it has told as much as an observation may hold."""

    def __init__(self, postfix, key):
        self.key = key
        self.told = 0
        named = list(tables(postfix))
        self._by_table = {path: _of_table(parameter, type_) for parameter, type_, path in named}
        self._of_passwords = {path for parameter, _, path in named if SECRET_NAME.search(parameter)}

    def is_secret(self, path, mode, octets):
        """May nobody be told what is in it? Postfix's parameters, too, say which tables hold passwords."""
        return path in self._of_passwords or is_secret(path, mode, octets)

    def read(self, path, octets, secret, hidden):
        """{entries: {format, of}} or {meaning}; empty for a file without a syntax that is known, or that does not keep to it.

        ``hidden``: none of its values is told; of another secret file only those that look like a password are not.
        """
        form = self._by_table.get(path) or next((form for pattern, form in BY_PATH if pattern.fullmatch(path)), None)
        if form is None or b"PRIVATE KEY-----" in octets or b"\0" in octets:
            return {}
        pairs = _pairs(form, octets.decode("utf-8", "replace"))
        if pairs is None or (secret and not self.key):
            return {}
        few = len(pairs) <= MOST_IN_FILE and self.told + len(pairs) <= MOST_IN_ALL
        if form in (formats.LINES, formats.DOVECOT) or NOT_TOLD.match(path) or not few:
            return {"meaning": self._digest(json.dumps(pairs if form.ordered else _grouped(pairs), sort_keys=True), secret)}
        self.told += len(pairs)
        told = [self._entry(form, path, key, value, hidden and not form.open) for key, value in pairs]
        return {"entries": {"format": form.name, "of": told if form.ordered else _grouped(told)}}

    def _entry(self, form, path, key, value, hidden):
        """A line that is known as a whole is a key without a value, and may hold a password itself."""
        shown = without_secrets("", key) if value else line_without_secrets(key)
        return shown if shown == key else f"{shown} {self._digest(key, True)}", self._told(form, path, key, value, hidden)

    def _told(self, form, path, key, value, hidden):
        name = "" if form.open else re.split(r"[\s/]", key)[-1]
        shown = WITHHELD if hidden else without_secrets(name, value)[:LONGEST]
        if shown == value or not value:
            return value
        return f"{shown} {self._digest(json.dumps([path, key, value]), True)}"

    def _digest(self, text, secret):
        octets = text.encode("utf-8")
        if secret:
            return keyed(self.key, octets)[:SHORT] if self.key else ""
        return "sha256:" + hashlib.sha256(octets).hexdigest()[:16]


def _of_table(parameter, type_):
    if type_ in PATTERN_TYPES:
        return formats.PATTERNS
    if type_ in ("ldap", "mysql", "pgsql", "sqlite", "memcache", "mongodb", "socketmap"):
        return formats.SETTINGS
    return formats.ALIASES if parameter in ALIAS_PARAMETERS else formats.TABLE


def _pairs(form, text):
    """The pairs; None where the text does not keep to the syntax."""
    if form is formats.DOVECOT:
        return _of_dovecot(text)
    try:
        return list(form.parse(text))
    except (ValueError, AttributeError, IndexError):
        return list(formats.lines(text)) if form is formats.BLOCKS else None


def _of_dovecot(text):
    """What a file sets to another value than the default; nothing is known of that while doveconf(1) refuses it all."""
    known = effective()
    if not known.ok:
        return None
    differing = parse(known.stdout).values
    return [(name, value) for name, value in formats.dovecot(text) if name in differing]


def _grouped(pairs):
    """{key: value, or the values in their order}."""
    found = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}
