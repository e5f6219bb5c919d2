"""The journal in PostgreSQL: only where ``PYREMEDIATE_TEST_POSTGRESQL`` names an empty database that may be written to.

createdb trial; PYREMEDIATE_TEST_POSTGRESQL=postgresql:///trial pytest tests/unit/test_journal_postgresql.py
"""

from __future__ import annotations

import multiprocessing
import os

import pytest
import sqlalchemy as sa

from pyremediate.errors import PyremediateError
from pyremediate.journal import Journal

URL = os.environ.get("PYREMEDIATE_TEST_POSTGRESQL", "")
pytestmark = pytest.mark.skipif(not URL, reason="PYREMEDIATE_TEST_POSTGRESQL names no database")


def _write_many(host: str) -> None:
    with Journal.open(URL) as journal:
        incident = journal.begin(host, "anna", "1.0")
        for number in range(15):
            journal.write(incident, "assess", "note", {"number": number, "text": "größer \x00"})


def test_writers_at_once_lose_nothing_and_keep_the_chain() -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(f"mail{number}",)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0] * 4
    with Journal.open(URL) as journal:
        assert journal.verify_chain() is None
        newest = journal.incidents(limit=4)
        assert {item.host for item in newest} == {"mail0", "mail1", "mail2", "mail3"}
        assert all(len(journal.entries(item.id)) == 16 for item in newest)


@pytest.mark.parametrize("statement", ["UPDATE entries SET payload = '{}'", "DELETE FROM entries", "TRUNCATE entries"])
def test_the_database_refuses_to_change_an_entry(statement: str) -> None:
    with Journal.open(URL) as journal:
        journal.begin("mail01", "anna", "1.0")
        with pytest.raises(PyremediateError, match="append-only"), journal._writing() as connection:
            connection.execute(sa.text(statement))
