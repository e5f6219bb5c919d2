# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which unit reads which configuration, how its owner tests it, and how the unit reads it again."""

from __future__ import annotations

import re

from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units
from ansible_collections.pyremediate.mail.plugins.module_utils.postfix_files import RESTART_PARAMETERS, parameters
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_command import run

READERS = (
    ("/etc/postfix", ("postfix.service",)),
    ("/etc/dovecot", ("dovecot.service",)),
    ("/etc/rspamd", ("rspamd.service",)),
    ("/etc/opendkim", ("opendkim.service",)),
    ("/etc/dkimkeys", ("opendkim.service",)),
    ("/etc/dnsmasq", ("dnsmasq.service",)),
    ("/etc/unbound", ("unbound.service",)),
    ("/etc/bind", ("named.service",)),
    ("/etc/rsyslog", ("rsyslog.service",)),
    ("/etc/ssl/mail", ("postfix.service", "dovecot.service")),
    ("/etc/letsencrypt", ("postfix.service", "dovecot.service")),
    ("/etc/ssh", ("ssh.service", "sshd.service")),
    ("/etc/mailname", ("postfix.service",)),
    ("/etc/aliases", ("postfix.service",)),
)
UNIT_DIRECTORIES = re.compile(
    r"/etc/systemd/system(?:\.control)?/([^/]+?\.(?:service|socket|timer|mount))(?:\.d)?(?:/|$)"
)

# The owners' own tests, by the unit's name without instance and suffix. doveconf prints secrets: its status is enough.
TESTS = {
    "dnsmasq": ["dnsmasq", "--test"],
    "dovecot": ["sh", "-c", "exec doveconf -n >/dev/null"],
    "named": ["named-checkconf"],
    "opendkim": ["opendkim", "-n"],
    "postfix": ["postfix", "check"],
    "rspamd": ["rspamadm", "configtest"],
    "ssh": ["sshd", "-t"],
    "sshd": ["sshd", "-t"],
    "unbound": ["unbound-checkconf"],
}
RELOADED = ("dovecot.service", "postfix.service", "rspamd.service", "unbound.service", "named.service",
            "ssh.service", "sshd.service")


def readers_of(path):
    """The units that read a file."""
    own = UNIT_DIRECTORIES.match(path)
    if own:
        return (own.group(1),)
    # "/etc/dnsmasq" stands for /etc/dnsmasq.conf and /etc/dnsmasq.d, but "/etc/postfix" not for /etc/postfix-old
    return tuple(unit for start, names in READERS if re.match(re.escape(start) + r"(?:$|[./])", path) for unit in names)


def is_unit_file(path):
    """Does systemd read it, and the unit only through systemd?"""
    return bool(UNIT_DIRECTORIES.match(path))


def complaint(unit):
    """What the owner's test says against the configuration; empty when it passes, or there is no test."""
    argv = TESTS.get(re.sub(r"(@.*)?\.[a-z]+$", "", unit))
    if argv is None:
        return ""
    done = run(argv, timeout=30)
    return "" if done.ok else done.words()


def read_again(unit, restart=False):
    """Let a running unit read its configuration, which was tested before; returns how systemctl ended."""
    verb = "reload" if unit in RELOADED and not restart else "restart"
    return run(["systemctl", verb, unit], timeout=units.LONGEST)


def needs_restart(before, after):
    """Would a reload leave Postfix on the old value (postconf(5))? Both are texts of main.cf."""
    old, new = parameters(before), parameters(after)
    return any(old.get(name) != new.get(name) for name in RESTART_PARAMETERS)
