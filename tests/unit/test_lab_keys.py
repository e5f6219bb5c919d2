"""Keys are made once, renewed before they end, and are what the hosts and their visitors need."""

from __future__ import annotations

import base64
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from pyremediate.lab import keys
from pyremediate.lab.description import describe


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lab")
    assert keys.ensure(made, describe(2).hosts)
    return made


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_second_call_makes_nothing(directory: Path) -> None:
    before = {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    assert not keys.ensure(directory, describe(2).hosts)
    assert before == {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_private_keys_are_for_their_owner_alone(directory: Path) -> None:
    private = [path for path in directory.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert len(private) > 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


@pytest.mark.parametrize(("name", "domain"), [("server", "lab.test"), ("peer", "peer.test"), ("expired", "lab.test")])
def test_certificates_name_their_domain_and_carry_their_authority(directory: Path, name: str, domain: str) -> None:
    certificate, authority = _certificate(directory / f"{name}.pem"), _certificate(directory / "ca.pem")
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [f"*.{domain}", domain]
    key = serialization.load_pem_private_key((directory / f"{name}.key").read_bytes(), None)
    assert key.public_key() == certificate.public_key()
    assert len(x509.load_pem_x509_certificates((directory / f"{name}.pem").read_bytes())) == 2


def test_the_expired_certificate_has_expired_and_the_others_have_not(directory: Path) -> None:
    now = datetime.now(UTC)
    assert _certificate(directory / "expired.pem").not_valid_after_utc < now
    for name in ("ca", "server", "peer"):
        certificate = _certificate(directory / f"{name}.pem")
        assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc


def test_certificates_that_end_soon_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "VALID", keys.RENEW_BEFORE - timedelta(days=1))
    keys.ensure(tmp_path, [])
    old = (tmp_path / "server.pem").read_bytes()
    monkeypatch.undo()
    assert keys.ensure(tmp_path, [])
    assert (tmp_path / "server.pem").read_bytes() != old
    assert not keys.ensure(tmp_path, [])


def test_ssh_keys_are_what_ssh_keygen_makes(directory: Path) -> None:
    derived = subprocess.run(["ssh-keygen", "-y", "-f", directory / "ssh"], capture_output=True, text=True, check=True)
    assert derived.stdout.split()[:2] == (directory / "ssh.pub").read_text().split()[:2]


def test_known_hosts_has_each_host_by_address_and_by_name(directory: Path) -> None:
    for host in describe(2).hosts:
        public = (directory / "hosts" / f"{host.name}.pub").read_text().split()[1]
        for name in (host.management, host.address, host.name, host.fqdn):
            line = ["ssh-keygen", "-F", name, "-f", directory / "known_hosts"]
            assert public in subprocess.run(line, capture_output=True, text=True, check=True).stdout, name


def test_no_two_hosts_share_a_host_key(directory: Path) -> None:
    publics = [path.read_text() for path in (directory / "hosts").glob("*.pub")]
    assert len(set(publics)) == len(publics) == len(describe(2).hosts)


def test_the_dkim_record_publishes_the_key_that_signs(directory: Path) -> None:
    record = keys.dkim_record(directory, "lab.test")
    assert record.startswith("v=DKIM1; k=rsa; p=")
    published = serialization.load_der_public_key(base64.b64decode(record.rpartition("p=")[2]))
    signing = serialization.load_pem_private_key((directory / "dkim-lab.test.key").read_bytes(), None)
    assert published == signing.public_key()
