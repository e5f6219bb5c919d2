"""The machine below: what disks, arrays, memory, sensors, links, clock and kernel tell, and what a container cannot know."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import (
    hardware,
    hardware_board,
    hardware_clock,
    hardware_disks,
    hardware_files,
    hardware_filesystems,
    hardware_kernel,
    hardware_links,
    hardware_raid,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request, Unavailable

from .observe_recorded import RECORDED, documented

HARDWARE = RECORDED / "hardware"
Machine = Callable[..., None]


def recorded(name: str) -> str:
    return (HARDWARE / name).read_text(encoding="utf-8")


def drive(name: str) -> dict[str, Any]:
    told = json.loads(recorded(f"smartctl_{name}.json"))
    found: dict[str, Any] = hardware_disks.drive_from(told["device"], told)
    return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A server whose kernel's files are as recorded; ``machine({path: text})`` changes some, None takes one away."""
    monkeypatch.setattr(hardware_files, "ROOT", str(tmp_path))
    monkeypatch.setattr(hardware_disks, "installed", lambda program: None)

    def write(changes: dict[str, str | None]) -> None:
        for path, text in changes.items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                place.unlink()
            else:
                place.write_text(text, encoding="utf-8")

    write(json.loads(recorded("server.json")))
    return write


def test_a_drive_that_condemns_itself_says_by_which_attribute() -> None:
    found = drive("ata_failing")
    assert (found["passed"], found["below_threshold"]) == (False, ["Reallocated_Sector_Ct"])
    assert (found["reallocated"], found["pending"], found["uncorrectable"]) == (1975, 8, 0)
    assert (found["model"], found["serial"]) == ("Hitachi HDS721050DLE630", "MSK423XXXXXXXX")


def test_errors_on_the_cable_are_none_of_the_disk() -> None:
    found = drive("ata_cable_errors")
    assert (found["passed"], found["reallocated"], found["uncorrectable"], found["pending"]) == (True, 0, 0, None)


def test_what_an_nvme_drive_has_no_counter_for_is_not_known() -> None:
    found = drive("nvme_media_errors")
    assert (found["media_errors"], found["percentage_used"], found["warnings"]) == (7, 3, [])
    assert found["reallocated"] is None


def test_the_bits_of_an_nvme_drives_warning_have_names() -> None:
    told = json.loads(recorded("smartctl_nvme_media_errors.json"))
    told["nvme_smart_health_information_log"]["critical_warning"] = 0b1001
    assert hardware_disks.drive_from(told["device"], told)["warnings"] == ["spare", "read_only"]


def test_a_scsi_drive_tells_its_grown_defects_and_what_it_could_not_correct() -> None:
    found = drive("scsi")
    assert (found["reallocated"], found["uncorrectable"], found["passed"]) == (56, 0, True)


def test_a_drive_that_cannot_be_opened_is_not_healthy_but_says_why() -> None:
    told = {"smartctl": {"messages": [{"string": "Smartctl open device: /dev/sdb failed: No such device"}]}}
    found = hardware_disks.drive_from({"name": "/dev/sdb", "type": "sat"}, told)
    assert found["passed"] is None
    assert found["error"] == "Smartctl open device: /dev/sdb failed: No such device"


def test_a_drive_that_says_nothing_at_all_is_not_healthy() -> None:
    found = hardware_disks.drive_from({"name": "/dev/sdb", "type": "sat"}, None)
    assert (found["passed"], found["error"]) == (None, "smartctl tells no health of it")


def test_disks_have_slot_and_serial_number_and_what_is_made_of_them_is_none(machine: Machine) -> None:
    first, second = hardware_disks.observe_disks()
    assert (first["device"], first["slot"], first["serial"]) == ("/dev/sda", "pci-0000:00:1f.2-ata-1", "MSK423Y20S3HBA")
    assert (first["read_milliseconds"], first["write_milliseconds"]) == (4.1, 7.3)
    assert (second["device"], second["in_flight"], second["paravirtual"]) == ("/dev/sdb", 3, False)


def test_without_smartctl_the_health_of_the_disks_cannot_be_known(machine: Machine) -> None:
    notes: list[str] = []
    assert hardware_disks.observe_drives(hardware_disks.observe_disks(), notes) is None
    assert notes == ["the health of the disks cannot be known: smartctl is not installed"]


def test_disks_of_a_hypervisor_have_a_health_that_only_it_knows() -> None:
    notes: list[str] = []
    assert hardware_disks.observe_drives([{"device": "/dev/vda", "paravirtual": True}], notes) is None
    assert notes == ["the health of the disks cannot be known: a hypervisor has them"]


def test_every_drive_that_smartctl_finds_is_asked_by_its_type(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answer(argv: list[str]) -> Any:
        asked.append(argv)
        return json.loads(recorded("smartctl_scan_megaraid.json" if "--scan" in argv else "smartctl_scsi.json"))

    monkeypatch.setattr(hardware_disks, "installed", lambda program: program)
    monkeypatch.setattr(hardware_disks, "_asked", answer)
    found = hardware_disks.observe_drives(hardware_disks.observe_disks(), [])
    assert [each["type"] for each in found] == ["megaraid,0", "megaraid,1"]
    assert {argv[-2] for argv in asked[1:]} == {"--device=megaraid,0", "--device=megaraid,1"}
    assert all("--nocheck=standby" in argv for argv in asked[1:])


def test_arrays_say_how_many_of_their_disks_work_and_what_goes_on() -> None:
    arrays = {each["name"]: each for each in hardware_raid.parse_mdstat(recorded("mdstat.txt"))}
    assert (arrays["md3"]["level"], arrays["md3"]["wanted"], arrays["md3"]["working"]) == ("raid6", 8, 8)
    degraded = arrays["md6"]
    assert (degraded["working"], degraded["map"], degraded["operation"], degraded["percent"]) == (
        1,
        "U_",
        "recovery",
        8.5,
    )
    assert [each["device"] for each in degraded["members"] if each["faulty"]] == ["/dev/sdb2"]
    assert [each["device"] for each in degraded["members"] if each["spare"]] == ["/dev/sdc"]
    assert (arrays["md9"]["operation"], arrays["md9"]["percent"]) == ("resync", None)
    assert (arrays["md10"]["wanted"], arrays["md11"]["level"]) == (None, "raid1")
    assert (arrays["md219"]["state"], arrays["md219"]["level"], len(arrays["md219"]["members"])) == (
        "inactive",
        None,
        3,
    )


@pytest.mark.parametrize(
    ("member", "disk"),
    [
        ("sdb1", "sdb"),
        ("sdaa12", "sdaa"),
        ("sdc", "sdc"),
        ("nvme0n1p2", "nvme0n1"),
        ("nvme0n1", "nvme0n1"),
        ("dm-3", "dm-3"),
    ],
)
def test_a_partition_is_told_from_the_disk_that_would_be_pulled(member: str, disk: str) -> None:
    assert hardware_raid.disk_of(member) == disk


def test_an_empty_slot_is_told_by_its_number() -> None:
    assert hardware_raid.parse_slots(recorded("mdadm_detail.txt")) == [
        {"slot": "0", "state": "active sync", "device": "/dev/sda2"},
        {"slot": "1", "state": "removed", "device": None},
        {"slot": "-", "state": "faulty", "device": "/dev/sdb2"},
    ]


def test_a_kernel_without_software_raid_has_no_arrays(machine: Machine) -> None:
    machine({"/proc/mdstat": None, "/sys/block/md0/dev": None})
    (Path(hardware_files.ROOT) / "sys/block/md0").rmdir()
    assert hardware_raid.observe_arrays([]) == []


def test_a_file_system_that_errors_made_read_only_is_told_from_one_that_is_meant_to_be(machine: Machine) -> None:
    mounts = "/dev/md0 / ext4 ro,relatime,errors=remount-ro 0 0\n/dev/sr0 /media/cdrom iso9660 ro 0 0\n"
    errors = "/sys/fs/ext4/md0/"
    machine({
        "/proc/mounts": mounts, f"{errors}errors_count": "3", f"{errors}last_error_time": "1795570633",
        f"{errors}last_error_func": "ext4_get_branch",
    })  # fmt: skip
    root, disc = hardware_filesystems.observe_filesystems()
    assert (root["mount"], root["read_only"], root["read_only_wanted"], root["errors"]) == ("/", True, False, 3)
    assert (root["last_error"], root["last_error_in"]) == ("2026-11-25T01:37:13Z", "ext4_get_branch")
    assert (disc["read_only"], disc["read_only_wanted"], disc["errors"]) == (True, True, None)


def test_a_file_system_mounted_twice_is_one_and_fstab_may_not_know_it(machine: Machine) -> None:
    machine({"/etc/fstab": "# nothing\n"})
    root, _ = hardware_filesystems.observe_filesystems()
    assert (root["mount"], root["read_only_wanted"], root["errors"], root["last_error"]) == ("/", None, 0, None)


def test_errors_of_the_memory_are_told_by_module(machine: Machine) -> None:
    place = "/sys/devices/system/edac/mc/mc0"
    machine({f"{place}/ce_count": "12", f"{place}/dimm0/dimm_ce_count": "12"})
    (controller,) = hardware_board.observe_memory([])
    assert (controller["corrected"], controller["uncorrected"]) == (12, 0)
    (module,) = controller["modules"]
    assert (module["label"], module["location"]) == ("CPU_SrcID#0_MC#0_Chan#0_DIMM#0", "channel 0 slot 0")
    assert module["corrected"] == 12


def test_a_machine_without_counters_and_sensors_says_that_nothing_can_be_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware_files, "ROOT", str(tmp_path))
    notes: list[str] = []
    assert (hardware_board.observe_memory(notes), hardware_board.observe_thermal(notes)) == (None, None)
    assert ["cannot be known" in note for note in notes] == [True, True]


def test_temperatures_are_in_degrees_with_their_limits(machine: Machine) -> None:
    machine({"/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count": "5845"})
    found = hardware_board.observe_thermal([])
    assert found["throttled"] == 5845
    assert found["sensors"] == [
        {"chip": "coretemp", "label": "Package id 0", "celsius": 41.0, "high": 84.0, "critical": 100.0,
         "margin": 43.0, "alarm": False},
    ]  # fmt: skip


def test_pressure_is_per_cent_of_ten_sixty_and_three_hundred_seconds(machine: Machine) -> None:
    assert hardware_board.observe_pressure()["io"] == {"some": [1.32, 2.26, 1.22], "full": [0.51, 1.59, 0.85]}


def test_links_are_the_hosts_own_with_what_they_counted(machine: Machine) -> None:
    (link,) = hardware_links.observe_links()
    assert (link["name"], link["carrier"], link["megabits"], link["duplex"]) == ("eno1", True, 1000, "full")
    assert (link["receive_errors"], link["receive_crc_errors"], link["transmit_errors"]) == (3, 3, 0)


def test_the_clock_of_this_machine_is_either_synchronised_or_not() -> None:
    found = hardware_clock.observe_clock([])
    assert found["synchronised"] in (True, False)
    assert found["maximum_error_seconds"] >= 0


def test_chrony_says_how_far_the_clock_is_off() -> None:
    text = "C0000201,192.0.2.1,3,1795570633.12,0.000123,-0.000045,0.0002,-7.2,0.01,0.03,0.02,0.001,64.5,Normal\n"
    assert hardware_clock.parse_tracking(text) == {"offset_seconds": 0.000123, "source": "192.0.2.1"}
    assert hardware_clock.parse_tracking("") == {"offset_seconds": None, "source": None}


def test_of_the_kernels_messages_those_of_failing_hardware_are_kept_together() -> None:
    records = recorded("kmsg.txt").encode().split(b"\n")
    joined = b"\n".join(records).replace(b"\n ", b"\x00")  # continuations belong to their record
    lines = [line.replace(b"\x00", b"\n ") for line in joined.split(b"\n") if line]
    found = hardware_kernel.group([each for each in map(hardware_kernel.parse_record, lines) if each], 1795560000.0)
    kinds = [each["kind"] for each in found]
    assert kinds == [
        "link", "out_of_memory", "memory", "machine_check", "thermal", "thermal", "disk", "filesystem", "filesystem",
    ]  # fmt: skip
    disk = next(each for each in found if each["kind"] == "disk")
    assert (disk["count"], disk["first"], disk["last"]) == (2, "2026-11-25T01:18:01Z", "2026-11-25T01:18:02Z")
    assert "SUBSYSTEM" not in disk["example"]


def test_a_buffer_with_more_than_is_read_says_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine({"/dev/kmsg": "3,1,5000000,-;I/O error, dev sda, sector 1\n"})
    monkeypatch.setattr(hardware_kernel, "MOST_RECORDS", 1)
    notes: list[str] = []
    assert [each["kind"] for each in hardware_kernel.observe_kernel(notes)] == ["disk"]
    assert notes == ["of the kernel's messages only the oldest 1 were read"]


def test_a_kernel_log_that_may_not_be_read_is_not_an_empty_one(machine: Machine) -> None:
    notes: list[str] = []
    assert hardware_kernel.observe_kernel(notes) is None
    assert "cannot be known" in notes[0]


def test_a_whole_server_shows_what_is_documented(machine: Machine) -> None:
    machine({"/dev/kmsg": ""})
    notes: list[str] = []
    found = hardware.observe(Request("mail01"), notes)
    contains = documented()["hardware"]["contains"]
    assert set(found) == set(contains)
    for name in ("disks", "arrays", "filesystems", "memory", "links"):
        assert {frozenset(each) for each in found[name]} == {frozenset(contains[name]["sample"][0])}, name
    assert set(drive("scsi")) == set(contains["drives"]["sample"][0])
    assert found["machine"] == {
        "vendor": "Dell Inc.", "product": "PowerEdge R640", "serial": "7XK3F2S", "virtual": False,
    }  # fmt: skip
    assert notes == ["the health of the disks cannot be known: smartctl is not installed"]


def test_in_a_container_the_hardware_cannot_be_known(machine: Machine) -> None:
    machine({"/run/systemd/container": "podman\n"})
    with pytest.raises(Unavailable, match="a container \\(podman\\)") as raised:
        hardware.observe(Request("mail01"), [])
    assert set(raised.value.data) == set(documented()["hardware"]["contains"])
    assert {name for name, value in raised.value.data.items() if value is not None} == {"container", "links"}
