# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The packages of a mail host: versions, what could be installed, what was changed when, and files that were changed.

Everything is read from dpkg's own files. Only the available versions come from a command.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.package_attributes import unusual_files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.package_files import modified_files
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.package_history import observe_history
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable

STATUS = "/var/lib/dpkg/status"
LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock")
MAIL = re.compile(
    r"^(postfix|dovecot|rspamd|opendkim|opendmarc|libmilter|libopendkim|amavis|clamav|spamassassin|postgrey|policyd|postsrsd"
    r"|dnsmasq|unbound|bind9|systemd$|systemd-resolved|rsyslog|nftables|iptables|fail2ban|openssh-server|openssl|libssl"
    r"|libc6$|libdb5|libsasl2|sasl2-bin|ca-certificates|certbot|redis|mariadb-server|postgresql|slapd|python3$)"
)
ASKED = ("postfix", "postfix-pcre", "dovecot-core", "dovecot-imapd", "dovecot-lmtpd", "rspamd", "opendkim")
VERIFIED = re.compile(r"^(postfix|dovecot-|rspamd|opendkim)")
VERSION_LINE = re.compile(r"^ (?:\*\*\*|   ) (\S+) (-?\d+)$")
FIELD = re.compile(r"^(Package|Status|Version): (.*)$", re.MULTILINE)
# ``half-configured`` and the like: unpacked, so that its files are what runs.
INSTALLED = (" installed", " half-configured", " unpacked", " triggers-pending", " triggers-awaited")
UNPRIVILEGED = "65534"


def observe(request, notes):
    """The section ``packages``."""
    try:
        packages = parse_status(read_text(STATUS, largest=64 * 1024 * 1024))
    except FileNotFoundError:
        raise Unavailable("there is no dpkg on this host") from None
    versions = {name: version for name, (version, _) in packages.items() if MAIL.match(name)}
    available = _available([name for name in ASKED if name in versions], notes)
    return {
        "installed": versions,
        "others": {name: version for name, (version, _) in packages.items() if name not in versions},
        "holds": sorted(name for name, (_, held) in packages.items() if held),
        "available": {name: each["versions"] for name, each in available.items()},
        "history": observe_history(notes),
        "modified": modified_files([name for name in ASKED if name in versions], notes),
        "files": unusual_files([name for name in versions if VERIFIED.match(name)], notes),
        "manager_locked": _manager_locked(),
        "updates": {
            name: each["candidate"] for name, each in available.items() if each["candidate"] not in ("", versions[name])
        },
    }


def parse_status(text):
    """{package: (version, on hold)} of the installed packages, from dpkg's status file."""
    found, package, status = {}, "", ""
    for name, value in FIELD.findall(text):
        if name == "Package":
            package, status = value, ""
        elif name == "Status":
            status = value
        elif status.endswith(INSTALLED):
            found[package] = (value, status.startswith("hold "))
    return found


def _available(names, notes):
    """Versions by ``apt-cache policy``, run as nobody when we are root: as root it would write its cache anew."""
    argv = ["apt-cache", "policy", *names]
    if not names or not installed("apt-cache"):
        return {}
    if os.geteuid() == 0 and installed("setpriv"):
        argv = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups", *argv]
    answer = run(argv)
    if not answer.ok:
        notes.append(f"available packages: {answer.reason}")
    return parse_policy(answer.stdout)


def parse_policy(text):
    """{package: candidate and versions, newest first} from ``apt-cache policy``."""
    found = {}
    name = None
    for line in text.splitlines():
        if line and not line.startswith(" "):
            name = line.rstrip(":")
            found[name] = {"candidate": "", "versions": []}
        elif name and line.strip().startswith("Candidate:"):
            candidate = line.split()[1]
            found[name]["candidate"] = "" if candidate == "(none)" else candidate
        elif name and VERSION_LINE.match(line):
            found[name]["versions"].append(VERSION_LINE.match(line).group(1))
    return found


def _manager_locked():
    """Whether apt or dpkg works right now; None when only root may ask. F_GETLK tells without locking (fcntl(2))."""
    for path in LOCKS:
        try:
            with open(path, "rb") as file:
                asked = struct.pack("hhlli", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
                if struct.unpack("hhlli", fcntl.fcntl(file, fcntl.F_GETLK, asked))[0] != fcntl.F_UNLCK:
                    return True
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return False
