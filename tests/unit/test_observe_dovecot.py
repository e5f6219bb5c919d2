"""Dovecot's configuration as text, its sockets, and where mail is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import dovecot, dovecot_configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import parse
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    parse_main,
    parse_master,
)

from .observe_recorded import output

LOCAL = """
protocols = imap lmtp   # and sieve
ssl_cert = </etc/ssl/mail/fullchain.pem
plugin {
  quota_rule = *:storage=50M
  sieve = "file:~/sieve"
}
passdb {
  driver = passwd-file
}
passdb {
  driver = pam
}
service lmtp {
  unix_listener /var/spool/postfix/private/dovecot-lmtp {
    mode = 0600
  }
}
"""


def test_settings_in_blocks_are_flat() -> None:
    settings = parse(LOCAL)
    assert settings.values == {
        "protocols": "imap lmtp",
        "ssl_cert": "</etc/ssl/mail/fullchain.pem",
        "plugin/quota_rule": "*:storage=50M",
        "plugin/sieve": "file:~/sieve",
        "passdb/driver": "passwd-file",
        "passdb 2/driver": "pam",
        "service lmtp/unix_listener /var/spool/postfix/private/dovecot-lmtp/mode": "0600",
    }
    assert settings.invalid == []


def test_what_doveconf_prints_is_read_completely() -> None:
    settings = parse(output("doveconf_n.txt"))
    assert settings.invalid == []
    assert settings.values["mail_location"] == "maildir:/var/vmail/%d/%n/Maildir"
    assert settings.values["namespace inbox/mailbox Sent Messages/special_use"] == "\\Sent"


def test_a_block_that_is_not_closed_is_invalid_and_named_with_its_line() -> None:
    settings = parse("a = 1\nprotocol imap {\n")
    assert settings.invalid == [{"file": "-", "line": 2, "text": "protocol imap {", "reason": "Missing '}'"}]
    assert settings.values == {"a": "1"}


def test_a_line_that_is_no_setting_is_invalid_and_the_others_are_read() -> None:
    settings = parse("a = 1\nhello\nb = 2\n}\n")
    assert [each["line"] for each in settings.invalid] == [2, 4]
    assert settings.values == {"a": "1", "b": "2"}


def test_a_hash_in_quotes_or_within_a_word_starts_no_comment() -> None:
    assert parse('a = "x # y"\nb = x#y\nc = x # y\n').values == {"a": "x # y", "b": "x#y", "c": "x"}


def test_a_backslash_joins_the_next_line() -> None:
    assert parse("a = x \\\n  y\nb = 1\n").values == {"a": "x y", "b": "1"}


def test_included_files_are_read_where_they_are_included(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d/20.conf").write_text("a = 20\nb = 20\n")
    (tmp_path / "conf.d/10.conf").write_text("a = 10\nc = 10\n")
    (tmp_path / "dovecot.conf").write_text("c = 0\n!include conf.d/*.conf\n!include_try local.conf\nb = end\n")
    monkeypatch.setattr(dovecot_configuration, "FILE", str(tmp_path / "dovecot.conf"))
    dovecot_configuration.settings.forget()
    settings = dovecot_configuration.settings()
    dovecot_configuration.settings.forget()
    assert settings.values == {"a": "20", "b": "end", "c": "10"}
    assert settings.unreadable == []


def test_an_included_file_that_is_missing_is_said_and_a_file_that_includes_itself_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dovecot.conf").write_text("!include missing.conf\n!include dovecot.conf\na = 1\n")
    monkeypatch.setattr(dovecot_configuration, "FILE", str(tmp_path / "dovecot.conf"))
    dovecot_configuration.settings.forget()
    settings = dovecot_configuration.settings()
    dovecot_configuration.settings.forget()
    assert settings.values == {"a": "1"}
    assert "missing.conf: No such file" in settings.unreadable[0]


def postfix(main: str, master: str = "") -> Configuration:
    return Configuration("/etc/postfix", parse_main(main), parse_master(master), USUAL)


def test_the_sockets_are_those_that_postfix_is_told_to_use() -> None:
    sasl = "smtpd_sasl_type = dovecot\nsmtpd_sasl_path = private/auth\n"
    assert list(dovecot.expected_sockets(postfix(f"{sasl}virtual_transport = lmtp:unix:private/dovecot-lmtp\n"))) == [
        "/var/spool/postfix/private/auth",
        "/var/spool/postfix/private/dovecot-lmtp",
    ]


def test_sockets_of_services_count_too() -> None:
    known = postfix("", "s inet n - y - - smtpd -o smtpd_sasl_type=dovecot -o smtpd_sasl_path=/run/auth\n")
    assert "/run/auth" in list(dovecot.expected_sockets(known))


def test_without_dovecot_authentication_no_socket_is_expected() -> None:
    known = postfix("smtpd_sasl_path = private/auth\nvirtual_transport = lmtp:inet:h:24\n")
    assert list(dovecot.expected_sockets(known)) == []


def test_where_mail_is_stored_and_by_whom() -> None:
    assert dovecot.mail_store(parse(output("doveconf_n.txt"))) == ("/var/vmail", "vmail")


@pytest.mark.parametrize(
    ("text", "store"),
    [
        ("mail_location = maildir:~/Maildir\nmail_uid = vmail\nmail_home = /srv/mail/%u\n", ("/srv/mail", "vmail")),
        ("mail_driver = maildir\nmail_path = /srv/%{user}/m\nmail_uid = 5000\n", ("/srv", "5000")),
        ("mail_location = mbox:~/mail:INBOX=/var/mail/%u\n", ("", "")),
        ("mail_location =\n", ("", "")),
    ],
)
def test_where_mail_is_stored_in_other_ways(text: str, store: tuple[str, str]) -> None:
    assert dovecot.mail_store(parse(text)) == store


def test_passwords_in_settings_are_withheld() -> None:
    told = dovecot._told(parse("doveadm_password = x1\nconnect = host=db password=x2 user=u\nssl_key = </key\n").values)
    assert "x1" not in str(told)
    assert "x2" not in str(told)
    assert told["ssl_key"] == "</key"
