"""Where things are: the collection's files, and the state that outlives a run."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pyremediate.errors import UsageError

COLLECTION = Path("ansible_collections", "pyremediate", "mail")


@cache
def collection_root() -> Path:
    """The directory with ``playbooks roles plugins faults lab``: the checkout, or its copy beside the installed package."""
    package = Path(__file__).resolve().parent
    for root in (package.parent, package.parent / COLLECTION):
        if (root / "galaxy.yml").is_file() and (root / "playbooks").is_dir():
            return root
    raise UsageError(f"{package}: the collection pyremediate.mail is not beside the package; install pyremediate again")


def state_directory() -> Path:
    """What must outlive a run (journal, known good, lab keys): ``PYREMEDIATE_STATE``, else the platform's place.

    Root keeps it in /var/lib (file-hierarchy(7)), everybody else under XDG_STATE_HOME (XDG base directory specification).
    """
    chosen = os.environ.get("PYREMEDIATE_STATE")
    if chosen:
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/pyremediate")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "pyremediate"
