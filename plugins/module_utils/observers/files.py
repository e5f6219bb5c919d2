# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that make a mail host what it is: owner, mode and digest of each, so that any change can be told.

The digest of a secret file is keyed (HMAC-SHA256): who reads the evidence can tell that a password file has changed,
and cannot try passwords against it. Without a key a secret file has no digest.
"""

from __future__ import annotations

import glob
import hashlib
import os
import re
import stat

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import settings
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.entries import Reader
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.places import beyond_mode, observe_places
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import (
    group_name,
    mode_of,
    user_name,
    words,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import EXPECTED, keyed
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.tls import uses

TREES = (
    "/etc/postfix", "/etc/dovecot", "/etc/rspamd", "/etc/opendkim", "/etc/opendkim.conf", "/etc/opendmarc.conf", "/etc/dkimkeys",
    "/etc/ssl/mail", "/etc/dnsmasq.conf", "/etc/dnsmasq.d", "/etc/unbound", "/etc/nftables.conf", "/etc/nftables.d",
    "/etc/rsyslog.conf", "/etc/rsyslog.d", "/etc/apt/preferences.d", "/etc/security/limits.conf", "/etc/security/limits.d",
    "/etc/sysctl.conf", "/etc/sysctl.d", "/etc/pam.d/dovecot", "/etc/ssl/certs/ca-certificates.crt",
    # Who may log in and become whom; what runs by the clock; where packages come from; what the network is after the next boot.
    "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d", "/etc/ssh/ssh_host_*_key.pub", "/root/.ssh/authorized_keys*",
    "/etc/sudoers", "/etc/sudoers.d", "/etc/pam.d/sshd", "/etc/pam.d/sudo", "/etc/pam.d/common-*",
    "/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly",
    "/var/spool/cron/crontabs", "/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/preferences", "/etc/apt/keyrings",
    "/etc/apt/trusted.gpg.d", "/etc/network/interfaces", "/etc/network/interfaces.d", "/etc/netplan", "/etc/systemd/network",
    "/etc/systemd/resolved.conf*", "/etc/systemd/system", "/etc/fail2ban/jail.local", "/etc/fail2ban/jail.d", "/etc/bind",
    "/etc/letsencrypt/renewal", "/etc/hosts.allow", "/etc/hosts.deny",
)  # fmt: skip
SERVICES = (
    "postfix", "postfix@", "postfix@-", "dovecot", "rspamd", "opendkim", "opendmarc", "dnsmasq", "unbound", "nftables",
)  # fmt: skip
# The root of a name in /etc/default, in /etc/systemd/system (masked, replaced) and of its directories of drop-ins; those
# of system.control are written by "systemctl set-property" (systemd.unit(5)).
BY_SERVICE = (
    "/etc/default/{0}", "/etc/systemd/system/{0}.service", "/etc/systemd/system/{0}.service.d", "/run/systemd/system/{0}.service",
    "/run/systemd/system/{0}.service.d", "/etc/systemd/system.control/{0}.service.d", "/run/systemd/system.control/{0}.service.d",
)  # fmt: skip
# Databases that are made from a source, and what editors and package managers leave behind.
NOT_TRACKED = re.compile(
    r"\.(db|cdb|lmdb|dir|pag|sw[a-p]|bak|orig|save|svbin)$|~$|^\.?#|\.(dpkg|ucf)-(old|new|dist|bak|tmp)$|\.(wants|requires)$"
)
LARGEST = 4 * 1024 * 1024
MOST_FILES = 3000


def observe(request, notes):
    """The section ``files``."""
    tracked, roots, reader = {}, _roots(request), Reader(configuration(), request.hash_key)
    for path in dict.fromkeys(_paths(roots)):
        if len(tracked) >= MOST_FILES:
            notes.append(f"only the first {MOST_FILES} files were looked at")
            break
        tracked[path] = _entry(path, reader, notes)
    places = observe_places(configuration(), settings(), notes)
    entries = {path: entry.pop("entries") for path, entry in sorted(tracked.items()) if "entries" in entry}
    return {"tracked": dict(sorted(tracked.items())), "entries": entries, "roots": roots, "places": places}


def _roots(request):
    """Where to look, in a fixed order: paths that are told even when they are missing, then patterns of those that may be."""
    in_use = [path for use in uses(configuration(), settings()) for path in (use.path, use.key_path) if path]
    by_service = [form.format(service) for service in SERVICES for form in BY_SERVICE]
    told = dict.fromkeys([*EXPECTED, *in_use, *sieve_scripts(settings()), *request.extra_paths])
    return {"told": list(told), "found": [*TREES, *by_service]}


def _paths(roots):
    """Every path to look at, directories with all that is below them."""
    for path in roots["told"] + [path for pattern in roots["found"] for path in sorted(glob.glob(pattern))]:
        yield path
        yield from _below(path)


def sieve_scripts(dovecot):
    """Scripts that the configuration names for everybody: ``file:/etc/dovecot/before.sieve;name=x`` (Pigeonhole)."""
    values = [value for name, value in dovecot.values.items() if name.startswith("plugin/sieve")] if dovecot else []
    paths = [value.split(";")[0].partition("file:")[2] or value.split(";")[0] for value in values]
    return [path for path in paths if path.startswith("/") and "%" not in path]


def _below(path):
    if os.path.islink(path):
        return
    for current, directories, names in os.walk(path):
        directories[:] = sorted(name for name in directories if not NOT_TRACKED.search(name))
        for name in sorted([*directories, *names]):
            if not NOT_TRACKED.search(name):
                yield os.path.join(current, name)


def _entry(path, reader, notes):
    entry = dict.fromkeys(("owner", "group", "mode", "size", "modified", "digest", "target"))
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return {"kind": "missing", **entry, "secret": False}
    except OSError as error:
        notes.append(words(error))
        return {"kind": "unknown", **entry, "secret": False}
    entry.update(owner=user_name(status.st_uid), group=group_name(status.st_gid))
    entry.update(mode=mode_of(status), modified=iso(status.st_mtime))
    if stat.S_ISLNK(status.st_mode):
        return {"kind": "link", **entry, "target": os.readlink(path), "secret": False}
    if stat.S_ISDIR(status.st_mode):
        return {"kind": "directory", **entry, "secret": False, **beyond_mode(path, "directory")}
    if not stat.S_ISREG(status.st_mode):
        return {"kind": "other", **entry, "secret": False}
    found = {"kind": "file", **entry, "size": status.st_size, **_content(path, status, reader, notes)}
    return {**found, **beyond_mode(path, "file")}


def _content(path, status, reader, notes):
    """The digest, whether the file is secret, and what it says."""
    secret = hidden = reader.is_secret(path, status.st_mode, b"")
    try:
        with open(path, "rb") as file:
            octets = file.read(LARGEST + 1)
    except OSError as error:
        notes.append(words(error))
        return {"digest": None, "secret": secret}
    if len(octets) > LARGEST:
        notes.append(f"{path}: too large for a digest")
        return {"digest": None, "secret": secret}
    secret = hidden or reader.is_secret(path, status.st_mode, octets)
    found = {"digest": digest(octets, reader.key if secret else None, secret), "secret": secret}
    return {**found, **reader.read(path, octets, secret, hidden)}


def digest(octets, key, secret):
    """``sha256:…``, for a secret ``hmac:…``, or None for a secret without a key."""
    if not secret:
        return "sha256:" + hashlib.sha256(octets).hexdigest()
    return keyed(key, octets) if key else None
