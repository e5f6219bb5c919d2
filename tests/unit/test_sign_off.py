"""Who may put their name to an incident, to what exactly, and where that stands."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pyremediate.errors import Refused, UsageError
from pyremediate.journal import Journal
from pyremediate.settings import SignOffSettings
from pyremediate.sign_off import acts, person
from pyremediate.sign_off.person import Signed
from pyremediate.sign_off.standing import Standing, standing, to_reopen, words
from tests.unit.incidents import OUTCOME, record

TWO = SignOffSettings(required_signers=2)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(f"sqlite:///{tmp_path}/journal.sqlite", "anna as root")


def sign(journal: Journal, incident: str, name: str, policy: SignOffSettings = TWO) -> Standing:
    seen = acts.where(journal, incident, policy).verification
    return acts.sign(journal, incident, policy, seen, lambda: Signed(name, "user", "statement"))


def refuse(journal: Journal, incident: str, name: str, reason: str) -> Standing:
    return acts.refuse(journal, incident, TWO, reason, lambda: Signed(name, "user", "statement"))


def test_two_people_close_an_incident_and_one_does_not(journal: Journal) -> None:
    incident = record(journal)
    assert acts.where(journal, incident, TWO).state == "awaiting"
    assert sign(journal, incident, "bob").state == "awaiting"
    assert sign(journal, incident, "carol").state == "signed"


def test_the_same_person_does_not_count_twice(journal: Journal) -> None:
    incident = record(journal)
    sign(journal, incident, "bob")
    with pytest.raises(Refused, match="bob has signed it already; 1 more must sign"):
        sign(journal, incident, "bob")
    assert acts.where(journal, incident, TWO).missing == 1


def test_who_ran_the_fix_may_not_sign_where_the_policy_says_so(journal: Journal) -> None:
    incident = record(journal)
    strict = SignOffSettings(operator_may_sign=False)
    with pytest.raises(Refused, match="anna ran the fix"):
        sign(journal, incident, "anna", strict)
    assert sign(journal, incident, "bob", strict).state == "signed"


def test_a_signature_is_of_what_was_seen_and_of_nothing_else(journal: Journal) -> None:
    incident = record(journal)
    with pytest.raises(UsageError, match=r"what was verified is [0-9a-f]{12} by now, and not 000000000000"):
        acts.sign(journal, incident, TWO, "000000000000", lambda: Signed("bob", "user", ""))


def test_a_later_end_makes_earlier_signatures_void(journal: Journal) -> None:
    incident = record(journal)
    sign(journal, incident, "bob")
    journal.write(incident, "review", "end", {"outcome": replace(OUTCOME, incident=incident)})
    assert acts.where(journal, incident, TWO).missing == 2


def test_an_incident_that_is_not_repaired_cannot_be_signed(journal: Journal) -> None:
    incident = record(journal, replace(OUTCOME, outcome="escalated"))
    with pytest.raises(UsageError, match="pyremediate incident resume"):
        sign(journal, incident, "bob")


def test_what_people_mended_after_an_escalation_can_be_signed_when_it_was_looked_at_again(journal: Journal) -> None:
    incident = record(journal, replace(OUTCOME, outcome="escalated"))
    journal.write(incident, "review", "end", {"outcome": replace(OUTCOME, outcome="healthy")})
    assert acts.where(journal, incident, TWO).state == "awaiting"


def test_a_host_that_was_healthy_has_nothing_to_be_signed(journal: Journal) -> None:
    incident = record(journal, replace(OUTCOME, outcome="healthy"))
    assert acts.where(journal, incident, TWO).state == "not_needed"


def test_an_old_verification_cannot_be_signed(journal: Journal) -> None:
    incident = record(journal)
    late = standing(journal.entries(incident), TWO, datetime.now(UTC) + timedelta(hours=TWO.within_hours, minutes=1))
    assert late.state == "expired" and words(late).startswith("the sign-off has expired")


def test_a_closed_incident_does_not_expire(journal: Journal) -> None:
    incident = record(journal)
    sign(journal, incident, "bob")
    sign(journal, incident, "carol")
    late = standing(journal.entries(incident), TWO, datetime.now(UTC) + timedelta(days=400))
    assert late.state == "signed"


def test_a_refusal_opens_it_again_until_somebody_looks_again(journal: Journal) -> None:
    incident = record(journal)
    sign(journal, incident, "bob")
    assert refuse(journal, incident, "carol", "sales cannot send").state == "reopened"
    with pytest.raises(UsageError, match="carol refused it"):
        sign(journal, incident, "dave")
    journal.write(incident, "review", "end", {"outcome": OUTCOME})
    assert acts.where(journal, incident, TWO).state == "awaiting"


def test_a_refused_incident_is_taken_up_once_by_a_later_one(journal: Journal) -> None:
    def open_again() -> str | None:
        found = to_reopen(journal.of_kinds(("begin", "end", "refuse"), "mail01"))
        return found[0] if found else None

    incident = record(journal)
    assert open_again() is None
    refuse(journal, incident, "carol", "sales cannot send")
    record(journal)  # a later one that did not take it up
    assert open_again() == incident
    journal.begin("mail01", "anna", "1.0", reopens=incident)
    assert open_again() is None


def test_without_signers_nothing_is_awaited(journal: Journal) -> None:
    assert acts.where(journal, record(journal), SignOffSettings(required_signers=0)).state == "not_needed"


def test_sudo_tells_who_is_behind_it_to_root_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(person, "LOGIN", tmp_path / "none")
    monkeypatch.setenv("SUDO_UID", "1")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert person.at_the_keyboard() == "daemon"
    monkeypatch.setattr("os.geteuid", lambda: 2)
    monkeypatch.setattr("os.getuid", lambda: 2)
    assert person.at_the_keyboard() == "bin"


def test_the_login_counts_before_what_somebody_became(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "loginuid").write_text("1")
    monkeypatch.setattr(person, "LOGIN", tmp_path / "loginuid")
    assert person.at_the_keyboard() == "daemon"
    (tmp_path / "loginuid").write_text(str(person.UNSET))
    monkeypatch.delenv("SUDO_UID", raising=False)
    monkeypatch.setattr("os.getuid", lambda: 2)
    assert person.at_the_keyboard() == "bin"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path


def test_a_key_signs_as_whoever_the_settings_say_it_is(tmp_path: Path, key: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.write_text(f"bob@lab.test {key.with_suffix('.pub').read_text()}")
    signed = person.by_key("x", "hash", key, allowed)
    assert (signed.signer, signed.by) == ("bob@lab.test", "key") and "BEGIN SSH SIGNATURE" in signed.signature


def test_a_key_that_nobody_named_cannot_sign(tmp_path: Path, key: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.write_text("")
    with pytest.raises(UsageError, match=f"names nobody whose key is {key}"):
        person.by_key("x", "hash", key, allowed)


def test_a_key_that_is_no_longer_valid_cannot_sign(tmp_path: Path, key: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.write_text(f'bob valid-before="20200101" {key.with_suffix(".pub").read_text()}')
    with pytest.raises(UsageError, match="allowed"):
        person.by_key("x", "hash", key, allowed)
