"""What was recorded on real hosts: outputs of commands and kernel files, and whole observations."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

MODULE = Path(__file__).resolve().parents[2] / "plugins" / "modules" / "observe.py"
RECORDED = Path(__file__).parent / "recorded"


def output(name: str) -> str:
    """A command's output or a file of a real mail host, as text."""
    return (RECORDED / "host" / name).read_text(encoding="utf-8")


def observation(fault: str) -> dict[str, Any]:
    """The whole observation of a lab host with this fault, or of a ``healthy`` one."""
    evidence: dict[str, Any] = json.loads((RECORDED / "observations" / f"{fault}.json").read_text(encoding="utf-8"))
    return evidence


def documented() -> dict[str, Any]:
    """The sections as the module's RETURN block has them."""
    match = re.search(r'^RETURN = r"""\n(.*?)^"""', MODULE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert match is not None
    sections: dict[str, Any] = yaml.safe_load(match.group(1))["evidence"]["contains"]["sections"]["contains"]
    return sections
