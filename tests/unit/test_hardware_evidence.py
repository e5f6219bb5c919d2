"""The evidence of the faults of hardware is what the observer shows of recorded machines, and nothing written by hand."""

from __future__ import annotations

import json

import pytest

from pyremediate.diagnosis.catalogue import product_faults

from .hardware_machines import MACHINES, evidence, section


@pytest.mark.parametrize("name", MACHINES)
def test_the_evidence_is_what_the_observer_shows_of_the_machine(name: str) -> None:
    recorded = json.loads(evidence(name).read_text())
    assert recorded["sections"]["hardware"] == json.loads(json.dumps(section(MACHINES[name], recorded["observed_at"])))


def test_every_evidence_is_of_such_a_machine() -> None:
    of_recordings = [
        path.parent
        for path in product_faults().glob("hardware/*/fault.yml")
        if not path.with_name("break.yml").is_file()
    ]
    assert {evidence(name) for name in MACHINES} == {
        path for folder in of_recordings for path in folder.glob("evidence/*.json")
    }
