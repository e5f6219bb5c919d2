"""The catalogue reads fault folders, and refuses wrong ones with every error and its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyremediate.diagnosis import catalogue
from pyremediate.errors import UsageError

GOOD = """\
---
title: A test
severity: low
scope: all
when: [flag]
evidence: ["It is {{ flag }}."]
legs: [inbound.connect]
explains: ["leg:inbound.*"]
remedies:
  - {name: start, class: restart, title: Start it, role: services, tasks: start, variables: {services_units: [a]}}
escalate: [Look at it.]
prevention: [Watch it.]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty catalogue: write(folder, code, text) puts a fault into it."""
    monkeypatch.setattr(catalogue, "product_faults", lambda: tmp_path / "product")
    (tmp_path / "product").mkdir()
    return tmp_path / "product"


def write(folder: Path, code: str, text: str = GOOD) -> Path:
    path = folder / code / "fault.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def errors(*directories: Path) -> list[str]:
    with pytest.raises(UsageError) as caught:
        catalogue.load(directories)
    return str(caught.value).splitlines()


def test_the_products_own_catalogue_is_in_order() -> None:
    assert len(catalogue.load().faults) >= 20


def test_a_faults_code_is_its_folder(folder: Path) -> None:
    write(folder, "services/stopped")
    fault = catalogue.load().get("services/stopped")
    assert (fault.layer, fault.title, fault.explains_legs) == ("services", "A test", ("inbound.*",))


def test_faults_come_from_the_ground_up(folder: Path) -> None:
    for code in ("users/a", "hardware/b", "postfix/c", "dns/d"):
        write(folder, code)
    assert [fault.code for fault in catalogue.load().faults] == ["hardware/b", "dns/d", "postfix/c", "users/a"]


def test_a_team_adds_faults_in_a_directory_of_its_own(folder: Path, tmp_path: Path) -> None:
    write(folder, "services/stopped")
    write(tmp_path / "own", "services/other")
    assert len(catalogue.load([tmp_path / "own"]).faults) == 2


def test_a_code_that_exists_twice_is_refused_with_both_places(folder: Path, tmp_path: Path) -> None:
    write(folder, "services/stopped")
    write(tmp_path / "own", "services/stopped")
    (error,) = errors(tmp_path / "own")
    assert "own/services/stopped/fault.yml" in error
    assert "product/services/stopped" in error


def test_a_directory_that_does_not_exist_is_named(folder: Path, tmp_path: Path) -> None:
    assert "there is no such directory" in errors(tmp_path / "gone")[0]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("severity: low", "severity: terrible", 3, "severity"),
        ("scope: all", "scope: all\nscopes: all", 5, "scopes"),
        ("when: [flag]", "when: ['flag ==']", 5, "not Jinja2"),
        ('["It is {{ flag }}."]', '["It is {{ flag."]', 6, "not Jinja2"),
        ("[inbound.connect]", "[inbound.conect]", 7, "there is no leg inbound.conect"),
        ("leg:inbound.*", "leg:inbount.*", 8, "no leg matches inbount.*"),
        ("class: restart", "class: reboot", 10, "class"),
        ("tasks: start", "tasks: sart", 10, "has no tasks/sart.yml"),
        ("{services_units: [a]}", "{services_units: '{{ a'}", 10, "not Jinja2"),
        ("title: A test", "title: A test\ntitle: B", 3, "second time"),
        ("title: A test", "title: A: test", 2, "not YAML"),
        ("when: [flag]", "when: [\"a is search('\\\\b')\"]", 5, "write a backslash twice"),
    ],
)
def test_an_error_names_the_file_and_the_line(folder: Path, old: str, new: str, line: int, words: str) -> None:
    path = write(folder, "services/stopped", GOOD.replace(old, new))
    found = [error for error in errors() if words in error]
    assert found, errors()
    assert found[0].startswith(f"{path}:{line}: ")


def test_all_errors_of_all_files_come_at_once(folder: Path) -> None:
    write(folder, "services/one", GOOD.replace("low", "huge").replace("[Watch it.]", "[]"))
    write(folder, "services/two", GOOD.replace("[flag]", "['(']"))
    assert len(errors()) == 3


def test_a_folder_that_is_no_layer_is_refused_with_the_layers(folder: Path) -> None:
    write(folder, "misc/stopped")
    assert "one of: hardware, network" in errors()[0]


def test_an_explanation_that_no_fault_answers_to_is_refused(folder: Path) -> None:
    write(folder, "services/stopped", GOOD.replace("explains: [", "explains: [services/gone, "))
    assert "no fault is called so" in errors()[0]


def test_faults_that_explain_each_other_in_a_circle_are_refused(folder: Path) -> None:
    write(folder, "services/a", GOOD.replace("explains: [", "explains: [services/b, "))
    write(folder, "services/b", GOOD.replace("explains: [", "explains: ['services/c*', "))
    write(folder, "services/c", GOOD.replace("explains: [", "explains: [services/a, "))
    assert "services/a: explains itself" in errors()[0]


def test_a_wrong_code_is_answered_with_the_one_that_was_meant(folder: Path) -> None:
    write(folder, "services/stopped")
    with pytest.raises(UsageError, match="perhaps services/stopped"):
        catalogue.load().get("service/stopped")
