"""What somebody calls who has a device's variables. Sessions stay open in this process, one per login, and are closed at its end.

    answer({host, address, port, network_os, user, key_file, password, known_hosts, timeout, ssh_config, shell_user})
        → {"evidence": DeviceEvidence as JSON}, or {"error": sentence, "kind": class of the error}

``address``, ``network_os``, ``user`` and ``known_hosts`` are needed; ``host`` is the name in the inventory, ``timeout`` in seconds.
``shell_user`` logs in to a shell beside the command line, by the same key, where a platform shows its packet filter only there.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any

from pyremediate.errors import PyremediateError, UsageError
from pyremediate.network.drivers import driver_for
from pyremediate.network.drivers.driver import Driver
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.session import AbsentSession, Login, NetmikoSession, Session, Unreachable, open_session

NEEDED = ("address", "network_os", "user", "known_hosts")
OPTIONAL = ("host", "port", "key_file", "password", "timeout", "ssh_config", "shell_user")


class Sessions:
    """The sessions that are open. ``opener`` is what opens one; tests give another."""

    def __init__(self, opener: Callable[[Login], NetmikoSession] = open_session) -> None:
        self._opener, self._open = opener, dict[Login, NetmikoSession]()
        self._lock, self._opening = Lock(), dict[Login, Lock]()

    def of(self, login: Login) -> Session:
        """The open session of this login, or a new one. Raises ``SessionError``, ``UsageError``."""
        with self._lock:
            opening = self._opening.setdefault(login, Lock())
        with opening:  # devices are asked side by side, and each is logged in to once
            session = self._open.get(login)
            if session is None or not session.alive:
                session = self._open[login] = self._opener(login)
            return session

    def close(self) -> None:
        """Hang up everywhere."""
        while self._open:
            self._open.popitem()[1].close()


SESSIONS = Sessions()
atexit.register(SESSIONS.close)


def answer(parameters: Mapping[str, Any], sessions: Sessions = SESSIONS) -> dict[str, Any]:
    """One observation of one device; every failure is an answer, and never raises."""
    try:
        return {"evidence": observed(parameters, sessions).to_json()}
    except PyremediateError as error:
        return {"error": str(error), "kind": type(error).__name__}


def observed(parameters: Mapping[str, Any], sessions: Sessions) -> DeviceEvidence:
    """The evidence itself. Raises ``SessionError`` when the device cannot be asked, ``UsageError`` for wrong parameters."""
    _checked(parameters)
    driver = driver_for(str(parameters["network_os"]))
    login = _login(parameters, driver)
    session = sessions.of(login)
    evidence = driver.look(
        str(parameters.get("host") or login.address), session, _shell(parameters, driver, login, sessions)
    )
    if evidence.version is None and evidence.interfaces is None and evidence.routes is None:
        raise Unreachable(f"{login.place}: it tells nothing: {evidence.notes.get('version', 'no reason given')}")
    return evidence


def _checked(parameters: Mapping[str, Any]) -> None:
    name = parameters.get("host") or parameters.get("address") or "device"
    if missing := [key for key in NEEDED if not parameters.get(key)]:
        raise UsageError(f"{name}: to look at a network device {', '.join(missing)} must be given")
    if unknown := sorted(set(parameters) - {*NEEDED, *OPTIONAL}):
        raise UsageError(f"{name}: unknown parameters: {', '.join(unknown)}")


def _login(parameters: Mapping[str, Any], driver: Driver) -> Login:
    try:
        port, timeout = int(parameters.get("port") or 22), float(parameters.get("timeout") or Login.timeout)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{parameters['address']}: port and timeout are numbers: {error}") from error
    return Login(
        address=str(parameters["address"]), user=str(parameters["user"]), device_type=driver.device_type,
        known_hosts=str(parameters["known_hosts"]), port=port,
        password=str(parameters.get("password") or ""), key_file=str(parameters.get("key_file") or ""),
        ssh_config=str(parameters.get("ssh_config") or ""), timeout=timeout,
    )  # fmt: skip


def _shell(parameters: Mapping[str, Any], driver: Driver, login: Login, sessions: Sessions) -> Session:
    """The second session, or the reason why there is none: what only it could tell is then unknown, and no more."""
    if not driver.shell:
        return AbsentSession(f"{driver.platform} needs no shell")
    if not parameters.get("shell_user"):
        return AbsentSession("seen only from a shell on the device, and no shell_user is named")
    if not login.key_file:
        return AbsentSession("the shell's user logs in by a key, and no key_file is named")
    try:
        return sessions.of(replace(login, password="", user=str(parameters["shell_user"]), device_type=driver.shell))
    except PyremediateError as error:
        return AbsentSession(str(error))
