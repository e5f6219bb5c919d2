"""Power of the lab's mail hosts by the container engine, as sushy-tools asks for it. The port that was asked chooses the host."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import flask
from sushy_tools import error
from sushy_tools.emulator.resources.systems.base import AbstractSystemsDriver

from pyremediate.lab import bmc, engine
from pyremediate.lab.description import Host, Lab

FROZEN = "paused"
UNDER_POWER = ("stopping", FROZEN)


class Machines(AbstractSystemsDriver):  # type: ignore[misc]  # sushy-tools has no types
    """The driver. Over one port one system can be seen, as over a real controller's address."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._container = {identity(host): lab.container(host) for host in lab.mail_hosts}
        self._host = {bmc.port(host): host for host in lab.mail_hosts}
        self._boot_device: dict[str, str] = {}

    @property
    def driver(self) -> str:
        """Its name."""
        return "<lab>"

    def host(self) -> Host:
        """The one whose port was asked."""
        return self._host[int(flask.request.environ["SERVER_PORT"])]

    @property
    def systems(self) -> list[str]:
        """The identity of the one that can be seen."""
        return [identity(self.host())]

    def uuid(self, identity: str) -> str:
        """The identity itself, if it can be seen here."""
        if identity not in self.systems:
            raise error.NotFound(f"there is no system {identity}")
        return identity

    def name(self, identity: str) -> str:
        """The host's name."""
        self.uuid(identity)
        return self.host().name

    def get_power_state(self, identity: str) -> str:
        """``On`` while the container's init lives, as long as it shuts down too; a frozen one is on."""
        name = self._container[self.uuid(identity)]
        found = engine.containers([name]).get(name)
        return "On" if found and (found.alive or found.state in UNDER_POWER) else "Off"

    def set_power_state(self, identity: str, state: str) -> None:
        """Redfish's ResetType. What an operating system takes time for goes on after the answer."""
        name = self._container[self.uuid(identity)]
        if state not in ACTIONS:
            raise error.NotSupportedError(f"ResetType {state} is not supported")
        later, action = ACTIONS[state]
        try:
            if later:
                threading.Thread(target=action, args=(name,), daemon=True).start()
            else:
                action(name)
        except engine.EngineError as failure:
            raise error.FishyError(str(failure)) from failure

    def get_boot_device(self, identity: str) -> str:
        """What was set; it changes nothing here."""
        return self._boot_device.get(self.uuid(identity), "Hdd")

    def set_boot_device(self, identity: str, boot_source: str) -> None:
        """Remembered."""
        self._boot_device[self.uuid(identity)] = boot_source

    def get_nics(self, identity: str) -> list[dict[str, Any]]:
        """The interfaces by their addresses."""
        self.uuid(identity)
        return [{"id": leg.mac, "mac": leg.mac} for leg in self.host().legs]


def identity(host: Host) -> str:
    """The same at every start."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, host.fqdn))


def _on(name: str) -> None:
    found = engine.containers([name]).get(name)
    if found and (found.alive or found.state == FROZEN):
        return
    if found and found.state == "running":
        engine.power_off_container(name)  # its processes are gone, which the engine has not noticed
    engine.start_container(name)


def _off(name: str) -> None:
    found = engine.containers([name]).get(name)
    if found and found.state in ("running", FROZEN):
        engine.power_off_container(name)


def _restart(name: str) -> None:
    _off(name)
    _on(name)


def _shut_down_and_start(name: str) -> None:
    engine.shut_down_container(name)
    _on(name)


ACTIONS: Mapping[str, tuple[bool, Callable[[str], None]]] = {
    "On": (False, _on),
    "ForceOn": (False, _on),
    "ForceOff": (False, _off),
    "ForceRestart": (False, _restart),
    "GracefulShutdown": (True, engine.shut_down_container),
    "GracefulRestart": (True, _shut_down_and_start),
}
