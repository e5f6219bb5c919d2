"""Every fault of the catalogue against evidence from real hosts: its own must match it, every other must not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pyremediate import catalogue
from pyremediate.catalogue import Catalogue
from pyremediate.diagnose import Diagnosis, diagnose
from pyremediate.model import Look
from tests.unit.evidence_file import changes, healthy, read, with_changes

FAULTS = catalogue.product_faults()
FILES = sorted(FAULTS.glob("*/*/evidence/*.json"))
MATCHES = [path for path in FILES if path.name.startswith("match_")]
HEALTHY = Look("mail01", healthy().evidence, known_good_at=healthy().captured_at)


def code_of(path: Path) -> str:
    return str(path.relative_to(FAULTS).parent.parent)


def name_of(path: Path) -> str:
    return f"{code_of(path)}/{path.stem}"


@pytest.fixture(scope="module")
def faults() -> Catalogue:
    return catalogue.load()


@pytest.fixture(scope="module")
def judged(faults: Catalogue) -> dict[Path, Diagnosis]:
    """Every recorded look is judged once, with the whole catalogue."""
    return {path: diagnose(faults, read(path)) for path in FILES}


def test_every_fault_has_evidence_of_its_own(faults: Catalogue) -> None:
    assert {fault.code for fault in faults.faults} == {code_of(path) for path in MATCHES}


@pytest.mark.parametrize("path", MATCHES, ids=name_of)
def test_evidence_of_a_fault_names_it_as_the_first_cause(path: Path, judged: dict[Path, Diagnosis]) -> None:
    assert [cause.code for cause in judged[path].causes][:1] == [code_of(path)]


@pytest.mark.parametrize("path", MATCHES, ids=name_of)
def test_evidence_of_one_fault_is_not_taken_for_several(path: Path, judged: dict[Path, Diagnosis]) -> None:
    assert [cause.code for cause in judged[path].causes] == [code_of(path)]


@pytest.mark.parametrize("path", MATCHES, ids=name_of)
def test_a_cause_accounts_for_every_failing_leg(path: Path, judged: dict[Path, Diagnosis]) -> None:
    assert judged[path].unexplained == ()


@pytest.mark.parametrize("path", MATCHES, ids=name_of)
def test_a_cause_says_what_was_seen_and_what_a_human_can_do(path: Path, judged: dict[Path, Diagnosis]) -> None:
    (cause,) = judged[path].causes
    assert cause.evidence
    assert cause.advice
    for sentence in (*cause.evidence, *cause.advice.splitlines()):
        assert not {"None", "{{", "[]", "{'"} & set(sentence.split()), sentence


@pytest.mark.parametrize("path", MATCHES, ids=name_of)
def test_a_fault_that_the_lab_makes_has_a_remedy_there(path: Path, judged: dict[Path, Diagnosis]) -> None:
    (cause,) = judged[path].causes
    assert cause.remedies, cause.skipped


@pytest.mark.parametrize("path", [path for path in FILES if path not in MATCHES], ids=name_of)
def test_a_look_alike_is_not_taken_for_the_fault(path: Path, judged: dict[Path, Diagnosis]) -> None:
    assert not judged[path].names(code_of(path))


def test_a_healthy_host_matches_nothing(faults: Catalogue) -> None:
    diagnosis = diagnose(faults, HEALTHY)
    assert diagnosis.causes == diagnosis.symptoms == ()


def test_without_a_last_known_good_the_same_looks_blame_nothing_else(faults: Catalogue) -> None:
    """Less can be said then; what is said must still be right."""
    for path in MATCHES:
        look = read(path)
        known = {cause.code for cause in diagnose(faults, Look(look.host, look.evidence, look.legs)).causes}
        assert known <= {code_of(path)}, path


def test_all_rules_are_judged_in_milliseconds(faults: Catalogue) -> None:
    diagnose(faults, HEALTHY)  # compiled at first use
    began = time.perf_counter()
    for _ in range(10):
        diagnose(faults, HEALTHY)
    assert (time.perf_counter() - began) / 10 < 0.1


def test_a_recorded_change_makes_the_whole_again() -> None:
    was = {"a": {"b": 1, "c": [1, 2], "e": {"x": 1}}, "d": None}
    now = {"a": {"b": None, "c": [2], "f": 1}, "d": {"y": 2}}
    assert with_changes(was, changes(was, now)) == now
    assert changes(was, was) == {}


def test_a_time_alone_is_no_recorded_change() -> None:
    assert changes({"a": {"since": 1, "x": 1}}, {"a": {"since": 2, "x": 1}}) == {}
    assert changes({"a": {"since": 1, "x": 1}}, {"a": {"since": 2, "x": 2}}) == {"a": {"since": 2, "x": 2}}
