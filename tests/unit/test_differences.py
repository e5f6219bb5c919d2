"""What each kind of difference can break, and what its way back needs."""

from __future__ import annotations

from typing import Any

import pytest

from pyremediate.comparison import dependence, differences
from pyremediate.model import LEGS, Answer, Difference, Leg


def parameter(name: str, was: Any = "a", now: Any = "b") -> Difference:
    return Difference("postfix.parameter", name, was, now)


@pytest.mark.parametrize(
    ("name", "breaks", "spares"),
    [
        ("virtual_mailbox_domains", {"recipient", "delivery"}, {"starttls", "auth", "connect"}),
        ("virtual_transport", {"delivery", "queue"}, {"starttls", "connect", "auth"}),
        ("relay_domains", {"recipient"}, {"auth", "banner"}),
        ("smtpd_tls_cert_file", {"starttls"}, {"delivery", "queue", "remote"}),
        ("smtpd_sasl_path", {"auth"}, {"starttls", "connect", "delivery"}),
        ("smtpd_milters", {"content"}, {"starttls", "auth", "delivery", "connect"}),
        ("smtpd_recipient_restrictions", {"recipient"}, {"starttls", "delivery", "remote"}),
        ("inet_interfaces", {"connect"}, {"starttls", "auth", "content"}),
        ("relayhost", {"remote", "queue"}, {"auth", "fetch", "banner"}),
        ("smtp_tls_security_level", {"starttls", "remote"}, {"auth", "recipient", "content"}),
        ("queue_directory", {"connect", "queue", "delivery"}, {"fetch"}),
        ("message_size_limit", {"content"}, {"connect", "starttls"}),
        ("my_own_thing", set(), {"connect"}),
    ],
)
def test_a_parameter_can_break_what_the_manual_says_it_is_for(name: str, breaks: set[str], spares: set[str]) -> None:
    found = differences.legs(parameter(name))
    assert breaks <= found
    assert not spares & found


@pytest.mark.parametrize(
    ("difference", "breaks"),
    [
        (Difference("postfix.service", "smtp/inet"), "connect"),
        (Difference("postfix.service", "tlsmgr/unix"), "starttls"),
        (Difference("postfix.service", "lmtp/unix"), "delivery"),
        (Difference("postfix.service", "mystuff/unix"), "delivery"),
        (Difference("postfix.line", "/etc/postfix/master.cf:9"), "connect"),
        (Difference("lines", "/etc/dovecot/conf.d/10-auth.conf"), "auth"),
        (Difference("lines", "/etc/dovecot/users"), "auth"),
        (Difference("file", "/etc/dovecot/conf.d/10-ssl.conf"), "starttls"),
        (Difference("lines", "/etc/dovecot/local.conf"), "delivery"),
        (Difference("lines", "/etc/postfix/virtual"), "recipient"),
        (Difference("file", "/etc/ssl/mail/key.pem"), "starttls"),
        (Difference("file", "/etc/rspamd/local.d/worker-proxy.inc"), "content"),
        (Difference("lines", "/etc/hosts"), "resolve"),
        (Difference("lines", "/etc/passwd"), "delivery"),
        (Difference("file", "/var/spool/postfix/private"), "queue"),
        (Difference("package.file", "/usr/lib/dovecot/lmtp"), "delivery"),
        (Difference("package.file", "/usr/lib/postfix/sbin/smtpd"), "banner"),
        (Difference("unit", "dovecot.service"), "auth"),
        (Difference("unit.running", "rspamd.service"), "content"),
        (Difference("listener", "tcp/25"), "banner"),
        (Difference("firewall.rule", "inet filter input"), "connect"),
        (Difference("sysctl", "net.ipv4.ip_local_port_range"), "connect"),
    ],
)
def test_every_kind_says_what_it_can_break(difference: Difference, breaks: str) -> None:
    assert breaks in differences.legs(difference)
    assert difference.kind in differences.RISK


def test_an_option_of_a_service_breaks_what_the_parameter_breaks() -> None:
    columns = {"columns": "smtp inet n - y - - smtpd"}
    was, now = columns | {"options": {}}, columns | {"options": {"smtpd_sasl_auth_enable": "no"}}
    assert "auth" in differences.legs(Difference("postfix.service", "smtp/inet", was, now))


def test_the_tables_name_legs_that_there_are() -> None:
    tables = (dependence.PARAMETERS, dependence.SERVICES, dependence.PATHS, dependence.PROGRAMS, dependence.PORTS)
    named = {leg for table in tables for _, legs in table for leg in legs}
    assert named <= {leg for legs in LEGS.values() for leg in legs}


def test_what_cuts_us_off_is_risky_and_a_setting_is_not() -> None:
    assert differences.risk(Difference("firewall.rule", "inet filter input")) == 3
    assert differences.risk(Difference("lines", "/etc/nftables.conf")) == 3
    assert differences.risk(Difference("unit", "ssh.service", "enabled", "masked")) == 3
    assert differences.units(Difference("unit", "ssh.service", "enabled", "masked")) == ()
    assert differences.risk(Difference("lines", "/etc/passwd")) == 2
    assert differences.risk(parameter("relayhost")) == 0


@pytest.mark.parametrize(
    ("difference", "possible"),
    [
        (parameter("relayhost"), True),
        (parameter("relayhost", None), True),
        (parameter("smtp_sasl_password_maps", "static:(withheld)"), False),
        (Difference("dovecot.setting", "protocols", "imap", "pop3"), False),
        (Difference("lines", "/etc/hosts", ["# a"], ["# b"], harmless=True), False),
        (Difference("unit", "x.service", None, "enabled"), False),
        (Difference("something.new", "x"), False),
        (Difference("file", "/etc/ssl/certs/ca-certificates.crt", "sha256:a", "sha256:b", "content"), False),
        (Difference("file", "/etc/ssl/certs/ca-certificates.crt", "0644", "0600", "mode"), True),
    ],
)
def test_some_differences_have_no_way_back_or_do_not_matter(difference: Difference, possible: bool) -> None:
    assert differences.is_suspect(difference) is possible


def test_an_error_may_name_what_a_value_says_but_not_a_common_word() -> None:
    found = differences.words(
        parameter("virtual_transport", "lmtp:unix:private/dovecot-lmtp", "lmtp:unix:private/dovecot-lmpt")
    )
    assert "private/dovecot-lmpt" in found
    assert differences.words(parameter("smtpd_tls_auth_only", "yes", "no")) == ()
    entry = Difference("lines", "/etc/passwd", ["vmail:x:5000:5000::/var/vmail:/bin/false"], [])
    assert {"vmail", "/var/vmail"} <= set(differences.words(entry))


def test_a_checkpoint_holds_everything_that_the_ways_back_touch() -> None:
    found = differences.checkpoint_for(
        [
            parameter("relayhost"),
            Difference("postfix.service", "smtp/inet"),
            Difference("postfix.line", "/etc/postfix/main.cf:3"),
            Difference("lines", "/etc/dovecot/users"),
            Difference("unit", "rspamd.service", "enabled", "masked"),
            Difference("firewall.rule", "inet filter input"),
            Difference("package.file", "/usr/lib/dovecot/lmtp", aspect="missing", place={"package": "dovecot-lmtpd"}),
        ]
    )
    assert found["files"] == [
        "/etc/postfix/main.cf",
        "/etc/postfix/master.cf",
        "/etc/dovecot/users",
        "/usr/lib/dovecot/lmtp",
        "/etc/dovecot",
    ]
    assert found["units"] == ["postfix.service", "dovecot.service", "rspamd.service"]
    assert found["firewall"] is True
    assert found["packages"] == []
    assert differences.checkpoint_for([Difference("package", "rspamd", "3.4-1", "3.5-1")])["packages"] == ["rspamd"]


@pytest.mark.parametrize(
    ("path", "units"),
    [
        ("/etc/systemd/system/dovecot.service.d/limits.conf", ("dovecot.service",)),
        ("/run/systemd/system/postfix@-.service.d/x.conf", ("postfix@-.service",)),
        ("/etc/rspamd/local.d/milter_headers.conf", ("rspamd.service",)),
        ("/etc/ssl/mail/cert.pem", ("postfix.service", "dovecot.service")),
        ("/etc/opendkim.conf", ("opendkim.service",)),
        ("/etc/hosts", ("postfix.service",)),
        ("/var/vmail", ()),
    ],
)
def test_the_readers_of_a_file_start_anew(path: str, units: tuple[str, ...]) -> None:
    assert differences.units(Difference("lines", path)) == units


def rule(port: str) -> Difference:
    return Difference("firewall.rule", "ruleset", None, [f"tcp dport {port} drop"], "1")


@pytest.mark.parametrize(
    ("difference", "leg", "expected"),
    [
        (rule("25"), "inbound.connect", True),
        (rule("25"), "retrieval.connect", False),
        (rule("{ 143, 993 }"), "retrieval.connect", True),
        (rule("{ 143, 993 }"), "submission.connect", False),
        (rule("submission"), "submission.connect", True),
        (Difference("firewall", "ruleset", "a", "b", "rules"), "retrieval.connect", True),
        (Difference("listener", "tcp/993", "dovecot", None), "retrieval.connect", True),
        (Difference("listener", "tcp/993", "dovecot", None), "inbound.connect", False),
        (Difference("postfix.service", "submission/inet", {}, None), "submission.banner", True),
        (Difference("postfix.service", "submission/inet", {}, None), "inbound.banner", False),
        (Difference("unit.running", "dovecot.service", "active", "failed"), "inbound.connect", False),
        (Difference("unit.running", "dovecot.service", "active", "failed"), "retrieval.connect", True),
        (Difference("unit.running", "dovecot.service", "active", "failed"), "submission.auth", True),
        (Difference("unit.running", "dovecot.service", "active", "failed"), "inbound.delivery", True),
        (parameter("inet_interfaces"), "retrieval.connect", False),
        (parameter("inet_interfaces"), "inbound.connect", True),
        (Difference("file", "/etc/ssl/mail/key.pem", "a", "b", "content"), "retrieval.starttls", True),
        (Difference("file", "/etc/ssl/mail/key.pem", "a", "b", "content"), "inbound.starttls", True),
        (parameter("my_own_thing"), "inbound.connect", None),
    ],
)
def test_what_is_particular_to_one_path_accounts_for_that_path_alone(
    difference: Difference, leg: str, expected: bool | None
) -> None:
    path, _, name = leg.partition(".")
    assert differences.can_break(difference, Leg(path, name, Answer.FAIL, "peer01")) is expected
