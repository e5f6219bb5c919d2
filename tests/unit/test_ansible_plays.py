"""The door to Ansible: what goes in reaches it, what comes out is typed, and nothing is left behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from pyremediate.ansible import options, plays
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions


@pytest.fixture
def play(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A play of its own on this machine, from the text of its tasks."""

    def make(tasks: str, hosts: str = "here", timeout: float = 60, **variables: object) -> plays.Play:
        (tmp_path / "play.yml").write_text(f"- hosts: {hosts}\n  gather_facts: false\n  tasks:\n{tasks}")
        inventory = tmp_path / "hosts.ini"
        if not inventory.exists():
            inventory.write_text(
                "here ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'\n"
            )
        return plays.Play(
            str(tmp_path / "play"), variables, AnsibleOptions(inventory=(str(inventory),)), timeout, "unit-test"
        )

    return make


def test_a_large_result_arrives_whole(play) -> None:  # type: ignore[no-untyped-def]
    result = plays.run(play("    - ansible.builtin.debug:\n        msg: \"{{ 'x' * 3000000 }}\"\n"))
    assert len(result.tasks[0].data["msg"]) == 3000000


def leftovers() -> list[str]:
    return [path.name for path in Path("/dev/shm").glob(f"{plays.RUN_PREFIX}unit-test*")]


def test_results_come_as_values_with_their_module(play) -> None:  # type: ignore[no-untyped-def]
    result = plays.run(
        play("    - name: Say it\n      ansible.builtin.debug:\n        msg: '{{ word }}'\n", word="hello")
    )
    (task,) = result.tasks
    assert (result.status, task.host, task.status, task.action) == ("successful", "here", "ok", "ansible.builtin.debug")
    assert task.data["msg"] == "hello"
    assert leftovers() == []


def test_a_failure_keeps_its_words_and_a_rescue_is_seen(play) -> None:  # type: ignore[no-untyped-def]
    tasks = (
        "    - block:\n        - name: Break\n          ansible.builtin.fail:\n            msg: broken on purpose\n"
        "      rescue:\n        - name: Mend\n          ansible.builtin.debug:\n            msg: mended\n"
    )
    result = plays.run(play(tasks))
    assert [(task.task, task.status) for task in result.of("here")] == [("Break", "failed"), ("Mend", "ok")]
    assert result.failures("here")[0].message == "broken on purpose"


def test_a_play_that_matches_no_host_has_no_results(play) -> None:  # type: ignore[no-untyped-def]
    assert plays.run(play("    - ansible.builtin.debug:\n", hosts="nobody")).tasks == ()


def test_a_broken_inventory_is_told_in_ansibles_words(play, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "hosts.ini").write_text("[unclosed\nhost\n")
    with pytest.raises(UsageError, match=r"hosts\.ini"):
        plays.run(play("    - ansible.builtin.debug:\n"))


def test_a_refused_connection_is_unreachable_and_not_a_failure_of_the_play(play, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refused
        port = closed.getsockname()[1]
        (tmp_path / "hosts.ini").write_text(f"here ansible_host=127.0.0.1 ansible_port={port} ansible_ssh_retries=0\n")
        result = plays.run(play("    - ansible.builtin.ping:\n"))
    assert [task.status for task in result.of("here")] == ["unreachable"]


def test_a_run_out_of_time_leaves_no_process_and_no_file(play) -> None:  # type: ignore[no-untyped-def]
    result = plays.run(play("    - ansible.builtin.command:\n        argv: [sleep, '300']\n", timeout=3))
    assert result.status == "timeout"
    assert leftovers() == []
    assert plays.end_left_over("unit-test") == 0


def test_variables_do_not_reach_a_command_line(play) -> None:  # type: ignore[no-untyped-def]
    look = "    - ansible.builtin.shell: tr '\\\\0' ' ' < /proc/$PPID/cmdline; ps -eo args\n      register: seen\n"
    result = plays.run(play(look, secret="do-not-show-me"))
    assert result.tasks[0].status == "ok"
    assert "do-not-show-me" not in result.tasks[0].data["stdout"]


def test_host_keys_are_checked_unless_the_operator_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSIBLE_HOST_KEY_CHECKING", raising=False)
    assert options.environment(AnsibleOptions())["ANSIBLE_HOST_KEY_CHECKING"] == "True"
    monkeypatch.setenv("ANSIBLE_HOST_KEY_CHECKING", "False")
    assert "ANSIBLE_HOST_KEY_CHECKING" not in options.environment(AnsibleOptions())


def test_the_options_are_ansibles_own(tmp_path: Path) -> None:
    given = AnsibleOptions(
        inventory=("hosts.yml", "a,b,"), check=True, diff=True, become=True, become_user="root", vault_ids=("prod@file",),
        user="me", private_key="key", verbosity=2, forks=3,
    )  # fmt: skip
    line = options.command_line(given)
    assert line[:4] == ["-i", str(Path("hosts.yml").resolve()), "-i", "a,b,"]
    assert line[4:] == [
        "--check", "--diff", "--become", "--become-user", "root", "--user", "me", "--private-key", "key", "--forks", "3",
        "--vault-id", "prod@file", "-vv",
    ]  # fmt: skip
