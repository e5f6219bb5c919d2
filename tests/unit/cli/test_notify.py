"""``pyremediate notify`` as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pyremediate import cli
from pyremediate.communication import trying
from pyremediate.journal import Journal
from pyremediate.sign_off import person
from tests.unit.communication.receivers import dead_port, end, mails, outage, relay, url

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path / "state"))

    def typed(*words: str, channels: str = "", audiences: str = "") -> tuple[int, str, str]:
        file = tmp_path / "settings.yml"
        file.write_text(f"communication:\n  channels: {{{channels}}}\n  audiences: {{{audiences}}}\n" if channels else "")
        status = cli.run(["notify", *words, "--settings", str(file)])
        return (status, *capsys.readouterr())

    return typed


def mail(port: int, name: str = "relay") -> str:
    return f'{name}: {{url: "{url(port, name)}"}}'


USERS = "users: {channels: [dead, relay], language: es}, it: {channels: [relay]}"


def test_a_test_tries_every_channel_once_and_a_dead_one_is_a_failure(run):
    with relay() as (server, port):
        status, out, _ = run("test", channels=f"{mail(dead_port(), 'dead')}, {mail(port)}", audiences=USERS)

    assert status == 1 and "Connection refused" in out and "250 2.0.0 Ok" in out
    assert [each["Subject"] for each in mails(server)] == ["Prueba: avisos de interrupciones del correo electrónico"]
    assert {trial.channel: trial.well for trial in trying.remembered()} == {"dead": False, "relay": True}


def test_a_quiet_test_sends_nothing(run):
    with relay() as (server, port):
        status, out, _ = run("test", "--quiet", channels=mail(port), audiences="it: {channels: [relay]}")

    assert (status, server.received) == (0, []) and "takes mail for 1 recipients" in out


def test_a_dry_run_prints_and_sends_nothing(run):
    with relay() as (server, port):
        status, out, _ = run("test", "--dry-run", channels=mail(port), audiences="it: {channels: [relay], language: nl}")

    assert (status, server.commands) == (0, []) and "Test: meldingen over e-mailstoringen" in out


def test_what_was_tried_can_be_read_by_programs(run):
    with relay() as (_, port):
        status, out, _ = run("test", "--format", "json", channels=mail(port), audiences="it: {channels: [relay]}")

    assert status == 0 and json.loads(out)["channels"][0]["answer"].startswith("250")


def test_a_preview_is_in_the_language_that_is_asked_for(run):
    status, out, _ = run(
        "preview", "--message", "resolved", "--language", "fr", channels=mail(1), audiences="it: {channels: [relay]}"
    )

    assert status == 0 and "Résolu : perturbation de la messagerie depuis le 26 novembre 2026" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("preview", "--message", "nonsense"), "there is no message 'nonsense'; there is: outage, update"),
        (("preview", "--language", "de"), "'de' is no language that is known here; there is: en, it, pt, fr, nl, es"),
        (("test", "--audience", "nobody"), "there is no audience 'nobody' in the settings; there is: it"),
        (("list", "nothing"), "there is no incident nothing"),
        (("show", "nothing", "it-1"), "there is no incident nothing"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(run, words, complaint):
    status, _, err = run(*words, channels=mail(1), audiences="it: {channels: [relay]}")

    assert status == 2 and complaint in err


@pytest.mark.parametrize("verb", ["test", "preview", "deliver"])
def test_without_audiences_it_says_that_nobody_is_told(run, verb):
    status, _, err = run(verb)

    assert status == 2 and "the settings name no audiences, so nobody is told of an outage; see docs/communication.md" in err


def test_what_is_due_is_delivered_once_listed_and_shown(run):
    with Journal.open(None, "anna") as journal:
        incident = outage(journal)
    with relay() as (server, port):
        given = {"channels": f"{mail(dead_port(), 'dead')}, {mail(port)}", "audiences": "users: {channels: [dead, relay]}"}
        status, out, _ = run("deliver", **given)
        again = run("deliver", **given)
        _, listed, _ = run("list", incident, **given)
        _, shown, _ = run("show", incident, "users-1", **given)

    assert (status, out) == (0, "users was told (outage) by relay\n")
    assert again[:2] == (0, "nothing is due\n") and len(server.received) == 1
    assert "users-1" in listed and "delivered" in listed and "250 2.0.0 Ok" in listed
    assert "Messages from outside do not arrive." in shown and "dead  failed: " in shown and "relay  delivered: 250" in shown


def test_what_could_not_be_delivered_is_told_by_the_exit_status(run):
    with Journal.open(None, "anna") as journal:
        outage(journal)
    status, _, err = run("deliver", channels=mail(dead_port()), audiences="it: {channels: [relay]}")

    assert status == 1 and "it is not told yet (outage): relay: 127.0.0.1 port" in err


def test_who_signs_lets_the_review_be_announced(tmp_path, run, monkeypatch, capsys):
    monkeypatch.setattr(person, "at_the_keyboard", lambda: "bob")
    with relay() as (server, port):
        given = {"channels": mail(port), "audiences": "it: {channels: [relay]}"}
        with Journal.open(None, "anna") as journal:
            incident = outage(journal)
            run("deliver", **given)
            end(journal, incident)
            run("deliver", **given)
            verification = journal.entries(incident, ("end",))[-1].hash
        status = cli.run(
            ["incident", "sign", incident, "--verification", verification, "--settings", str(tmp_path / "settings.yml")]
        )

    assert status == 0, capsys.readouterr()
    told = [each["Subject"].partition(":")[0].partition(" since")[0] for each in mails(server)]
    assert told == ["E-mail disruption", "Resolved", "Review ready"]


def test_who_has_read_a_notice_is_put_on_record_once(run):
    with Journal.open(None, "anna") as journal:
        incident = outage(journal)
    with relay() as (_, port):
        given = {"channels": mail(port), "audiences": "users: {channels: [relay]}"}
        run("deliver", **given)
        told = [run("read", incident, "users-1", "--by", "Carla  B.", **given) for _ in range(2)]
        unknown = run("read", incident, "users-7", **given)
        _, listed, _ = run("list", incident, **given)

    assert told == [(0, f"{incident}: notice users-1 was read by Carla B.\n", "")] * 2
    assert unknown[0] == 2 and "has no notice users-7; there is: users-1" in unknown[2]
    assert " read " in listed
    with Journal.open(None, "anna") as journal:
        assert [entry.payload for entry in journal.entries(incident, ("read",))] == [{"notice": "users-1", "by": "Carla B."}]


def test_a_notice_that_was_not_sent_yet_cannot_have_been_read(run):
    with Journal.open(None, "anna") as journal:
        incident = outage(journal)
        notice = {"id": "it-1", "message": "outage", "audience": "it", "language": "en", "subject": "s", "body": "b"}
        journal.write(incident, "tell", "notice", {**notice, "ladder": ["relay"], "told": {}, "after": []})

    status, _, err = run("read", incident, "it-1", channels=mail(1), audiences="it: {channels: [relay]}")

    assert status == 2 and "has not been sent yet, so nobody can have read it" in err
