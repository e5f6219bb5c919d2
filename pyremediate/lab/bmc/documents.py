"""What Redfish says of a lab host beyond its power, as documents by path (DMTF DSP0266, DSP0268). Pure.

sushy-tools has systems, chassis, managers and power; it knows no power supplies, memory, drives with health, nor logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pyremediate.lab.bmc.state import State, health

Document = dict[str, Any]
MAKER = {"Manufacturer": "pyremediate", "Model": "Lab host"}


def own(system: str, chassis: str, state: State) -> dict[str, Document]:
    """The documents that are ours alone; ``system`` and ``chassis`` are the paths of those."""
    storage, log = f"{system}/Storage/1", f"{system}/LogServices/SEL"
    drives = {f"{storage}/Drives/{part['slot']}": _drive(name, part) for name, part in state["drives"].items()}
    memory = {f"{system}/Memory/{name.replace(' ', '')}": _module(name, part) for name, part in state["memory"].items()}
    documents = {
        f"{chassis}/Thermal": _thermal(state),
        f"{chassis}/Power": _power(state),
        f"{system}/Memory": _collection("MemoryCollection", memory),
        f"{system}/Storage": _collection("StorageCollection", [storage]),
        storage: {"@odata.type": "#Storage.v1_8_0.Storage", "Id": "1", "Name": "Storage", "Drives": _links(drives)},
        f"{system}/LogServices": _collection("LogServiceCollection", [log]),
        log: {"@odata.type": "#LogService.v1_2_0.LogService", "Id": "SEL", "Name": "Event log", "LogEntryType": "SEL",
              "Entries": {"@odata.id": f"{log}/Entries"}},
        f"{log}/Entries": _entries(f"{log}/Entries", state["events"]),
        **drives,
        **memory,
    }  # fmt: skip
    return {path: {**document, "@odata.id": path} for path, document in documents.items()}


def amended(document: Document, path: str, system: str, chassis: str, state: State) -> Document:
    """The documents of system and chassis with what they lack; any other as it is."""
    if path not in (system, chassis):
        return document
    worst = health(state)
    more: Document = {**MAKER, "SerialNumber": system[-12:], "Status": _status({"health": worst}, HealthRollup=worst)}
    if path == system:
        return {**document, **more, "LogServices": {"@odata.id": f"{system}/LogServices"}}
    return {**document, **more, "Power": {"@odata.id": f"{chassis}/Power"}}


def _thermal(state: State) -> Document:
    temperatures = [
        {"MemberId": name, "Name": name, "ReadingCelsius": part["celsius"], "UpperThresholdCritical": part["critical"],
         "Status": _status(part)}
        for name, part in state["temperatures"].items()
    ]  # fmt: skip
    fans = [
        {"MemberId": name, "Name": name, "Reading": part["rpm"], "ReadingUnits": "RPM", "Status": _status(part)}
        for name, part in state["fans"].items()
    ]
    head = {"@odata.type": "#Thermal.v1_6_0.Thermal", "Id": "Thermal", "Name": "Thermal"}
    return {**head, "Temperatures": temperatures, "Fans": fans}


def _power(state: State) -> Document:
    supplies = [
        {"MemberId": name, "Name": name, "SerialNumber": part["serial"], "PowerOutputWatts": part["watts"],
         "Status": _status(part)}
        for name, part in state["power_supplies"].items()
    ]  # fmt: skip
    return {"@odata.type": "#Power.v1_6_0.Power", "Id": "Power", "Name": "Power", "PowerSupplies": supplies}


def _module(name: str, part: Mapping[str, Any]) -> Document:
    return {
        "@odata.type": "#Memory.v1_9_0.Memory", "Id": name.replace(" ", ""), "Name": name, "DeviceLocator": name,
        "CapacityMiB": part["mebibytes"], "SerialNumber": part["serial"], "PartNumber": part["part"], "Status": _status(part),
    }  # fmt: skip


def _drive(name: str, part: Mapping[str, Any]) -> Document:
    return {
        "@odata.type": "#Drive.v1_9_0.Drive", "Id": str(part["slot"]), "Name": name, "Model": part["model"],
        "SerialNumber": part["serial"], "FailurePredicted": part["failure_predicted"], "Status": _status(part),
        "PhysicalLocation": {"PartLocation": {"LocationOrdinalValue": part["slot"], "LocationType": "Slot"}},
    }  # fmt: skip


def _entries(path: str, events: Iterable[Mapping[str, Any]]) -> Document:
    members = [
        {"@odata.id": f"{path}/{number}", "@odata.type": "#LogEntry.v1_6_0.LogEntry", "Id": str(number), "Name": "Event",
         "EntryType": "SEL", "Created": event["at"], "Severity": event["severity"], "Message": event["message"]}
        for number, event in enumerate(events, 1)
    ]  # fmt: skip
    return {**_head("LogEntryCollection"), "Members": members, "Members@odata.count": len(members)}


def _collection(kind: str, members: Iterable[str]) -> Document:
    links = _links(members)
    return {**_head(kind), "Members": links, "Members@odata.count": len(links)}


def _head(kind: str) -> Document:
    return {"@odata.type": f"#{kind}.{kind}", "Name": kind}


def _links(paths: Iterable[str]) -> list[Document]:
    return [{"@odata.id": path} for path in paths]


def _status(part: Mapping[str, Any], **more: str) -> Document:
    return {"State": part.get("state", "Enabled"), "Health": part["health"], **more}
