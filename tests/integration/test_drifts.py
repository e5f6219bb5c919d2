"""Changes made on a real host, on the router and in the DNS by ordinary tools are all named; those that mean nothing are no drift.

See ``drifts``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pyremediate import settings
from pyremediate.audit import judge, values, verb
from pyremediate.audit.values import Audit
from pyremediate.cli.audit_formats import FORMATS, render
from pyremediate.lab import ssh
from pyremediate.lab.description import Host, Lab
from pyremediate.request import AnsibleOptions, Request
from tests.integration.conftest import passage
from tests.integration.drifts import (
    ALONG,
    DRIFTS,
    IN_THE_DNS,
    MEANINGLESS,
    MEANINGLESS_ON_THE_ROUTER,
    ON_THE_ROUTER,
    SAVED,
    Drift,
)
from tests.integration.world import INVENTORY

pytestmark = pytest.mark.lab

SECONDS = 120
ROUTER, DNS = "router01", "dns01"
ALL = (*DRIFTS, *ON_THE_ROUTER, *IN_THE_DNS)


@dataclass(frozen=True)
class Seen:
    """Host and router after the changes without a meaning, with all the drifts, and after they were taken back."""

    quiet: Audit
    drifted: Audit
    taken_back: Audit


@pytest.fixture(scope="module")
def seen(lab: Lab, own_host: Host) -> Seen:
    """One fresh host, and three audits of it and of the router."""
    router = lab.host(ROUTER)
    with passage(alone=False):
        carried_out(lab, own_host, {**MEANINGLESS, "a renewed certificate": renewal(lab)})
        carried_out(lab, router, MEANINGLESS_ON_THE_ROUTER)
        quiet = audited(own_host)
        carried_out(lab, own_host, {"a copy": f"cp -a /etc {SAVED}", **made(DRIFTS)})
    with passage(alone=True), upset(lab, {router: ON_THE_ROUTER, lab.host(DNS): IN_THE_DNS}):
        drifted = audited(own_host)
    with passage(alone=False):
        carried_out(lab, own_host, taken_back(DRIFTS))
        return Seen(quiet, drifted, audited(own_host))


@contextmanager
def upset(lab: Lab, drifts: Mapping[Host, Sequence[Drift]]) -> Iterator[None]:
    """What is on everybody's way is taken back, whatever happens."""
    try:
        for host, own in drifts.items():
            carried_out(lab, host, made(own))
        yield
    finally:
        for host, own in drifts.items():
            carried_out(lab, host, taken_back(own))


def made(drifts: Sequence[Drift]) -> dict[str, str]:
    return {str(drift): drift.make for drift in drifts}


def taken_back(drifts: Sequence[Drift]) -> dict[str, str]:
    return {str(drift): drift.undo for drift in reversed(drifts)}


def carried_out(lab: Lab, host: Host, scripts: Mapping[str, str]) -> None:
    """Each script by itself; what fails says what it was."""
    parts = [f"( set -e\n{script}\n) > /tmp/said 2>&1 || {{ echo '{name}:'; cat /tmp/said; }}" for name, script in scripts.items()]
    done = ssh.run(lab, host, "\n".join(parts).replace("{prefix}", lab.prefix), SECONDS)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def audited(host: Host) -> Audit:
    """One audit of the host and of the router."""
    found = verb.audit(Request(f"{host.name},{ROUTER}", AnsibleOptions(inventory=(INVENTORY,)), settings.load(), actor="test"))
    assert [(target.name, target.unknown) for target in found.targets] == [(host.name, ()), (ROUTER, ())]
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


def named(found: Audit) -> list[values.Key]:
    return [values.key(drift.difference) for target in found.targets for drift in target.drifts]


def test_changes_without_a_meaning_are_no_drift_and_a_renewed_certificate_is_one_of_its_own_kind(seen: Seen) -> None:
    assert named(seen.quiet) == [("certificate", "/etc/ssl/mail/fullchain.pem", "renewed")]


def test_a_renewed_certificate_is_accepted_by_a_rule(seen: Seen) -> None:
    (renewed,) = seen.quiet.targets[0].drifts
    rule = settings.AuditRule(kind="certificate", aspect="renewed", action="accept", reason="by the ACME client")
    found = judge.judge(seen.quiet.targets[0].name, [renewed.difference], settings_rules=[rule])
    assert [drift.accepted for drift in found.drifts] == ["by the ACME client"]


@pytest.mark.parametrize("drift", ALL, ids=str)
def test_a_drift_is_named_with_its_severity_and_its_owner(seen: Seen, lab: Lab, drift: Drift) -> None:
    found = [each for target in seen.drifted.targets for each in target.drifts if is_it(drift, each, lab)]
    assert len(found) == 1, named(seen.drifted)
    assert [word for word in drift.words if word.replace("{prefix}", lab.prefix) not in found[0].sentence] == [], found[0].sentence
    assert (found[0].severity, found[0].owner) == (drift.severity, drift.owner), found[0].reason


def is_it(drift: Drift, found: values.Drift, lab: Lab) -> bool:
    difference, name = found.difference, drift.name.replace("{prefix}", lab.prefix)
    return (drift.kind, name) == (difference.kind, difference.name) and drift.aspect in ("", difference.aspect)


def test_nothing_else_is_told(seen: Seen, lab: Lab) -> None:
    """But for what the same tools changed along with it: see ``ALONG``."""
    told = [each for target in seen.drifted.targets for each in target.drifts if not any(is_it(drift, each, lab) for drift in ALL)]
    keys = [values.key(each.difference) for each in told]
    others = [key for key in keys if not any(key[0] == kind and fnmatchcase(key[1], name) for kind, name in ALONG)]
    assert not others, "\n".join(map(str, others))


def test_who_was_logged_in_then_is_told_of_what_has_a_time(seen: Seen, lab: Lab) -> None:
    """All of it came over SSH from here."""
    drifts = {each.difference.name: each.present for each in seen.drifted.targets[0].drifts}
    who = f"root from {lab.gateway('mgmt')} was logged in"
    assert [drifts[name][:1] for name in ("mynetworks", "/etc/aliases backup", "/etc/sudoers.d/eve eve")] == [(who,)] * 3


def test_what_was_taken_back_is_no_drift(seen: Seen) -> None:
    assert named(seen.taken_back) == named(seen.quiet)


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret_is_told(seen: Seen, form: str) -> None:
    assert "planted-secret" not in render(seen.drifted, form)
