"""The names by which fault rules speak of network devices. Pure; ``pyremediate.diagnosis.facts`` lists them with all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from jinja2 import UndefinedError

from pyremediate.diagnosis.conditions import Impossible
from pyremediate.model import Device, Look, to_json
from pyremediate.network import ways

NOT_ASKED = "no network device was asked"
NONE_THERE = "the inventory describes no network device"


def names(look: Look) -> dict[str, Any]:
    """``devices``, ``device_differences`` and ``devices_unreachable`` for one look."""
    if not look.devices:
        error = UndefinedError(NOT_ASKED) if not (look.legs or look.blind) else Impossible(NONE_THERE)
        return {"devices": _raiser(error), "device_differences": _raiser(error), "devices_unreachable": _raiser(error)}
    suspects = _suspects(look)
    unreachable = [
        {"device": device.name, "reason": device.unreachable, "platform": device.platform}
        for device in suspects
        if not device.evidence
    ]
    return {
        "devices": lambda name="*": [
            _told(device) for device in look.devices if device.evidence and fnmatchcase(device.name, name)
        ],
        "device_differences": lambda kind="*", name="*": _differences(suspects, kind, name),
        "devices_unreachable": lambda: unreachable,
    }


def _suspects(look: Look) -> list[Device]:
    """Those on the way of what fails first; not those that are beside it for certain."""
    first, apart = ways.on_the_way(look), ways.beside(look)
    return sorted((each for each in look.devices if each.name not in apart), key=lambda each: each.name not in first)


def _told(device: Device) -> Mapping[str, Any]:
    return {"device": device.name, "known_good": device.known_good_at is not None, **(device.evidence or {})}


def _differences(devices: Sequence[Device], kind: str, name: str) -> list[dict[str, Any]]:
    """Those that match; an empty list is an answer only where every device could be compared."""
    found = list(_matching(devices, kind, name))
    if not found and (reason := next(_not_compared(devices), "")):
        raise UndefinedError(reason)
    return found


def _matching(devices: Sequence[Device], kind: str, name: str) -> Iterator[dict[str, Any]]:
    for device in devices:
        for difference in device.differences:
            if fnmatchcase(difference.kind, kind) and fnmatchcase(difference.name, name):
                yield {"device": device.name, **to_json(difference)}


def _not_compared(devices: Sequence[Device]) -> Iterator[str]:
    for device in devices:
        if not device.evidence:
            yield f"{device.name} could not be asked: {device.unreachable}"
        elif device.known_good_at is None:
            yield f"{device.name} has no last known good"


def _raiser(error: UndefinedError) -> Callable[..., Any]:
    def unknown(*_: Any, **__: Any) -> Any:
        raise error

    return unknown
