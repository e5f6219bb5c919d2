"""Redfish's documents as values, both of the old schemas (Thermal, Power) and of the new (ThermalSubsystem, PowerSubsystem). Pure.

A property that a controller leaves out, as the standard lets it, is None. What is not plugged in (State Absent) is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from pyremediate.bmc.values import Drive, Event, Fan, MemoryModule, PowerSupply, Temperature

Document = Mapping[str, Any]
WORST_FIRST = ("Critical", "Warning", "OK")


def link(document: Document, *names: str) -> str | None:
    """The path that a property leads to: ``link(system, "Memory")``."""
    found: Any = document
    for name in names:
        found = (found or {}).get(name)
    return (found or {}).get("@odata.id")


def links(document: Document, *names: str) -> list[str]:
    """The paths in a list of references; of a collection its members."""
    found: Any = document
    for name in names:
        found = (found or {}).get(name)
    return [each["@odata.id"] for each in found or []]


def is_whole(document: Document) -> bool:
    """Is it more than a reference? ``$expand`` puts the members themselves in the place of references."""
    return set(document) > {"@odata.id"}


def health(document: Document) -> str | None:
    """Of the whole below it, when the controller says so; else its own."""
    status = document.get("Status") or {}
    return status.get("HealthRollup") or status.get("Health")


def rolled_up(document: Document) -> str | None:
    """Of the whole below it; None when the controller does not tell that."""
    return (document.get("Status") or {}).get("HealthRollup")


def worst(healths: Iterable[str | None]) -> str | None:
    """The worst that is told; None when nothing is."""
    found = set(healths)
    return next((each for each in WORST_FIRST if each in found), None)


def temperatures(thermal: Document) -> tuple[Temperature, ...]:
    """Of the resource Thermal."""
    return tuple(
        Temperature(_name(each), each.get("ReadingCelsius"), each.get("UpperThresholdCritical"), health(each))
        for each in _present(thermal.get("Temperatures"))
    )


def metrics(document: Document) -> tuple[Temperature, ...]:
    """Of the resource ThermalMetrics, which has no limits and no health."""
    return tuple(
        Temperature(each.get("DeviceName") or each.get("PhysicalContext") or "", each.get("Reading"), None, None)
        for each in document.get("TemperatureReadingsCelsius") or []
    )


def fans(documents: Iterable[Document]) -> tuple[Fan, ...]:
    """Of Thermal's list, or the resources Fan."""
    return tuple(_fan(each) for each in _present(documents))


def _fan(document: Document) -> Fan:
    modern = document.get("SpeedPercent") or {}
    if modern.get("SpeedRPM") is not None:
        speed, unit = modern["SpeedRPM"], "RPM"
    elif modern:
        speed, unit = modern.get("Reading"), "Percent"
    else:
        speed, unit = document.get("Reading", document.get("ReadingRPM")), document.get("ReadingUnits", "RPM")
    return Fan(_name(document), speed, unit, health(document))


def power_supplies(documents: Iterable[Document]) -> tuple[PowerSupply, ...]:
    """Of Power's list, or the resources PowerSupply."""
    return tuple(
        PowerSupply(
            _name(each), each.get("PowerOutputWatts", each.get("LastPowerOutputWatts")), health(each), _state(each),
            each.get("Model"), each.get("SerialNumber"),
        )
        for each in _present(documents)
    )  # fmt: skip


def memory(documents: Iterable[Document]) -> tuple[MemoryModule, ...]:
    """Of the resources Memory."""
    return tuple(
        MemoryModule(
            each.get("DeviceLocator") or _name(each), each.get("CapacityMiB"), health(each), _state(each),
            each.get("PartNumber"), each.get("SerialNumber"),
        )
        for each in _present(documents)
    )  # fmt: skip


def drives(documents: Iterable[Document]) -> tuple[Drive, ...]:
    """Of the resources Drive."""
    return tuple(
        Drive(
            _name(each), each.get("Model"), each.get("SerialNumber"), _slot(each), health(each),
            each.get("FailurePredicted"),
        )
        for each in _present(documents)
    )  # fmt: skip


def _slot(document: Document) -> str | None:
    """Where it is plugged in; the older schemas have another place for it."""
    newer = ((document.get("PhysicalLocation") or {}).get("PartLocation") or {}).get("LocationOrdinalValue")
    older = [each.get("Info") for each in document.get("Location") or [] if each.get("Info")]
    return str(newer) if newer is not None else next(iter(older), None)


def events(documents: Iterable[Document], most: int) -> tuple[Event, ...]:
    """Of the resources LogEntry, the newest first; one without a time is the oldest."""
    found = [
        Event(moment(each.get("Created")), each.get("Severity"), str(each.get("Message") or "").strip())
        for each in documents
    ]
    return tuple(sorted(found, key=lambda event: event.at or datetime.min.replace(tzinfo=UTC), reverse=True)[:most])


def moment(text: str | None) -> datetime | None:
    """Redfish's time, with its offset, in UTC; None for one that is none (controllers without a clock write such)."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _present(documents: Iterable[Document] | None) -> Iterator[Document]:
    return (each for each in documents or () if _state(each) != "Absent")


def _state(document: Document) -> str | None:
    return (document.get("Status") or {}).get("State")


def _name(document: Document) -> str:
    return str(document.get("Name") or document.get("MemberId") or document.get("Id") or "")
