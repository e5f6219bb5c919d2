"""What a fault folder says exists elsewhere too: tasks and variables of roles, names of facts, layers. All must agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pyremediate.diagnosis import catalogue, facts
from pyremediate.model import Look
from pyremediate.paths import collection_root

ROOT = collection_root()
FAULTS = catalogue.load().faults
REMEDIES = [(fault.code, remedy) for fault in FAULTS for remedy in fault.remedies]
MANUAL = (ROOT / "docs" / "faults.md").read_text()


def ids(value: Any) -> str:
    return value if isinstance(value, str) else value.name


def options(role: str, tasks: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    assert tasks in specs, f"{role} has no entry point {tasks}"
    found: dict[str, Any] = specs[tasks].get("options", {})
    return found


@pytest.mark.parametrize(("code", "remedy"), REMEDIES, ids=ids)
def test_a_remedy_gives_its_role_what_it_asks_for_and_nothing_else(code: str, remedy: catalogue.RemedyTemplate) -> None:
    wanted = options(remedy.role, remedy.tasks)
    given = set(remedy.variables.source)
    assert given <= set(wanted), code
    assert {name for name, option in wanted.items() if option.get("required")} <= given, code


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_a_fault_can_be_made_in_the_lab_or_says_why_not_and_has_evidence(fault: catalogue.Fault) -> None:
    assert (fault.folder / "break.yml").is_file() != bool(fault.recordings_only)
    assert list(fault.folder.glob("evidence/match_*.json"))


def test_no_folder_is_half_a_fault() -> None:
    folders = {path.parent for path in (ROOT / "faults").glob("*/*/break.yml")}
    assert folders == {fault.folder for fault in FAULTS if not fault.recordings_only}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_a_rollback_is_offered_for_the_last_known_good_only(fault: catalogue.Fault) -> None:
    """Without one, the variables of a rollback cannot be filled in, and the remedy is skipped for that reason."""
    for remedy in fault.remedies:
        if remedy.class_.startswith("rollback"):
            assert "difference(" in str(remedy.variables.source), remedy.name


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.code)
def test_rules_speak_of_mail_hosts_in_general_and_not_of_the_lab(fault: catalogue.Fault) -> None:
    text = (fault.folder / "fault.yml").read_text()
    assert not re.search(r"lab\.test|peer\.test|10\.61\.|mail0\d|\+lab\d", text)


def test_the_manual_names_every_fact_that_rules_may_use() -> None:
    names = set(facts.facts(Look("mail01"))) | set(re.findall(r"^    (\w+)\b", facts.__doc__ or "", re.MULTILINE))
    assert not {name for name in names if f"`{name}" not in MANUAL}


def test_the_manual_names_every_layer_from_the_ground_up() -> None:
    assert ", ".join(catalogue.LAYERS) in " ".join(MANUAL.split())


def test_the_manuals_own_example_is_a_fault(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(---\n.*?)```", MANUAL, re.DOTALL)
    folder = tmp_path / "resources" / "maildir_full"
    folder.mkdir(parents=True)
    (folder / "fault.yml").write_text(example)
    assert catalogue.load([tmp_path]).get("resources/maildir_full").remedies
