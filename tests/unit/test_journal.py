"""The journal keeps what it is given, in order, and nobody changes it unseen."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from pyremediate import model
from pyremediate.errors import PyremediateError, UsageError
from pyremediate.journal import Journal, database, steps

REMEDY = model.Remedy("start", "restart", "Start Postfix", "postfix", "start", {"unit": "postfix.service"})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/journal.sqlite"


@pytest.fixture
def journal(url: str):
    with Journal.open(url, actor="anna") as opened:
        yield opened


def step(number: int, state: str) -> model.Step:
    return model.Step(number, "postfix/stopped", REMEDY, f"x-{number}", state, changed=("Start it",), seconds=1.5)


def test_an_incident_is_named_after_its_time_and_host(journal: Journal) -> None:
    first = journal.begin("mail01", "anna", "1.0")
    second = journal.begin("mail01", "anna", "1.0")
    assert first.endswith("-mail01") and first[8] == "-" and first[:8].isdigit()
    assert first != second


def test_an_incident_of_a_strange_host_name_is_still_a_file_name(journal: Journal) -> None:
    assert "/" not in journal.begin("mail01/../x y", "anna", "1.0")


def test_entries_come_back_as_they_were_written(journal: Journal) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "assess", "note", {"text": "größer \udcff \x00", "at": 1.5, "list": (1, None, True)})
    begin, note = journal.entries(incident)
    assert (begin.kind, begin.actor, begin.host, begin.payload["version"]) == ("begin", "anna", "mail01", "1.0")
    assert note.payload == {"text": "größer \udcff \x00", "at": 1.5, "list": [1, None, True]}
    assert journal.entries(incident, kinds=("note",)) == (note,) and journal.host_of(incident) == "mail01"
    assert journal.entries(incident, kinds=("end",)) == ()
    assert note.previous == begin.hash and note.seq == begin.seq + 1 and note.time >= begin.time


def test_an_entry_survives_the_process(url: str) -> None:
    with Journal.open(url) as journal:
        incident = journal.begin("mail01", "anna", "1.0")
    with Journal.open(url) as again:
        again.write(incident, "assess", "note", {"text": "later"})
        assert [entry.host for entry in again.entries(incident)] == ["mail01", "mail01"]


def test_an_unknown_incident_is_named(journal: Journal) -> None:
    with pytest.raises(UsageError, match="there is no incident 2020-x"):
        journal.entries("2020-x")
    with pytest.raises(UsageError, match="there is no incident 2020-x"):
        journal.write("2020-x", "assess", "note", {})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET payload = '{}'",
        "DELETE FROM entries",
        "REPLACE INTO entries SELECT seq, 'x', host, time, actor, stage, kind, payload, previous, hash FROM entries",
        "INSERT INTO entries SELECT 99, incident, host, time, actor, stage, kind, payload, previous, 'x' FROM entries",
    ],
)
def test_the_database_refuses_to_change_an_entry(journal: Journal, tmp_path: Path, statement: str) -> None:
    journal.begin("mail01", "anna", "1.0")
    raw = sqlite3.connect(tmp_path / "journal.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw.execute(statement)
    assert journal.verify_chain() is None


@pytest.mark.parametrize(
    ("tampering", "seq", "reason"),
    [
        ("UPDATE entries SET actor = 'eve' WHERE seq = 2", 2, "not as it was written"),
        ("UPDATE entries SET payload = payload || ' ' WHERE seq = 3", 3, "not as it was written"),
        ("UPDATE entries SET hash = previous WHERE seq = 1", 1, "not as it was written"),
        ("DELETE FROM entries WHERE seq = 2", 3, "missing between 1 and it"),
        ("DELETE FROM entries WHERE seq = 1", 2, "missing between 0 and it"),
        ("UPDATE entries SET previous = 'x' WHERE seq = 3", 3, "does not follow"),
    ],
)
def test_the_first_broken_entry_is_named(
    journal: Journal, tmp_path: Path, tampering: str, seq: int, reason: str
) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    for number in range(4):
        journal.write(incident, "assess", "note", {"number": number})
    assert journal.verify_chain() is None
    with sqlite3.connect(tmp_path / "journal.sqlite") as raw:
        for trigger in ("entries_no_update", "entries_no_delete", "entries_next"):
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute(tampering)
    broken = journal.verify_chain()
    assert broken is not None and broken.seq == seq and reason in broken.reason and broken.incident == incident


def _write_many(url: str, host: str) -> None:
    with Journal.open(url) as journal:
        incident = journal.begin(host, "anna", "1.0")
        for number in range(15):
            journal.write(incident, "assess", "note", {"number": number})


def test_writers_at_once_lose_nothing_and_keep_the_chain(url: str) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(url, f"mail{number}")) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with Journal.open(url) as journal:
        assert journal.verify_chain() is None
        assert [len(journal.entries(item.id)) for item in journal.incidents()] == [16, 16, 16]


def test_the_file_and_its_companions_are_their_owners_alone(journal: Journal, tmp_path: Path) -> None:
    journal.begin("mail01", "anna", "1.0")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_the_default_is_a_file_in_the_state_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path / "state"))
    with Journal.open() as journal:
        journal.begin("mail01", "anna", "1.0")
    assert (tmp_path / "state" / "journal.sqlite").is_file()
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_every_commit_is_synced(journal: Journal) -> None:
    with journal._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_known_values_and_secret_names_are_withheld(journal: Journal, tmp_path: Path) -> None:
    journal.redact(['hunter2 "quoted"', "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----", "abc", ""])
    incident = journal.begin("mail01", "anna", "1.0")
    payload = {
        "error": 'line 4: passwd=hunter2 "quoted"; next MIIEvQIBADANBg',
        "nested": [{"sasl_password": "other", "token_key": ["t1", {"x": "t2"}]}, '{"p": "hunter2 \\"quoted\\""}'],
        "secret": True,
        "smtp_sasl_password_maps": "hash:/etc/postfix/sasl",
        "short": "abc",
        "word": "abcdef",
    }
    journal.write(incident, "fix", "error", payload)
    written = journal.entries(incident)[-1].payload
    assert written["error"] == "line 4: passwd=[withheld]; next [withheld]"
    assert written["nested"][0] == {"sasl_password": "[withheld]", "token_key": ["[withheld]", {"x": "[withheld]"}]}
    assert written["secret"] is True and written["smtp_sasl_password_maps"] == "hash:/etc/postfix/sasl"
    assert written["short"] == "[withheld]" and written["word"] == "abcdef"
    journal.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not any(secret in stored for secret in (b"hunter2", b"MIIEvQ", b'"other"', b'"t2"'))


def test_numbers_that_json_does_not_have_do_not_stop_a_fix(journal: Journal) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "assess", "note", {"load": float("nan"), "path": Path("/x"), "set": {1}})
    assert journal.entries(incident)[-1].payload == {"load": "nan", "path": "/x", "set": [1]}


def test_incidents_are_summed_up_newest_first(journal: Journal) -> None:
    old = journal.begin("mail01", "anna", "1.0")
    both = [{"code": "postfix/stopped"}, {"code": "dns/resolver"}]
    journal.write(old, "diagnose", "diagnose", {"diagnosis": {"causes": both}})
    journal.write(old, "diagnose", "diagnose", {"diagnosis": {"causes": [{"code": "dns/resolver"}]}})
    journal.write(old, "end", "end", {"outcome": {"outcome": "repaired"}})
    new = journal.begin("mail02", "anna", "1.0")
    second, first = journal.incidents()
    assert (second.id, second.open, second.outcome, second.ended) == (new, True, "", None)
    assert (first.id, first.open, first.outcome) == (old, False, "repaired")
    assert first.causes == ("postfix/stopped", "dns/resolver") and first.ended is not None
    assert [item.id for item in journal.incidents(host="mail01")] == [old]
    assert [item.id for item in journal.incidents(limit=1)] == [new]


def test_a_step_that_was_begun_and_never_ended_is_unknown(journal: Journal) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "fix", "intent", {"step": step(1, "intent")})
    journal.write(incident, "fix", "done", {"step": step(1, "done")})
    journal.write(incident, "verify", "undone", {"step": step(1, "undone")})
    journal.write(incident, "fix", "intent", {"step": step(2, "intent")})
    left = journal.unfinished("mail01")
    assert left is not None and left.incident == incident and left == journal.unfinished()
    assert journal.unfinished("mail02") is None
    assert [(item.number, item.state) for item in left.steps] == [(1, "undone"), (2, "unknown")]
    assert left.steps[0] == step(1, "undone") and left.steps[1].remedy == REMEDY


def test_an_incident_with_an_end_is_finished_until_an_undo_is_left_in_the_middle(journal: Journal) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    journal.write(incident, "fix", "intent", {"step": step(1, "intent")})
    journal.write(incident, "fix", "done", {"step": step(1, "done")})
    journal.write(incident, "end", "end", {"outcome": "repaired"})
    journal.write(incident, "end", "note", {"text": "the disk was replaced later"})
    assert journal.unfinished("mail01") is None
    journal.write(incident, "undo", "undo", {"step": step(1, "done"), "reason": "asked for"})
    left = journal.unfinished("mail01")
    assert left is not None and left.steps[0].state == "unknown"
    journal.write(incident, "undo", "undone", {"step": step(1, "undone")})
    assert journal.unfinished("mail01") is None
    assert steps(journal.entries(incident))[0].state == "undone"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "journal.url: no URL of a database"),
        ("oracle://u:hunter2@h/x", "journal.url: no URL of a database"),
        ("sqlite:////no/such/directory/journal.sqlite", "cannot be opened: .*No such file or directory"),
        ("postgresql://u:hunter2@127.0.0.1:1/x", r"postgresql://u:\*\*\*@127.0.0.1:1/x: "),
    ],
)
def test_a_journal_that_cannot_be_opened_is_one_line_without_the_password(url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        Journal.open(url)
    assert "hunter2" not in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_text("this is not a database, but long enough to be taken for one" * 20)
    with pytest.raises(UsageError, match=r"journal\.sqlite: the journal cannot be opened: file is not a database"):
        Journal.open(f"sqlite:///{tmp_path}/journal.sqlite")


def test_a_journal_of_a_newer_version_is_left_alone(journal: Journal, url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.sqlite") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UsageError, match="newer pyremediate"):
        Journal.open(url)


def test_what_cannot_be_committed_stops_the_run(journal: Journal, tmp_path: Path) -> None:
    incident = journal.begin("mail01", "anna", "1.0")
    with sqlite3.connect(tmp_path / "journal.sqlite") as raw:
        raw.execute("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(PyremediateError, match="disk is full; nothing more was done"):
        journal.write(incident, "fix", "intent", {})


def test_the_migrations_lead_to_the_schema_that_the_code_uses(journal: Journal) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD
    found = {column["name"]: column["nullable"] for column in sa.inspect(journal._engine).get_columns("entries")}
    assert found == {column.name: column.nullable for column in database.entries.columns}
