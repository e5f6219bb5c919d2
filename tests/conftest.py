"""For every test: the collection's Python is imported from this checkout, under the name that it has on a host."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

COLLECTION = "ansible_collections.pyremediate.mail"


def pytest_configure() -> None:
    """Make the checkout the package ``ansible_collections.pyremediate.mail``, whatever is installed beside it."""
    name = ""
    for part in COLLECTION.split("."):
        name = f"{name}.{part}".lstrip(".")
        package = sys.modules.setdefault(name, ModuleType(name))
        package.__path__ = [str(Path(__file__).resolve().parents[1])] if name == COLLECTION else []
