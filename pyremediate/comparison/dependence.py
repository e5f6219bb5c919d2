"""What of a message's way depends on what: on Postfix's parameters and services, on files, programs, ports. Tables.

Names of legs are those of ``model.LEGS``. Of parameters, postconf(5) says what each is for; the first match counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyremediate.model import LEGS, Leg

Legs = frozenset[str]
EVERYTHING: Legs = frozenset(leg for names in LEGS.values() for leg in names)
NETWORK = frozenset({"resolve", "route", "connect", "banner", "remote", "queue", "delivery", "recipient", "content"})
POSTFIX = EVERYTHING - {"resolve", "route", "fetch"}
DOVECOT = frozenset({"connect", "banner", "starttls", "auth", "recipient", "delivery", "retrieval", "fetch"})
MILTER = frozenset({"banner", "recipient", "content", "queue"})  # smtpd(8) calls it at each of these
INWARD = frozenset({"recipient", "content", "queue", "delivery", "retrieval"})
OUTWARD = frozenset({"queue", "resolve", "connect", "starttls", "remote"})
ADDRESSES = INWARD | {"remote"}
AUTH = frozenset({"auth"})
TLS = frozenset({"starttls", "auth"})  # where TLS is demanded, AUTH is not offered without it

Table = Sequence[tuple[str, Legs]]

# By patterns of names; the sections of postconf(5) they belong to are those of the manuals smtpd(8), smtp(8), virtual(8), lmtp(8).
PARAMETERS: Table = (
    (r"(non_)?smtpd_milters|milter_.*|content_filter|(nested_|mime_)?header_checks|body_checks.*|receive_override.*", MILTER),
    (r"smtpd_sasl_.*|broken_sasl_.*|cyrus_sasl_.*", AUTH | {"recipient"}),
    (r"smtpd_(tls|use_tls|enforce_tls|starttls).*", TLS | {"connect", "banner"}),
    (r"(smtp|lmtp)_(tls|use_tls|enforce_tls|starttls|sasl).*", frozenset({"starttls", "remote", "queue", "delivery"})),
    (r"tls_.*|openssl_.*|tlsmgr_.*|tlsproxy_.*", frozenset({"starttls", "auth", "remote"})),
    (r"inet_(interfaces|protocols)|proxy_interfaces|postscreen_.*|smtpd_client_.*|smtpd_upstream_.*|anvil_.*",
     frozenset({"connect", "banner", "recipient", "queue", "remote", "delivery"})),
    (r"smtpd_(helo|banner|reject_footer|proxy|timeout|.*_limit|.*_delay|peername|authorized).*|smtpd_delay_.*|myhostname",
     frozenset({"banner", "starttls", "auth", "recipient", "content", "remote"})),
    (r"smtpd_.*|.*_restrictions|restriction_classes|mynetworks.*|permit_mx.*|.*_reject_code|unknown_.*|strict_.*|address_verify_.*"
     r"|parent_domain_.*|disable_vrfy.*", frozenset({"banner", "auth", "recipient", "content"})),
    (r"message_size_limit|queue_minfree|header_size_limit|.*_recipient_limit",
     frozenset({"recipient", "content", "queue", "delivery"})),
    (r"mailbox_.*|home_mailbox|mail_spool_.*|local_(?!recipient_maps).*|forward_path|virtual_(mailbox_(base|limit|lock)|uid|gid|min|transport"
     r"|destination).*|lmtp_.*|.*_command|luser_relay|.*_destination_.*",
     frozenset({"queue", "delivery", "retrieval", "recipient"})),
    (r"virtual_.*|relay_.*|mydestination|mydomain|myorigin|alias_.*|.*canonical.*|transport_maps|local_recipient_maps|sender_.*|recipient_.*"
     r"|.*_domains|.*_maps|append_.*|masquerade_.*|propagate_.*|expand_.*|.*_classes|.*_transport|default_database_type",
     ADDRESSES),
    (r"relayhost|smtp_.*|fallback_relay|default_transport|relay_transport|best_mx.*|ignore_mx.*|disable_dns.*|bounce_.*|delay_.*",
     OUTWARD | {"recipient"}),
    (r"defer_transports|.*_(lifetime|backoff_time)|qmgr_.*|queue_run_delay|soft_bounce|hopcount_limit|in_flow_delay",
     frozenset({"queue", "delivery", "remote", "retrieval"})),
    (r"(queue|data|daemon|command|config|meta|shlib|process_id|multi_instance)_directory|mail_owner|setgid_group|default_.*|.*_privs"
     r"|syslog_.*|maillog_.*|hash_queue.*|max_.*|ipc_.*|master_.*|service_.*|daemon_.*|import_environment|export_environment|debug_.*"
     r"|stale_lock.*|authorized_.*|multi_.*|compatibility_level|trigger_.*|fork_.*|proxy_.*|mail_release.*|recipient_delimiter|.*_delimiter"
     r"|rewrite_.*|resolve_.*|swap_.*|allow_.*|cleanup_.*|proxymap_.*|notify_classes", POSTFIX),
)  # fmt: skip

SERVICES: Table = (
    (r"(smtp|25|postscreen)/inet|smtpd/pass", frozenset({"connect", "banner", "starttls", "recipient", "content"})),
    (r"(submissions?|smtps|587|465)/inet", frozenset({"connect", "banner", "starttls", "auth", "recipient", "content"})),
    (r".*/inet", frozenset({"connect", "banner", "starttls", "auth", "recipient", "content", "queue"})),
    (r"(smtp|relay)/unix", OUTWARD),
    (r"(lmtp|virtual|local|maildrop|dovecot|pipe).*/unix", frozenset({"queue", "delivery", "retrieval"})),
    (r"(tlsmgr|tlsproxy)/unix", frozenset({"starttls", "auth", "remote"})),
    (r"(rewrite|proxymap|proxywrite|verify)/unix", frozenset({"banner", "recipient", "content", "queue", "delivery", "remote"})),
    (r"(cleanup|pickup|qmgr|bounce|defer|trace|flush|error|retry|discard|showq|scache|anvil|dnsblog)/(unix|fifo)",
     frozenset({"recipient", "content", "queue", "delivery", "remote", "retrieval"})),
)  # fmt: skip

PATHS: Table = (
    (r"/etc/postfix/(makedefs\.out|post-install|(main|master)\.cf\.proto|(TLS_)?LICENSE)", frozenset()),  # nothing reads them
    (r"/etc/postfix/sasl.*", AUTH | {"remote"}),
    (r"/etc/postfix/(main|master)\.cf|/etc/postfix|/etc/default/postfix|.*/systemd/.*postfix.*", POSTFIX),
    (r"/etc/postfix/.*|/etc/aliases|/etc/mailname", ADDRESSES),
    (r"/etc/dovecot/(users|passwd|.*auth.*|.*sql.*|.*ldap.*)|/etc/pam\.d/dovecot",
     AUTH | {"recipient", "delivery", "retrieval", "fetch"}),
    (r"/etc/dovecot/.*ssl.*|/etc/dovecot/private.*|/usr/share/dovecot/.*", TLS | {"connect", "banner"}),
    (r"/etc/dovecot/conf\.d/(15|20-lmtp|20-managesieve|90).*|.*sieve.*", frozenset({"delivery", "queue", "retrieval"})),
    (r"/etc/dovecot.*|/run/dovecot.*|/etc/default/dovecot|.*/systemd/.*dovecot.*|(/usr)?/lib/dovecot/.*", DOVECOT | {"queue"}),
    (r"/etc/(rspamd|opendkim|opendmarc|dkimkeys|default/opendkim).*|.*/systemd/.*(rspamd|opendkim|opendmarc).*"
     r"|/(var/lib|run|var/log)/(rspamd|opendkim).*|.*/(rspamd?|rspamadm|opendkim)(/.*)?", MILTER),
    (r".*/(var/spool|var/lib)/postfix.*|(/usr)?/(lib|sbin|share)/postfix.*|/usr/s?bin/(post.*|sendmail|mailq|newaliases)", POSTFIX),
    (r"/etc/ssl/.*|/etc/letsencrypt.*|.*\.(pem|crt|key)", TLS | {"banner", "connect", "remote"}),
    (r"/etc/(hosts|resolv\.conf|nsswitch\.conf|host\.conf|gai\.conf|dnsmasq|unbound|bind).*|.*/systemd/.*(dnsmasq|unbound|named|resolved).*",
     frozenset({"resolve", "banner", "recipient", "content", "queue", "remote", "delivery"})),
    (r"/etc/(passwd|group|security/.*|ld\.so.*|sysctl.*|apparmor.*)", EVERYTHING),
    (r"/etc/(nftables|fail2ban|netplan|network/|systemd/network/|hosts\.(allow|deny)).*|.*/systemd/.*(nftables|fail2ban).*",
     NETWORK),
    (r"/(var/vmail|var/mail|var/spool/mail|srv/v?mail|home/vmail).*", frozenset({"queue", "delivery", "retrieval", "fetch"})),
)  # fmt: skip

PROGRAMS: Table = (
    (r"postfix.*|master|smtpd?", POSTFIX),
    (r"dovecot.*", DOVECOT | {"queue"}),
    (r"(rspamd|opendkim|opendmarc|amavis|clamav|spamassassin|postgrey|redis).*", MILTER),
    (r"(dnsmasq|unbound|named|bind9|systemd-resolved).*",
     frozenset({"resolve", "banner", "recipient", "content", "queue", "remote"})),
    (r"(nftables|iptables|fail2ban).*", NETWORK),
    (r"(openssl|libssl|ca-certificates|libsasl).*", TLS | {"remote"}),
    (r"(libc6|systemd|systemd-journald).*", EVERYTHING),
)  # fmt: skip

PORTS: Table = (
    ("25", frozenset({"connect", "banner", "starttls", "recipient"})),
    ("587|465", frozenset({"connect", "banner", "starttls", "auth"})),
    ("143|993|110|995|4190", frozenset({"connect", "banner", "starttls", "auth", "fetch", "retrieval"})),
    ("113(32|33|34)|8891|8893|10025|10024", MILTER),
    ("53", frozenset({"resolve", "recipient", "content", "queue", "remote"})),
)

ACCOUNTS: Table = (
    (r"root", EVERYTHING),
    (r"postfix|postdrop|nobody|nogroup", POSTFIX),  # postconf(5): mail_owner, setgid_group, default_privs
    (r"dove(cot|null)", DOVECOT),
    (r"v?mail|virtual.*", frozenset({"queue", "delivery", "retrieval", "fetch"})),
    (r"_?(rspamd|opendkim|opendmarc|amavis|clamav|debian-spamd|postgrey|redis)", MILTER),
    (r"dnsmasq|unbound|bind|systemd-resolve", frozenset({"resolve", "banner", "recipient", "content", "queue", "remote"})),
    (r"ssl-cert", TLS),
    (r"sasl", AUTH),
)
RECORDS: Table = (
    ("MX", frozenset({"resolve", "route", "connect"})),
    ("SPF|DKIM|DMARC|PTR", frozenset({"remote"})),  # others judge our mail by them
)

# The doors: the same legs on several paths, each with its own listener and owner.
DOOR = frozenset({"connect", "banner", "starttls", "auth"})
PATHS_BY_DOOR: Sequence[tuple[str, frozenset[str]]] = (
    (r"25|smtp|postscreen", frozenset({"inbound"})),
    (r"587|465|submissions?|smtps", frozenset({"submission"})),
    (r"143|993|110|995|4190|imaps?|pop3s?|sieve", frozenset({"retrieval"})),
)
# postconf(5): these parameters are read at the start alone; of the rest each new process has the value that is in the file.
AT_THE_START = re.compile(r"inet_(interfaces|protocols)|(queue|data|process_id)_directory")

# Who must start anew: what is read at the start alone, or copied then (Debian's Postfix copies /etc/hosts into its chroot).
READERS: Sequence[tuple[str, tuple[str, ...]]] = (
    (r"/etc/systemd/system(\.control)?/[^/]+\.d/.*|/run/systemd/system(\.control)?/[^/]+\.d/.*", ("{unit}",)),
    (r"/etc/systemd/system/[^/]+\.service", ("{unit}",)),
    (r"/etc/postfix.*|/etc/mailname|/etc/aliases|/etc/default/postfix|/var/(spool|lib)/postfix.*", ("postfix.service",)),
    (r"/etc/dovecot.*|/etc/pam\.d/dovecot|/run/dovecot.*|/usr/share/dovecot/.*|/etc/default/dovecot", ("dovecot.service",)),
    (r"/etc/rspamd.*|/(var/lib|run|var/log)/rspamd.*|/etc/default/rspamd", ("rspamd.service",)),
    (r"/etc/opendkim.*|/etc/dkimkeys.*|/run/opendkim.*|/etc/default/opendkim", ("opendkim.service",)),
    (r"(/usr)?/lib/postfix/.*", ("postfix.service",)), (r"(/usr)?/lib/dovecot/.*", ("dovecot.service",)),
    (r"/usr/(lib|s?bin|share)/rspam.*", ("rspamd.service",)), (r"/usr/s?bin/opendkim.*", ("opendkim.service",)),
    (r"/etc/dnsmasq.*", ("dnsmasq.service",)), (r"/etc/unbound.*", ("unbound.service",)), (r"/etc/bind.*", ("named.service",)),
    (r"/etc/rsyslog.*", ("rsyslog.service",)),
    (r"/etc/ssl/certs/ca-certificates\.crt|/etc/(hosts|resolv\.conf|nsswitch\.conf|host\.conf)", ("postfix.service",)),
    (r"/etc/(passwd|group)|/etc/security/.*", ("postfix.service", "dovecot.service", "rspamd.service", "opendkim.service")),
    (r"/etc/(ssl|letsencrypt)/.*|.*\.(pem|crt|key)", ("postfix.service", "dovecot.service")),
)  # fmt: skip
UNIT = re.compile(r"/(?:etc|run)/systemd/system(?:\.control)?/([^/]+?\.(?:service|socket|timer|mount))(?:\.d)?(?:/|$)")
OWNERS: Sequence[tuple[str, str]] = (
    ("postfix", "postfix.service"), ("master", "postfix.service"), ("dovecot", "dovecot.service"), ("rspamd", "rspamd.service"),
    ("opendkim", "opendkim.service"), ("opendmarc", "opendmarc.service"), ("dnsmasq", "dnsmasq.service"),
    ("unbound", "unbound.service"), ("named", "named.service"),
)  # fmt: skip
TREES = {
    "postfix": "/etc/postfix",
    "dovecot": "/etc/dovecot",
    "rspamd": "/etc/rspamd",
    "opendkim": "/etc/opendkim.conf",
}
# Whoever logs in, and whatever has an address, does so by these: sshd_config(5), interfaces(5), systemd.network(5), netplan(5).
DOORWAYS = re.compile(
    r"/etc/(ssh|network|netplan|systemd/network|NetworkManager|nftables(\.conf|\.d)?)(/|$)|(/root|/home/[^/]+)/\.ssh(/|$)"
)
UNIT_FILES = re.compile(r"/etc/systemd/system(?:\.control)?/([^/]+)")
DOORS = re.compile(r"(ssh|sshd|systemd-networkd|networking|NetworkManager|nftables|fail2ban)(@.*)?(\.|$)")


def of_parameter(name: str) -> Legs:
    """A parameter of main.cf."""
    return _first(PARAMETERS, name)


def of_service(name: str) -> Legs:
    """A service of master.cf, ``smtp/inet``; what no table knows is used by somebody's transport."""
    return _first(SERVICES, name) or frozenset({"content", "queue", "delivery", "remote"})


def of_path(path: str) -> Legs:
    """A file or directory."""
    return _first(PATHS, path)


def of_program(name: str) -> Legs:
    """A unit or a package."""
    return _first(PROGRAMS, name)


def of_port(name: str) -> Legs:
    """A listening socket, ``tcp/25``."""
    return _first(PORTS, name.rpartition("/")[2])


def of_account(name: str) -> Legs:
    """A user or group."""
    return _first(ACCOUNTS, name)


def of_record(name: str) -> Legs:
    """A record of the DNS, ``lab.test MX``."""
    return _first(RECORDS, name.rpartition(" ")[2])


def of_other(kind: str) -> Legs:
    """A kernel setting can break the network and every program; of the rest nothing is known."""
    return EVERYTHING if kind == "sysctl" else frozenset()


def readers(path: str) -> tuple[str, ...]:
    """The units that must start anew to run on a file."""
    own = UNIT.match(path)
    for pattern, names in READERS:
        if re.fullmatch(pattern, path):
            return tuple(name.replace("{unit}", own.group(1) if own else "") for name in names)
    return ()


def units_of_program(name: str) -> tuple[str, ...]:
    """The unit of a process, by the process's name."""
    return tuple(unit for program, unit in OWNERS if name == program or name.startswith(f"{program}-"))[:1]


def units_of_package(name: str) -> tuple[str, ...]:
    """The unit that runs what is in a package."""
    return units_of_program(name)


def configuration_of(package: str) -> list[str]:
    """What the scripts of a package may edit."""
    return [path for program, path in TREES.items() if package == program or package.startswith(f"{program}-")]


def carries(unit: str, leg: Leg) -> bool:
    """Does this leg of this path depend on the unit?"""
    return leg.name in of_program(unit) and on_its_way(unit, leg)


def on_its_way(owner: str, leg: Leg) -> bool:
    """Is the program on this path there? Postfix has no part in retrieval, and Dovecot opens no door but its own."""
    if owner.startswith(("postfix", "master", "smtpd")):
        return leg.path != "retrieval"
    return not owner.startswith("dovecot") or leg.path == "retrieval" or leg.name not in DOOR - AUTH


def doors(name: str) -> frozenset[str]:
    """The paths that a port or a service of master.cf is the door of: ``25``, ``submission``; empty for any other."""
    return next((paths for pattern, paths in PATHS_BY_DOOR if re.fullmatch(pattern, name)), frozenset())


def cuts_off(unit: str) -> bool:
    """Could restarting or stopping it cut us off?"""
    return bool(DOORS.match(unit))


def leads_in(path: str) -> bool:
    """Is it a file by which we reach the host: of sshd, the network, the packet filter, or of a unit of these?"""
    unit = UNIT_FILES.match(path)
    return bool(DOORWAYS.match(path)) or (unit is not None and cuts_off(unit[1]))


def _first(table: Table, name: str) -> Legs:
    return next((legs for pattern, legs in table if re.fullmatch(pattern, name)), frozenset())
