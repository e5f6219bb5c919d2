"""What people do to a mail host by ordinary tools: changes that an audit must name, and changes that mean nothing.

Each drift says how it is made and taken back (as root, by sh), and how it is told: severity, owner, kind and name of the
difference, and words that its sentence must hold. The scripts of one list run one after the other on one host; {prefix} stands for
the first two octets of the lab's addresses.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyremediate.audit.values import Severity

SECURITY, BREAKS_MAIL, NOISE = Severity.SECURITY, Severity.BREAKS_MAIL, Severity.NOISE
SAVED = "/root/before"  # a copy of /etc, from which what an editor did is taken back
KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIHpIcZkEJWdLoaAJT5fGEvoj9A8nN0qMEHUHwJ7nyTkO"


@dataclass(frozen=True)
class Drift:
    """One change, and how it must be told."""

    severity: Severity
    owner: str
    kind: str
    name: str
    words: tuple[str, ...]
    make: str
    undo: str
    aspect: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.aspect}".strip()


def edited(
    severity: Severity, owner: str, kind: str, name: str, words: tuple[str, ...], path: str, edit: str, then: str = ""
) -> Drift:
    """What an editor did to a file of /etc; ``then`` is run after it, and after it was taken back."""
    after = f"\n{then}" if then else ""
    return Drift(severity, owner, kind, name, words, f"{edit}{after}", f"cat {SAVED}{path.removeprefix('/etc')} > {path}{after}")


def written(
    severity: Severity, owner: str, kind: str, name: str, words: tuple[str, ...], path: str, text: str, mode: str = "0644"
) -> Drift:
    """A file that was not there."""
    make = f"mkdir -p $(dirname {path})\ncat > {path} <<'END'\n{text}\nEND\nchmod {mode} {path}"
    return Drift(severity, owner, kind, name, words, make, f"rm -f {path}; rmdir --ignore-fail-on-non-empty $(dirname {path})")


DRIFTS: tuple[Drift, ...] = (
    # Postfix
    edited(BREAKS_MAIL, "postfix", "postfix.parameter", "smtpd_milters", ("lost inet:127.0.0.1:11332",), "/etc/postfix/main.cf",
           "postconf -e 'smtpd_milters = inet:127.0.0.1:8891'"),
    edited(SECURITY, "postfix", "postfix.parameter", "mynetworks", ("gained 10.0.0.0/8",), "/etc/postfix/main.cf",
           "postconf -e 'mynetworks = 127.0.0.0/8, 10.0.0.0/8'"),
    edited(SECURITY, "postfix", "postfix.parameter", "smtp_tls_security_level", ("from may to none",), "/etc/postfix/main.cf",
           "postconf -e 'smtp_tls_security_level = none'"),
    edited(SECURITY, "postfix", "postfix.service", "smtps/inet", ("added to master.cf",), "/etc/postfix/master.cf",
           "postconf -M 'smtps/inet=smtps inet n - y - - smtpd'"),
    edited(SECURITY, "postfix", "postfix.service", "submission/inet", ("changed in master.cf",), "/etc/postfix/master.cf",
           "postconf -P 'submission/inet/smtpd_tls_security_level=may'"),
    edited(SECURITY, "postfix", "map.entry", "/etc/postfix/virtual info@lab.test",
           ("mail for info@lab.test", "bob@lab.test", "eve@evil.test"),
           "/etc/postfix/virtual", "sed -i 's/^info@lab.test.*/info@lab.test eve@evil.test/' /etc/postfix/virtual",
           "postmap /etc/postfix/virtual"),
    edited(SECURITY, "postfix", "map.entry", "/etc/aliases backup", ("mail for backup", "eve@evil.test"), "/etc/aliases",
           "echo 'backup: eve@evil.test' >> /etc/aliases", "newaliases"),
    edited(BREAKS_MAIL, "postfix", "map.entry", "/etc/postfix/vmailbox carol@lab.test",
           ("carol@lab.test", "removed from /etc/postfix/vmailbox"),
           "/etc/postfix/vmailbox", "sed -i /^carol/d /etc/postfix/vmailbox", "postmap /etc/postfix/vmailbox"),
    # Dovecot
    edited(BREAKS_MAIL, "dovecot", "dovecot.setting", "ssl", ("from yes to required",), "/etc/dovecot/local.conf",
           "sed -i 's/^ssl = yes/ssl = required/' /etc/dovecot/local.conf"),
    edited(SECURITY, "dovecot", "map.entry", "/etc/dovecot/users bob@lab.test",
           ("bob@lab.test in /etc/dovecot/users", "secret"), "/etc/dovecot/users",
           "sed -i 's/^bob@lab.test:[^:]*/bob@lab.test:{PLAIN}planted-secret/' /etc/dovecot/users"),
    written(BREAKS_MAIL, "dovecot", "file", "/etc/dovecot/sieve/before.sieve",
            ("had been added",), "/etc/dovecot/sieve/before.sieve", "discard;"),
    # Filters
    written(BREAKS_MAIL, "rspamd", "setting", "/etc/rspamd/local.d/actions.conf reject",
            ("set to 150",), "/etc/rspamd/local.d/actions.conf",
            "reject = 150;"),
    edited(BREAKS_MAIL, "rspamd", "setting", "/etc/rspamd/local.d/worker-proxy.inc timeout",
           ("from 60s to 5s",), "/etc/rspamd/local.d/worker-proxy.inc",
           "sed -i 's/timeout = 60s/timeout = 5s/' /etc/rspamd/local.d/worker-proxy.inc"),
    edited(BREAKS_MAIL, "opendkim", "setting", "/etc/opendkim.conf Canonicalization",
           ("from relaxed/simple to simple/simple",), "/etc/opendkim.conf",
           "sed -i 's,relaxed/simple,simple/simple,' /etc/opendkim.conf"),
    # TLS
    Drift(BREAKS_MAIL, "tls", "certificate", "/etc/ssl/mail/fullchain.pem", ("another subject", "mail.evil.test"),
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=mail.evil.test"
          " -keyout /etc/ssl/mail/key.pem -out /etc/ssl/mail/fullchain.pem",
          f"cat {SAVED}/ssl/mail/fullchain.pem > /etc/ssl/mail/fullchain.pem; cat {SAVED}/ssl/mail/key.pem > /etc/ssl/mail/key.pem",
          "subject"),
    # Owner, mode, access list, target, a file that is gone
    Drift(SECURITY, "tls", "file", "/etc/ssl/mail/key.pem", ("mode", "from 0600 to 0644"),
          "chmod 0644 /etc/ssl/mail/key.pem", "chmod 0600 /etc/ssl/mail/key.pem", "mode"),
    Drift(SECURITY, "postfix", "file", "/etc/postfix/virtual", ("owner", "from root to postfix"),
          "chown postfix /etc/postfix/virtual", "chown root /etc/postfix/virtual", "owner"),
    Drift(SECURITY, "dovecot", "file", "/etc/dovecot/users", ("access list",),
          "setfacl -m u:nobody:r /etc/dovecot/users", "setfacl -b /etc/dovecot/users", "acl"),
    Drift(NOISE, "postfix", "file", "/etc/postfix/makedefs.out", ("target", "/tmp/elsewhere"),
          "ln -sfn /tmp/elsewhere /etc/postfix/makedefs.out", "ln -sfn /usr/share/postfix/makedefs.out /etc/postfix/makedefs.out",
          "target"),
    Drift(BREAKS_MAIL, "postfix", "file", "/usr/sbin/postqueue", ("mode", "from 2555 to 0755"),
          "chmod 0755 /usr/sbin/postqueue", "chmod 2555 /usr/sbin/postqueue", "mode"),
    # Firewall, network, resolver
    Drift(SECURITY, "firewall", "firewall", "ruleset", ("packet filter", "tcp dport 8080 accept"),
          "nft add rule inet filter input tcp dport 8080 accept", "nft -f /etc/nftables.conf"),
    Drift(BREAKS_MAIL, "network", "route", "192.0.2.0/24",
          ("192.0.2.0/24",), "ip route add blackhole 192.0.2.0/24", "ip route del blackhole 192.0.2.0/24"),
    Drift(BREAKS_MAIL, "network", "interface", "eth1", ("eth1", "192.0.2.99/32"),
          "ip address add 192.0.2.99/32 dev eth1", "ip address del 192.0.2.99/32 dev eth1", "addresses"),
    edited(BREAKS_MAIL, "resolver", "setting", "/etc/resolv.conf nameserver", ("192.0.2.53",), "/etc/resolv.conf",
           "echo nameserver 192.0.2.53 >> /etc/resolv.conf"),
    edited(BREAKS_MAIL, "resolver", "setting", "/etc/hosts 192.0.2.25",
           ("mx.peer.test",), "/etc/hosts", "echo 192.0.2.25 mx.peer.test >> /etc/hosts"),
    # Who may log in and become whom
    written(SECURITY, "sshd", "ssh.setting", "passwordauthentication",
            ("sshd", "from no to yes"), "/etc/ssh/sshd_config.d/00-open.conf",
            "PasswordAuthentication yes"),
    Drift(SECURITY, "sshd", "ssh.key", "/root/.ssh/authorized_keys eve@laptop", ("eve@laptop",),
          f"echo 'ssh-ed25519 {KEY} eve@laptop' >> /root/.ssh/authorized_keys", "sed -i /eve@laptop/d /root/.ssh/authorized_keys"),
    written(SECURITY, "sudo", "sudo.rule", "/etc/sudoers.d/eve eve", ("eve", "sudo", "NOPASSWD"), "/etc/sudoers.d/eve",
            "eve ALL=(ALL) NOPASSWD: ALL", "0440"),
    Drift(SECURITY, "accounts", "user", "eve",
          ("the user eve had been added", "uid"), "useradd --no-create-home eve", "userdel eve"),
    Drift(NOISE, "accounts", "user", "games", ("uid", "from 5 to 5005"), "usermod -u 5005 games", "usermod -u 5 games", "uid"),
    Drift(SECURITY, "accounts", "group", "postdrop", ("the group postdrop had gained games",),
          "usermod -aG postdrop games", "gpasswd -d games postdrop", "members"),
    # What runs, when, and from where it comes
    written(SECURITY, "cron", "cron.job", "/etc/cron.d/backup 0 3 * * * root",
            ("cron", "/usr/local/bin/backup"), "/etc/cron.d/backup",
            "0 3 * * * root /usr/local/bin/backup"),
    Drift(SECURITY, "report", "unit", "report.timer", ("report.timer", "enabled"),
          "printf '[Service]\\nExecStart=/bin/true\\n' > /etc/systemd/system/report.service\n"
          "printf '[Timer]\\nOnCalendar=daily\\n[Install]\\nWantedBy=timers.target\\n' > /etc/systemd/system/report.timer\n"
          "systemctl enable report.timer",
          "systemctl disable report.timer; rm -f /etc/systemd/system/report.*; systemctl daemon-reload"),
    written(BREAKS_MAIL, "postfix", "setting", "/etc/systemd/system/postfix@.service.d/limits.conf Service LimitNOFILE",
            ("set to 64",),
            "/etc/systemd/system/postfix@.service.d/limits.conf", "[Service]\nLimitNOFILE=64"),
    Drift(BREAKS_MAIL, "rspamd", "unit", "rspamd.service",
          ("rspamd.service", "disabled"), "systemctl disable rspamd", "systemctl enable rspamd"),
    Drift(BREAKS_MAIL, "opendkim", "unit.running", "opendkim.service", ("opendkim.service", "inactive"),
          "systemctl stop opendkim", "systemctl start opendkim"),
    Drift(SECURITY, "apt", "package.hold", "postfix", ("postfix", "hold"), "apt-mark hold postfix", "apt-mark unhold postfix"),
    Drift(BREAKS_MAIL, "postfix-pcre", "package", "postfix-pcre", ("the package postfix-pcre", "removed"),
          "dpkg --remove postfix-pcre", "dpkg --install /srv/repo/postfix-pcre_*.deb"),
    written(SECURITY, "apt", "package.source", "deb http://mirror.evil.test/debian sid main",
            ("source",), "/etc/apt/sources.list.d/sid.list",
            "deb http://mirror.evil.test/debian sid main"),
    Drift(SECURITY, "systemd", "socket", "tcp/8081", ("tcp/8081", "0.0.0.0"),
          "systemd-run --quiet --unit=probe --socket-property=ListenStream=0.0.0.0:8081 /bin/true", "systemctl stop probe.socket"),
)  # fmt: skip


def typed(*lines: str) -> str:
    """What somebody types at the router's command line, in its configuration mode."""
    return " ".join(["vtysh", "-c 'configure terminal'", *(f"-c '{line}'" for line in lines)])


# On the router, which is on the way of all mail.
ON_THE_ROUTER: tuple[Drift, ...] = (
    Drift(BREAKS_MAIL, "network", "device.interface", "eth3", ("eth3", "switched off"),
          typed("interface eth3", "shutdown"), typed("interface eth3", "no shutdown"), "admin_up"),
    Drift(BREAKS_MAIL, "network", "device.route", "{prefix}.9.0/24", ("removed", "{prefix}.1.10"),
          typed("no ip route {prefix}.9.0/24 {prefix}.1.10"), typed("ip route {prefix}.9.0/24 {prefix}.1.10")),
    Drift(BREAKS_MAIL, "network", "device.interface", "eth2", ("MTU", "eth2", "from 1500 to 1400"),
          "ip link set eth2 mtu 1400", "ip link set eth2 mtu 1500", "mtu"),
    Drift(SECURITY, "network", "device.filter", "inet filter forward", ("gained", "8080"),
          "nft insert rule inet filter forward tcp dport 8080 accept", "nft -f /etc/nftables.conf"),
    Drift(BREAKS_MAIL, "network", "device.unsaved", "router01", ("had not been saved", "shutdown"), "true", "true"),
    Drift(NOISE, "network", "device.line", "interface eth1", ("eth1", "description users"),
          typed("interface eth1", "description users"), typed("interface eth1", "description clients")),
)  # fmt: skip

# On the name server of the mail domain, as its mail hosts see it.
ZONE = "/etc/dnsmasq.d/lab.conf"
IN_THE_DNS: tuple[Drift, ...] = (
    Drift(SECURITY, "dns", "record", "lab.test SPF", ("the SPF record of lab.test", "-all", "+all"),
          f"sed -i '/=lab.test,/s/-all/+all/' {ZONE}; systemctl restart dnsmasq",
          f"sed -i '/=lab.test,/s/[+]all/-all/' {ZONE}; systemctl restart dnsmasq"),
    Drift(SECURITY, "dns", "record", "_dmarc.lab.test DMARC", ("the DMARC record of _dmarc.lab.test", "removed"),
          f"sed -i 's/^txt-record=_dmarc.lab.test/#&/' {ZONE}; systemctl restart dnsmasq",
          f"sed -i 's/^#txt-record=_dmarc.lab.test/txt-record=_dmarc.lab.test/' {ZONE}; systemctl restart dnsmasq"),
)  # fmt: skip

# What the same tools change along with it: (kind, pattern of the name).
ALONG: tuple[tuple[str, str], ...] = (
    ("group", "eve"), ("file", "/etc/*shadow*"), ("file", "/etc/sub?id*"),  # useradd(8)
    ("certificate", "/etc/ssl/mail/fullchain.pem"), ("file", "/etc/ssl/mail/key.pem"),
    ("setting", "/etc/postfix/dynamicmaps.cf pcre"),  # by the package's scripts
    ("file", "/etc/dovecot/sieve"),  # the directory of the script
    ("setting", "/etc/systemd/system/report.*"), ("file", "/etc/systemd/system/*"),
    ("device.line", "*"), ("device.interface", "eth3"), ("device.route", "*.3.0/24"),
)  # fmt: skip

MEANINGLESS_ON_THE_ROUTER: dict[str, str] = {
    "packets counted": "ping -q -c 2 -i 0.2 {prefix}.1.10",
    "the same rules with other handles": "nft -f /etc/nftables.conf",
    "a line typed that is there": typed("interface eth1", "description clients"),
    "the configuration saved as it is": "vtysh -c 'write memory'",
    "neighbours forgotten": "ip neighbour flush dev eth1",
}

# As root, by sh, one after the other. Afterwards nothing is different.
MEANINGLESS: dict[str, str] = {
    "comments in main.cf and master.cf": "printf '\\n# a thought\\n' | tee -a /etc/postfix/main.cf >> /etc/postfix/master.cf",
    "another order of the parameters":
        "grep -v '^#' /etc/postfix/main.cf | sort > /root/main.cf; cat /root/main.cf > /etc/postfix/main.cf",
    "other white space in master.cf": "sed -i -E 's/^([a-z]+) +(inet|unix) +/\\1\\t\\2    /' /etc/postfix/master.cf",
    "defaults of Postfix written out": "postconf -e 'smtp_helo_timeout = 300s' 'mailbox_command ='",
    "a default written out in master.cf": "sed -i -E 's/^(tlsmgr\\s+unix\\s+)-/\\1y/' /etc/postfix/master.cf",
    "a map in another order, with comments":
        "(echo '# ours'; tac /etc/postfix/virtual) > /root/virtual; cat /root/virtual > /etc/postfix/virtual",
    "other white space in the aliases": "sed -i 's/: */:\\t\\t/' /etc/aliases; newaliases",
    "a map made again": "postmap /etc/postfix/virtual /etc/postfix/vmailbox",
    "a default of Dovecot written out": "printf '# as ever\\nmail_max_userip_connections = 10\\n' >> /etc/dovecot/local.conf",
    "other white space in rspamd's settings": "sed -i 's/^ *timeout/      timeout/; s/ *#.*//' /etc/rspamd/local.d/options.inc",
    "another order in opendkim.conf":
        "sort -r /etc/opendkim.conf > /root/opendkim.conf; cat /root/opendkim.conf > /etc/opendkim.conf",
    "comments in hosts and resolv.conf":
        "echo '# here' | tee -a /etc/hosts >> /etc/resolv.conf; sed -i 's/files dns/files   dns/' /etc/nsswitch.conf",
    "a comment in the packet filter's file, loaded again": "echo '# by hand' >> /etc/nftables.conf; nft -f /etc/nftables.conf",
    "defaults of sshd written out": "printf '# as ever\\nLogLevel INFO\\n' >> /etc/ssh/sshd_config",
    "comments for cron, sudo and apt":
        "printf '\\n# later\\n' | tee -a /etc/cron.d/e2scrub_all /etc/sudoers /etc/apt/sources.list.d/lab.list > /dev/null",
    "a comment in a unit": "echo '# ours' >> /etc/systemd/system/lab-routes.service; systemctl daemon-reload",
    "a name that is only for humans, accounts in another order":
        "usermod -c 'the mail store' vmail; sort /etc/passwd > /root/passwd; cat /root/passwd > /etc/passwd",
    "touched, and written again as it was":
        "touch /etc/postfix/* /etc/dovecot/conf.d/*; cp -p /etc/dovecot/users /root/users; mv /root/users /etc/dovecot/users",
    "what editors leave": "cp /etc/postfix/main.cf /etc/postfix/main.cf~; touch /etc/postfix/.main.cf.swp '/etc/postfix/#main.cf#'",
    "a log rotated": "mv /var/log/mail.log /var/log/mail.log.1; systemctl kill -s HUP rsyslog",
    "lists of packages fetched anew": "apt-get -qq update",
    "services restarted and reloaded": "systemctl restart dovecot opendkim; systemctl reload postfix rspamd",
    "mail delivered, and mail that waits":
        "postconf -h myhostname | sendmail bob@lab.test; echo later | sendmail x@nowhere.invalid",
}  # fmt: skip
