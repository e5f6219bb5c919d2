"""What is known of an incident for telling people, from its entries as a run leaves them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pyremediate import model
from pyremediate.communication import notices
from pyremediate.communication.facts import KINDS, facts
from pyremediate.communication.values import Doing, Facts
from pyremediate.journal import Journal
from pyremediate.model import Answer, Assessment, Leg
from pyremediate.settings import SignOffSettings
from tests.unit.incidents import CAUSE, KEPT, OUTCOME, PATCH, RESTART, UNDONE, record

POLICY = SignOffSettings()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(f"sqlite:///{tmp_path}/journal.sqlite", "anna")


def of(journal: Journal, incident: str) -> Facts:
    return facts(journal.entries(incident, KINDS), POLICY, datetime.now(UTC))


def assessed(*paths: str, scope: str = "") -> dict[str, Assessment]:
    failing = tuple(Leg(path, "connect", Answer.FAIL, "peer01") for path in paths)
    return {"assessment": Assessment(Answer.FAIL, scope or ", ".join(paths), "high", failing)}


def test_what_fails_is_told_by_the_ways_of_mail(journal):
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "assess", "assess", assessed("submission", "inbound", scope="inbound, submission from client01"))

    told = of(journal, incident)

    assert (told.outage, told.affected, told.everywhere) == (True, ("inbound", "submission"), False)


def test_when_all_of_mail_fails_every_way_is_affected_though_not_all_were_tried(journal):
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "assess", "assess", assessed("inbound", "retrieval", scope="all"))

    assert of(journal, incident).affected == tuple(model.LEGS)


def test_a_fault_that_breaks_no_mail_is_no_outage(journal):
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "assess", "assess", {"assessment": Assessment(Answer.PASS, "none", "none")})

    assert not of(journal, incident).outage


def planned(decision: str) -> dict[str, list[model.Planned]]:
    return {"planned": [model.Planned(CAUSE.code, PATCH, decision, "policy")]}


def test_what_is_being_done_follows_the_record(journal):
    incident = journal.begin("mail01", "anna", "1.0")
    doing = []
    for kind, payload in (
        ("assess", assessed("inbound")),
        ("plan", planned("ask")),
        ("intent", {"step": KEPT}),
        ("done", {"step": KEPT}),
        ("undone", {"step": UNDONE}),
        ("intent", {"step": model.Step(3, "difference/x", model.Remedy("t", "rollback", "t", "known_good"), "x-3", "intent")}),
        ("done", {"step": KEPT}),
    ):
        journal.write(incident, "fix", kind, payload)
        doing.append(of(journal, incident).doing)

    assert doing == ["looking", "consent", "repairing", "verifying", "looking", "searching", "searching"]


@pytest.mark.parametrize(
    ("outcome", "doing"),
    [("repaired", Doing.OVER), ("healthy", Doing.OVER), ("refused", Doing.CONSENT), ("escalated", Doing.PEOPLE),
     ("undone", Doing.PEOPLE), ("unknown", Doing.PEOPLE)],
)  # fmt: skip
def test_an_end_says_who_must_go_on(journal, outcome, doing):
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "review", "end", {"outcome": model.Outcome(incident, "mail01", outcome, "none", "none")})

    assert of(journal, incident).doing is doing


def test_a_repaired_incident_tells_its_cause_its_steps_and_what_became_of_the_mail(journal):
    ledger = {"counts": {"queued": {"delivered": 2, "missing": 1}, "arrived meanwhile": {"delivered": 4}}}
    incident = record(journal, model.Outcome(**{**vars(OUTCOME), "ledger": ledger}))

    told = of(journal, incident)

    assert [fault.code for fault in told.causes] == [CAUSE.code]
    assert (told.kept, told.undone, told.lost, told.waited, told.signers_awaited) == (1, 1, 1, 3, 1)


def test_what_people_state_goes_before_what_was_diagnosed_and_their_signature_closes(journal):
    incident = record(journal)
    journal.write(incident, "review", "cause", {"text": "A disk was full of logs."})
    end = journal.entries(incident, ("end",))[-1].hash
    journal.write(incident, "sign", "sign", {"signer": "bob", "by": "user", "statement": "", "verification": end})

    told = of(journal, incident)

    assert (told.stated, told.signed, told.signers_awaited) == ("A disk was full of logs.", True, 0)


def test_the_class_of_the_remedy_under_way_is_known(journal):
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "fix", "intent", {"step": UNDONE})

    assert (of(journal, incident).remedy, of(journal, incident).step) == (RESTART.class_, 1)


def test_what_a_run_left_to_people_is_taken_up_by_the_next_run_of_the_host(journal):
    first = journal.begin("mail01", "anna", "1.0")
    journal.write(first, "assess", "assess", assessed("inbound"))
    journal.write(first, "review", "end", {"outcome": model.Outcome(first, "mail01", "escalated", "inbound", "critical")})
    second = journal.begin("mail01", "anna", "1.0")
    journal.write(second, "assess", "assess", assessed("inbound"))
    entries = [*journal.entries(first, KINDS), *journal.entries(second, KINDS)]

    known = facts(entries, POLICY, datetime.now(UTC))

    assert notices.outages(journal) == ((first, second),) and notices.outage_of(journal, second) == (first, second)
    assert (known.thread, known.incident, known.doing) == (first, second, Doing.LOOKING)
    assert known.since == next(entry.time for entry in entries if entry.kind == "assess")


def test_an_outage_ends_with_the_run_that_ended_well_and_the_next_one_is_another(journal):
    first = record(journal)
    second = journal.begin("mail01", "anna", "1.0")
    other = journal.begin("mail02", "anna", "1.0")

    assert notices.outages(journal) == ((first, first), (second, second), (other, other))


def test_some_other_trouble_before_it_is_not_of_the_outage(journal):
    drifted = journal.begin("mail01", "anna", "1.0")
    journal.write(drifted, "review", "end", {"outcome": model.Outcome(drifted, "mail01", "escalated", "none", "medium")})
    incident = journal.begin("mail01", "anna", "1.0")

    assert notices.outages(journal) == ((incident, incident),)


def test_a_run_that_died_is_told_as_one_that_left_it_to_people(journal):
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "assess", "assess", assessed("inbound"))

    assert facts(journal.entries(incident, KINDS), POLICY, datetime.now(UTC) + timedelta(hours=2)).doing is Doing.PEOPLE
