"""The kind of key of a certificate, read without a library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.certificate_key import key_type
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (rsa.generate_private_key(65537, 2048), "RSA 2048"),
        (ec.generate_private_key(ec.SECP256R1()), "EC P-256"),
        (ec.generate_private_key(ec.SECP384R1()), "EC P-384"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
    ],
)
def test_each_kind_of_key_is_named(key: Key, told: str) -> None:
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lab.test")]), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    signed = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())
    assert key_type(signed.public_bytes(serialization.Encoding.DER)) == told


@pytest.mark.parametrize("octets", [b"", b"\x30", b"\x30\x03\x02\x01\x01"])
def test_what_is_no_certificate_is_refused(octets: bytes) -> None:
    with pytest.raises(ValueError):
        key_type(octets)
