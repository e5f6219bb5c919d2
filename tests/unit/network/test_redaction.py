"""No secret leaves a device in its configuration."""

from __future__ import annotations

import pytest

from pyremediate.network.redaction import redacted
from tests.unit.network.recordings import observed

# The value's place is {}.
SECRETS = (
    ("enable secret 9 {}", "$9$S3CRET"),
    ("username cisco privilege 15 password 0 {}", "S3CRET"),
    ("snmp-server community {} ro", "S3CRET"),
    ("tacacs-server host 10.0.0.1 key 7 {}", "S3CRET"),
    (" neighbor 10.0.0.1 password 7 {}", "S3CRET"),
    (" ip ospf message-digest-key 1 md5 7 {}", "S3CRET"),
    ("username admin secret sha512 {}", "$6$S3CRET"),
    ("set system root-authentication encrypted-password {}", '"$6$S3CRET"'),
    ("set security ike policy p pre-shared-key ascii-text {}", '"$9$S3CRET"'),
    ("set snmp community {} authorization read-only", "S3CRET"),
    ("set system login user vyos authentication encrypted-password {}", "'$6$S3CRET'"),
    ("add name=a password={} profile=b", '"S3CRET X"'),
    ("set wpa2-pre-shared-key={}", "S3CRET"),
)


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_secrets_are_withheld_and_nothing_else_of_the_line(line: str, secret: str) -> None:
    assert redacted(line.format(secret)) == line.format("(withheld)")


@pytest.mark.parametrize(
    "line",
    [
        "service password-encryption",
        "ip community-list standard x permit 65000:1",
        " set community 65000:1",
        " key chain ospf",
        "crypto key generate",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert redacted(line) == line


def test_a_private_key_is_withheld_whole() -> None:
    assert "abc" not in redacted("x\n-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\ny")


def test_a_recorded_configuration_comes_without_its_passwords() -> None:
    running = observed("ios").running or ""
    assert "enable password (withheld)" in running
    assert "privilege 15 password 0 (withheld)" in running
