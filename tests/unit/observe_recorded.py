"""What was recorded on real hosts: outputs of commands and kernel files, and whole observations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"


def output(name: str) -> str:
    """A command's output or a file of a real mail host, as text."""
    return (RECORDED / "host" / name).read_text(encoding="utf-8")


def observation(fault: str) -> dict[str, Any]:
    """The whole observation of a lab host with this fault, or of a ``healthy`` one."""
    evidence: dict[str, Any] = json.loads((RECORDED / "observations" / f"{fault}.json").read_text(encoding="utf-8"))
    return evidence
