"""Forty changes made on a real host by ordinary tools are all named; twenty that mean nothing are no drift. See ``drifts``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pyremediate import look as looking
from pyremediate import settings
from pyremediate.lab import ssh
from pyremediate.lab.description import Host, Lab
from pyremediate.model import Difference, Look, to_json
from pyremediate.request import AnsibleOptions, Request
from pyremediate.telling import had_happened
from tests.integration.conftest import passage
from tests.integration.drifts import DRIFTS, MEANINGLESS, SAVED, Drift
from tests.integration.world import INVENTORY

pytestmark = pytest.mark.lab

SECONDS = 120


@dataclass(frozen=True)
class Seen:
    """The host after the changes without a meaning, with all the drifts, and after they were taken back."""

    quiet: Look
    drifted: Look
    taken_back: Look


@pytest.fixture(scope="module")
def seen(lab: Lab, own_host: Host) -> Seen:
    """One fresh host, and three looks at it."""
    with passage(alone=False):
        carried_out(lab, own_host, {**MEANINGLESS, "a renewed certificate": renewal(lab)})
        quiet = looked(own_host)
        carried_out(lab, own_host, {"a copy": f"cp -a /etc {SAVED}", **{str(drift): drift.make for drift in DRIFTS}})
        drifted = looked(own_host)
        carried_out(lab, own_host, {str(drift): drift.undo for drift in reversed(DRIFTS)})
        return Seen(quiet, drifted, looked(own_host))


def carried_out(lab: Lab, host: Host, scripts: Mapping[str, str]) -> None:
    """Each script by itself; what fails says what it was."""
    parts = [f"( set -e\n{script}\n) > /tmp/said 2>&1 || {{ echo '{name}:'; cat /tmp/said; }}" for name, script in scripts.items()]
    done = ssh.run(lab, host, "\n".join(parts), SECONDS)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def looked(host: Host) -> Look:
    """What an audit sees: one look from inside, compared with the known good."""
    request = Request(host.name, AnsibleOptions(inventory=(INVENTORY,)), settings.load())
    found = looking.look(request, host.name, looking.Views.named("inside"))[host.name]
    assert found.evidence is not None, found.unreachable
    return found


def renewal(lab: Lab) -> str:
    """The certificate anew, for another key and a later time, by the same authority: what an ACME client does."""
    known = x509.load_pem_x509_certificates((lab.directory / "server.pem").read_bytes())
    signer = serialization.load_pem_private_key((lab.directory / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    builder = x509.CertificateBuilder(known[0].issuer, known[0].subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(known[0].not_valid_after_utc + timedelta(days=1))
    for extension in known[0].extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    pem = serialization.Encoding.PEM
    chain = b"".join(each.public_bytes(pem) for each in (builder.sign(signer, hashes.SHA256()), *known[1:])).decode()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return f"cat > /etc/ssl/mail/fullchain.pem <<'END'\n{chain}END\ncat > /etc/ssl/mail/key.pem <<'END'\n{private}END"


def named(look: Look) -> Sequence[tuple[str, str, str]]:
    return [(each.kind, each.name, each.aspect) for each in look.differences]


def test_changes_without_a_meaning_are_no_drift_and_a_renewed_certificate_is_one_of_its_own_kind(seen: Seen) -> None:
    assert named(seen.quiet) == [("certificate", "/etc/ssl/mail/fullchain.pem", "renewed")]


@pytest.mark.parametrize("drift", DRIFTS, ids=str)
def test_a_drift_is_named(seen: Seen, drift: Drift) -> None:
    told = [had_happened(each) for each in seen.drifted.differences if is_it(drift, each)]
    assert told, named(seen.drifted)
    assert [word for word in drift.words if word not in told[0]] == [], told[0]


def is_it(drift: Drift, difference: Difference) -> bool:
    return (drift.kind, drift.name) == (difference.kind, difference.name) and drift.aspect in ("", difference.aspect)


def test_every_drift_is_of_a_file_a_unit_or_a_name_that_somebody_changed(seen: Seen) -> None:
    """Nothing else is told: what is not on the list is the same change, told as the file that holds it."""
    others = [each for each in seen.drifted.differences if not any(is_it(drift, each) for drift in DRIFTS)]
    assert {each.kind for each in others} <= {"file", "setting", "group", "certificate", "postfix.map"}


def test_what_was_taken_back_is_no_drift(seen: Seen) -> None:
    assert named(seen.taken_back) == named(seen.quiet)


def test_no_secret_is_told(seen: Seen) -> None:
    evidence = seen.drifted.evidence
    assert evidence is not None
    assert "planted-secret" not in json.dumps(to_json([*seen.drifted.differences, evidence]))
