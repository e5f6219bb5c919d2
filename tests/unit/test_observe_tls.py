"""Certificates in use, made here with real keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import tls
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import parse
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import (
    USUAL,
    Configuration,
    parse_main,
    parse_master,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make(directory: Path, days: float = 30, passphrase: bytes | None = None) -> tuple[Path, Path]:
    """A self-signed certificate for mail01.lab.test that expires in so many days, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail01.lab.test")])
    names = [x509.DNSName("mail01.lab.test"), x509.DNSName("*.lab.test")]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    directory.mkdir(exist_ok=True)
    certificate_file, key_file = directory / "cert.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(pem, form, encryption))
    return certificate_file, key_file


def observed(certificate: Path, key: Path | None) -> dict[str, object]:
    use = tls.Use(str(certificate), str(key) if key else None, ["postfix"])
    found: dict[str, object] = tls._certificate(use)
    return found


def test_a_good_certificate_with_its_key(tmp_path: Path) -> None:
    found = observed(*make(tmp_path))
    assert (found["expired"], found["key_matches"], found["error"]) == (False, True, "")
    assert found["names"] == ["mail01.lab.test", "*.lab.test"]
    assert found["subject"] == "commonName=mail01.lab.test"
    assert 29 < float(str(found["days_left"])) < 30.1


def test_an_expired_certificate(tmp_path: Path) -> None:
    found = observed(*make(tmp_path, days=-3))
    assert found["expired"] is True
    assert float(str(found["days_left"])) < 0


def test_a_key_that_belongs_to_another_certificate(tmp_path: Path) -> None:
    certificate, _ = make(tmp_path / "a")
    _, key = make(tmp_path / "b")
    found = observed(certificate, key)
    assert found["key_matches"] is False
    assert "key values mismatch" in str(found["error"])


def test_a_certificate_that_is_missing(tmp_path: Path) -> None:
    _, key = make(tmp_path)
    found = observed(tmp_path / "gone.pem", key)
    assert (found["exists"], found["readable"], found["expired"], found["key_matches"]) == (False, False, None, None)
    assert "No such file" in str(found["error"])


def test_a_key_that_is_missing_leaves_the_certificate_readable(tmp_path: Path) -> None:
    certificate, _ = make(tmp_path)
    found = observed(certificate, tmp_path / "gone.pem")
    assert (found["expired"], found["key_matches"]) == (False, None)
    assert "gone.pem" in str(found["error"])


def test_a_key_with_a_passphrase_is_not_asked_for_it(tmp_path: Path) -> None:
    found = observed(*make(tmp_path, passphrase=b"x"))
    assert found["key_matches"] is None
    assert "passphrase" in str(found["error"])


@pytest.mark.parametrize("content", ["", "hello", "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n"])
def test_a_file_that_is_no_certificate(tmp_path: Path, content: str) -> None:
    _, key = make(tmp_path)
    (tmp_path / "cert.pem").write_text(content)
    found = observed(tmp_path / "cert.pem", key)
    assert (found["readable"], found["expired"]) == (True, None)
    assert found["error"]


def test_the_certificates_are_those_that_postfix_and_dovecot_name_each_once() -> None:
    postfix = Configuration(
        "/etc/postfix",
        parse_main("smtpd_tls_cert_file = /a\nsmtpd_tls_key_file = /k\nsmtp_tls_cert_file =\n"),
        parse_master("s inet n - y - - smtpd -o smtpd_tls_chain_files=/chain,/chain2\n"),
        USUAL,
    )
    dovecot = parse("ssl_cert = </a\nssl_key = </k\nlocal_name x.test {\n  ssl_cert = </b\n  ssl_key = </kb\n}\n")
    assert [(use.path, use.key_path, use.used_by) for use in tls.uses(postfix, dovecot)] == [
        ("/a", "/k", ["postfix", "dovecot"]),
        ("/chain", "/chain", ["postfix"]),
        ("/chain2", "/chain2", ["postfix"]),
        ("/b", "/kb", ["dovecot"]),
    ]


def test_without_dovecot_there_are_postfix_s_only() -> None:
    postfix = Configuration("/etc/postfix", parse_main("smtpd_tls_cert_file = /a\n"), parse_master(""), USUAL)
    assert [(use.path, use.key_path) for use in tls.uses(postfix, None)] == [("/a", "/a")]
