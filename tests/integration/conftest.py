"""The lab for tests on real hosts: brought up on whatever a killed run left. ``tests/conftest.py`` takes it down.

The files run in two processes, each file in one of them, and each has a mail host of its own (``HOSTS``).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyremediate.errors import PyremediateError
from pyremediate.lab import requirements, verbs
from pyremediate.lab.description import Lab
from tests.integration.world import World

FILES = (
    "test_fix", "test_transaction", "test_crash", "test_vantage", "test_observe", "test_packaging", "test_mutations", "test_ledger",
    "test_drill",
)  # fmt: skip
HOSTS = {name: number for number, name in enumerate(FILES)}  # mail01, mail02, …


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab. A host that does not come up fails the session with its journal."""
    try:
        requirements.check()
        return verbs.up(len(HOSTS), print)
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


@pytest.fixture
def world(lab: Lab, request: pytest.FixtureRequest) -> World:
    """The mail host that the tests of this file break, and everything around it."""
    return World(lab.mail_hosts[HOSTS[request.path.stem]].name)
