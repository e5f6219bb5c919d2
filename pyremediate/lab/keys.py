"""The lab's certificates, DKIM keys and SSH keys: made once, kept in the lab's state directory.

ca.pem ca.key                          the lab's authority, and everything that it signed:
server.pem server.key                  *.lab.test, valid
peer.pem peer.key                      *.peer.test, valid
expired.pem expired.key                *.lab.test, expired, for the fault of that name
dkim-lab.test.key dkim-peer.test.key   selector sel1
bmc.pem bmc.key                        the controllers' address in the management network, valid
ssh ssh.pub                            how the controller logs in
hosts/<host>                           each host's own SSH key
known_hosts                            their public halves
"""

from __future__ import annotations

import base64
import ipaddress
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from pyremediate.lab.description import MAIL_DOMAIN, PEER_DOMAIN, Host

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
DKIM_SELECTOR = "sel1"
VALID = timedelta(days=730)
RENEW_BEFORE = timedelta(days=60)


def ensure(directory: Path, hosts: Iterable[Host]) -> bool:
    """Make what is missing, all of it anew when the certificates end soon; returns whether anything was made."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = not _still_valid(directory)
    if made:
        _certificates(directory)
    for domain in (MAIL_DOMAIN, PEER_DOMAIN):
        made |= _once(directory / f"dkim-{domain}.key", lambda: rsa.generate_private_key(65537, 2048))
    made |= _ssh_pair(directory / "ssh")
    (directory / "hosts").mkdir(exist_ok=True, mode=0o700)
    known = []
    for host in hosts:
        made |= _ssh_pair(directory / "hosts" / host.name)
        public = (directory / "hosts" / f"{host.name}.pub").read_text().strip()
        names = dict.fromkeys([*(leg.address for leg in host.legs), host.name, host.fqdn])
        known.append(f"{','.join(names)} {public}\n")
    write(directory / "known_hosts", "".join(known).encode(), 0o644)
    return made


def for_address(directory: Path, file: str, address: str) -> tuple[Path, Path]:
    """(certificate, key) of a server that is known by its address; made unless the authority signed it and it lasts."""
    certificate, key = directory / f"{file}.pem", directory / f"{file}.key"
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    if key.is_file() and certificate.is_file() and _signed_and_lasting(certificate, authority):
        return certificate, key
    signer = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    fresh, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = _leaf(subject, names, fresh, authority.subject, signer, (now - timedelta(days=1), now + VALID))
    write(key, _pem(fresh))
    write(certificate, _pem_certificate(made) + _pem_certificate(authority), 0o644)
    return certificate, key


def _signed_and_lasting(path: Path, authority: x509.Certificate) -> bool:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE


def dkim_record(directory: Path, domain: str) -> str:
    """The text of ``sel1._domainkey.<domain>`` (RFC 6376, section 3.6.1)."""
    key = serialization.load_pem_private_key((directory / f"dkim-{domain}.key").read_bytes(), None)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file at once, with its final mode from the beginning; untouched when it is already so."""
    if path.is_file() and path.read_bytes() == content:
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)


def _once(path: Path, make: Callable[[], PrivateKey]) -> bool:
    if path.is_file():
        return False
    write(path, _pem(make()))
    return True


def _ssh_pair(path: Path) -> bool:
    public = path.with_name(f"{path.name}.pub")
    if path.is_file() and public.is_file():
        return False
    key = ed25519.Ed25519PrivateKey.generate()
    openssh = serialization.PrivateFormat.OpenSSH
    write(path, key.private_bytes(serialization.Encoding.PEM, openssh, serialization.NoEncryption()))
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    write(public, line + b"\n", 0o644)
    return True


def _still_valid(directory: Path) -> bool:
    names = ("ca.pem", "ca.key", "server.pem", "server.key", "peer.pem", "peer.key", "expired.pem", "expired.key")
    if not all((directory / name).is_file() for name in names):
        return False
    good = [x509.load_pem_x509_certificate((directory / name).read_bytes()) for name in names[:6:2]]
    return all(certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_BEFORE for certificate in good)


def _certificates(directory: Path) -> None:
    now = datetime.now(UTC)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pyremediate lab authority")])
    authority = (
        _begin(name, name, authority_key, now - timedelta(days=400), now + VALID + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign_certificates=True), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    write(directory / "ca.key", _pem(authority_key))
    write(directory / "ca.pem", _pem_certificate(authority), 0o644)
    periods = {
        "server": (MAIL_DOMAIN, now - timedelta(days=1), now + VALID),
        "peer": (PEER_DOMAIN, now - timedelta(days=1), now + VALID),
        "expired": (MAIL_DOMAIN, now - timedelta(days=366), now - timedelta(days=1)),
    }
    for file, (domain, begins, ends) in periods.items():
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
        names = x509.SubjectAlternativeName([x509.DNSName(f"*.{domain}"), x509.DNSName(domain)])
        certificate = _leaf(subject, names, key, name, authority_key, (begins, ends))
        write(directory / f"{file}.key", _pem(key))
        write(directory / f"{file}.pem", _pem_certificate(certificate) + _pem_certificate(authority), 0o644)


def _leaf(
    subject: x509.Name, names: x509.SubjectAlternativeName, key: ec.EllipticCurvePrivateKey, issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey, period: tuple[datetime, datetime],
) -> x509.Certificate:  # fmt: skip
    """A server's certificate by the authority."""
    signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        _begin(subject, issuer, key, *period)
        .add_extension(names, critical=False)
        .add_extension(_usage(sign_certificates=False), critical=True)
        .add_extension(signed_by, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _begin(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    """RFC 5280, section 4.2.1.3: strict verifiers (Python 3.13) demand it of an authority."""
    return x509.KeyUsage(
        digital_signature=not sign_certificates, key_cert_sign=sign_certificates, crl_sign=sign_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _pem(key: PrivateKey) -> bytes:
    pkcs8 = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption())


def _pem_certificate(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
