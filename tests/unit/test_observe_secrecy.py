"""What must never be in evidence."""

from __future__ import annotations

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import WITHHELD, without_secrets


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
    ],
)
def test_what_only_speaks_of_passwords_is_told(name: str, value: str) -> None:
    assert without_secrets(name, value) == value


def test_an_empty_password_is_told_to_be_empty() -> None:
    assert without_secrets("doveadm_password", "") == ""
