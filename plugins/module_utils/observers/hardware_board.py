# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The machine itself: what it is, its memory's errors, its temperatures, and what waits for it."""

from __future__ import annotations

import os

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import hardware_files as files

DMI = "/sys/class/dmi/id"
EDAC = "/sys/devices/system/edac/mc"
CONTAINER = "/run/systemd/container"  # systemd writes the manager's name there (Container Interface, systemd.io)
CONTAINERS = {"/run/.containerenv": "podman", "/.dockerenv": "docker"}
PRESSURES = ("cpu", "memory", "io")


def container():
    """What manages the container that this is; None on a machine of its own, real or virtual."""
    told = files.text(CONTAINER)
    if told:
        return told
    return next((name for path, name in CONTAINERS.items() if os.path.exists(files.place(path))), None)


def observe_machine():
    """Whom to call and what to tell them; only root may read the serial number."""
    known = {name: files.text(f"{DMI}/{name}") for name in ("sys_vendor", "product_name", "product_serial")}
    flags = (files.text("/proc/cpuinfo") or "").partition("\nflags")[2].partition("\n")[0]
    return {
        "vendor": known["sys_vendor"],
        "product": known["product_name"],
        "serial": known["product_serial"],
        "virtual": " hypervisor" in flags if flags else None,
    }


def observe_memory(notes):
    """The errors that memory controllers counted since the start, by module (kernel, ras.rst); None without counters."""
    controllers = [path for path in files.entries(f"{EDAC}/mc*") if files.number(f"{path}/ce_count") is not None]
    if not controllers:
        notes.append("errors of the memory cannot be known: no memory controller counts them (EDAC)")
        return None
    return [_controller(path) for path in controllers]


def _controller(path):
    modules = [_module(each) for each in files.entries(f"{path}/dimm*") + files.entries(f"{path}/rank*")]
    return {
        "name": os.path.basename(path),
        "corrected": files.number(f"{path}/ce_count"),
        "uncorrected": files.number(f"{path}/ue_count"),
        "modules": modules,
    }


def _module(path):
    return {
        "label": files.text(f"{path}/dimm_label"),
        "location": files.text(f"{path}/dimm_location"),
        "megabytes": files.number(f"{path}/size"),
        "corrected": files.number(f"{path}/dimm_ce_count"),
        "uncorrected": files.number(f"{path}/dimm_ue_count"),
    }


def observe_thermal(notes):
    """Temperatures in degrees Celsius, and how often processors were slowed down for theirs; None without sensors."""
    sensors = [_sensor(path) for path in files.entries("/sys/class/hwmon/hwmon*/temp*_input")]
    sensors = [each for each in sensors if each["celsius"] is not None]
    counts = [
        files.number(path) for path in files.entries("/sys/devices/system/cpu/cpu*/thermal_throttle/*_throttle_count")
    ]
    if not sensors and not counts:
        notes.append("temperatures cannot be known: the kernel has no sensors")
        return None
    return {"sensors": sensors, "throttled": sum(each or 0 for each in counts) if counts else None}


def _sensor(path):
    """One sensor (kernel, hwmon/sysfs-interface.rst: thousandths of a degree)."""
    stem = path[: -len("_input")]
    values = {name: files.number(f"{stem}_{name}") for name in ("input", "max", "crit", "crit_alarm")}
    celsius, high, critical = (_degrees(values[name]) for name in ("input", "max", "crit"))
    return {
        "chip": files.text(f"{os.path.dirname(path)}/name"),
        "label": files.text(f"{stem}_label") or os.path.basename(stem),
        "celsius": celsius,
        "high": high,
        "critical": critical,
        "margin": None if None in (celsius, high) else round(high - celsius, 1),
        "alarm": bool(values["crit_alarm"]),
    }


def _degrees(thousandths):
    return None if thousandths is None else round(thousandths / 1000, 1)


def observe_pressure():
    """{resource: {some, full: per cent of the last 10, 60 and 300 seconds that tasks waited}} (kernel, psi.rst).

    None where the kernel does not measure it.
    """
    found = {name: parse_pressure(files.text(f"/proc/pressure/{name}") or "") for name in PRESSURES}
    return found if any(found.values()) else None


def parse_pressure(text):
    """``some avg10=1.32 avg60=2.26 avg300=1.22 total=225824147``."""
    found = {}
    for line in text.splitlines():
        kind, *values = line.split()
        found[kind] = [float(value.partition("=")[2]) for value in values if value.startswith("avg")]
    return found
