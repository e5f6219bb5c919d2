"""incident sign, refuse, note, impact, cause, measure: the word of people on record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pyremediate.errors import Refused, UsageError
from pyremediate.sign_off import person
from tests.unit.cli.stage import at_a_terminal, run


@pytest.fixture(autouse=True)
def bob(monkeypatch: pytest.MonkeyPatch) -> None:
    somebody(monkeypatch, "bob")


def somebody(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(person, "at_the_keyboard", lambda: name)


def verification(incident: str) -> str:
    data = json.loads(run("incident", "show", incident, "--format", "json").stdout)
    return str(data["sign_off"]["verification"])


def test_nobody_signs_what_they_have_not_seen(incident: str) -> None:
    with pytest.raises(UsageError, match=r"say what you have seen: --verification [0-9a-f]{12}"):
        run("incident", "sign", incident)
    with pytest.raises(UsageError, match="give at least 12 characters"):
        run("incident", "sign", incident, "--verification", "")


def test_a_signature_closes_an_incident(incident: str) -> None:
    assert "repaired, awaiting sign-off" in run("incident", "list").stdout
    result = run("incident", "sign", incident, "--verification", verification(incident)[:12])
    assert result.stdout == f"{incident}: signed by bob; closed: signed by bob\n"
    assert "repaired, signed" in run("incident", "list").stdout
    assert "Closed: signed by bob" in run("incident", "show", incident).stdout


def test_two_signers_are_two_people(incident: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyremediate.yml").write_text("sign_off:\n  required_signers: 2\n")
    arguments = ("incident", "sign", incident, "--verification", verification(incident))
    assert "awaiting sign-off by 1 more (signed: bob)" in run(*arguments).stdout
    with pytest.raises(Refused, match="bob has signed it already"):
        run(*arguments)
    somebody(monkeypatch, "carol")
    assert "closed: signed by bob, carol" in run(*arguments).stdout


def test_at_a_terminal_what_was_verified_is_shown_and_asked(incident: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    no = run("incident", "sign", incident, input="n\n")
    assert "inbound.connect from client01" in no.stderr and no.exit_code == 1
    assert "awaiting" in run("incident", "list").stdout
    assert "signed by bob" in run("incident", "sign", incident, input="y\n").stdout


def test_a_refusal_names_its_reason_and_what_comes_next(incident: str) -> None:
    result = run("incident", "refuse", incident, "sales cannot send")
    assert result.stdout == f"{incident}: refused by bob; open again: pyremediate fix --host mail01\n"
    assert "repaired, sign-off refused" in run("incident", "list").stdout
    with pytest.raises(UsageError, match="REASON is empty"):
        run("incident", "refuse", incident, " ")


def test_keys_sign_where_the_settings_name_them_and_nowhere_else(incident: str) -> None:
    hash_ = verification(incident)
    with pytest.raises(UsageError, match=r"set sign_off.allowed_signers"):
        run("incident", "sign", incident, "--verification", hash_, "--key", "key")
    Path("pyremediate.yml").write_text("sign_off:\n  allowed_signers: signers\n")
    with pytest.raises(UsageError, match="lets only keys sign; name yours with --key"):
        run("incident", "sign", incident, "--verification", hash_)


def test_what_people_know_is_told_in_the_report(incident: str) -> None:
    run("incident", "note", incident, "The provider was called.")
    run("incident", "impact", incident, "Sales could not send", "--users", "40")
    run("incident", "cause", incident, "A change that nobody announced")
    told = run("incident", "show", incident).stdout
    assert "The provider was called." in told and "A change that nobody announced" in told
    assert "Sales could not send. People affected: 40." in told


def test_measures_have_an_owner_and_a_day_and_are_done_once(incident: str) -> None:
    with pytest.raises(UsageError, match="--owner NAME --due YYYY-MM-DD"):
        run("incident", "measure", incident, "Review changes")
    run("incident", "measure", incident, "Review changes", "--owner", "dave", "--due", "2020-01-31")
    run("incident", "measure", incident, "Monitor the queue", "--owner", "erin", "--due", "2999-01-01")
    first, second = run("incident", "measures", "--open").stdout.splitlines()[1:]
    assert first.split()[:2] == ["2020-01-31", "dave"] and "overdue" in first and "open" in second
    run("incident", "measure", incident, "--done", "1", "Every change has a ticket")
    assert len(run("incident", "measures", "--open").stdout.splitlines()) == 2
    data = json.loads(run("incident", "measures", "--format", "json").stdout)["measures"]
    told = [(item["number"], item["due"], bool(item["done_at"])) for item in data]
    assert told == [(1, "2020-01-31", True), (2, "2999-01-01", False)]
    with pytest.raises(UsageError, match="was done already"):
        run("incident", "measure", incident, "--done", "1")
    with pytest.raises(UsageError, match="there is no measure 9; there are: "):
        run("incident", "measure", incident, "--done", "9")


def test_an_unknown_incident_is_named() -> None:
    for arguments in (("note", "x", "y"), ("sign", "x"), ("refuse", "x", "y"), ("measure", "x", "--done", "1")):
        with pytest.raises(UsageError, match="there is no incident x"):
            run("incident", *arguments)


def test_an_empty_list_is_said() -> None:
    assert run("incident", "measures").stdout == "no measures are on record\n"
