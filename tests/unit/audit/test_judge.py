"""How bad a drift is: each rule is shown by the change that it is about, and by the like of it that is harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pyremediate.audit.judge import Judged, judge
from pyremediate.audit.values import Drift, Severity
from pyremediate.model import Difference
from pyremediate.settings import AuditRule
from tests.unit.looks import NOON, evidence

SECURITY, BREAKS_MAIL, NOISE = Severity.SECURITY, Severity.BREAKS_MAIL, Severity.NOISE
RELAY = "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination"
RULES = ["inet filter input: ct state established accept", "inet filter input: tcp dport 25 accept", "inet filter input: drop"]


def only(difference: Difference, *finer: Difference) -> Drift:
    """The one drift that a difference is."""
    known = evidence(files={"tracked": {"/srv/private": {"secret": True}}}, tls={"certificates": [SELF]})
    found = judge("mail01", [difference], finer, known).drifts
    assert len(found) == 1
    return found[0]


def parameter(name: str, was: str | None, now: str | None) -> Difference:
    return Difference("postfix.parameter", name, was, now)


def service(name: str, was: str, now: str) -> Difference:
    columns = "inet n - y - - smtpd"
    return Difference(
        "postfix.service", "smtp/inet", {"columns": columns, "options": {name: was}}, {"columns": columns, "options": {name: now}}
    )


PASSWD, GROUPS = {"path": "/etc/passwd"}, {"path": "/etc/group"}
SELF = {"path": "/etc/ssl/self.pem", "issuer": "commonName=mail.test", "subject": "commonName=mail.test"}


def entry(
    kind: str, path: str, key: str, was: str | None, now: str | None, parameter: str = "", secret: bool = False
) -> Difference:
    """What an entry of a file said, and says."""
    return Difference(kind, f"{path} {key}", was, now, secret=secret, place={"path": path, "parameter": parameter})


def mode(path: str, was: str, now: str) -> Difference:
    return Difference("file", path, was, now, "mode")


WORSE = [
    parameter("mynetworks", "127.0.0.0/8", "127.0.0.0/8 10.0.0.0/8"),
    parameter("mynetworks", "127.0.0.0/8 [::1]/128", "127.0.0.0/8, [::]/0"),
    parameter("mynetworks", "127.0.0.0/8", "127.0.0.0/8, cidr:/etc/postfix/friends"),
    parameter("mynetworks_style", "host", "subnet"),
    parameter("smtpd_relay_restrictions", RELAY, "permit_mynetworks, permit_sasl_authenticated"),
    parameter("smtpd_relay_restrictions", RELAY, f"permit, {RELAY}"),
    service("smtpd_relay_restrictions", RELAY, "permit"),
    parameter("smtpd_tls_security_level", "encrypt", "may"),
    parameter("smtp_tls_security_level", "dane", "may"),
    parameter("smtpd_tls_security_level", "may", None),
    parameter("smtpd_tls_auth_only", "yes", "no"),
    parameter("smtpd_tls_auth_only", "yes", None),
    parameter("smtpd_tls_mandatory_protocols", ">=TLSv1.2", ">=TLSv1"),
    parameter("smtpd_tls_protocols", "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1", "!SSLv2, !SSLv3"),
    parameter("smtpd_tls_mandatory_ciphers", "high", "low"),
    parameter("smtpd_sasl_security_options", "noanonymous", ""),
    parameter("always_bcc", None, "spy@example.org"),
    Difference("dovecot.setting", "ssl", "required", "yes"),
    Difference("dovecot.setting", "disable_plaintext_auth", "yes", "no"),
    Difference("dovecot.setting", "ssl_min_protocol", "TLSv1.2", "TLSv1"),
    mode("/etc/ssl/mail/key.pem", "0600", "0644"),
    mode("/etc/dkimkeys/2024.private", "0600", "0640"),
    mode("/srv/private", "0600", "0604"),
    mode("/etc/aliases", "0644", "0666"),
    mode("/usr/bin/vim", "0755", "4755"),
    Difference("file", "/etc/postfix/main.cf", "root", "alice", "owner"),
    Difference("file", "/etc/sudoers.d/helper", None, "file", "added"),
    Difference("file", "/etc/cron.d/helper", None, "file", "added"),
    Difference("file", "/etc/systemd/system/helper.service", None, "file", "added"),
    Difference("file", "/root/.ssh/authorized_keys", "sha256:a", "sha256:b", "content"),
    Difference("firewall", "ruleset", RULES, [*RULES[:2], "inet filter input: tcp dport 3306 accept", RULES[2]], "rules"),
    Difference("firewall", "ruleset", RULES, RULES[:2], "rules"),
    Difference("firewall", "ruleset", RULES, [], "rules"),
    Difference("device.filter", "inet acl forward", ["tcp dport 25 accept", "drop"], ["drop", "tcp dport 25 accept", "accept"]),
    Difference("unit", "nftables.service", "enabled", "disabled", "enabled"),
    Difference("unit.running", "fail2ban.service", "active", "inactive", "running"),
    Difference("listener", "tcp/4444", None, "nc", "process"),
    Difference("sysctl", "net.ipv4.ip_forward", "0", "1"),
    Difference("postfix.service", "smtps/inet", None, {"columns": "smtps inet n - y - - smtpd", "options": {}}),
    Difference("socket", "tcp/8081", None, "0.0.0.0 by nc", "added"),
    Difference("socket", "tcp/25", "127.0.0.1 by master", "0.0.0.0, 127.0.0.1 by master", "address"),
    entry("sudo.rule", "/etc/sudoers.d/eve", "eve", None, "ALL=(ALL) NOPASSWD: ALL"),
    entry("sudo.rule", "/etc/sudoers", "%ops", "ALL=(ALL) /bin/ls", "ALL=(ALL) ALL"),
    Difference("sudo.rule", "/etc/sudoers", ["root ALL", "%sudo ALL"], ["%sudo ALL", "root ALL"], "order"),
    Difference("user", "toor", None, "uid 0, group 1005, home /root, shell /usr/sbin/nologin", place=PASSWD),
    Difference("user", "eve", None, "uid 1001, group 1001, home /home/eve, shell /bin/sh", place=PASSWD),
    Difference("user", "bob", "1005", "0", "uid", place=PASSWD),
    Difference("user", "www-data", "/usr/sbin/nologin", "/bin/bash", "shell", place=PASSWD),
    Difference("group", "sudo", [], ["eve"], "members", place=GROUPS),
    Difference("group", "postdrop", [], ["games"], "members", place=GROUPS),
    Difference("ssh.setting", "passwordauthentication", "no", "yes"),
    Difference("ssh.setting", "permitrootlogin", "without-password", "yes"),
    Difference("ssh.setting", "permitrootlogin", "no", "prohibit-password"),
    Difference("ssh.setting", "ciphers", "aes256-gcm@openssh.com", "aes256-gcm@openssh.com,3des-cbc"),
    Difference("ssh.setting", "allowusers", "alice", None),
    Difference("ssh.setting", "denyusers", "mallory; eve", "mallory"),
    entry("ssh.setting", "/etc/ssh/sshd_config", "match user git: permitemptypasswords", None, "yes"),
    entry("ssh.key", "/root/.ssh/authorized_keys", "eve@laptop", None, "ssh-ed25519 AAAA"),
    entry("cron.job", "/etc/cron.d/x", "@reboot root", None, "/tmp/x"),
    Difference("unit", "helper.timer", "disabled", "enabled", "enabled", harmless=True),
    Difference("package.source", "deb [trusted=yes] http://mirror.test/ sid main", None, "", place={"path": "/etc/apt/x.list"}),
    Difference("package.source", "deb http://mirror.test/ sid main", None, "", place={"path": "/etc/apt/x.list"}),
    Difference("package.hold", "postfix", "held", "not held", "hold"),
    Difference("package.hold", "postfix", "not held", "held", "hold"),
    Difference("certificate", "/etc/ssl/mail/fullchain.pem", "RSA 4096", "RSA 1024", "key_type"),
    Difference("certificate", "/etc/ssl/mail/fullchain.pem", "EC P-256", "RSA 2048", "key_type"),
    Difference("certificate", "/etc/ssl/self.pem", "commonName=An authority", "commonName=mail.test", "issuer"),
    Difference("record", "lab.test SPF", "v=spf1 mx -all", None),
    Difference("record", "lab.test SPF", "v=spf1 mx -all", "v=spf1 mx +all"),
    Difference("record", "lab.test SPF", "v=spf1 mx -all", "v=spf1 mx include:evil.test -all"),
    Difference("record", "_dmarc.lab.test DMARC", "v=DMARC1; p=quarantine", None),
    Difference("record", "_dmarc.lab.test DMARC", "v=DMARC1; p=reject", "v=DMARC1; p=none"),
    Difference("record", "_dmarc.lab.test DMARC", "v=DMARC1; p=reject", "v=DMARC1; p=reject; sp=none"),
    Difference("record", "lab.test MX", "10 mx.lab.test", "10 mx.lab.test, 20 mx.evil.test"),
    Difference("record", "2024._domainkey.lab.test DKIM", "v=DKIM1; p=AAAA", "v=DKIM1; p=BBBB"),
    entry("map.entry", "/etc/aliases", "backup", None, "eve@evil.test", "alias_maps"),
    entry("map.entry", "/etc/aliases", "backup", "root", "|/usr/local/bin/x", "alias_maps"),
    entry("map.entry", "/etc/postfix/virtual", "info@lab.test", "bob@lab.test", "bob@lab.test, e@evil.test", "virtual_alias_maps"),
    entry("map.entry", "/etc/postfix/bcc", "bob@lab.test", None, "eve@lab.test", "sender_bcc_maps"),
    entry("map.entry", "/etc/postfix/access", "192.0.2.1", "REJECT", "OK", "smtpd_relay_restrictions"),
    entry("map.entry", "/etc/postfix/tls", "example.org", "secure match=nexthop", "may", "smtp_tls_policy_maps"),
    entry("map.entry", "/etc/dovecot/users", "bob@lab.test", "(withheld) hmac:a", "(withheld) hmac:b", secret=True),
    Difference("device.line", "global", [], ["username eve privilege 15"]),
]  # fmt: skip
NO_WORSE = [
    parameter("mynetworks", "127.0.0.0/8 10.0.0.0/8", "127.0.0.0/8"),
    parameter("mynetworks", "10.0.0.0/8", "10.1.0.0/16"),
    parameter("mynetworks", "10.0.0.0/8", "10.0.0.0/8 !10.1.0.0/16"),
    parameter("mynetworks", "127.0.0.0/8", None),
    parameter("smtpd_relay_restrictions", RELAY, f"reject_unknown_client_hostname, {RELAY}"),
    parameter("smtpd_relay_restrictions", RELAY, None),  # its default guards
    parameter("smtpd_relay_restrictions", RELAY, "permit_mynetworks, reject"),
    parameter("smtpd_tls_security_level", "may", "encrypt"),
    parameter("smtpd_tls_mandatory_protocols", ">=TLSv1", ">=TLSv1.2"),
    parameter("smtpd_tls_mandatory_protocols", ">=TLSv1.2", "TLSv1.2, TLSv1.3"),
    parameter("smtpd_tls_auth_only", "no", "yes"),
    mode("/etc/ssl/mail/key.pem", "0644", "0600"),
    mode("/etc/aliases", "0644", "0600"),
    mode("/var/tmp", "1755", "1777"),
    Difference("file", "/etc/sudoers.d/helper", "file", None, "missing"),
    Difference("firewall", "ruleset", RULES, [*RULES[:1], RULES[2]], "rules"),
    Difference("unit", "nftables.service", "disabled", "enabled", "enabled"),
    Difference("listener", "tcp/25", "master", "exim4", "process"),
    Difference("sysctl", "net.ipv4.ip_forward", "1", "0"),
    Difference("postfix.service", "[::1]:10025/inet", None, {"columns": "inet n - y - - smtpd", "options": {}}),
    Difference("postfix.service", "smtps/inet", {"columns": "smtps inet n - y - - smtpd", "options": {}}, None),
    Difference("socket", "tcp/6010", None, "127.0.0.1, ::1 by python3", "added"),
    entry("sudo.rule", "/etc/sudoers.d/eve", "eve", "ALL=(ALL) ALL", None),
    Difference("user", "eve", "uid 1001, group 1001, home /home/eve, shell /bin/sh", None, place=PASSWD),
    Difference("user", "_new", None, "uid 105, group 65534, home /nonexistent, shell /usr/sbin/nologin", place=PASSWD),
    Difference("user", "games", "5", "5005", "uid", place=PASSWD),
    Difference("user", "bob", "/bin/bash", "/bin/zsh", "shell", place=PASSWD),
    Difference("group", "sudo", ["eve"], [], "members", place=GROUPS),
    Difference("group", "readers", [], ["eve"], "members", place=GROUPS),
    Difference("ssh.setting", "passwordauthentication", "yes", "no"),
    Difference("ssh.setting", "permitrootlogin", "yes", "prohibit-password"),
    Difference("ssh.setting", "ciphers", "aes256-gcm@openssh.com,3des-cbc", "aes256-gcm@openssh.com"),
    Difference("ssh.setting", "allowusers", None, "alice"),
    Difference("ssh.setting", "maxauthtries", "6", "3"),
    entry("ssh.key", "/root/.ssh/authorized_keys", "eve@laptop", "ssh-ed25519 AAAA", None),
    entry("cron.job", "/etc/cron.d/x", "@reboot root", "/tmp/x", None),
    Difference("unit", "helper.timer", "enabled", "disabled", "enabled", harmless=True),
    Difference("unit", "rspamd.service", "disabled", "enabled", "enabled"),
    Difference("package.source", "deb http://mirror.test/ sid main", "", None, place={"path": "/etc/apt/x.list"}),
    Difference("certificate", "/etc/ssl/mail/fullchain.pem", "RSA 2048", "EC P-256", "key_type"),
    Difference("certificate", "/etc/ssl/mail/fullchain.pem", "commonName=An authority", "commonName=Another", "issuer"),
    Difference("certificate", "/etc/ssl/mail/fullchain.pem", "until 2026", "until 2027", "renewed", harmless=True),
    Difference("record", "lab.test SPF", None, "v=spf1 mx -all"),
    Difference("record", "lab.test SPF", "v=spf1 mx ~all", "v=spf1 mx -all"),
    Difference("record", "_dmarc.lab.test DMARC", "v=DMARC1; p=none", "v=DMARC1; p=reject"),
    Difference("record", "lab.test MX", "10 mx.lab.test, 20 mx2.lab.test", "10 mx.lab.test"),
    entry("map.entry", "/etc/aliases", "backup", "eve@evil.test", None, "alias_maps"),
    entry("map.entry", "/etc/postfix/virtual", "info@lab.test", "bob@lab.test", "carol@lab.test", "virtual_alias_maps"),
    entry("map.entry", "/etc/postfix/access", "192.0.2.1", None, "REJECT", "smtpd_relay_restrictions"),
    entry("map.entry", "/etc/postfix/tls", "example.org", "none", "may", "smtp_tls_policy_maps"),
    entry("map.entry", "/etc/postfix/transport", "example.org", None, "smtp:[mx.example.org]", "transport_maps"),
    Difference("device.line", "interface eth1", [" description a"], [" description b"]),
]  # fmt: skip


@pytest.mark.parametrize("difference", WORSE, ids=lambda each: f"{each.name} {each.is_}"[:60])
def test_what_opens_or_weakens_is_a_matter_of_security_and_says_by_which_authority(difference: Difference) -> None:
    drift = only(difference)
    assert drift.severity is SECURITY
    assert "(" in drift.reason


@pytest.mark.parametrize("difference", NO_WORSE, ids=lambda each: f"{each.name} {each.is_}"[:60])
def test_what_closes_or_strengthens_is_none(difference: Difference) -> None:
    assert only(difference).severity is not SECURITY


def test_a_second_root_is_found_by_the_line_that_the_file_gained() -> None:
    whole = Difference("file", "/etc/passwd", "sha256:a", "sha256:b", "content")
    toor = Difference("lines", "/etc/passwd", [], ["toor:x:0:0::/root:/bin/sh"], "12")
    bob = Difference("lines", "/etc/passwd", [], ["bob:x:1005:1005::/home/bob:/bin/sh"], "12")
    assert only(whole, toor).severity is SECURITY and "toor has uid 0" in only(whole, toor).reason
    assert only(whole, bob).severity is not SECURITY


@pytest.mark.parametrize(
    "difference",
    [
        parameter("virtual_transport", "lmtp:unix:private/dovecot-lmtp", "error:gone"),
        Difference("unit.running", "dovecot.service", "active", "inactive", "running"),
        Difference("file", "/etc/postfix/virtual", "sha256:a", "sha256:b", "content"),
        Difference("device.interface", "eth2", True, False, "up"),
        Difference("device.route", "10.0.0.0/8", "via 10.0.0.1", None),
        Difference("dovecot.setting", "mail_location", "maildir:~/Maildir", "mbox:~/mail"),
        entry("map.entry", "/etc/postfix/vmailbox", "carol@lab.test", "lab.test/carol/", None, "virtual_mailbox_maps"),
        entry("setting", "/etc/resolv.conf", "nameserver", "192.0.2.1", "192.0.2.2"),
        entry("setting", "/etc/systemd/system/postfix@.service.d/limits.conf", "Service LimitNOFILE", None, "64"),
        Difference("interface", "eth1", ["192.0.2.1/24"], [], "addresses"),
        Difference("certificate", "/etc/ssl/mail/fullchain.pem", "commonName=a", "commonName=b", "subject"),
        Difference("user", "postfix", "101", "5005", "uid", place=PASSWD),
        Difference("record", "lab.test MX", "10 mx.lab.test", None),
        Difference("file", "/usr/sbin/postqueue", "2555", "0755", "mode"),
    ],
)
def test_what_a_leg_of_the_mails_way_depends_on_can_break_mail(difference: Difference) -> None:
    drift = only(difference)
    assert drift.severity is BREAKS_MAIL and drift.legs


@pytest.mark.parametrize(
    "difference",
    [
        Difference("package", "vim", "9.0", "9.1", "version"),
        Difference("unit", "man-db.timer", "enabled", "disabled", "enabled"),
        Difference("device.interface", "eth2", "to mail", "to the mail hosts", "description"),
        Difference("file", "/etc/postfix/makedefs.out", "/usr/share/postfix/makedefs.out", "/tmp/x", "target"),
        Difference("user", "games", "5", "5005", "uid", place=PASSWD),
        Difference("package.other", "vim", "9.0", "9.1", "version"),
        Difference("device.line", "interface eth1", [" description a"], [" description b"]),
        Difference("file", "/etc/dovecot/conf.d/old", None, "directory", "added", harmless=True),
    ],
)
def test_the_rest_is_noise(difference: Difference) -> None:
    assert only(difference).severity is NOISE


OWNERS = (
    ("postfix", parameter("relayhost", None, "evil")),
    ("dovecot", Difference("file", "/etc/dovecot/conf.d/10-mail.conf", "a", "b", "content")),
    ("rspamd", Difference("file", "/etc/rspamd/local.d/milter_headers.conf", "a", "b", "content")),
    ("opendkim", Difference("file", "/etc/opendkim.conf", "a", "b", "content")),
    ("sshd", Difference("file", "/etc/ssh/sshd_config", "a", "b", "content")),
    ("sudo", Difference("file", "/etc/sudoers", "a", "b", "content")),
    ("cron", Difference("file", "/etc/cron.d/backup", "a", "b", "content")),
    ("firewall", Difference("firewall", "ruleset", [], [], "rules")),
    ("network", Difference("route", "default", {"via": "a"}, {"via": "b"})),
    ("kernel", Difference("sysctl", "vm.swappiness", "60", "10")),
    ("nc", Difference("listener", "tcp/4444", None, "nc")),
    ("vim", Difference("package.file", "/usr/bin/vim", "as packaged", "changed", "content", place={"package": "vim"})),
    ("man-db", Difference("unit", "man-db.timer", "enabled", "disabled", "enabled")),
    ("tls", Difference("file", "/etc/ssl/mail/fullchain.pem", "a", "b", "content")),
    ("system", Difference("file", "/etc/motd", "a", "b", "content")),
    ("postfix", entry("map.entry", "/etc/aliases", "root", "a", "b", "alias_maps")),
    ("postfix", entry("setting", "/etc/systemd/system/postfix@.service.d/limits.conf", "Service LimitNOFILE", None, "64")),
    ("postfix", Difference("file", "/usr/sbin/postqueue", "2555", "0755", "mode")),
    ("dovecot", entry("map.entry", "/etc/dovecot/users", "bob", "a", "b")),
    ("dovecot", Difference("file", "/etc/dovecot/sieve/before.sieve", None, "file", "added")),
    ("rspamd", entry("setting", "/etc/rspamd/local.d/actions.conf", "reject", None, "150")),
    ("opendkim", entry("setting", "/etc/opendkim.conf", "Mode", "sv", "v")),
    ("resolver", entry("setting", "/etc/hosts", "192.0.2.25", None, "mx.peer.test")),
    ("report", Difference("file", "/etc/systemd/system/report.timer", None, "file", "added")),
    ("sshd", Difference("ssh.setting", "passwordauthentication", "no", "yes")),
    ("sshd", entry("ssh.key", "/root/.ssh/authorized_keys", "eve", None, "ssh-ed25519 AAAA")),
    ("sudo", entry("sudo.rule", "/etc/sudoers.d/eve", "eve", None, "ALL")),
    ("accounts", Difference("user", "eve", "1", "2", "uid", place=PASSWD)),
    ("accounts", Difference("group", "postdrop", [], ["games"], "members", place=GROUPS)),
    ("cron", entry("cron.job", "/etc/cron.d/x", "@reboot root", None, "/tmp/x")),
    ("apt", Difference("package.source", "deb http://mirror.test/ sid main", None, "", place={"path": "/etc/apt/x.list"})),
    ("apt", Difference("package.hold", "postfix", "held", "not held", "hold")),
    ("vim", Difference("package.other", "vim", "9.0", "9.1", "version")),
    ("nc", Difference("socket", "tcp/4444", None, "0.0.0.0 by nc", "added")),
    ("unknown process", Difference("socket", "tcp/4444", None, "0.0.0.0", "added")),
    ("network", Difference("interface", "eth1", ["a"], ["b"], "addresses")),
    ("network", Difference("device.route", "192.0.2.0/24", "via a", None)),
    ("tls", Difference("certificate", "/etc/ssl/mail/fullchain.pem", "a", "b", "subject")),
    ("dns", Difference("record", "lab.test SPF", "a", None)),
)


@pytest.mark.parametrize(("name", "difference"), OWNERS, ids=lambda each: str(getattr(each, "name", each)))
def test_each_drift_has_an_owner(name: str, difference: Difference) -> None:
    assert only(difference).owner == name


# -- one change is told once -------------------------------------------------------------------------------------------------------

FILE = Difference("file", "/etc/aliases", "sha256:a", "sha256:b", "content")
ALIAS = entry("map.entry", "/etc/aliases", "info", "bob", "carol", "alias_maps")
OTHER = entry("map.entry", "/etc/aliases", "root", "bob", "carol", "alias_maps")
LOCAL = Difference("file", "/etc/dovecot/local.conf", "sha256:a", "sha256:b", "content", NOON)


def test_an_entry_tells_what_changed_in_its_file_and_the_file_is_what_puts_it_back() -> None:
    (drift,) = judge("mail01", [FILE, ALIAS]).drifts
    assert (drift.difference, drift.way_back) == (ALIAS, FILE)


def test_a_setting_of_dovecot_tells_what_changed_in_the_file_whose_lines_are_that_setting() -> None:
    setting = Difference("dovecot.setting", "protocol imap/mail_max_userip_connections", "10", "20")
    line = Difference("lines", LOCAL.name, [], ["  mail_max_userip_connections = 20"], "1")
    comment = Difference("lines", LOCAL.name, [], ["# more"], "2", harmless=True)
    default = Difference("lines", LOCAL.name, [], ["ssl = yes"], "3")
    (drift,) = judge("mail01", [LOCAL, setting], [line, comment, default, setting]).drifts
    assert (drift.difference, drift.way_back) == (replace(setting, since=NOON), LOCAL)


def test_a_file_in_which_more_changed_than_the_settings_say_is_told_beside_them() -> None:
    setting = Difference("dovecot.setting", "ssl", "yes", "required")
    lines = Difference("lines", LOCAL.name, ["ssl = yes"], ["ssl = required", "service auth {"], "1")
    found = judge("mail01", [LOCAL, setting], [lines, setting]).drifts
    assert [drift.difference.kind for drift in found] == ["file", "dovecot.setting"]
    assert len(judge("mail01", [LOCAL, setting]).drifts) == 2  # which lines changed could not be found out


def test_the_words_about_an_interface_are_told_by_the_line_of_the_configuration() -> None:
    words = Difference("device.interface", "eth3", "the world", "elsewhere", "description")
    line = Difference("device.line", "interface eth3", [" description the world"], [" description elsewhere"])
    assert [drift.difference for drift in judge("router01", [words, line]).drifts] == [line]
    assert [drift.difference for drift in judge("router01", [words]).drifts] == [words]


def test_a_file_that_is_a_matter_of_security_by_itself_is_told_beside_what_is_in_it() -> None:
    unit = Difference("file", "/etc/systemd/system/helper.service", None, "file", "added")
    command = entry("setting", unit.name, "Service ExecStart", None, "/tmp/x")
    assert [drift.severity for drift in judge("mail01", [unit, command]).drifts] == [SECURITY, NOISE]


def test_a_rule_of_sudo_that_has_gone_is_told_once_and_is_no_matter_of_security() -> None:
    sudoers = Difference("file", "/etc/sudoers", "sha256:a", "sha256:b", "content")
    gone = entry("sudo.rule", "/etc/sudoers", "eve", "ALL=(ALL) ALL", None)
    (drift,) = judge("mail01", [sudoers, gone]).drifts
    assert (drift.difference, drift.severity) == (gone, NOISE)


def test_what_a_rule_accepts_does_not_go_back_with_the_rest_of_its_file() -> None:
    rule = AuditRule(name="/etc/aliases info", action="accept", reason="moved to Carol")
    accepted, counted = judge("mail01", [FILE, ALIAS, OTHER], settings_rules=[rule]).drifts
    assert (accepted.accepted, counted.accepted, counted.can_be_put_back) == ("moved to Carol", "", False)
    ignoring = AuditRule(name="/etc/aliases info", action="ignore", reason="moved to Carol")
    assert [drift.can_be_put_back for drift in judge("mail01", [FILE, ALIAS, OTHER], settings_rules=[ignoring]).drifts] == [False]


def test_a_rule_about_a_file_is_about_what_is_in_it() -> None:
    rule = AuditRule(kind="file", name="/etc/aliases", action="accept", reason="kept by hand")
    assert [drift.accepted for drift in judge("mail01", [FILE, ALIAS], settings_rules=[rule]).drifts] == ["kept by hand"]


def test_a_renewed_certificate_is_noise_and_accepted_by_a_rule_about_renewals_alone() -> None:
    renewed = Difference("certificate", "/etc/ssl/mail/fullchain.pem", "until 2026", "until 2027", "renewed", harmless=True)
    other = Difference("certificate", "/etc/ssl/mail/fullchain.pem", "commonName=a", "commonName=b", "subject")
    rule = AuditRule(kind="certificate", aspect="renewed", action="accept", reason="by the ACME client")
    assert only(renewed).severity is NOISE
    assert [bool(drift.accepted) for drift in judge("mail01", [renewed, other], settings_rules=[rule]).drifts] == [True, False]




def test_a_text_in_which_only_comments_changed_is_no_drift() -> None:
    whole = Difference("file", "/etc/opendkim.conf", "sha256:a", "sha256:b", "content")
    comment = Difference("lines", "/etc/opendkim.conf", [], ["# a comment"], "1", harmless=True)
    setting = Difference("lines", "/etc/opendkim.conf", ["Mode sv"], ["Mode v"], "2", place={"before": ["# mode"], "after": []})
    assert judge("mail01", [whole], [comment]).drifts == ()
    assert [drift.diff for drift in judge("mail01", [whole], [comment, setting]).drifts] == [
        "--- /etc/opendkim.conf (known good)\n+++ /etc/opendkim.conf (now)\n@@\n+# a comment\n@@\n # mode\n-Mode sv\n+Mode v"
    ]
    assert len(judge("mail01", [whole]).drifts) == 1  # which lines changed could not be found out


def test_nothing_of_a_secret_file_is_in_its_diff() -> None:
    whole = Difference("file", "/etc/dovecot/users", "(withheld)", "(withheld)", "content", secret=True)
    lines = Difference("lines", "/etc/dovecot/users", ["bob:{PLAIN}hush"], ["bob:{PLAIN}hash"], "1", secret=True)
    (drift,) = judge("mail01", [whole], [lines]).drifts
    assert (drift.diff, drift.sentence) == ("", "the content of /etc/dovecot/users had been changed")


def test_a_mode_has_no_time_since_that_of_the_file_is_its_contents() -> None:
    found = only(Difference("file", "/etc/aliases", "0644", "0640", "mode", NOON))
    assert found.difference.since is None


# -- the rules of the settings -----------------------------------------------------------------------------------------------------

VIM = Difference("package", "vim", "9.0", "9.1", "version")
POSTFIX = Difference("package", "postfix", "3.7.10", "3.7.11", "version")


def ruled(*rules: AuditRule, host: str = "mail01", today: date = date(2026, 11, 25)) -> Judged:
    return judge(host, [VIM, POSTFIX], settings_rules=rules, today=today)


def test_a_rule_accepts_what_it_names_and_its_reason_is_told() -> None:
    found = ruled(AuditRule(kind="package", name="v*", action="accept", reason="upgrades by hand"))
    assert [drift.accepted for drift in found.drifts] == ["upgrades by hand", ""]


def test_a_rule_ignores_what_it_names_and_their_number_stays() -> None:
    found = ruled(AuditRule(kind="package", action="ignore", reason="another tool looks after them"))
    assert (found.drifts, found.ignored) == ((), 2)


def test_a_rule_raises_what_it_names() -> None:
    found = ruled(AuditRule(name="vim", action="raise", severity="security", reason="nobody edits here"))
    assert found.drifts[0].severity is SECURITY and "nobody edits here" in found.drifts[0].reason


def test_the_first_rule_that_matches_counts() -> None:
    found = ruled(
        AuditRule(name="vim", action="accept", reason="first"), AuditRule(kind="package", action="ignore", reason="second")
    )
    assert [drift.accepted for drift in found.drifts] == ["first"] and found.ignored == 1


def test_a_rule_is_about_the_hosts_that_it_names() -> None:
    rule = AuditRule(kind="package", host="mail0[2-9]", action="ignore", reason="being upgraded")
    assert len(ruled(rule).drifts) == 2
    assert ruled(rule, host="mail02").drifts == ()


def test_a_rule_holds_until_the_end_of_its_last_day() -> None:
    rule = AuditRule(kind="package", action="ignore", reason="being upgraded", until=date(2026, 11, 25))
    assert ruled(rule).drifts == ()
    assert len(ruled(rule, today=date(2026, 11, 26)).drifts) == 2


def test_a_rule_that_has_expired_lets_the_next_one_speak() -> None:
    old = AuditRule(kind="package", action="ignore", reason="old", until=date(2026, 11, 24))
    assert [drift.accepted for drift in ruled(old, AuditRule(kind="package", action="accept", reason="new")).drifts] == ["new"] * 2
