"""For every test: the collection's Python is imported from this checkout, under the name that it has on a host.

And after the last one, in whichever process: a lab that was not running before is taken down.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

from pyremediate.errors import PyremediateError

# How long an example takes says nothing here: a busy machine must not fail a test.
settings.register_profile("pyremediate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("pyremediate")

COLLECTION = "ansible_collections.pyremediate.mail"
WAS_RUNNING = pytest.StashKey[bool]()


def pytest_configure() -> None:
    """Make the checkout the package ``ansible_collections.pyremediate.mail``, whatever is installed beside it."""
    name = ""
    for part in COLLECTION.split("."):
        name = f"{name}.{part}".lstrip(".")
        package = sys.modules.setdefault(name, ModuleType(name))
        package.__path__ = [str(Path(__file__).resolve().parents[1])] if name == COLLECTION else []


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember whether somebody's lab is running: what is not ours is not taken down."""
    if not hasattr(session.config, "workerinput"):
        session.config.stash[WAS_RUNNING] = _lab_runs()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the last test of all processes (pytest-xdist's workers have an input, their parent has none)."""
    if not hasattr(session.config, "workerinput") and not session.config.stash[WAS_RUNNING] and _lab_runs():
        from pyremediate.lab import verbs

        verbs.down(print)


def _lab_runs() -> bool:
    """Is a host of the lab alive? Without the lab's programs, or without root, none of ours is."""
    from pyremediate.lab import engine, requirements
    from pyremediate.lab.description import MOST_MAIL_HOSTS, describe

    try:
        requirements.check()
        return any(found.alive for found in engine.containers(describe(MOST_MAIL_HOSTS).containers).values())
    except PyremediateError:
        return False
