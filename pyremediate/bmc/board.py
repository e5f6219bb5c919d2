"""One look at one machine by its controller: everything that it tells, and for what it does not, the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Protocol, TypeVar

from pyremediate.bmc import parts, redfish
from pyremediate.bmc.connection import Connection, NotThere, Unseen
from pyremediate.bmc.redfish import Document, link, links
from pyremediate.bmc.values import Account, Board, Drive, Event, Fan, MemoryModule, PowerSupply, Temperature
from pyremediate.model import to_json

ROOT = "/redfish/v1/"
SECONDS = 40.0
MOST_EVENTS = 50
MOST_PAGES = 4
EVENT_LOG = ("SEL", "Sel")  # the ids that makers give to the log of the hardware itself
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
Part = TypeVar("Part")


class Source(Protocol):
    """Where documents come from."""

    def get(self, path: str) -> Document:
        """One document. Raises ``Unseen``."""

    def get_all(self, paths: Iterable[str]) -> list[Document]:
        """Several, in their order. Raises ``Unseen``."""


def look(account: Account, seconds: float = SECONDS, brief: bool = False) -> Board:
    """What the controller shows. Raises ``Unseen`` when not even the system itself can be read.

    ``brief``: where it says that the whole is OK, it is not asked for each part: four documents instead of some twenty.
    """
    return look_at(Connection(account, seconds), account, brief)


def look_at(source: Source, account: Account, brief: bool = False) -> Board:
    """The look itself, by documents from anywhere."""
    root = source.get(ROOT)
    reader = _Reader(source, bool(_features(root).get("NoLinks")))
    system = reader.system(root, account)
    chassis = reader.each("the chassis", lambda: source.get_all(links(system, "Links", "Chassis"))) or []
    rolled_up = {redfish.rolled_up(each) for each in (system, *chassis)} == {"OK"}
    whole = Board(
        address=account.address,
        power=system.get("PowerState"),
        health=redfish.worst(map(redfish.health, (system, *chassis))),
        manufacturer=system.get("Manufacturer"),
        model=system.get("Model"),
        serial=system.get("SerialNumber"),
        notes=tuple(reader.notes),
    )
    if brief and rolled_up and not reader.missed:
        return whole
    return _with_parts(whole, reader, system, chassis, rolled_up)


def _with_parts(
    whole: Board, reader: _Reader, system: Document, chassis: Iterable[Document], rolled_up: bool
) -> Board:
    """With its parts. The log comes last: it is the longest, and a look may end in the middle.

    Where the controller does not vouch for the whole, a part that was not read leaves it unknown whether all is well.
    """
    found = replace(
        whole,
        temperatures=reader.each("temperatures", lambda: reader.temperatures(chassis)),
        fans=reader.each("fans", lambda: reader.fans(chassis)),
        power_supplies=reader.each("power supplies", lambda: reader.power_supplies(chassis)),
        memory=reader.each("memory", lambda: reader.memory(system)),
        drives=reader.each("drives", lambda: reader.drives(system)),
    )
    health = redfish.worst([whole.health, *(part["health"] for part in parts.of(to_json(found)))])
    proved = health != "OK" or rolled_up or not reader.missed
    events = reader.each("the event log", lambda: reader.events(system))
    return replace(found, health=health if proved else None, events=events, notes=tuple(reader.notes))


def _features(root: Document) -> Document:
    return (root.get("ProtocolFeaturesSupported") or {}).get("ExpandQuery") or {}


class _Reader:
    """Finds its way through the documents, and remembers what could not be read."""

    def __init__(self, source: Source, expands: bool) -> None:
        self.notes: list[str] = []
        self.missed = False  # something is there that could not be read
        self._source = source
        self._expands = expands
        self._read: dict[str, Document] = {}

    def each(self, what: str, read: Callable[[], Part]) -> Part | None:
        """One part; when it cannot be read, None, a note, and the others do not suffer."""
        try:
            return read()
        except Unseen as error:
            self.missed = self.missed or not isinstance(error, NotThere)
            self.notes.append(f"{what} cannot be known: {error}")
        except MALFORMED as error:
            self.missed = True
            self.notes.append(f"{what} cannot be known: the controller's answer is malformed ({error!r})")
        return None

    def system(self, root: Document, account: Account) -> Document:
        """The one that is meant. Raises ``Unseen`` when that cannot be told."""
        paths = links(self._source.get(link(root, "Systems") or f"{ROOT}Systems"), "Members")
        ids = [path.rstrip("/").rpartition("/")[2] for path in paths]
        wanted = account.system or (ids[0] if len(ids) == 1 else "")
        if wanted not in ids:
            raise Unseen(f"{account.address} has the systems {', '.join(ids) or 'none'}; name the one that is meant")
        return self._source.get(paths[ids.index(wanted)])

    def temperatures(self, chassis: Iterable[Document]) -> tuple[Temperature, ...]:
        """By the old schema, or the new one."""
        found: list[Temperature] = []
        for old, new in self._by_schema(chassis, "Thermal", "ThermalSubsystem"):
            metrics = link(new, "ThermalMetrics")
            found += redfish.temperatures(old) if old else redfish.metrics(self._source.get(metrics)) if metrics else ()
        return tuple(found)

    def fans(self, chassis: Iterable[Document]) -> tuple[Fan, ...]:
        """By the old schema, or the new one."""
        return redfish.fans(
            chain.from_iterable(
                old.get("Fans") or () if old else self._members(link(new, "Fans"))
                for old, new in self._by_schema(chassis, "Thermal", "ThermalSubsystem")
            )
        )

    def power_supplies(self, chassis: Iterable[Document]) -> tuple[PowerSupply, ...]:
        """By the old schema, or the new one."""
        return redfish.power_supplies(
            chain.from_iterable(
                old.get("PowerSupplies") or () if old else self._members(link(new, "PowerSupplies"))
                for old, new in self._by_schema(chassis, "Power", "PowerSubsystem")
            )
        )

    def memory(self, system: Document) -> tuple[MemoryModule, ...]:
        """Every slot that is not empty."""
        return redfish.memory(self._members(_told(system, "Memory")))

    def drives(self, system: Document) -> tuple[Drive, ...]:
        """Those of every controller of storage."""
        storage = self._members(_told(system, "Storage"))
        return redfish.drives(self._source.get_all(chain.from_iterable(links(each, "Drives") for each in storage)))

    def events(self, system: Document) -> tuple[Event, ...]:
        """Of the log of the hardware where it is called so, else of every log; some keep it below the manager."""
        places = [system, *self._source.get_all(links(system, "Links", "ManagedBy"))]
        services = [each for place in places for each in self._members(link(place, "LogServices"))]
        if not services:
            raise NotThere("the controller has no log")
        chosen = [each for each in services if each.get("Id") in EVENT_LOG] or services
        entries = chain.from_iterable(self._members(link(each, "Entries"), whole=True) for each in chosen)
        return redfish.events(entries, MOST_EVENTS)

    def _by_schema(self, chassis: Iterable[Document], old: str, new: str) -> Iterator[tuple[Document, Document]]:
        """(document of the old schema, or of the new one) of each chassis that has one of them; the other is empty."""
        paths = [(link(each, old), link(each, new)) for each in chassis]
        if not any(chain.from_iterable(paths)):
            raise NotThere(f"the controller has neither {old} nor {new}")
        for first, second in paths:
            if first:
                yield self._once(first), {}
            elif second:
                yield {}, self._once(second)

    def _once(self, path: str) -> Document:
        if path not in self._read:
            self._read[path] = self._source.get(path)
        return self._read[path]

    def _members(self, path: str | None, whole: bool = False) -> list[Document]:
        """The members of a collection themselves. ``whole``: they are in the collection anyway (as log entries are)."""
        members: list[Document] = []
        for _ in range(MOST_PAGES):
            if not path:
                break
            page = self._source.get(f"{path}?$expand=." if self._expands and not whole and "?" not in path else path)
            members += page.get("Members") or []
            path = page.get("Members@odata.nextLink")
        if all(map(redfish.is_whole, members)):
            return members
        return self._source.get_all([each["@odata.id"] for each in members])


def _told(system: Document, name: str) -> str:
    path = link(system, name)
    if not path:
        raise NotThere(f"the controller has no {name}")
    return path
