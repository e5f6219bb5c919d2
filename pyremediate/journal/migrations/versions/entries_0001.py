"""The entries, and the triggers that make them append-only.

SQLite's REPLACE fires no delete trigger (lang_conflict.html), so an insert must also be the next in the row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SQLITE = (
    "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER entries_next BEFORE INSERT ON entries "
    "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entries) "
    "BEGIN SELECT RAISE(ABORT, 'the journal is append-only: not the next entry'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION entries_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE ON entries "
    "FOR EACH ROW EXECUTE FUNCTION entries_append_only()",
    "CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION entries_append_only()",
)


def upgrade() -> None:
    """Make the table, its indexes and its triggers."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    texts = ("incident", "host", "time", "actor", "stage", "kind", "payload", "previous", "hash")
    op.create_table(
        "entries",
        sa.Column("seq", number, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.UniqueConstraint("hash", name="entries_hash"),
    )
    op.create_index("entries_incident", "entries", ["incident", "seq"])
    op.create_index("entries_host_kind", "entries", ["host", "kind", "seq"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
