"""What must never be in evidence."""

from __future__ import annotations

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import (
    WITHHELD,
    is_secret,
    line_without_secrets,
    without_secrets,
)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_sasl_password_maps", "static:alice:hunter2"),
        ("smtp_sasl_password_maps", "inline:{ mx.peer.test=alice:hunter2 }"),
        ("doveadm_password", "hunter2"),
        ("auth_pass", "hunter2"),
        ("imapc_password", "hunter2"),
        ("ssl_key_password", "hunter2"),
        ("connect", "host=db user=u password=hunter2 dbname=m"),
        ("args", "nopassword=n pass='hunter2'"),
        ("ssl_key", "-----BEGIN PRIVATE KEY----- hunter2"),
        ("bind_pw", "hunter2"),
        ("pass", "hunter2"),
        ("dnpass", "hunter2"),
        ("privkey", "hunter2"),
        ("PresharedKey", "hunter2"),
        ("Environment", "MODE=fast SMTP_PASSWORD=hunter2"),
        ("Environment", 'A=b "SMTP_PASSWORD=two words, hunter2 the last"'),
        ("Environment", "AWS_SECRET_ACCESS_KEY=hunter2"),
        ("SetCredential", "key:hunter2"),
        ("ExecStart", "/usr/bin/backup --password hunter2 --all"),
        ("", "0 3 * * * root mysqldump --all-databases -phunter2 > /srv/all.sql"),
        ("", "curl -s -u alice:hunter2 https://example.org/"),
        ("", 'backend { password = "hunter2"; servers = "10.0.0.1"; }'),
        ("", "deb https://alice:hunter2@packages.example.org/debian stable main"),
        ("servers", "redis://:hunter2@127.0.0.1:6379"),
        ("", 'missing =: "smtp_sasl_password_maps static:alice:hunter2"'),
    ],
)
def test_a_password_is_withheld(name: str, value: str) -> None:
    told = without_secrets(name, value)
    assert "hunter2" not in told
    assert WITHHELD in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_sasl_password_maps", "hash:/etc/postfix/sasl_passwd"),
        ("smtpd_recipient_restrictions", "check_recipient_access static:{defer_if_permit greylisted}"),
        ("password_query", "SELECT password FROM users WHERE email='%u'"),
        ("default_pass_scheme", "SHA512-CRYPT"),
        ("args", "scheme=PLAIN username_format=%u /etc/dovecot/users"),
        ("ssl_key", "</etc/ssl/mail/key.pem"),
        ("auth_mechanisms", "plain login"),
        ("ExecStart", "/usr/bin/mail --password-file /etc/mail/key -p /run/x"),
        ("args", "nopassword=y"),
        ("pass_all_filters", "true"),
        ("", "warning: hash:/etc/postfix/sasl_passwd: table lookup problem"),
        ("", "auth: Error: passwd: Unknown user; password mismatch: alice"),
        ("smtpd_relay_restrictions", "permit_mynetworks, reject_unauth_destination"),
    ],
)
def test_what_only_speaks_of_passwords_is_told(name: str, value: str) -> None:
    assert without_secrets(name, value) == value


def test_an_empty_password_is_told_to_be_empty() -> None:
    assert without_secrets("doveadm_password", "") == ""


READABLE, PRIVATE = 0o100644, 0o100640


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/etc/postfix/main.cf", "smtp_sasl_password_maps = static:alice:hunter2"),
        ("/etc/postfix/sasl_passwd", "[mx.peer.test]:587 alice:hunter2"),
        ("/etc/postfix/sql/users.cf", "password = hunter2"),
        ("/etc/postfix/ldap-users.cf", "bind_pw = hunter2"),
        ("/etc/dovecot/dovecot-sql.conf.ext", "connect = host=db dbname=mail user=mail password=hunter2"),
        ("/etc/dovecot/local.conf", "doveadm_password = hunter2"),
        ("/etc/rspamd/local.d/worker-controller.inc", 'enable_password = "$2$hunter2";'),
        ("/etc/rspamd/local.d/redis.conf", 'password = "hunter2"; # of both'),
        ("/etc/rspamd/local.d/redis.conf", '#password = "hunter2";'),
        ("/etc/bind/named.conf.local", 'key tsig { algorithm hmac-sha256; secret "hunter2"; };'),
        ("/etc/bind/rndc.conf", '\tsecret "hunter2";'),
        ("/etc/cron.d/backup", "PGPASSWORD=hunter2"),
        ("/etc/cron.daily/backup", 'export RESTIC_PASSWORD="hunter2"'),
        ("/etc/systemd/system/relay.service", "Environment=SMTP_PASSWORD=hunter2"),
        ("/etc/default/relay", "TOKEN='hunter2'"),
        ("/etc/aliases", 'gate: "|/usr/bin/gate --password hunter2"'),
        ("/etc/apt/sources.list.d/own.list", "deb https://alice:hunter2@packages.example.org/debian stable main"),
        ("/etc/dovecot/sieve/own.sieve", "# the feed's password: hunter2"),
        ("/etc/netplan/wifi.yaml", '          password: "hunter2"'),
        ("/etc/default/relay.json", '{"user": "alice", "password": "hunter2"}'),
        ("/etc/ssl/mail/all.pem", "-----BEGIN EC PRIVATE KEY-----"),
    ],
)
def test_a_file_that_everybody_may_read_is_secret_when_it_holds_a_password(path: str, line: str) -> None:
    assert is_secret(path, READABLE, f"# ours\n{line}\nlast = 1\n".encode())


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/etc/postfix/main.cf", "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd"),
        ("/etc/postfix/mysql.cf", "query = SELECT password FROM users WHERE name = '%u'"),
        ("/etc/dovecot/conf.d/10-auth.conf", "# Password database is used to verify user's password (and nothing more)."),
        ("/etc/dovecot/conf.d/10-ssl.conf", "#ssl_key_password ="),
        ("/etc/dovecot/conf.d/10-logging.conf", "#auth_verbose_passwords = no"),
        ("/etc/ssh/sshd_config", "PasswordAuthentication no"),
        ("/etc/ssh/sshd_config", "# GSSAPIKeyExchange no"),
        ("/etc/rspamd/statistic.conf", "store_tokens = false; # Redefine if storing of tokens is desired"),
        ("/etc/nsswitch.conf", "passwd:         files systemd"),
        ("/etc/pam.d/common-password", "password [success=1 default=ignore] pam_unix.so obscure yescrypt"),
        ("/etc/security/namespace.init", 'passwd=$(getent passwd "$user")'),
        ("/etc/default/relay", "PASSWORD_FILE=/etc/relay/key"),
        ("/etc/hosts", "192.0.2.1 secret.example.org"),
    ],
)
def test_a_file_that_only_speaks_of_passwords_is_none(path: str, line: str) -> None:
    assert not is_secret(path, READABLE, f"{line}\n".encode())


@pytest.mark.parametrize("line", ["password: hunter2", "secret hunter2"])
def test_of_a_line_that_sets_a_password_only_its_beginning_is_told(line: str) -> None:
    assert line_without_secrets(line) == f"{line.split(':')[0].split(' ')[0]} {WITHHELD}"


def test_a_file_that_not_everybody_may_read_is_secret_unless_it_is_readable_by_design() -> None:
    assert is_secret("/etc/postfix/virtual", PRIVATE, b"a b")
    assert not is_secret("/etc/postfix/main.cf", PRIVATE, b"a = b")
