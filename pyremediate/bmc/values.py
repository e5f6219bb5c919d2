"""What the controller on a board shows. ``None`` is "could not be known", and ``Board.notes`` say why; it is never "healthy".

``health`` is Redfish's word: OK, Warning, Critical; a board's own is the worst of all that was read. A brief look has no parts
where the controller vouches for the whole. ``model.to_json`` makes JSON of all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Account:
    """How to reach a controller. ``ca_file``: the authority of its certificate, the system's own when there is none."""

    address: str  # host or host:port
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None
    system: str = ""  # the id of the system, where one controller has several


@dataclass(frozen=True)
class Temperature:
    """One sensor; ``critical`` is the limit at which machines switch themselves off."""

    name: str
    celsius: float | None
    critical: float | None
    health: str | None


@dataclass(frozen=True)
class Fan:
    """One fan; ``unit`` is RPM or Percent."""

    name: str
    speed: float | None
    unit: str | None
    health: str | None


@dataclass(frozen=True)
class PowerSupply:
    """One power supply; ``state`` tells one without current (UnavailableOffline) from one that works (Enabled)."""

    name: str
    watts: float | None
    health: str | None
    state: str | None
    model: str | None
    serial: str | None


@dataclass(frozen=True)
class MemoryModule:
    """One module of memory in its slot."""

    name: str
    mebibytes: int | None
    health: str | None
    state: str | None
    part: str | None
    serial: str | None


@dataclass(frozen=True)
class Drive:
    """One drive in its slot; ``failure_predicted`` is its own word (SMART)."""

    name: str
    model: str | None
    serial: str | None
    slot: str | None
    health: str | None
    failure_predicted: bool | None


@dataclass(frozen=True)
class Event:
    """One entry of the controller's log."""

    at: datetime | None
    severity: str | None
    message: str


@dataclass(frozen=True)
class Board:
    """One look. ``power``: On, Off, PoweringOn, PoweringOff, Paused. Events are the newest first."""

    address: str
    power: str | None
    health: str | None
    manufacturer: str | None
    model: str | None
    serial: str | None
    temperatures: tuple[Temperature, ...] | None = None
    fans: tuple[Fan, ...] | None = None
    power_supplies: tuple[PowerSupply, ...] | None = None
    memory: tuple[MemoryModule, ...] | None = None
    drives: tuple[Drive, ...] | None = None
    events: tuple[Event, ...] | None = None
    notes: tuple[str, ...] = ()
