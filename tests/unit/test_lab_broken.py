"""A fault of a mail host may break other hosts; a reset of it covers them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyremediate.lab import broken
from pyremediate.lab.description import Lab, describe
from pyremediate.paths import collection_root


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    made = describe(2)
    made.directory.mkdir()
    return made


def test_a_host_that_was_broken_with_another_is_reset_with_it(lab: Lab) -> None:
    broken.note(lab, "mail01", {"router01"})
    assert broken.with_others(lab, "mail01") == ("mail01", "router01")
    assert broken.with_others(lab, "mail02") == ("mail02",)


def test_a_router_that_is_as_new_is_not_reset_again_with_any_of_those_whose_faults_broke_it(lab: Lab) -> None:
    broken.note(lab, "mail01", {"router01", "dns01"})
    broken.note(lab, "mail02", {"router01"})
    broken.forget(lab, ["mail02", "router01"])
    assert broken.with_others(lab, "mail01") == ("mail01", "dns01")
    assert broken.with_others(lab, "mail02") == ("mail02",)


def test_a_fault_of_a_mail_host_alone_is_not_remembered(lab: Lab) -> None:
    broken.note(lab, "mail01", ())
    assert not list(lab.directory.iterdir())


def test_a_host_that_the_lab_no_longer_has_is_not_asked_for(lab: Lab) -> None:
    broken.note(lab, "mail01", {"mail02"})
    assert broken.with_others(describe(1), "mail01") == ("mail01",)


def test_tasks_in_blocks_count_as_well(tmp_path: Path) -> None:
    (tmp_path / "break.yml").write_text("- block:\n    - name: a\n      delegate_to: router01\n- name: b\n")
    assert broken.delegates(tmp_path / "break.yml") == {"router01"}


@pytest.mark.parametrize(
    "path", sorted((collection_root() / "faults").glob("*/*/break.yml")), ids=lambda path: path.parent.name
)
def test_faults_are_delegated_to_hosts_that_the_lab_has(path: Path) -> None:
    assert broken.delegates(path) <= {"localhost", *(host.name for host in describe().hosts)}
