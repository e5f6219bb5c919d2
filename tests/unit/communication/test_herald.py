"""People are told while a run goes on, whatever is dead; and a run never waits for them, nor fails by them."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from pyremediate.communication import herald, notices, own, services
from pyremediate.communication.relay import Broken
from pyremediate.errors import PyremediateError
from pyremediate.journal import Journal
from pyremediate.lock import delivery_lock
from pyremediate.model import Evidence, Look, Section, State
from pyremediate.settings import Settings
from tests.unit import fake_mail
from tests.unit.communication.receivers import dead_port, end, mails, outage, relay, settings, url, webhook
from tests.unit.looks import NOON


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    monkeypatch.setattr(herald, "PATIENCE", 120.0)  # a busy machine must not fail a test
    monkeypatch.setattr(services, "DEADLINE", 60.0)
    return Journal.open(f"sqlite:///{tmp_path}/journal.sqlite", "anna")


def run(journal: Journal, given: Settings, outcome: str = "repaired", until: int = 0) -> tuple[str, list[str]]:
    """A run that finds an outage, and ends when so many notices are on record; and what it notes about people."""
    incident, notes, written = outage(journal), list[str](), Event()
    journal.observe(written.set)
    with herald.telling(journal, incident, given, notes.append):
        journal.write(incident, "fix", "note", {"text": "the repair goes on"})
        late = time.monotonic() + 120
        while len(told(journal, incident, "notice")) < until:
            assert time.monotonic() < late, "nobody is told: the herald has come to grief"
            written.wait(1)
            written.clear()
        end(journal, incident, outcome)
    return incident, notes


def told(journal: Journal, incident: str, kind: str) -> list[dict[str, Any]]:
    entries = journal.entries(incident, ("begin", kind))
    return [dict(entry.payload) for entry in entries if entry.kind == kind]


def test_each_audience_is_told_in_its_language_by_the_first_channel_that_works(journal):
    pytest.importorskip("apprise")
    with relay() as (server, port), webhook() as receiver:
        channels = {
            "dead": url(dead_port(), "all"), "mail": url(port, "all"), "hook": f"json://127.0.0.1:{receiver.port}/",
        }  # fmt: skip
        given = settings(
            channels,
            users={"channels": ["dead", "mail"], "language": "it"},
            it={"channels": ["dead", "hook"], "language": "nl"},
        )
        incident, notes = run(journal, given, "escalated", until=2)

    assert notes == []
    assert [mail["Subject"].partition(":")[0] for mail in mails(server)][-1] == "Aggiornamento"
    assert all("Interventi in corso" in mail.get_content() for mail in mails(server))
    assert receiver.received[-1][1]["title"].startswith("Specialisten nodig")
    first = [attempt for attempt in told(journal, incident, "attempted") if attempt["notice"] == "users-1"]
    assert [(each["channel"], each["delivered"]) for each in first] == [("dead", False), ("mail", True)]
    assert "Connection refused" in first[0]["answer"] and first[1]["answer"].startswith("250 ")


def test_without_audiences_nothing_is_told_and_nothing_is_on_record(journal):
    incident, notes = run(journal, Settings())

    assert notes == [] and {entry.kind for entry in journal.entries(incident)}.isdisjoint({"notice", "attempt"})


def test_what_cannot_be_delivered_is_noted_with_the_reason_and_delivered_later(journal):
    dead = settings({"mail": url(dead_port(), "all")}, users={"channels": ["mail"]})
    incident, notes = run(journal, dead)
    with relay() as (server, port):
        alive = settings({"mail": url(port, "all")}, users={"channels": ["mail"]})
        delivered: list[str] = []
        for _ in range(2):  # the pause after a failed round is over when time has passed
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr("pyremediate.communication.outbox.PAUSE", timedelta())
                herald.carry_on(journal, alive, lambda letter: delivered.append(letter.notice.id))

    assert "users is not told yet (" in notes[0] and "mail: 127.0.0.1 port" in notes[0]
    assert notes[0].endswith("; pyremediate notify deliver tries again")
    assert delivered == [each["id"] for each in told(journal, incident, "notice")]
    assert len(mails(server)) == len(delivered)


def test_a_channel_that_hangs_does_not_hold_up_the_end_of_a_run(journal, monkeypatch):
    monkeypatch.setattr(herald, "PATIENCE", 0.1)
    monkeypatch.setattr(herald, "TICK", 0.1)
    with relay(replies={"banner": fake_mail.SILENCE}) as (_, port):
        incident, notes = run(journal, settings({"mail": url(port, "all")}, users={"channels": ["mail"]}))
        ended = told(journal, incident, "attempted")

    assert ended == [] and notes, "the run has ended, and the attempt has not"


def test_nothing_that_goes_wrong_here_reaches_the_run(journal, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(notices, "make", broken)
    _, notes = run(journal, settings({"mail": url(1, "all")}, users={"channels": ["mail"]}))

    assert notes == ["people could not be told: a mistake of ours; try: pyremediate notify deliver"]


def test_two_never_deliver_the_same(journal):
    with relay() as (server, port):
        given = settings({"mail": url(port, "all")}, users={"channels": ["mail"]})
        outage(journal)
        with delivery_lock("mail01"):
            left = herald.carry_on(journal, given, lambda _: None)

    assert server.commands == [] and "the notices about mail01 are being delivered by" in left[0]


def test_an_escalated_outage_is_resolved_when_a_later_run_finds_mail_flowing(journal):
    with relay() as (_, port):
        given = settings({"mail": url(port, "all")}, users={"channels": ["mail"]})
        incident, _ = run(journal, given, "escalated")
        later = journal.begin("mail01", "anna", "1.0")
        end(journal, later, "healthy")
        herald.carry_on(journal, given, lambda _: None)

    assert [each["message"] for each in told(journal, incident, "notice")][-1] == "resolved"
    assert told(journal, later, "notice") == []


def test_no_secret_of_a_channel_is_on_record(journal):
    pytest.importorskip("apprise")
    with webhook() as receiver:
        receiver.status = 500
        place = f"json://user:pass-word-1@127.0.0.1:{receiver.port}/hooks/very-secret-token?token=also-secret-1"
        incident, notes = run(journal, settings({"hook": place}, users={"channels": ["hook"]}))

    record = json.dumps([dict(entry.payload) for entry in journal.entries(incident)]) + "".join(notes)
    assert receiver.received and "500" in record
    for secret in ("pass-word-1", "very-secret-token", "also-secret-1"):
        assert secret not in record


def test_a_plugin_that_is_missing_says_what_to_install(journal, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    _, notes = run(journal, settings({"hook": "json://127.0.0.1/"}, users={"channels": ["hook"]}))

    assert "channel hook: this channel needs Apprise; install it with: pip install 'pyremediate[notify]'" in notes[0]


def test_a_broken_template_of_the_team_is_on_record_and_ours_is_sent(journal, tmp_path):
    (tmp_path / "own/outage").mkdir(parents=True)
    (tmp_path / "own/outage/default.txt.j2").write_text("{{ nothing }}")
    with relay() as (server, port):
        given = settings({"mail": url(port, "all")}, users={"channels": ["mail"]})
        given = given.model_copy(update={"communication": given.communication.model_copy(update={"templates": tmp_path / "own"})})
        incident = outage(journal)
        herald.carry_on(journal, given, lambda _: None)

    assert mails(server)[0]["Subject"].startswith("E-mail disruption since")
    notes = [entry.payload["text"] for entry in journal.entries(incident, ("note",))]
    assert "were not used: " in notes[0] and "'nothing' is undefined" in notes[0]


def test_the_host_under_repair_is_known_by_its_names_and_addresses(journal):
    sections = {
        "postfix": {"main": {"parameters": {"myhostname": "Mail01.lab.test"}}},
        "network": {"interfaces": [{"addresses": ["127.0.0.1/8", "192.0.2.10/24", "fe80::1/64", "2001:db8::a/64"]}]},
    }
    incident = journal.begin("mail01", "anna", "1.0")
    evidence = Evidence("mail01", NOON, {name: Section(State.OK, data) for name, data in sections.items()})
    journal.write(incident, "assess", "look", {"look": Look("mail01", evidence)})

    assert own.broken(journal, incident) == Broken(
        frozenset({"mail01", "mail01.lab.test"}), frozenset({"192.0.2.10", "2001:db8::a"})
    )


def test_a_journal_that_cannot_be_read_ends_the_telling_and_not_the_run(journal, monkeypatch):
    def unusable(*_: object, **__: object) -> None:
        raise PyremediateError("the journal cannot be used")

    monkeypatch.setattr(notices, "past", unusable)
    _, notes = run(journal, settings({"mail": url(1, "all")}, users={"channels": ["mail"]}))

    assert notes[0].startswith("people could not be told: the journal cannot be used")
