"""The product's own commands, as the campaign runs them: what they say, and nothing that is known otherwise."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pyremediate.errors import PyremediateError

ROOT = Path(__file__).resolve().parents[2]
PYREMEDIATE = Path(sys.executable).with_name("pyremediate")
INVENTORY = ROOT / "inventory" / "lab"
SECONDS = 240.0
PASSES = {"pass", "impossible"}


def outcome(
    verb: Sequence[str], host: str, settings: Path | None = None, seconds: float = SECONDS
) -> Mapping[str, Any]:
    """What a verb says of a host in JSON; when it says nothing of the kind, its end in words under ``outcome``."""
    options = ["-i", str(INVENTORY), "--format", "json", *(["--settings", str(settings)] if settings else [])]
    try:
        done = _run([*verb, "--host", host, *options], seconds)
    except subprocess.TimeoutExpired:
        return {"outcome": f"not over after {seconds:.0f} s"}
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        words = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        return {"outcome": f"ended with status {done.returncode}", "reason": words}
    found: Mapping[str, Any] = answer["hosts"][0] if "hosts" in answer else answer
    return found


def legs_not_passing(told: Mapping[str, Any]) -> list[str]:
    """The legs of an outcome that did not pass, each once; when there is no leg at all, the reason."""
    legs = told.get("verification", [])
    found = [leg["name"] for leg in legs if leg["answer"] not in PASSES]
    return found if legs else [told.get("reason") or "nothing could be looked at"]


def incident(name: str) -> str:
    """An incident as the product tells it to people; empty without a name, or when the product cannot."""
    try:
        return _run(["incident", "show", name], SECONDS).stdout if name else ""
    except subprocess.TimeoutExpired:
        return ""


def expect(words: Sequence[str], seconds: float = SECONDS) -> None:
    """A command that must work; raises ``PyremediateError`` with its words."""
    try:
        done = _run(words, seconds)
    except subprocess.TimeoutExpired as error:
        raise PyremediateError(str(error)) from None
    if done.returncode:
        raise PyremediateError(f"{' '.join(words)}: {done.stderr.strip()[-500:]}")


def _run(words: Sequence[str], seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYREMEDIATE), *words], capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
    )
