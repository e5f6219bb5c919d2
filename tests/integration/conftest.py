"""The lab for tests on real hosts: brought up on whatever a killed run left, and down again unless it was running before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pyremediate.errors import PyremediateError
from pyremediate.lab import engine, requirements, verbs
from pyremediate.lab.description import MOST_MAIL_HOSTS, Lab, describe
from tests.integration.world import World


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """The running lab. A host that does not come up fails the session with its journal."""
    try:
        requirements.check()
        was_there = any(found.alive for found in engine.containers(describe(MOST_MAIL_HOSTS).containers).values())
        made = verbs.up(None, print)
    except PyremediateError as error:
        pytest.fail(str(error), pytrace=False)
    yield made
    if not was_there:
        verbs.down(print)


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
def world(lab: Lab) -> World:
    """The mail host that tests break, and everything around it."""
    return World(lab.mail_hosts[0].name)
