"""Questions to many hosts at once: each answers for itself, a silent one is said to be silent, and nothing is left behind."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from pyremediate.ansible import questions
from pyremediate.ansible.questions import NoSuchHost, Question
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.bmc.connection import PATIENCE
from pyremediate.errors import UsageError
from pyremediate.request import AnsibleOptions

OBSERVE = [Question("observe", variables={"pyremediate_observe_deadline": 10})]
LOCAL = "ansible_connection=local ansible_python_interpreter='{{ ansible_playbook_python }}'"


@pytest.fixture
def inventory(tmp_path: Path):  # type: ignore[no-untyped-def]
    """An inventory of this machine under other names."""

    def make(*lines: str) -> AnsibleOptions:
        file = tmp_path / "hosts.ini"
        file.write_text("\n".join(lines) + "\n")
        return AnsibleOptions(inventory=(str(file),))

    return make


def script(path: Path, text: str) -> Path:
    """An executable that stands for a host's Python, or for sudo."""
    path.write_text(f"#!/bin/sh\n{textwrap.dedent(text)}")
    path.chmod(0o755)
    return path


def one(result: Result, host: str) -> TaskResult:
    (task,) = result.of(host)
    return task


def processes(marker: str) -> list[str]:
    """Command lines of this machine with a word in them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line:
            found.append(line)
    return found


def gone(marker: str) -> bool:
    """Whether no such process is left; a killed one is still there for a moment."""
    deadline = time.monotonic() + 20
    while processes(marker) and time.monotonic() < deadline:
        pass
    return not processes(marker)


def children() -> set[str]:
    """The process ids of this test's own children (proc(5))."""
    return {pid for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()}


def test_hosts_and_groups_are_told_from_what_was_read(inventory: Any) -> None:
    options = inventory(f"b {LOCAL}", "[rack:children]", "mail", "[mail]", "a", "b")
    assert questions.matching("mail:!b", options) == ("a",)
    assert questions.matching("nobody", options) == ()
    assert questions.groups(options) == {"rack": ["a", "b"], "mail": ["a", "b"]}
    with pytest.raises(UsageError, match="no-such"):
        questions.matching("all", AnsibleOptions(inventory=("/no-such/file",)))


def test_every_host_answers_for_itself_in_the_order_of_the_inventory(inventory: Any) -> None:
    result = questions.ask("all", OBSERVE, inventory(f"b {LOCAL}", f"a {LOCAL}"), 60)
    assert [(task.host, task.task, task.status) for task in result.tasks] == [("b", "b", "ok"), ("a", "a", "ok")]
    assert one(result, "a").data["evidence"]["host"] == "a"
    assert one(result, "a").action == "pyremediate.mail.observe"


def test_a_pattern_without_hosts_names_those_that_there_are(inventory: Any) -> None:
    with pytest.raises(NoSuchHost, match=r"no host matches 'mail99' in .*hosts.ini; it has: a, b"):
        questions.ask("mail99", OBSERVE, inventory(f"b {LOCAL}", f"a {LOCAL}"), 60)


def test_an_inventory_that_cannot_be_read_is_refused_with_ansibles_words(tmp_path: Path) -> None:
    broken = tmp_path / "hosts.yml"
    broken.write_text("all: [unclosed")
    with pytest.raises(UsageError, match=r"hosts\.yml"):
        questions.ask("all", OBSERVE, AnsibleOptions(inventory=(str(broken),)), 60)


def test_a_variable_that_cannot_be_resolved_costs_only_its_own_host(inventory: Any) -> None:
    result = questions.ask("all", OBSERVE, inventory(f"a {LOCAL} ansible_become='{{{{ nowhere }}}}'", f"b {LOCAL}"), 60)
    assert one(result, "a").status == "failed"
    assert "nowhere" in one(result, "a").message
    assert one(result, "b").status == "ok"


def test_a_wrong_type_in_a_variable_is_said_with_the_options_name(inventory: Any) -> None:
    asked = [Question("observe", variables={"pyremediate_observe_deadline": "soon"})]
    result = questions.ask("a", asked, inventory(f"a {LOCAL}"), 60)
    assert one(result, "a").status == "failed"
    assert "deadline" in one(result, "a").message


def test_a_host_without_python_says_so_in_its_own_words(inventory: Any) -> None:
    result = questions.ask(
        "a", OBSERVE, inventory("a ansible_connection=local ansible_python_interpreter=/nowhere/python3"), 60
    )
    assert one(result, "a").status == "failed"
    assert "/nowhere/python3" in one(result, "a").message


def test_a_login_that_talks_does_not_spoil_the_answer(inventory: Any, tmp_path: Path) -> None:
    python = script(tmp_path / "python", f'echo "Welcome to {{0}}"; exec {sys.executable} "$@"')
    result = questions.ask(
        "a", OBSERVE, inventory(f"a ansible_connection=local ansible_python_interpreter={python}"), 60
    )
    assert one(result, "a").status == "ok", one(result, "a").message


def test_a_silent_host_is_unreachable_and_its_process_is_ended(inventory: Any, tmp_path: Path) -> None:
    python = script(tmp_path / "silent-python", "exec sleep 300.0625")
    options = inventory(f"a {LOCAL}", f"b ansible_connection=local ansible_python_interpreter={python}")
    result = questions.ask("all", OBSERVE, options, 5)
    assert one(result, "a").status == "ok"
    assert one(result, "b").status == "unreachable"
    assert one(result, "b").message == "no answer within 5 s"
    assert gone("sleep 300.0625")


def test_privileges_are_raised_as_ansible_raises_them_with_the_password(inventory: Any, tmp_path: Path) -> None:
    sudo = script(
        tmp_path / "sudo",
        """
        while [ "$1" != -p ]; do shift; done
        printf %s "$2" >&2; read -r password; [ "$password" = open-sesame ] || exit 1
        shift 2; [ "$1" = -u ] && shift 2; exec "$@"
        """,
    )
    secret = tmp_path / "password"
    secret.write_text("open-sesame\n")
    options = inventory(f"a {LOCAL} ansible_become_exe={sudo}")
    given = AnsibleOptions(inventory=options.inventory, become=True, become_password_file=str(secret))
    result = questions.ask("a", OBSERVE, given, 60)
    assert one(result, "a").status == "ok", one(result, "a").message
    secret.write_text("wrong\n")
    refused = questions.ask("a", OBSERVE, given, 60)
    assert one(refused, "a").status in {"failed", "unreachable"}
    assert "open-sesame" not in str(refused)


def test_variables_in_a_vault_are_opened(inventory: Any, tmp_path: Path) -> None:
    password = tmp_path / "vault-password"
    password.write_text("of-the-vault\n")
    hidden = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-vault"), "encrypt_string", "--vault-password-file", str(password), "local"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    inventory("a ansible_python_interpreter='{{ ansible_playbook_python }}'")
    (tmp_path / "host_vars").mkdir()
    (tmp_path / "host_vars" / "a.yml").write_text(f"ansible_connection: {hidden}")
    opened = AnsibleOptions(inventory=(str(tmp_path / "hosts.ini"),), vault_password_files=(str(password),))
    assert one(questions.ask("a", OBSERVE, opened, 60), "a").status == "ok"


def test_one_process_answers_every_question_of_a_command(inventory: Any) -> None:
    options, others = inventory(f"a {LOCAL}"), children()
    with questions.prepared() as read:
        read(options)
        started = children() - others
        for _ in range(2):
            assert one(questions.ask("a", OBSERVE, options, 60), "a").status == "ok"
        with pytest.raises(NoSuchHost):
            questions.ask("b", OBSERVE, options, 60)
        assert one(questions.ask("a", OBSERVE, options, 60), "a").status == "ok"
    assert len(started) == 1
    assert not started & children()


def test_it_ends_with_whoever_asked(inventory: Any, tmp_path: Path) -> None:
    python = script(tmp_path / "silent-python", f"echo started > {tmp_path}/started; exec sleep 300.125")
    os.mkfifo(tmp_path / "started")
    options = inventory(f"b ansible_connection=local ansible_python_interpreter={python}")
    program = f"""
from pyremediate.ansible.questions import Question, ask
from pyremediate.request import AnsibleOptions
ask("b", [Question("observe")], AnsibleOptions(inventory=("{options.inventory[0]}",)), 300)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    (tmp_path / "started").read_text()  # returns when the host has been asked
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert gone("sleep 300.125")  # it ends when its standard input closes


def test_what_is_not_needed_to_reach_a_host_is_not_imported(inventory: Any) -> None:
    options = dataclasses.asdict(inventory(f"a {LOCAL}"))
    code = f"""
        import sys
        from pyremediate.ansible.connecting import Controller
        controller = Controller({options!r})
        controller.connection("a", controller.variables_of("a", {{}}))
        print(*sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, timeout=60
    )
    assert not {"paramiko", "ansible.cli"} & set(done.stdout.split())


def test_network_devices_are_asked_once_whatever_the_targets_are(inventory: Any) -> None:
    options = inventory(f"a {LOCAL}", f"b {LOCAL}", "[network]", "router ansible_host=127.0.0.1 ansible_user=netops")
    result = questions.ask("a:b", [*OBSERVE, questions.DEVICES], options, 60)
    (asked,) = result.by_action("pyremediate.mail.device")
    assert (asked.host, asked.task, asked.status) == ("router", "", "failed")
    assert asked.message == "router: to look at a network device network_os must be given"
    assert one(result, "a").status == "ok"


def test_a_machine_without_a_controller_is_not_asked_and_one_that_is_not_there_is_said_to_be(inventory: Any) -> None:
    nobody = socket.socket()  # bound, and not listening: what connects to it is refused
    nobody.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{nobody.getsockname()[1]}"
    with nobody:
        options = inventory(
            f"a {LOCAL}",
            f"b {LOCAL} pyremediate_bmc_address={address} pyremediate_bmc_user=x pyremediate_bmc_password=y",
        )
        result = questions.ask("all", [questions.BOARD], options, 60)
    assert one(result, "a").status == "skipped"
    assert one(result, "b").status == "unreachable"
    assert address in one(result, "b").message


class Slow:
    """A controller that takes connections and never says a word."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen()
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Slow:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def test_a_controller_that_is_slow_holds_nobody_up(inventory: Any) -> None:
    impatient = dataclasses.replace(questions.BOARD_BESIDE, variables={"seconds": 0.0, "brief": True})
    with Slow() as slow:
        options = inventory(f"a {LOCAL} pyremediate_bmc_address={slow.address}")
        result = questions.ask("a", [impatient, *OBSERVE], options, 60)
    (seen,) = result.by_action("pyremediate.mail.observe")
    (board,) = result.by_action("pyremediate.mail.board")
    assert (seen.status, board.status) == ("ok", "unreachable")
    # On a machine where the others need longer than that, it was given up by itself.
    assert board.message.startswith("no answer within ") or seen.seconds > PATIENCE
    assert result.seconds < questions.BOARD.variables["seconds"]
