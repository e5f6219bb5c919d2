"""The lab for tests on real hosts: brought up on whatever a killed run left. ``tests/conftest.py`` takes it down.

The files run in two processes, each file in one of them, and each process has a mail host of its own, which is made anew for each
file. The router is on the way of all of them: a test that breaks it has the lab alone (``way``).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pyremediate.errors import PyremediateError
from pyremediate.lab import requirements, verbs
from pyremediate.lab.description import Host, Lab
from pyremediate.paths import state_directory
from tests.integration.world import World

# pytest-xdist's processes are gw0, gw1, …; in the place of one that broke down comes another with the next number.
PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PROCESSES
HOST = f"mail{PROCESS + 1:02d}"


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab. A host that does not come up fails the session with its journal."""
    try:
        requirements.check()
        return verbs.up(PROCESSES, print)
    except PyremediateError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def fresh(lab: Lab) -> Callable[[str], None]:
    """Make a host anew, as often as a test wants it."""

    def make(name: str) -> None:
        try:
            verbs.reset(name, print)
        except PyremediateError as error:
            pytest.fail(str(error), pytrace=False)

    return make


@pytest.fixture(scope="module")
def own_host(lab: Lab) -> Host:
    """The mail host of this process, made anew: the tests of another file have broken it."""
    try:
        with passage(alone=False):
            verbs.reset(HOST, print)
        return lab.host(HOST)
    except PyremediateError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def world(own_host: Host) -> World:
    """The mail host that the tests of this file break, and everything around it."""
    return World(own_host.name)


@pytest.fixture(autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Others wait while a fault of the network is on the way of everybody's mail, and until it is taken away again."""
    if "lab" not in request.fixturenames:  # it stands alone, or has a lab of its own
        yield
        return
    alone = "network/" in request.node.name
    world = request.getfixturevalue("world") if alone else None
    with passage(alone):
        yield
        if world:
            world.reset()


@contextmanager
def passage(alone: bool) -> Iterator[None]:
    """Many pass together, or one alone; who waits to pass alone lets nobody else in before him (flock(2))."""
    directory = state_directory() / "locks"
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / "tests.turnstile").open("w") as turnstile, (directory / "tests.way").open("w") as passage:
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        fcntl.flock(passage, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(turnstile, fcntl.LOCK_UN)
        yield
