"""Every fault of the catalogue against evidence from real hosts: its own must match it, every other must not."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pyremediate.comparison.compare import compare
from pyremediate.diagnosis import assess, catalogue
from pyremediate.diagnosis.catalogue import Catalogue
from pyremediate.diagnosis.diagnose import Diagnosis, diagnose
from pyremediate.known_good.hosts import KnownGood
from pyremediate.looking import look as looking
from pyremediate.model import Answer, Difference, Look
from tests.unit.evidence_file import changes, healthy, read, with_changes

FAULTS = catalogue.product_faults()
FILES = sorted(FAULTS.glob("*/*/evidence/*.json"))
MATCHES = [path for path in FILES if path.name.startswith("match_")]
LATENT = [path for path in FILES if path.name.startswith("latent_")]  # it is there, and mail flows
MADE = [fault.code for fault in catalogue.load().faults if not fault.recordings_only]  # on hosts of the lab
CURED = [fault.code for fault in catalogue.load().faults if fault.code in MADE and fault.remedies]  # the others are a human's
HEALTHY = Look("mail01", healthy().evidence, known_good_at=healthy().captured_at)


# What other hosts of the lab showed, from inside and from outside apart.
RECORDED = Path(__file__).parent / "recorded"
LOOK_ALIKES = {
    "healthy": None,
    "postfix.duplicate_parameter": None,
    "postfix.main_cf_bad_number": "postfix/main_cf_invalid",
    "postfix.main_cf_invalid_not_reloaded": "postfix/main_cf_invalid",
    "postfix.main_cf_unreadable": "postfix/spool_permissions",
    "postfix.map_database_corrupt": "postfix/map_database_missing",
    "postfix.master_cf_bad_line": None,
    "postfix.postdrop_without_set_gid": "postfix/spool_permissions",
    "postfix.restriction_typo": None,
    "postfix.spool_writable_for_all": None,
}


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


@pytest.mark.parametrize("path", [path for path in MATCHES if code_of(path) in CURED], ids=name_of)
def test_a_fault_that_the_lab_makes_has_a_remedy_there(path: Path, judged: dict[Path, Diagnosis]) -> None:
    (cause,) = judged[path].causes
    assert cause.remedies, cause.skipped


@pytest.mark.parametrize("path", LATENT, ids=name_of)
def test_a_fault_from_which_no_mail_suffers_is_told_and_left_alone(path: Path, judged: dict[Path, Diagnosis]) -> None:
    (cause,) = judged[path].causes
    assert (cause.code, cause.severity, cause.remedies) == (code_of(path), "low", ())
    assert cause.skipped
    assert assess.overall(assess.assess_look(read(path)), judged[path].causes) is Answer.PASS


@pytest.mark.parametrize("path", [path for path in FILES if path not in MATCHES + LATENT], ids=name_of)
def test_a_look_alike_is_not_taken_for_the_fault(path: Path, judged: dict[Path, Diagnosis]) -> None:
    """It may still be named as what follows from another fault."""
    assert code_of(path) not in [cause.code for cause in judged[path].causes]


def test_a_disk_that_could_not_be_asked_is_neither_failing_nor_healthy(judged: dict[Path, Diagnosis]) -> None:
    for name in ("other_not_asked", "other_one_not_asked"):
        found = judged[FAULTS / f"hardware/disk_failing/evidence/{name}.json"].unknown
        reasons = [each.reason for each in found if each.code == "hardware/disk_failing"]
        assert reasons and "of the disks could not be observed" in reasons[0]


def test_the_hardware_below_a_container_is_not_called_healthy(faults: Catalogue) -> None:
    """Nor is it told again at every look that it cannot be known from there."""
    found = diagnose(faults, HEALTHY)
    told = {*found.excluded, *(each.code for each in found.unknown)}
    assert not {fault.code for fault in faults.faults if fault.layer == "hardware" and fault.recordings_only} & told


def recorded(name: str) -> Look:
    """The look that observation and legs of one fault make together; the legs where there are any. Of a silent host: the look."""
    if (whole := RECORDED / "looks" / f"{name}.json").is_file():
        return read(whole)
    observations, legs = RECORDED / "observations", RECORDED / "legs" / f"{name.rpartition('.')[2]}.json"
    now, was = (
        looking.evidence_from(data["host"], data)
        for data in (json.loads((observations / f"{stem}.json").read_text()) for stem in (name, "healthy"))
    )
    answers = json.loads(legs.read_text()) if legs.is_file() else []
    return Look(
        host=now.host,
        evidence=now,
        legs=tuple(leg for answer in answers for leg in looking.legs_from(answer)),
        differences=compare(KnownGood(was, was.observed_at, "the lab", "healthy"), now).differences,
        known_good_at=was.observed_at,
    )


@pytest.mark.parametrize("code", MADE)
def test_a_fault_is_named_on_a_host_that_its_rule_was_not_written_on(code: str, faults: Catalogue) -> None:
    diagnosis = diagnose(faults, recorded(code.replace("/", ".")))
    assert [cause.code for cause in diagnosis.causes] == [code]
    assert diagnosis.unexplained == ()


@pytest.mark.parametrize(("name", "code"), LOOK_ALIKES.items())
def test_what_resembles_a_fault_is_named_as_what_it_is_or_not_at_all(
    name: str, code: str | None, faults: Catalogue
) -> None:
    assert [cause.code for cause in diagnose(faults, recorded(name)).causes] == ([code] if code else [])


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
    began = time.process_time()  # of this process alone, whatever else the machine does
    for _ in range(10):
        diagnose(faults, HEALTHY)
    assert (time.process_time() - began) / 10 < 0.1


def test_a_recorded_change_makes_the_whole_again() -> None:
    was = {"a": {"b": 1, "c": [1, 2], "e": {"x": 1}}, "d": None}
    now = {"a": {"b": None, "c": [2], "f": 1}, "d": {"y": 2}}
    assert with_changes(was, changes(was, now)) == now
    assert changes(was, was) == {}


def test_a_time_alone_is_no_recorded_change() -> None:
    assert changes({"a": {"since": 1, "x": 1}}, {"a": {"since": 2, "x": 1}}) == {}
    assert changes({"a": {"since": 1, "x": 1}}, {"a": {"since": 2, "x": 2}}) == {"a": {"since": 2, "x": 2}}


@pytest.mark.parametrize(
    ("code", "unit", "variable"),
    [
        ("services/dovecot_stopped", "dovecot.service", "services_enabled"),
        ("services/postfix_stopped", "postfix.service", "services_enabled"),
        ("milter/rspamd_stopped", "rspamd.service", "milter_enabled"),
    ],
)
def test_what_is_started_starts_at_the_next_boot_too_if_it_used_to(faults: Catalogue, code: str, unit: str, variable: str) -> None:
    look = read(FAULTS / code / "evidence" / "match_lab.json")
    disabled = Difference("unit", unit, "enabled", "disabled", aspect="enabled")
    for differences, expected in (((), []), ((disabled,), [unit])):
        found = diagnose(faults, replace(look, differences=differences, known_good_at=HEALTHY.known_good_at))
        cause = next(each for each in found.causes if each.code == code)
        assert cause.remedies[0].variables[variable] == expected
        assert any("would not start at the next boot" in sentence for sentence in cause.evidence) == bool(expected)
