"""The journal's database: SQLite in the state directory, or PostgreSQL by URL; secured, and brought to its schema."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from pyremediate.errors import PyremediateError, UsageError
from pyremediate.paths import state_directory

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"  # the newest migration; so that Alembic is loaded only when there is work for it
WAIT_SECONDS = 15  # for another writer
WRITERS = 0x7079_7265_6D65_6469  # the advisory lock that PostgreSQL's writers take in turn

entries = sa.Table(
    "entries",
    sa.MetaData(),
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("incident", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # canonical JSON, byte for byte: it is hashed
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)


def connect(url: str | None) -> sa.Engine:
    """A database at the newest schema. Raises ``UsageError`` that names it and the mend, never its password."""
    place = str(url)
    try:
        parsed = make_url(url) if url else _default()
        place = parsed.render_as_string(hide_password=True)
        engine = _engine(parsed)
        _bring_to_head(engine, place)
    except ModuleNotFoundError as error:
        mend = "install it with: pip install 'pyremediate[postgresql]'"
        raise UsageError(f"{place}: the database driver {error.name} is missing; {mend}") from None
    except (ArgumentError, NoSuchModuleError):
        mend = "write sqlite:////path or postgresql://user@host/name"
        raise UsageError(f"journal.url: no URL of a database; {mend}") from None
    except (SQLAlchemyError, OSError) as error:
        words = f"the journal cannot be opened: {reason(error)}"
        raise UsageError(f"{place}: {words}; correct journal.url in the settings, or its access") from None
    return engine


def unwritable(engine: sa.Engine, error: SQLAlchemyError) -> PyremediateError:
    """What to raise when an entry could not be committed: without a record nothing may be done."""
    place = engine.url.render_as_string(hide_password=True)
    return PyremediateError(f"{place}: the journal cannot be used: {reason(error)}; nothing more was done")


def reason(error: Exception) -> str:
    """The database's own words, in one line, without the statement and its values."""
    words = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(words).split()) or type(error).__name__


def _default() -> URL:
    directory = state_directory()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    return URL.create("sqlite", database=str(directory / "journal.sqlite"))


def _engine(url: URL) -> sa.Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    if url.get_backend_name() != "postgresql":
        raise NoSuchModuleError(url.drivername)
    arguments = {"connect_timeout": WAIT_SECONDS, "options": f"-c lock_timeout={WAIT_SECONDS}s -c timezone=UTC"}
    return sa.create_engine(url.set(drivername="postgresql+psycopg"), connect_args=arguments, hide_parameters=True)


def _sqlite(url: URL) -> sa.Engine:
    """Write-ahead log and a sync at each commit; the file is its owner's alone, and its companions take its mode."""
    if url.database and url.database != ":memory:":
        os.close(os.open(url.database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engine = sa.create_engine(url, connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred transaction that turns into a writer fails at once when another writes: SQLITE_BUSY, no waiting.
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def writing(engine: sa.Engine) -> sa.Engine:
    """The engine whose transactions write: they take their turn from the start (see ``take_turn``)."""
    return engine.execution_options(writing=True)


def take_turn(connection: sa.Connection) -> None:
    """One writer at a time: in SQLite by BEGIN IMMEDIATE, in PostgreSQL by a lock that an append-only role may take."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS})


def _bring_to_head(engine: sa.Engine, place: str) -> None:
    with engine.connect() as connection:
        if sa.inspect(connection).has_table("alembic_version"):
            version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
            if version == HEAD:
                return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(engine).begin() as connection:
        take_turn(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise UsageError(f"{place}: written by a newer pyremediate ({error}); use that one") from None
