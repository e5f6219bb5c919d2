"""The report says what the journal says, and nothing else is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.journal import Journal
from pyremediate.model import Remedy, Step
from pyremediate.report import report
from pyremediate.report.narrative import SENTENCES, sentence
from tests.unit.incidents import LEDGER, OUTCOME, record


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(f"sqlite:///{tmp_path}/journal.sqlite") as opened:
        yield opened


def test_the_data_tells_the_whole_incident(journal: Journal) -> None:
    built = report.build(journal.entries(record(journal)))
    assert (built["host"], built["outcome"]) == ("mail01", "repaired")
    assert (built["scope"], built["severity"]) == ("inbound", "critical")
    assert [cause["code"] for cause in built["causes"]] == ["postfix/parameter_changed"]
    assert [(item["number"], item["state"]) for item in built["actions"]] == [(1, "undone"), (2, "kept")]
    assert [item["title"] for item in built["undone"]] == ["Start Postfix"]
    assert built["queue"] == {"before": {"active": 0, "deferred": 3}, "after": {"active": 0, "deferred": 0}}
    assert built["stages"] == {"assess": 4.0, "fix": 3.5, "verify": 4.5}
    assert built["prevention"] == ["Review changes of main.cf.", "Capture a baseline after each change."]
    assert [check["answer"] for check in built["verification"]] == ["pass", "pass", "unknown"]
    assert [moment["kind"] for moment in built["timeline"]][:3] == ["begin", "look", "assess"]
    assert built["actors"] == ["anna"] and built["seconds"] >= 0


def test_every_kind_of_entry_has_its_sentence(journal: Journal) -> None:
    incident = record(journal)
    journal.write(incident, "plan", "note", {"text": "consented to by\nanna"})
    journal.write(incident, "fix", "escalate", {"human": ["Replace the disk."]})
    journal.write(incident, "fix", "error", {"text": "it broke"})
    suspect = {"difference": {"kind": "unit", "name": "x.service"}}
    journal.write(incident, "search", "search", {"leg": "inbound.connect", "vantage": "localhost", "suspects": [suspect]})
    journal.write(incident, "search", "trial", {"step": {"number": 3}, "reason": "the leg still fails"})
    journal.write(incident, "review", "impact", {"text": "Sales could not send.", "users": 40})
    journal.write(incident, "review", "cause", {"text": "a change"})
    journal.write(incident, "review", "measure", {"number": 1, "text": "Watch it", "owner": "dave", "due": "2026-12-01"})
    journal.write(incident, "review", "measure_done", {"number": 1, "text": ""})
    for kind in ("sign", "refuse"):
        journal.write(incident, "review", kind, {"signer": "bob", "verification": "0" * 64, "reason": "no mail"})
    notice = {"id": "it-1", "message": "outage", "audience": "it", "subject": "E-mail disruption"}
    journal.write(incident, "tell", "notice", notice)
    attempt = {"notice": "it-1", "channel": "relay", "number": 1}
    journal.write(incident, "tell", "attempt", attempt)
    journal.write(incident, "tell", "attempted", {**attempt, "delivered": True, "answer": "250 2.0.0 Ok"})
    journal.write(incident, "tell", "read", {"notice": "it-1", "by": "bob"})
    entries = journal.entries(incident)
    told = {entry.kind: sentence(entry) for entry in entries}
    assert set(told) == set(SENTENCES)
    assert told["undone"] == "Step 1 ended: undone: its condition still holds."
    assert told["end"] == "The run ended: repaired. Mail flows in every direction."
    assert told["note"] == "Consented to by anna."
    assert told["escalate"] == "A human is needed: Replace the disk."
    assert told["attempted"] == "The channel relay took notice it-1: 250 2.0.0 Ok."
    first_look = next(sentence(entry) for entry in entries if entry.kind == "look")
    assert "legs of the mail's way: 1 fail." in first_look and "inbound.connect from client01" in first_look
    assert all(words and "\n" not in words for words in told.values())


def test_the_timeline_says_what_the_controller_of_a_silent_machine_knew(journal: Journal) -> None:
    def told(board: dict[str, object] | None) -> str:
        look = {"unreachable": "mail01: port 22 says nothing", "board": board}
        return sentence(replace(journal.entries(record(journal))[0], kind="look", payload={"look": look}))

    board = {"power": "On", "health": None, "events": [{"message": "watchdog"}, {"message": "fan"}]}
    assert told(board).endswith("power On, health not known, events in its log: 2.")
    assert told({**board, "events": None}).endswith("its log cannot be known.")
    assert told({"unreachable": "takes too long"}).endswith("was not heard: takes too long.")
    assert told(None).endswith("says nothing.")


def test_a_step_that_the_controller_carries_out_is_not_told_as_one_on_another_machine(journal: Journal) -> None:
    remedy = Remedy("restart", "power", "Restart the machine", "bmc", "restart", on="localhost")
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "fix", "intent", {"step": Step(1, "hardware/hung", remedy, "x-1", "intent")})

    told = [sentence(entry) for entry in journal.entries(incident) if entry.kind == "intent"]

    assert told == ["Step 1 begins: Restart the machine (power) for hardware/hung; checkpoint x-1."]


def test_a_kind_of_a_later_version_is_named(journal: Journal) -> None:
    entry = replace(journal.entries(record(journal))[-1], kind="signed", payload={})
    assert sentence(entry) == "signed"


def test_an_incident_left_in_the_middle_is_reported_as_open(journal: Journal) -> None:
    built = report.build(journal.entries(record(journal, outcome=None)))
    assert (built["outcome"], built["ended"], built["scope"]) == ("open", None, "inbound")
    assert built["actions"][-1]["state"] == "unknown"
    text = report.markdown(built)
    assert "not yet" in text and "The run has no end on record." in text


def test_the_markdown_has_every_chapter_and_intact_tables(journal: Journal) -> None:
    text = report.markdown(report.build(journal.entries(record(journal))))
    chapters = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert chapters == [
        "Summary", "Root cause", "Actions", "What was undone", "Verification", "Mail queue", "Time", "Timeline",
        "Preventive measures",
    ]  # fmt: skip
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        columns = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(columns) == 1, table
    assert "\n\n\n" not in text


def test_words_of_a_host_cannot_pass_for_markup(journal: Journal) -> None:
    text = report.markdown(report.build(journal.entries(record(journal))))
    assert r"\<b\>lmtp:unix:x\</b\>" in text and "<b>" not in text
    assert report.cell("# a|b\nc_d _e_ [x](y) `z`") == r"\# a\|b c_d \_e\_ \[x\](y) \`z\`"
    assert report.inline("1. x") == r"1\. x" and report.inline("10.61.2.11 port 25") == "10.61.2.11 port 25"


def test_the_seconds_of_several_runs_add_up(journal: Journal) -> None:
    incident = record(journal)
    later = {"outcome": "undone", "seconds": {"undo": 1.0, "verify": 0.5}}
    journal.write(incident, "review", "end", {"outcome": later})
    built = report.build(journal.entries(incident))
    assert built["stages"] == {"assess": 4.0, "fix": 3.5, "verify": 5.0, "undo": 1.0}
    assert built["outcome"] == "undone"


def test_what_became_of_every_message_is_in_data_page_and_timeline(journal: Journal) -> None:
    entries = journal.entries(record(journal, replace(OUTCOME, ledger=LEDGER)))
    built = report.build(entries)
    assert built["ledger"] == LEDGER
    text = report.markdown(built)
    assert "3 delayed: 2 delivered, 1 missing. Missing: 2C765170331." in text
    assert "| 2C765170331 | queued | missing | 2026-11-25T11:00:00Z | 300 | the log has no end of it |" in text
    assert sentence(entries[-1]).endswith("Missing: 2C765170331.")
