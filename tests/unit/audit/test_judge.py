"""How bad a drift is: each rule is shown by the change that it is about, and by the like of it that is harmless."""

from __future__ import annotations

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
    found = judge("mail01", [difference], finer, evidence(files={"tracked": {"/srv/private": {"secret": True}}})).drifts
    assert len(found) == 1
    return found[0]


def parameter(name: str, was: str | None, now: str | None) -> Difference:
    return Difference("postfix.parameter", name, was, now)


def service(name: str, was: str, now: str) -> Difference:
    columns = "inet n - y - - smtpd"
    return Difference(
        "postfix.service", "smtp/inet", {"columns": columns, "options": {name: was}}, {"columns": columns, "options": {name: now}}
    )


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
        Difference("file", "/etc/dovecot/conf.d/old", None, "directory", "added", harmless=True),
    ],
)
def test_the_rest_is_noise(difference: Difference) -> None:
    assert only(difference).severity is NOISE


OWNERS = {
    "postfix": parameter("relayhost", None, "evil"),
    "dovecot": Difference("file", "/etc/dovecot/conf.d/10-mail.conf", "a", "b", "content"),
    "rspamd": Difference("file", "/etc/rspamd/local.d/milter_headers.conf", "a", "b", "content"),
    "opendkim": Difference("file", "/etc/opendkim.conf", "a", "b", "content"),
    "sshd": Difference("file", "/etc/ssh/sshd_config", "a", "b", "content"),
    "sudo": Difference("file", "/etc/sudoers", "a", "b", "content"),
    "cron": Difference("file", "/etc/cron.d/backup", "a", "b", "content"),
    "firewall": Difference("firewall", "ruleset", [], [], "rules"),
    "network": Difference("route", "default", {"via": "a"}, {"via": "b"}),
    "kernel": Difference("sysctl", "vm.swappiness", "60", "10"),
    "nc": Difference("listener", "tcp/4444", None, "nc"),
    "vim": Difference("package.file", "/usr/bin/vim", "as packaged", "changed", "content", place={"package": "vim"}),
    "man-db": Difference("unit", "man-db.timer", "enabled", "disabled", "enabled"),
    "tls": Difference("file", "/etc/ssl/mail/fullchain.pem", "a", "b", "content"),
    "system": Difference("file", "/etc/motd", "a", "b", "content"),
}


@pytest.mark.parametrize("name", OWNERS)
def test_each_drift_has_an_owner(name: str) -> None:
    assert only(OWNERS[name]).owner == name


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
