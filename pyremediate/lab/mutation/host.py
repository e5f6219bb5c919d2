"""The only place that touches the host: surveys it, damages it, puts it back. Everything else of mutations is pure."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyremediate.errors import PyremediateError
from pyremediate.lab import ssh
from pyremediate.lab.description import Host, Lab
from pyremediate.lab.mutation.model import Mutation
from pyremediate.lab.mutation.survey import Load, Survey

SURVEY_SECONDS = 60.0
APPLY_SECONDS = 300.0  # a restart of every daemon, each bounded by host_apply.LOAD_SECONDS


class NotApplied(PyremediateError):
    """The host refused a mutation; nothing of it is left."""


def survey(lab: Lab, host: Host) -> Survey:
    """What the host has. Raises ``PyremediateError`` with the host's words."""
    return Survey(python(lab, host, _script("host_survey.py"), SURVEY_SECONDS))


def apply(lab: Lab, host: Host, mutations: Sequence[Mutation]) -> tuple[Mutation, ...]:
    """Damage the host, tell the daemons, and wait until they settled; the mutations with their undo.

    Raises ``NotApplied`` when one was refused; then the others are taken back too.
    """
    load = tuple(dict.fromkeys(order for mutation in mutations for order in mutation.load))
    answer = order(lab, host, [mutation.actions for mutation in mutations], load)
    done = tuple(
        replace(mutation, undo=tuple(part["undo"])) for mutation, part in zip(mutations, answer["done"], strict=True)
    )
    refused = [f"{mutation.kind} {mutation.target}: {part['error']}"
               for mutation, part in zip(mutations, answer["done"], strict=True) if part["error"]]  # fmt: skip
    if refused:
        undo(lab, host, done)
        raise NotApplied("; ".join(refused))
    return done


def undo(lab: Lab, host: Host, mutations: Sequence[Mutation]) -> None:
    """Put back what they changed, the last one first, and restart what they touched. Raises ``PyremediateError``."""
    load = tuple(dict.fromkeys(("restart", unit) for mutation in mutations for _, unit in mutation.load))
    answer = order(lab, host, [mutation.undo for mutation in reversed(mutations)], load)
    errors = [part["error"] for part in answer["done"] if part["error"]]
    if errors:
        raise PyremediateError(
            f"{host.name} could not be put back: {'; '.join(errors)}; pyremediate lab reset {host.name}"
        )


def order(lab: Lab, host: Host, sets: Sequence[Sequence[Mapping[str, Any]]], load: Load) -> Mapping[str, Any]:
    """Have the host's script do sets of actions; its answer: {"done": [{"undo", "error"}], "complaints": [words]}."""
    request = base64.b64encode(json.dumps({"sets": sets, "load": load}).encode()).decode()
    return python(lab, host, f'REQUEST = "{request}"\n{_script("host_apply.py")}', APPLY_SECONDS)


def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text()


def python(lab: Lab, host: Host, script: str, seconds: float) -> Mapping[str, Any]:
    """Run a script by the host's Python; what it prints, read as JSON."""
    line = ssh.command_line(lab, host, ["timeout", f"{seconds:.0f}", "python3", "-"])
    try:
        done = subprocess.run(line, input=script, capture_output=True, text=True, timeout=seconds + 10, check=False)
    except subprocess.TimeoutExpired:
        raise PyremediateError(f"{host.name} did not answer within {seconds:.0f} s") from None
    if done.returncode:
        raise PyremediateError(f"{host.name}: {done.stderr.strip()[-500:] or f'status {done.returncode}'}")
    answer: Mapping[str, Any] = json.loads(done.stdout)
    return answer
