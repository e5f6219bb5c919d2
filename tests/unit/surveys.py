"""The survey of a real, fresh lab host, as recorded by ``python -m tests.unit.surveys HOST``."""

from __future__ import annotations

import gzip
import json
import sys
from functools import cache
from pathlib import Path

from pyremediate.lab.mutation.survey import Survey

FILE = Path(__file__).parent / "recorded" / "mutations" / "survey.json.gz"


@cache
def recorded() -> Survey:
    """A fresh mail host."""
    return Survey(json.loads(gzip.decompress(FILE.read_bytes())))


def record(name: str) -> None:
    """Survey a lab host into the file; the time is left out of it, so that the same survey is the same file."""
    from pyremediate.lab import shell
    from pyremediate.lab.mutation import host

    lab, target = shell.reachable(name)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(gzip.compress(json.dumps(host.survey(lab, target).data, sort_keys=True).encode(), mtime=0))


if __name__ == "__main__":
    record(sys.argv[1])
