"""Roles say one thing in several places: tasks, specification, defaults, faults, scenarios. Here they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted((ROOT / "roles").iterdir())
BREAKS = sorted((ROOT / "faults").glob("*/*/break.yml"))
FAULTS = sorted((ROOT / "faults").glob("*/*/fault.yml"))
TASK_FILES = [*sorted((ROOT / "roles").glob("*/tasks/*.yml")), *BREAKS]
COMMANDS = {"ansible.builtin.command", "ansible.builtin.shell", "ansible.builtin.raw"}
COLLECTIONS = ("ansible.builtin.", "pyremediate.mail.")
NOT_ACTIONS = {
    "become", "changed_when", "check_mode", "delay", "delegate_to", "environment", "failed_when", "loop", "name",
    "loop_control", "no_log", "notify", "register", "retries", "run_once", "tags", "timeout", "until", "vars", "when",
}  # fmt: skip

role = pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
task_file = pytest.mark.parametrize("path", TASK_FILES, ids=lambda path: str(path.relative_to(ROOT)))


def read(path: Path) -> Any:
    """A YAML file, or nothing where there is none."""
    return yaml.safe_load(path.read_text()) if path.is_file() else None


def entry_points(role: Path) -> dict[str, Any]:
    """The specification of a role: {entry point: its arguments}."""
    entries: dict[str, Any] = read(role / "meta" / "argument_specs.yml")["argument_specs"]
    return entries


def options(specification: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The options of an entry point, and those inside them."""
    for name, option in (specification.get("options") or {}).items():
        yield name, option
        yield from options(option)


def tasks(path: Path) -> Iterator[dict[str, Any]]:
    """The tasks of a file, those in blocks too."""
    waiting = list(read(path) or [])
    while waiting:
        task = waiting.pop(0)
        inner = [nested for key in ("block", "rescue", "always") for nested in task.get(key, [])]
        waiting += inner
        if not inner:
            yield task


def actions(task: dict[str, Any]) -> list[str]:
    """The modules that a task names."""
    return [key for key in task if key not in NOT_ACTIONS]


@role
def test_every_tasks_file_is_an_entry_point_and_nothing_else_is(role: Path) -> None:
    files = {path.stem for path in (role / "tasks").glob("*.yml") if not path.stem.startswith("_")}
    assert files == set(entry_points(role))


@role
def test_the_defaults_are_those_of_the_specification(role: Path) -> None:
    specified: dict[str, Any] = {}
    for entry in entry_points(role).values():
        for name, option in (entry.get("options") or {}).items():
            if option.get("required"):
                assert "default" not in option, f"{name} is required and has a default"
                continue
            assert specified.setdefault(name, option["default"]) == option["default"], f"{name} has two defaults"
    assert (read(role / "defaults" / "main.yml") or {}) == specified


@role
def test_every_option_has_a_type_and_a_description(role: Path) -> None:
    for entry_name, entry in entry_points(role).items():
        assert entry["short_description"], entry_name
        for name, option in options(entry):
            assert option.get("type") and option.get("description"), f"{entry_name}: {name}"


@role
def test_every_variable_bears_the_name_of_its_role(role: Path) -> None:
    declared = set(read(role / "vars" / "main.yml") or {}) | set(read(role / "defaults" / "main.yml") or {})
    declared |= {name for entry in entry_points(role).values() for name in entry.get("options") or {}}
    assert not {name for name in declared if not name.startswith((f"{role.name}_", f"__{role.name}_"))}


@role
def test_the_main_tasks_file_stays_a_table_of_contents(role: Path) -> None:
    assert len((role / "tasks" / "main.yml").read_text().splitlines()) <= 30


@role
def test_every_role_has_a_scenario_that_breaks_and_proves(role: Path) -> None:
    scenario = ROOT / "molecule" / role.name
    assert {"molecule.yml", "prepare.yml", "converge.yml", "verify.yml"} <= {path.name for path in scenario.iterdir()}
    assert "break.yml" in (scenario / "prepare.yml").read_text()


@task_file
def test_every_task_is_a_sentence_with_one_fully_named_module(path: Path) -> None:
    for task in tasks(path):
        assert task.get("name"), task
        assert len(actions(task)) == 1, task["name"]
        assert actions(task)[0].startswith(COLLECTIONS), task["name"]


@task_file
def test_every_command_has_an_argument_list_and_says_when_it_changes_something(path: Path) -> None:
    for task in tasks(path):
        for action in COMMANDS.intersection(task):
            assert isinstance(task[action], dict) and task[action].get("argv"), task["name"]
            assert "changed_when" in task, task["name"]


@role
def test_every_command_of_a_remedy_is_bounded_in_time(role: Path) -> None:
    for path in (role / "tasks").glob("*.yml"):
        for task in tasks(path):
            for action in COMMANDS.intersection(task):
                assert "timeout" in str(task[action]["argv"]), task["name"]


@task_file
def test_nothing_sleeps_instead_of_looking(path: Path) -> None:
    text = path.read_text()
    assert "ansible.builtin.pause" not in text
    assert "sleep" not in text


@pytest.mark.parametrize("path", FAULTS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_fault_names_entry_points_that_exist_and_gives_them_what_they_require(path: Path) -> None:
    for remedy in read(path).get("remedies") or []:
        entry = entry_points(ROOT / "roles" / remedy["role"])[remedy["tasks"]]
        known = entry.get("options") or {}
        given = set(remedy.get("variables") or {})
        assert given <= set(known), remedy["name"]
        assert {name for name, option in known.items() if option.get("required")} <= given, remedy["name"]
