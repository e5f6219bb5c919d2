"""Who was there when something drifted: those hosts are asked that have a drift with a time, all at once, and nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyremediate.ansible.questions import Question, ask
from pyremediate.diagnosis.facts import evidence_from
from pyremediate.model import Difference
from pyremediate.request import Request

SECONDS = 20
QUESTION = Question("observe", variables={"pyremediate_observe_sections": ["sessions"]})


def has_a_time(differences: Sequence[Difference]) -> bool:
    """Is there one of which it is known since when it is so?"""
    return any(difference.since for difference in differences)


def sessions_of(hosts: Sequence[str], request: Request) -> dict[str, Mapping[str, Any]]:
    """The section ``sessions`` of each host that could tell it."""
    if not hosts:
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    for task in ask(",".join(hosts), [QUESTION], request.options, SECONDS).tasks:
        evidence = evidence_from(task.host, task.data["evidence"]).data() if task.status == "ok" else {}
        found |= {task.host: evidence["sessions"]} if "sessions" in evidence else {}
    return found
