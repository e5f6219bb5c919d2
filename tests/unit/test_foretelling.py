"""A team's own playbook in check mode: real runs of Ansible on this machine, which change nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pyremediate.ansible import plays
from pyremediate.ansible.foretelling import Foretold, Said, foretell
from pyremediate.ansible.results import Result
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions

Run = Callable[..., Foretold]
HEAD = "- hosts: mail\n  gather_facts: false\n  tasks:\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Foretell what these tasks would do."""
    local = "ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"
    (tmp_path / "hosts.ini").write_text(f"[mail]\nhere {local}\n[dead]\naway ansible_host=127.0.0.1 ansible_port=1\n")

    def run(tasks: str, head: str = HEAD, hosts: str = "mail", seconds: float = 60, trust_reads: bool = False) -> Foretold:
        (tmp_path / "site.yml").write_text(head + tasks)
        options = AnsibleOptions(inventory=(str(tmp_path / "hosts.ini"),))
        return foretell(tmp_path / "site.yml", hosts, options, seconds, trust_reads)

    return run


def only(found: Foretold) -> Said:
    (said,) = found.said
    return said


def test_what_would_change_is_told_with_its_diff_and_place_and_nothing_is_changed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.cf").write_text("mynetworks = 0.0.0.0/0\n")
    said = only(run(
        "    - name: Close it\n      ansible.builtin.lineinfile:\n"
        f"        path: {tmp_path}/main.cf\n        regexp: ^mynetworks\n        line: mynetworks = 127.0.0.0/8\n"
    ))  # fmt: skip
    assert (said.host, said.status, said.task, said.changed, said.handler) == ("here", "ok", "Close it", True, False)
    assert said.at == f"{tmp_path}/site.yml:4"
    assert said.items[0]["diff"][0]["before"] == "mynetworks = 0.0.0.0/0\n"
    assert (tmp_path / "main.cf").read_text() == "mynetworks = 0.0.0.0/0\n"


def test_a_command_is_left_out_without_a_condition_and_a_task_whose_condition_fails_with_one(run: Run) -> None:
    command, conditional, looped = run(
        "    - ansible.builtin.command: 'true'\n"
        "    - ansible.builtin.command: 'true'\n      when: false\n"
        "    - ansible.builtin.command: 'true'\n      loop: []\n"
    ).said
    assert [each.status for each in (command, conditional, looped)] == ["skipped"] * 3
    assert "skip_reason" not in command.items[0]
    assert conditional.items[0]["skip_reason"] == "Conditional result was False"
    assert looped.items == ()


def test_a_task_without_a_log_still_says_that_it_would_change_something(run: Run, tmp_path: Path) -> None:
    said = only(run(f"    - ansible.builtin.copy:\n        content: hush\n        dest: {tmp_path}/x\n      no_log: true\n"))
    assert said.changed and "hush" not in str(said)


def test_the_value_of_a_line_whose_name_is_that_of_a_secret_is_withheld(run: Run, tmp_path: Path) -> None:
    said = only(run(f"    - ansible.builtin.copy:\n        content: |\n          user = x\n          password = hush\n"
                    f"        dest: {tmp_path}/sql.conf\n"))  # fmt: skip
    assert said.items[0]["diff"][0]["after"] == "user = x\npassword = (withheld)\n"


REAL = "    - name: Write\n      ansible.builtin.command: touch {path}\n      check_mode: false\n"
READS = "    - name: Read\n      ansible.builtin.command: 'true'\n      check_mode: false\n      changed_when: false\n"
BLOCK = "    - block:\n        - name: Write\n          ansible.builtin.command: touch {path}\n      check_mode: false\n"
TEMPLATED = "    - name: Write\n      ansible.builtin.command: touch {path}\n      check_mode: '{{{{ perhaps }}}}'\n"


@pytest.mark.parametrize(("tasks", "line"), [(REAL, 5), (BLOCK, 6), (TEMPLATED, 5)])
def test_a_task_that_would_run_for_real_is_found_before_anything_runs(run: Run, tmp_path: Path, tasks: str, line: int) -> None:
    first = "    - ansible.builtin.debug:\n"
    with pytest.raises(UsageError, match=rf"nothing was changed: .*/site\.yml:{line} \(Write\) has check_mode: false"):
        run(first + tasks.format(path=tmp_path / "never"))
    assert not (tmp_path / "never").exists()


def test_a_task_that_says_that_it_only_reads_runs_when_that_is_trusted_and_no_other(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\(Read\) has check_mode"):
        run(READS)
    assert (only(run(READS, trust_reads=True)).status, only(run(READS, trust_reads=True)).changed) == ("ok", False)
    with pytest.raises(UsageError, match=r"\(Write\) has check_mode"):
        run(READS + REAL.format(path=tmp_path / "never"), trust_reads=True)
    assert not (tmp_path / "never").exists()


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_a_file_that_is_included_while_it_runs_cannot_run_for_real_either(run: Run, tmp_path: Path, strategy: str) -> None:
    (tmp_path / "more.yml").write_text(f"- name: Write\n  ansible.builtin.command: touch {tmp_path}/never\n  check_mode: false\n")
    head = HEAD.replace("  tasks", f"  strategy: {strategy}\n  tasks")
    with pytest.raises(UsageError, match=r"/more\.yml:1 \(Write\) has check_mode: false"):
        run("    - ansible.builtin.include_tasks: \"{{ 'more' }}.yml\"\n", head)
    assert not (tmp_path / "never").exists()


def test_a_handler_is_told_as_one_and_may_not_run_for_real(run: Run, tmp_path: Path) -> None:
    head = "- hosts: mail\n  gather_facts: false\n  handlers:\n    - name: again\n      ansible.builtin.command: 'true'\n"
    task = f"  tasks:\n    - ansible.builtin.copy:\n        content: x\n        dest: {tmp_path}/x\n      notify: again\n"
    assert [each.handler for each in run(task, head).said] == [False, True]
    with pytest.raises(UsageError, match=r"\(again\) has check_mode"):
        run(task, head + "      check_mode: false\n")


def test_a_play_that_asks_for_variables_is_refused_since_nobody_would_answer(run: Run) -> None:
    with pytest.raises(UsageError, match="vars_prompt"):
        run("    - ansible.builtin.debug:\n", "- hosts: mail\n  vars_prompt:\n    - name: x\n  tasks:\n")


def test_what_ansible_refuses_is_a_wrong_use_with_its_own_words(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"site\.yml: .*'no_such_module'"):
        run("    - no_such_module:\n")
    with pytest.raises(UsageError, match=r"nowhere\.yml: there is no such playbook"):
        foretell(tmp_path / "nowhere.yml", "mail", AnsibleOptions(), 60, False)


def test_a_playbook_that_is_about_other_hosts_is_no_answer(run: Run) -> None:
    with pytest.raises(UsageError, match="none of its plays is about mail"):
        run("    - ansible.builtin.debug:\n", "- hosts: dead\n  gather_facts: false\n  tasks:\n")


def test_a_failure_ends_it_for_its_host_and_one_that_is_rescued_does_not(run: Run) -> None:
    failed = run("    - name: Break\n      ansible.builtin.fail:\n        msg: on purpose\n    - ansible.builtin.debug:\n")
    assert [(each.task, each.status) for each in failed.said] == [("Break", "failed")]
    assert failed.ended["here"]["failures"] == 1
    rescued = run("    - block:\n        - ansible.builtin.fail:\n      rescue:\n        - ansible.builtin.debug:\n")
    assert rescued.ended["here"]["failures"] == 0


def test_who_cannot_be_reached_is_told(run: Run) -> None:
    found = run("    - ansible.builtin.ping:\n", "- hosts: dead\n  gather_facts: false\n  tasks:\n", hosts="dead")
    assert (only(found).status, found.ended["away"]["unreachable"]) == ("unreachable", 1)


def test_a_playbook_that_does_not_come_to_its_end_in_time_has_no_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    line = dict.fromkeys(("handler", "changed"), False) | dict.fromkeys(("at", "action"), "")
    line |= {"host": "here", "status": "ok", "task": "Wait", "items": []}

    def ended_by_the_clock(play: plays.Play) -> Result:
        Path(play.environment["PYREMEDIATE_FORETOLD"]).write_text(json.dumps(line) + '\n{"host": "cut o')
        return Result("timeout")

    monkeypatch.setattr(plays, "run", ended_by_the_clock)
    found = run("")
    assert (found.ended, found.hosts, only(found).task) == ({}, ("here",), "Wait")


def test_a_playbook_that_had_not_even_begun_in_time_says_what_to_raise(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plays, "run", lambda play: Result("timeout"))
    with pytest.raises(UsageError, match=r"had not begun after 60 s; raise timeouts\.playbook"):
        run("")
