"""Killed at whatever step, no notice is lost, and none comes twice but in one moment, and then with the same key.

That moment is between the receiver's last answer and our record of it. No protocol can close it (two generals), so receivers
are given what they can know it by.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pyremediate.communication import herald
from pyremediate.journal import Journal
from pyremediate.settings import Settings
from tests.unit.communication.killed import STEPS
from tests.unit.communication.receivers import mails, outage, relay, settings, url, webhook

ROOT = Path(__file__).resolve().parents[3]
UNKNOWN_TO_US = {"after the answer", "before the record", "after the webhook"}  # it was taken, and that is not on record
OF_MAIL = [step for step in STEPS if "webhook" not in step]
WITHIN_SMTP = {"after the recipients", "within the content", "before its end", "after the answer"}
OF_WEBHOOK = [step for step in STEPS if step not in WITHIN_SMTP]


def killed(step: str, journal: str, given: Settings) -> None:
    line = [sys.executable, "-m", "tests.unit.communication.killed", step, journal]
    done = subprocess.run(
        [*line, given.model_dump_json(include={"communication"})],
        cwd=ROOT, env=os.environ, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    return f"sqlite:///{tmp_path}/journal.sqlite"


@pytest.mark.parametrize("step", OF_MAIL)
def test_a_mail_arrives_whatever_the_step(step, place):
    with relay() as (server, port), Journal.open(place, "anna") as journal:
        given = settings({"a": url(port, "all")}, users={"channels": ["a"], "language": "fr"})
        incident = outage(journal)
        killed(step, place, given)

        assert herald.carry_on(journal, given, lambda _: None) == []
        assert herald.carry_on(journal, given, lambda _: None) == [], "and never again"

        found = [mail["Message-ID"] for mail in mails(server)]
        assert {*found} == {f"<{incident}.users-1@outside.test>"}
        assert len(found) == 1 or step in UNKNOWN_TO_US, found


@pytest.mark.parametrize("step", ["after the notice", "after the attempt", "after the record"])
def test_two_audiences_are_told_whatever_the_step_of_the_other(step, place):
    with relay() as (server, port), Journal.open(place, "anna") as journal:
        given = settings({"a": url(port, "all")}, users={"channels": ["a"]}, it={"channels": ["a"]})
        incident = outage(journal)
        killed(step, place, given)
        cut_off = {letter.notice.id for letter in herald.letters(journal, (incident, incident)) if letter.state == "uncertain"}

        assert herald.carry_on(journal, given, lambda _: None) == []

        found = [mail["Message-ID"].partition("@")[0].rpartition(".")[2] for mail in mails(server)]
        assert {*found} == {"users-1", "it-1"}
        assert {name for name in found if found.count(name) > 1} <= cut_off, "the other one may have been in that moment"


@pytest.mark.parametrize("step", OF_WEBHOOK)
def test_a_webhook_gets_it_whatever_the_step(step, place):
    pytest.importorskip("apprise")
    with webhook() as receiver, Journal.open(place, "anna") as journal:
        given = settings({"hook": f"json://127.0.0.1:{receiver.port}/outages"}, users={"channels": ["hook"]})
        incident = outage(journal)
        killed(step, place, given)

        assert herald.carry_on(journal, given, lambda _: None) == []

        keys = [key for key, _ in receiver.received]
        assert {*keys} == {f"{incident}.users-1"}
        assert len(keys) == 1 or step in UNKNOWN_TO_US, keys


def test_a_cut_off_attempt_is_on_record_as_one_whose_end_nobody_knows(place):
    with relay() as (_, port), Journal.open(place, "anna") as journal:
        given = settings({"a": url(port, "all")}, users={"channels": ["a"]})
        incident = outage(journal)
        killed("after the recipients", place, given)
        herald.carry_on(journal, given, lambda _: None)

        kinds = [entry.kind for entry in journal.entries(incident, ("notice", "attempt", "attempted"))]
        assert kinds == ["notice", "attempt", "attempt", "attempted"]
        assert journal.verify_chain() is None
