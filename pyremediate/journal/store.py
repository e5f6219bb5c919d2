"""The journal itself: begins incidents, appends entries durably, reads them back, checks the chain."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from pyremediate.errors import UsageError
from pyremediate.journal import database
from pyremediate.journal.database import entries as table
from pyremediate.journal.entry import TIME, Entry, fault_of, from_row, row_after
from pyremediate.journal.incident import TELLING, IncidentSummary, Unfinished, steps, summary
from pyremediate.journal.redact import Redactor
from pyremediate.model import to_json
from pyremediate.request import operator

AUDIT = "audit"


@dataclass(frozen=True)
class Broken:
    """The first entry that is not as it was written."""

    seq: int
    incident: str
    reason: str


class Journal:
    """One open journal. Every write is on disk when it returns."""

    def __init__(self, engine: sa.Engine, actor: str) -> None:
        self._engine, self._actor = engine, actor
        self._hosts: dict[str, str] = {}
        self._redactor = Redactor()
        self._observers: list[Callable[[], None]] = []

    @classmethod
    def open(cls, url: str | None = None, actor: str | None = None) -> Self:
        """The journal at a database URL, made when it is not there; None: the file in the state directory."""
        return cls(database.connect(url), actor or operator())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def redact(self, values: Iterable[str]) -> None:
        """Values that must never be written, wherever they turn up."""
        self._redactor.add(values)

    def observe(self, observer: Callable[[], None]) -> None:
        """Call this after each entry that is committed; it must return at once, and never raise."""
        self._observers.append(observer)

    def begin(self, host: str, actor: str, version: str, reopens: str = "") -> str:
        """Open an incident; returns its id, such as ``20261125-013045-mail01`` (UTC).

        ``reopens``: the incident that somebody refused to sign, which this one takes up.
        """
        self._actor = actor or self._actor
        with self._writing() as connection:
            now = datetime.now(UTC)
            incident = _free_id(connection, f"{now:%Y%m%d-%H%M%S}-{re.sub(r'[^A-Za-z0-9.-]', '_', host)}")
            payload = {"version": version, **({"reopens": reopens} if reopens else {})}
            self._append(connection, now, (incident, host, "begin", "begin"), payload)
        self._hosts[incident] = host
        return incident

    def write(self, incident: str, stage: str, kind: str, payload: Mapping[str, Any]) -> None:
        """Append one entry; it is committed, without secrets, before this returns."""
        with self._writing() as connection:
            host = self._hosts.get(incident) or _host_of(connection, incident)
            self._append(connection, datetime.now(UTC), (incident, host, stage, kind), payload)
        for observer in self._observers:
            observer()

    def audited(self, targets: Mapping[str, Mapping[str, Any]]) -> str:
        """Record an audit: an entry for each host and device, by name, all or none; returns the audit's id."""
        with self._writing() as connection:
            now = datetime.now(UTC)
            audit = _free_id(connection, f"audit-{now:%Y%m%d-%H%M%S}")
            for target, payload in targets.items():
                self._append(connection, now, (audit, target, AUDIT, AUDIT), payload)
        return audit

    def audits(self, limit: int) -> tuple[Entry, ...]:
        """The entries of the newest audits, the oldest first."""
        own = table.c.kind == AUDIT
        newest = sa.select(table.c.incident).where(own).group_by(table.c.incident)
        newest = newest.order_by(sa.func.max(table.c.seq).desc()).limit(limit)
        return tuple(self._read(sa.select(table).where(own, table.c.incident.in_(newest)).order_by(table.c.seq)))

    def last_audits(self) -> dict[str, Entry]:
        """The last audit of each host and device, by its name."""
        newest = sa.select(sa.func.max(table.c.seq)).where(table.c.kind == AUDIT).group_by(table.c.host)
        return {entry.host: entry for entry in self._read(sa.select(table).where(table.c.seq.in_(newest)))}

    def entries(self, incident: str, kinds: Collection[str] = ()) -> tuple[Entry, ...]:
        """Everything about one incident, or its entries of some kinds, in order. Raises ``UsageError`` when unknown."""
        query = sa.select(table).where(table.c.incident == incident).order_by(table.c.seq)
        found = tuple(self._read(query.where(table.c.kind.in_(kinds)) if kinds else query))
        if not found:
            self.host_of(incident)
        return found

    def of_kinds(self, kinds: Collection[str], host: str | None = None) -> tuple[Entry, ...]:
        """The entries of some kinds, of every incident or of those of one host, in order."""
        query = sa.select(table).where(table.c.kind.in_(kinds)).order_by(table.c.seq)
        return tuple(self._read(query if host is None else query.where(table.c.host == host)))

    def since(self, time: datetime, kinds: Collection[str]) -> tuple[Entry, ...]:
        """The entries of some kinds of every incident that had one since then, in order."""
        recent = sa.select(table.c.incident).where(table.c.time >= f"{time.astimezone(UTC):{TIME}}", table.c.kind.in_(kinds))
        wanted = sa.select(table).where(table.c.incident.in_(recent), table.c.kind.in_(kinds))
        return tuple(self._read(wanted.order_by(table.c.seq)))

    def first(self) -> datetime | None:
        """When the record begins; None: it is empty."""
        found = self._read(sa.select(table).order_by(table.c.seq).limit(1))
        return found[0].time if found else None

    def host_of(self, incident: str) -> str:
        """The host that an incident is about. Raises ``UsageError`` when there is no such incident."""
        if incident not in self._hosts:
            with self._reading() as connection:
                self._hosts[incident] = _host_of(connection, incident)
        return self._hosts[incident]

    def incidents(self, host: str | None = None, limit: int | None = 20) -> tuple[IncidentSummary, ...]:
        """The newest incidents first."""
        newest = sa.select(table.c.incident).where(table.c.kind == "begin").order_by(table.c.seq.desc()).limit(limit)
        if host is not None:
            newest = newest.where(table.c.host == host)
        wanted = sa.select(table).where(table.c.incident.in_(newest), table.c.kind.in_(TELLING))
        found = sorted(self._read(wanted.order_by(table.c.seq)), key=lambda entry: entry.incident)
        grouped = [list(group) for _, group in groupby(found, key=lambda entry: entry.incident)]
        return tuple(summary(group) for group in sorted(grouped, key=lambda group: -group[0].seq))

    def unfinished(self, host: str | None = None) -> Unfinished | None:
        """The newest incident, of one host or of any, that was left in the middle, with its steps."""
        for item in self.incidents(host, limit=None):
            if item.open:
                return Unfinished(item.id, item.host, item.began, steps(self.entries(item.id)))
        return None

    def verify_chain(self) -> Broken | None:
        """Hash everything again; the first entry that does not fit, or None."""
        before: Mapping[str, Any] | None = None
        with self._reading() as connection:
            result = connection.execution_options(yield_per=200).execute(sa.select(table).order_by(table.c.seq))
            for found in result.mappings():
                row = {str(name): value for name, value in found.items()}
                if wrong := fault_of(row, before):
                    return Broken(row["seq"], row["incident"], wrong)
                before = row
        return None

    def _append(
        self, connection: sa.Connection, now: datetime, names: tuple[str, str, str, str], payload: Mapping[str, Any]
    ) -> None:
        newest = sa.select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)
        last = connection.execute(newest).first()
        content = {
            **dict(zip(("incident", "host", "stage", "kind"), names, strict=True)),
            "actor": self._actor,
            "payload": self._redactor.clean(to_json(payload)),
        }
        connection.execute(sa.insert(table), row_after(tuple(last) if last else None, content, now))

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        try:
            with database.writing(self._engine).begin() as connection:
                database.take_turn(connection)
                yield connection
        except SQLAlchemyError as error:
            raise database.unwritable(self._engine, error) from None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise database.unwritable(self._engine, error) from None

    def _read(self, query: sa.Select[Any]) -> list[Entry]:
        with self._reading() as connection:
            rows = connection.execute(query).mappings()
            return [from_row({str(name): value for name, value in row.items()}) for row in rows]


def _free_id(connection: sa.Connection, wanted: str) -> str:
    """The id itself, or with the first number that is free; nobody else can take it meanwhile."""
    alike = table.c.incident.startswith(wanted, autoescape=True)
    taken = set(connection.scalars(sa.select(table.c.incident).where(alike)))
    number, incident = 1, wanted
    while incident in taken:
        number += 1
        incident = f"{wanted}-{number}"
    return incident


def _host_of(connection: sa.Connection, incident: str) -> str:
    host = connection.scalar(sa.select(table.c.host).where(table.c.incident == incident).limit(1))
    if host is None:
        raise UsageError(_no_such(incident))
    return str(host)


def _no_such(incident: str) -> str:
    return f"there is no incident {incident}; see: pyremediate incident list"
