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
    ("ntp authentication-key 100 md5 {}", "S3CRET"),
    ("username anna password {} privilege 15", "123456"),
    ("ntp authentication-key 1 md5 7 {}", "S3CRET"),
    (" isis password clear {}", "S3CRET"),
    (" area-password md5 {}", "S3CRET"),
    (" domain-password clear {}", "S3CRET"),
    (" ip ospf authentication-key {}", "S3CRET"),
    (" ip rip authentication string {}", "S3CRET"),
    (" ip nhrp authentication {}", "S3CRET"),
    (" vrrp 1 authentication text {}", "S3CRET"),
    (" standby 1 authentication {}", "S3CRET"),
    ("snmp-server host 10.0.0.1 version 2c {}", "S3CRET"),
    ("snmp-server host 10.0.0.1 traps version 3 priv {} udp-port 162", "S3CRET"),
    ("snmp-server host 10.0.0.1 {}", "S3CRET"),
    ("snmp-server user ops all v3 auth sha {} access 7", "S3CRET"),
    ("snmp-server user ops all v3 priv aes 128 {}", "S3CRET"),
    ("crypto isakmp key {} address 192.0.2.1", "S3CRET"),
    ("  wpa passphrase {}", "S3CRET"),
    ("enable password 8 {}", "S3CRET"),
    ("set protocols ospf interface eth0 authentication plaintext-password {}", "'S3CRET'"),
    ("set service snmp community {} authorization ro", "S3CRET"),
    ("set protocols bgp group g authentication-key {}", '"$9$S3CRET"'),
    ("set snmp v3 usm local-engine user u authentication-sha authentication-password {}", "S3CRET"),
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
        " ip ospf authentication message-digest",
        " ip rip authentication mode md5",
        " ip rip authentication key-chain rip",
        "snmp-server enable traps",
        "snmp-server location hall 2",
        "aaa authentication login default local",
        "ntp authenticate",
        " area 0 authentication message-digest",
        "ip ssh authentication-retries 2",
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
