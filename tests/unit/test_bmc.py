"""Looking at a machine out of band: what a controller's documents mean, and what is said when it does not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from pyremediate.bmc import board, parts, redfish
from pyremediate.bmc.connection import NotThere, Unseen
from pyremediate.bmc.values import Account, Board, Event, Fan, Temperature
from pyremediate.lab.bmc import documents as lab
from pyremediate.lab.bmc import state
from pyremediate.model import to_json

SYSTEM, CHASSIS, MANAGER = "/redfish/v1/Systems/1", "/redfish/v1/Chassis/1", "/redfish/v1/Managers/1"
ACCOUNT = Account("bmc.example.com", "reader", "secret", system="1")
Document = dict[str, Any]


class Documents(dict[str, Document]):
    """A controller made of documents by path; counts what is read."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        super().__init__(documents)
        self.read: list[str] = []

    def get(self, path: str) -> Document:  # type: ignore[override]
        self.read.append(path)
        if path not in self:
            raise NotThere(f"bmc.example.com has no {path}")
        return self[path]

    def get_all(self, paths: Iterable[str]) -> list[Document]:
        return [self.get(path) for path in paths]


def to(*paths: str) -> list[Document]:
    return [{"@odata.id": path} for path in paths]


def server(changes: Mapping[str, Any] | None = None, **documents: Document) -> Documents:
    """A server as the lab's controllers describe one, its sensors and documents changed."""
    system: Document = {
        "Id": "1", "PowerState": "On", "Links": {"Chassis": to(CHASSIS), "ManagedBy": to(MANAGER)},
        "Memory": {"@odata.id": f"{SYSTEM}/Memory"}, "Storage": {"@odata.id": f"{SYSTEM}/Storage"},
    }  # fmt: skip
    chassis: Document = {"Id": "1", "Thermal": {"@odata.id": f"{CHASSIS}/Thermal"}}
    seen = state.merged(state.HEALTHY, changes or {})
    found = {
        "/redfish/v1/": {"Systems": {"@odata.id": "/redfish/v1/Systems"}},
        "/redfish/v1/Systems": {"Members": to(SYSTEM)},
        SYSTEM: lab.amended(system, SYSTEM, SYSTEM, CHASSIS, seen),
        CHASSIS: lab.amended(chassis, CHASSIS, SYSTEM, CHASSIS, seen),
        MANAGER: {"Id": "1"},
        **lab.own(SYSTEM, CHASSIS, seen),
    }
    return Documents({**found, **{path.replace("__", "/"): document for path, document in documents.items()}})


def seen(source: Documents, account: Account = ACCOUNT) -> Board:
    return board.look_at(source, account)


def test_a_healthy_server_shows_everything_and_nothing_stays_unknown() -> None:
    found = seen(server())
    assert (found.power, found.health, found.model, found.notes) == ("On", "OK", "Lab host", ())
    assert found.temperatures and found.fans and found.power_supplies and found.memory and found.drives
    assert found.temperatures[0] == Temperature("Inlet", 24, 42, "OK")
    assert [each.serial for each in found.memory] == ["DA1LAB", "DB1LAB"]
    assert [(each.serial, each.slot) for each in found.drives] == [("D0LAB", "0"), ("D1LAB", "1")]
    assert found.events == ()


def test_what_is_broken_has_its_name_its_place_and_its_serial_number() -> None:
    changes = {
        "power_supplies": {"PSU 2": {"health": "Critical", "state": "UnavailableOffline", "watts": 0}},
        "drives": {"Disk 1": {"health": "Warning", "failure_predicted": True}},
        "fans": {"Fan 1": {"rpm": 0, "health": "Critical"}},
    }
    found = seen(server(changes))
    assert found.health == "Critical"
    assert found.power_supplies and found.drives and found.fans
    supply, drive = found.power_supplies[1], found.drives[1]
    assert (supply.name, supply.serial, supply.health, supply.state) == (
        "PSU 2",
        "PS2LAB",
        "Critical",
        "UnavailableOffline",
    )
    assert (drive.slot, drive.serial, drive.failure_predicted) == ("1", "D1LAB", True)
    assert found.fans[0] == Fan("Fan 1", 0, "RPM", "Critical")


def test_an_empty_slot_is_no_broken_module() -> None:
    found = seen(server({"memory": {"DIMM B1": {"state": "Absent", "health": None}}}))
    assert found.memory and [each.name for each in found.memory] == ["DIMM A1"]


def test_events_are_the_newest_first_and_one_without_a_clock_is_the_oldest() -> None:
    events = [
        {"at": "1970-13-01", "severity": "OK", "message": "the clock was not set"},
        {"at": "2026-11-25T01:02:03Z", "severity": "Critical", "message": "Fan 1 stands still"},
        {"at": "2026-11-25T03:00:00+02:00", "severity": "Warning", "message": "Inlet is warm"},
    ]
    found = seen(server({"events": events})).events
    assert found and found[0] == Event(datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC), "Critical", "Fan 1 stands still")
    assert [each.message for each in found[1:]] == ["Inlet is warm", "the clock was not set"]


def test_a_part_that_cannot_be_read_is_unknown_and_takes_no_other_with_it() -> None:
    source = server()
    del source[f"{CHASSIS}/Power"]
    found = seen(source)
    assert found.power_supplies is None
    assert found.notes == (f"power supplies cannot be known: bmc.example.com has no {CHASSIS}/Power",)
    assert found.fans


def test_a_malformed_answer_is_unknown_and_not_healthy() -> None:
    found = seen(server(**{f"{SYSTEM}/Memory": {"Members": "none"}}))
    assert found.memory is None
    assert "malformed" in found.notes[0]


def test_a_controller_that_leaves_a_property_out_does_not_tell_it() -> None:
    found = seen(server(**{f"{SYSTEM}/Storage/1/Drives/0": {"Id": "0", "Name": "Disk 0"}}))
    assert found.drives and (found.drives[0].health, found.drives[0].failure_predicted) == (None, None)


def test_of_several_systems_one_must_be_named() -> None:
    source = server(**{"/redfish/v1/Systems": {"Members": to(SYSTEM, "/redfish/v1/Systems/2")}})
    with pytest.raises(Unseen, match="has the systems 1, 2; name the one that is meant"):
        seen(source, Account("bmc.example.com", "reader", "secret"))
    assert seen(source).power == "On"


def test_the_new_schemas_of_temperatures_fans_and_power_supplies_are_read_too() -> None:
    thermal, power = f"{CHASSIS}/ThermalSubsystem", f"{CHASSIS}/PowerSubsystem"
    found = seen(server(**{
        CHASSIS: {"ThermalSubsystem": to(thermal)[0], "PowerSubsystem": to(power)[0]},
        thermal: {"Fans": to(f"{thermal}/Fans")[0], "ThermalMetrics": to(f"{thermal}/ThermalMetrics")[0]},
        f"{thermal}/ThermalMetrics": {"TemperatureReadingsCelsius": [{"DeviceName": "Inlet", "Reading": 24.5}]},
        f"{thermal}/Fans": {"Members": to(f"{thermal}/Fans/1", f"{thermal}/Fans/2")},
        f"{thermal}/Fans/1": {"Name": "Fan 1", "SpeedPercent": {"Reading": 40, "SpeedRPM": 5400}, "Status": {"Health": "OK"}},
        f"{thermal}/Fans/2": {"Name": "Fan 2", "SpeedPercent": {"Reading": 41}},
        power: {"PowerSupplies": to(f"{power}/PowerSupplies")[0]},
        f"{power}/PowerSupplies": {"Members": to(f"{power}/PowerSupplies/1")},
        f"{power}/PowerSupplies/1": {"Name": "PSU 1", "SerialNumber": "S1", "Status": {"Health": "OK", "State": "Enabled"}},
    }))  # fmt: skip
    assert found.temperatures == (Temperature("Inlet", 24.5, None, None),)
    assert found.fans == (Fan("Fan 1", 5400, "RPM", "OK"), Fan("Fan 2", 41, "Percent", None))
    assert found.power_supplies and found.power_supplies[0].serial == "S1"


def test_a_controller_that_expands_collections_is_asked_once_for_each() -> None:
    source = server(**{"/redfish/v1/": {
        "Systems": {"@odata.id": "/redfish/v1/Systems"}, "ProtocolFeaturesSupported": {"ExpandQuery": {"NoLinks": True}},
    }})  # fmt: skip
    for path in (f"{SYSTEM}/Memory", f"{SYSTEM}/Storage", f"{SYSTEM}/LogServices"):
        members = [source[each["@odata.id"]] for each in source[path]["Members"]]
        source[f"{path}?$expand=."] = {"Members": members}
    found = seen(source)
    assert found.memory and len(found.memory) == 2
    assert not [path for path in source.read if path.startswith(f"{SYSTEM}/Memory/")]


def test_a_log_that_the_manager_keeps_is_found_and_its_pages_are_followed_to_an_end() -> None:
    log = f"{MANAGER}/LogServices/Sel"
    pages = {
        f"{log}/Entries?page={number}": {
            "Members": [{"@odata.id": f"{log}/{number}", "Message": f"event {number}"}],
            "Members@odata.nextLink": f"{log}/Entries?page={number + 1}",
        }
        for number in range(1, 20)
    }
    source = server(**{
        MANAGER: {"LogServices": to(f"{MANAGER}/LogServices")[0]},
        f"{MANAGER}/LogServices": {"Members": to(log, f"{MANAGER}/LogServices/Lclog")},
        log: {"@odata.id": log, "Id": "Sel", "Entries": to(f"{log}/Entries?page=1")[0]},
        f"{MANAGER}/LogServices/Lclog": {"@odata.id": "x", "Id": "Lclog"},
        **pages,
    })  # fmt: skip
    del source[SYSTEM]["LogServices"]
    found = seen(source).events
    assert found and len(found) == board.MOST_PAGES


def test_a_look_is_json_and_an_account_never_shows_its_password() -> None:
    found = to_json(seen(server()))
    assert found["fans"][0] == {"name": "Fan 1", "speed": 5400, "unit": "RPM", "health": "OK"}
    assert "secret" not in repr(ACCOUNT)
    assert "secret" not in repr(found)


@pytest.mark.parametrize("text", [None, "", "yesterday", "00:00:00"])
def test_a_time_that_is_none_is_not_known(text: str | None) -> None:
    assert redfish.moment(text) is None


def test_where_the_controller_vouches_for_the_whole_a_brief_look_reads_no_parts() -> None:
    source = server()
    found = board.look_at(source, ACCOUNT, brief=True)
    assert (found.power, found.health, found.fans, found.notes) == ("On", "OK", None, ())
    assert source.read == ["/redfish/v1/", "/redfish/v1/Systems", SYSTEM, CHASSIS]


@pytest.mark.parametrize("health", ["Warning", "Critical"])
def test_where_it_does_not_a_brief_look_reads_them_all(health: str) -> None:
    found = board.look_at(server({"fans": {"Fan 1": {"health": health}}}), ACCOUNT, brief=True)
    assert found.health == health
    assert found.fans and found.drives and found.events == ()


def test_a_controller_that_tells_of_no_whole_is_asked_for_the_parts() -> None:
    def own(source: Documents) -> Documents:
        for path in (SYSTEM, CHASSIS):
            source[path] = {**source[path], "Status": {"State": "Enabled", "Health": "OK"}}
        return source

    failed = {"power_supplies": {"PSU 1": {"health": "Critical"}}}
    assert board.look_at(own(server(failed)), ACCOUNT, brief=True).health == "Critical"
    assert board.look_at(own(server()), ACCOUNT, brief=True).health == "OK"
    cut = own(server(failed))
    cut[f"{CHASSIS}/Power"] = {"PowerSupplies": "none of your business"}
    found = board.look_at(cut, ACCOUNT, brief=True)
    assert (found.health, found.power_supplies) == (None, None)  # what was not read is not healthy


def test_the_health_of_the_machine_is_the_worst_of_what_is_told() -> None:
    source = server({"fans": {"Fan 1": {"health": "Critical"}}})
    source[SYSTEM] = {**source[SYSTEM], "Status": {"Health": "OK", "HealthRollup": "OK"}}
    source[CHASSIS] = {**source[CHASSIS], "Status": {"Health": "OK", "HealthRollup": "Warning"}}
    assert seen(source).health == "Critical"
    del source[f"{CHASSIS}/Thermal"]
    assert seen(source).health == "Warning"


def test_each_part_is_told_by_its_place_its_serial_number_and_what_it_shows() -> None:
    changes = {
        "temperatures": {"Inlet": {"celsius": 43, "health": "Critical"}},
        "fans": {"Fan 1": {"rpm": 0, "health": "Critical"}},
        "power_supplies": {"PSU 2": {"watts": 0, "health": "Critical"}},
        "memory": {"DIMM A1": {"health": "Warning"}},
        "drives": {"Disk 1": {"failure_predicted": True}},
    }
    failing = [part for part in parts.of(to_json(seen(server(changes)))) if part["health"] != "OK"]
    assert [(part["kind"], part["name"], part["slot"], part["serial"], part["health"], part["words"]) for part in failing] == [
        ("power supply", "PSU 2", "PSU 2", "PS2LAB", "Critical", "0 W"),
        ("fan", "Fan 1", "Fan 1", None, "Critical", "0 RPM"),
        ("memory module", "DIMM A1", "DIMM A1", "DA1LAB", "Warning", ""),
        ("drive", "Disk 1", "1", "D1LAB", "Warning", "it foretells its end"),
        ("temperature", "Inlet", "Inlet", None, "Critical", "43 degrees Celsius, where 42 is the limit"),
    ]
    assert seen(server({"drives": {"Disk 1": {"failure_predicted": True}}})).health == "Warning"
