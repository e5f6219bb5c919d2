"""Whose a difference is: the service, package or part of the system that it belongs to. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyremediate.comparison import dependence, differences
from pyremediate.model import Difference

# The first match counts. What no pattern knows belongs to the unit that reads it (``dependence``), else to the system.
PATHS: Sequence[tuple[str, str]] = (
    (r"/etc/ssh/.*|.*/\.ssh(/.*)?", "sshd"),
    (r"/etc/sudoers.*", "sudo"),
    (r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?", "accounts"),
    (r"/etc/(cron|anacron).*|/var/spool/cron.*", "cron"),
    (r"/etc/apt/.*|/var/lib/dpkg/.*", "apt"),
    (r"/etc/(nftables|iptables|ufw|fail2ban).*", "firewall"),
    (r"/etc/(network|netplan|systemd/network)/?.*", "network"),
    (r"/etc/(resolv\.conf|hosts|nsswitch\.conf|host\.conf|gai\.conf)", "resolver"),
    (r"/etc/sysctl.*", "kernel"),
    (r"/etc/letsencrypt.*|/etc/ssl/.*|.*\.(pem|crt|key)", "tls"),
    (r"(/usr)?/(s?bin/(post.*|sendmail|mailq|newaliases)|(lib|libexec|share)/postfix.*)", "postfix"),
    (r"(/usr)?/(s?bin/(dovecot|doveadm|doveconf)|(lib|libexec|share)/dovecot.*)", "dovecot"),
    (r"/(var/vmail|var/mail|var/spool/mail|srv/v?mail|home/vmail).*", "dovecot"),
)
KINDS: Sequence[tuple[str, str]] = (
    (r"postfix\..*", "postfix"), (r"dovecot\..*", "dovecot"), (r"rspamd\..*", "rspamd"), (r"opendkim\..*", "opendkim"),
    (r"firewall.*", "firewall"), (r"route|interface|network\..*", "network"), (r"sysctl", "kernel"),
    (r"record|dns\..*", "dns"), (r"certificate.*", "tls"), (r"sshd?\..*", "sshd"), (r"sudo.*", "sudo"),
    (r"user.*|group.*|account.*", "accounts"),
    (r"cron.*", "cron"), (r"apt.*|package\.(hold|source)", "apt"), (r"resolver.*", "resolver"), (r"device\..*", "network"),
)  # fmt: skip
SUFFIX = re.compile(r"\.(service|socket|timer|mount|target|path)$")


def owner(difference: Difference) -> str:
    """``postfix``, ``sshd``, ``kernel``, the name of a package or unit."""
    kind, name = difference.kind, difference.name
    if kind in {"unit", "unit.running"}:
        return SUFFIX.sub("", name)
    if kind in {"listener", "socket"}:
        value = str(difference.is_ or difference.was or "")
        named = value.partition(" by ")[2] if kind == "socket" else value
        return named.partition(",")[0] or "unknown process"
    if package := name if kind == "package.other" else differences.package_of(difference):
        return package
    return _first(KINDS, kind) or _of_path(differences.file_of(difference) or name.partition(":")[0])


def _of_path(path: str) -> str:
    units = dependence.readers(path) or dependence.UNIT.findall(path)
    return _first(PATHS, path) or (SUFFIX.sub("", units[0]).rstrip("@") if units else "system")


def _first(table: Sequence[tuple[str, str]], text: str) -> str:
    return next((found for pattern, found in table if re.fullmatch(pattern, text)), "")
