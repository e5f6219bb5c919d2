"""Units, processes, listeners."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils.observers import processes, services
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import Completed
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request

from .observe_recorded import output


def test_the_units_are_read_by_their_own_names_and_unknown_ones_left_out() -> None:
    units = services.parse_show(output("systemctl_show.txt"))
    assert list(units) == ["postfix.service", "postfix@-.service", "dovecot.service"]
    assert units["postfix@-.service"] == {
        "load": "loaded",
        "active": "active",
        "sub": "running",
        "enabled": "enabled-runtime",
        "result": "success",
        "exit_status": 0,
        "restarts": 0,
        "since": "2026-11-25T01:16:21Z",
        "main_pid": 0,
        "fragment": "/lib/systemd/system/postfix@.service",
        "drop_ins": [],
        "needs_daemon_reload": False,
    }


def test_the_wrapper_unit_is_told_from_the_mail_system() -> None:
    running, failed = "ActiveState=active\nSubState=running", "ActiveState=failed\nSubState=failed"
    units = services.parse_show(output("systemctl_show.txt").replace(running, failed))
    assert units["postfix.service"]["active"] == "active"
    assert units["postfix@-.service"]["active"] == "failed"


def test_a_masked_unit_is_not_called_unknown() -> None:
    text = output("systemctl_show.txt").replace("LoadState=loaded", "LoadState=masked", 1)
    assert services.parse_show(text)["postfix.service"]["load"] == "masked"


def test_a_unit_that_never_changed_its_state_has_no_time() -> None:
    text = output("systemctl_show.txt").replace("Wed 2026-11-25 01:16:21 UTC", "", 1)
    assert services.parse_show(text)["postfix.service"]["since"] is None


def test_a_host_without_systemd_has_no_units_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BOOTED", "/nonexistent")
    notes: list[str] = []
    section = services.observe(Request("mail01"), notes)
    assert (section["units"], section["failed"], section["start_limit_hit"]) == ({}, [], [])
    assert notes == ["systemd does not run here"]
    assert section["listeners"] is not None


def test_a_systemctl_that_fails_is_not_a_host_without_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "BOOTED", "/")
    monkeypatch.setattr(services, "run", lambda argv: Completed(1, stderr="Failed to connect to bus\n"))
    with pytest.raises(OSError, match="Failed to connect to bus"):
        services.observe(Request("mail01"), [])


def test_a_process_name_may_contain_parentheses_and_spaces() -> None:
    text = "42 ((sd-pam) x) S 7 42 42 0 -1 4194560 42 0 0 0 0 0 0 0 20 0 1 0 12345 0 0"
    process = processes.parse_stat(text)
    assert (process.pid, process.parent, process.name) == (42, 7, "(sd-pam) x")


def test_only_listening_sockets_count() -> None:
    found = list(processes.parse_sockets(output("proc_net_tcp.txt"), "tcp"))
    assert {each["port"] for each in found} >= {22, 25, 587}
    assert {each["address"] for each in found} <= {"0.0.0.0", "127.0.0.1"}


def test_addresses_of_ipv6_are_read() -> None:
    assert "::" in {each["address"] for each in processes.parse_sockets(output("proc_net_tcp6.txt"), "tcp")}


def test_sockets_that_accept_connections_are_told_from_the_connections() -> None:
    paths = processes.parse_unix(output("proc_net_unix.txt"))
    assert "/var/spool/postfix/private/auth" in paths
    assert "/var/spool/postfix/dev/log" not in paths


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_listener_is_named_with_its_process(listener: int) -> None:
    (found,) = [each for each in processes.listeners(processes.running(), []) if each["port"] == listener]
    assert (found["address"], found["pid"]) == ("127.0.0.1", os.getpid())
    assert set(found) == {"protocol", "address", "port", "process", "pid"}


@pytest.mark.parametrize(("own", "told"), [(0, "master"), (101, "smtpd")])
def test_a_port_that_a_child_inherited_is_that_of_the_daemon_that_does_not_let_us_look(
    monkeypatch: pytest.MonkeyPatch, own: int, told: str
) -> None:
    """master(8) hands the socket of the port to the smtpd(8) that it starts; one of the child's own user is the child's own."""
    init, master, smtpd = (processes.Process(*each, 0.0) for each in ((1, 0, "init"), (7, 1, "master"), (8, 7, "smtpd")))
    port = f"  0: 00000000:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000 {own:5} 0 4711 1 0\n"
    monkeypatch.setattr(processes, "_table", lambda name, notes: f"head\n{port}" if name == "tcp" else "")
    monkeypatch.setattr(processes, "_socket_inodes", {1: [], 7: None, 8: ["4711"]}.get)
    monkeypatch.setattr(processes, "_user", {1: 0, 7: 0, 8: 101}.get)
    (found,) = processes.listeners([init, master, smtpd], [])
    assert (found["port"], found["process"]) == (25, told)


def test_a_process_of_another_name_with_the_same_number_is_not_alive() -> None:
    name = Path("/proc/self/comm").read_text(encoding="utf-8").strip()
    assert processes.alive(os.getpid(), name)
    assert not processes.alive(os.getpid(), "master")
    assert not processes.alive("", "master")


def test_the_time_at_which_a_process_was_started_is_known() -> None:
    before = time.time()
    with subprocess.Popen(["sleep", "30"]) as child:
        found = {process.pid: process for process in processes.running()}[child.pid]
        started = processes.start_time(found)
        child.kill()
    assert before - 1 <= started <= time.time() + 1
