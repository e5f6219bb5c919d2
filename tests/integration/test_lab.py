"""The lab itself, by a second one beside whatever lab there is: up, in use, broken, as new, killed, and gone."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]
NAME = "pyremediate-labtest"
PREFIX = "10.62"
INBOX = "/var/vmail/lab.test/alice/Maildir"
OUTSIDE = "/var/vmail/peer.test/probe/Maildir"


class SecondLab:
    """The command line with another name, range and state directory."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {
            **os.environ,
            "PYREMEDIATE_LAB_NAME": NAME,
            "PYREMEDIATE_LAB_RANGE": f"{PREFIX}.0.0/16",
            "PYREMEDIATE_STATE": str(state),
        }

    def run(self, *words: str, program: str = "pyremediate") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / program), *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False,
            env=self.environment, cwd=ROOT,
        )  # fmt: skip

    def lab(self, *words: str) -> str:
        done = self.run("lab", *words)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout

    def on(self, host: str, script: str) -> str:
        return self.lab("ssh", host, "--", script)

    def containers(self) -> list[dict[str, object]]:
        listed = json.loads(podman("ps", "--all", "--format", "json") or "[]") or []
        return [item for item in listed if item["Names"][0].startswith(f"{NAME}-")]

    def wait_for(self, host: str, script: str) -> str:
        """The output of a script as soon as it succeeds."""
        deadline = time.monotonic() + 30
        while True:
            done = self.run("lab", "ssh", host, "--", script)
            if done.returncode == 0:
                return done.stdout
            assert time.monotonic() < deadline, f"{host}: {script}\n{done.stdout}{done.stderr}"


def podman(*words: str) -> str:
    return subprocess.run(["podman", *words], capture_output=True, text=True, check=True, timeout=60).stdout


def routes() -> str:
    return subprocess.run(["ip", "-4", "route"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def second() -> Iterator[SecondLab]:
    """A lab with one mail host; images, keys and all are gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="pyremediate-lab-"))  # short: a socket's path has 107 characters at most
    made = SecondLab(state)
    try:
        made.lab("up", "--hosts", "1")
        yield made
    finally:
        made.lab("down", "--images")
        shutil.rmtree(state)


def test_every_host_runs_and_answers(second: SecondLab) -> None:
    listed = {item["host"]: item for item in json.loads(second.lab("status", "--format", "json"))}
    assert set(listed) == {"mail01", "peer01", "dns01", "client01", "router01"}
    assert {item["state"] for item in listed.values()} == {"running"}
    assert listed["mail01"]["services"] == {"ssh": "", "smtp": "", "submission": "", "imaps": ""}
    assert not any(item["outdated"] for item in listed.values())


def test_a_host_that_was_just_made_has_no_complaint_in_its_mail_log(second: SecondLab) -> None:
    second.lab("reset", "mail01")
    log = second.on("mail01", "cat /var/log/mail.log")
    assert "postfix/master" in log
    words = ("warning", "error", "fatal", "reject")
    assert [line for line in log.splitlines() if any(word in line for word in words)] == []
    assert second.on("mail01", "systemctl --failed --no-legend").strip() == ""


def test_mail_comes_in_by_mx_and_goes_out_signed(second: SecondLab) -> None:
    second.on("peer01", "printf 'Subject: comes-in\\n\\nhello\\n' | sendmail -f probe@peer.test alice@lab.test")
    second.wait_for("mail01", f"grep -rl comes-in {INBOX}/new")
    second.on(
        "client01",
        "swaks --server mail01.lab.test:587 --tls --tls-verify --tls-ca-path /etc/ssl/certs/ca-certificates.crt"
        " --auth PLAIN --auth-user alice@lab.test --auth-password pw-alice --from alice@lab.test --to probe@peer.test"
        " --header 'Subject: goes-out' --silent 2",
    )
    found = second.wait_for("peer01", f"grep -rl goes-out {OUTSIDE}/new").split()[0]
    # The verifier fetches the public key from the lab's name server, as any receiver of the mail would
    second.on("peer01", f"grep -q 'DKIM-Signature:.*d=lab.test' {found} && opendkim-testmsg < {found}")


def test_a_user_of_another_domain_cannot_relay(second: SecondLab) -> None:
    attempt = "swaks --server mail01.lab.test --from a@lab.test --to probe@peer.test --quit-after RCPT"
    done = second.run("lab", "ssh", "client01", "--", attempt)
    assert "554 5.7.1" in done.stdout
    assert done.returncode


def test_ansible_reaches_the_hosts_and_checks_their_keys(second: SecondLab) -> None:
    ping = ("mail01", "-m", "ping", "--ssh-extra-args=-o ControlPath=none")  # a connection of its own each time
    assert "SUCCESS" in second.run(*ping, program="ansible").stdout
    known = second.state / NAME / "known_hosts"
    right = known.read_text()
    first, other = (line.split() for line in right.splitlines()[:2])
    try:
        known.write_text(" ".join([first[0], *other[1:]]) + "\n")
        refused = second.run(*ping, program="ansible")
        assert "Host key verification failed" in refused.stdout + refused.stderr
        second.lab("up")
        assert known.read_text() == right
    finally:
        known.write_text(right)


def test_a_fault_breaks_a_host_and_reset_makes_it_new(second: SecondLab) -> None:
    second.lab("break", "services/postfix_stopped")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((f"{PREFIX}.2.10", 25), timeout=5).close()
    assert second.run("lab", "status").returncode == 1
    second.lab("reset", "mail01")
    socket.create_connection((f"{PREFIX}.2.10", 25), timeout=5).close()


def test_an_unknown_fault_or_host_is_one_line_and_exit_2(second: SecondLab) -> None:
    for words, name in ((("break", "postfix/stoped"), "postfix/stoped"), (("reset", "mail77"), "mail77")):
        done = second.run("lab", *words)
        assert done.returncode == 2
        assert name in done.stderr
        assert "Traceback" not in done.stderr


def test_updates_of_postfix_are_withheld_until_published(second: SecondLab) -> None:
    versions = "apt-cache madison postfix | cut -d'|' -f2"
    installed = second.on("mail01", "dpkg-query -W -f '${Version}' postfix")
    assert second.on("mail01", versions).split() == [installed]
    second.on("mail01", f"/srv/repo/publish {installed}+lab1 {installed}+lab2")
    assert second.on("mail01", versions).split() == [f"{installed}+lab2", f"{installed}+lab1", installed]


def test_network_files_are_the_hosts_own_and_survive_a_restart_as_routes_do(second: SecondLab) -> None:
    second.on("mail01", "echo '# kept' >> /etc/resolv.conf; mv /etc/hosts /etc/old && mv /etc/old /etc/hosts")
    podman("restart", "--time", "20", f"{NAME}-mail01")
    second.wait_for("mail01", "systemctl is-system-running --wait")
    assert "# kept" in second.on("mail01", "cat /etc/resolv.conf")
    assert "ttl=63" in second.on("mail01", f"ping -c 1 -W 2 {PREFIX}.1.10")  # by the router


def test_mail_users_are_found_by_the_routers_static_route_and_hidden_from_the_world(second: SecondLab) -> None:
    assert f"via {PREFIX}.1.10" in second.on("router01", f"ip route show {PREFIX}.9.0/24")
    assert "ttl=63" in second.on("client01", f"ping -c 1 -W 2 -I {PREFIX}.9.1 {PREFIX}.2.10")
    assert "ttl=63" in second.on("client01", f"ping -c 1 -W 2 -I {PREFIX}.9.1 {PREFIX}.3.10")
    assert f"{PREFIX}.9." not in second.on("peer01", "ip route")


def test_the_router_would_start_with_what_it_runs_and_its_command_line_is_no_shell(second: SecondLab) -> None:
    test = "/usr/lib/frr/frr-reload.py --test --stdout /etc/frr/frr.conf"
    assert "Lines To" not in second.on("router01", test)
    assert second.on("router01", "getent passwd netops").strip().endswith(":/usr/bin/vtysh")


def test_hosts_reach_nothing_outside_the_lab(second: SecondLab) -> None:
    for host in ("mail01", "peer01", "client01", "router01", "dns01"):
        assert "default" not in second.on(host, "ip -4 route")
    assert "NXDOMAIN" in second.on("client01", "dig www.example.com")


def test_an_address_of_the_range_that_no_host_has_is_unreachable_at_once(second: SecondLab) -> None:
    with pytest.raises(OSError, match="No route to host"):
        socket.create_connection((f"{PREFIX}.99.1", 25), timeout=5)


def test_up_leaves_running_hosts_alone(second: SecondLab) -> None:
    before = {item["Id"]: item["StartedAt"] for item in second.containers()}
    second.on("mail01", "touch /root/still-here")
    second.lab("up")
    assert {item["Id"]: item["StartedAt"] for item in second.containers()} == before
    second.on("mail01", "test -e /root/still-here")


def test_up_mends_what_a_crash_left(second: SecondLab) -> None:
    for host in ("mail01", "router01"):
        pids = podman("inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", f"{NAME}-{host}").split()
        for pid in pids:
            os.kill(int(pid), 9)
    listed = json.loads(second.run("lab", "status", "--format", "json").stdout)
    assert {item["host"] for item in listed if item["state"] != "running"} == {"mail01", "router01"}
    second.lab("up")
    assert second.run("lab", "status").returncode == 0
    assert "ttl=63" in second.on("mail01", f"ping -c 1 -W 2 {PREFIX}.1.10")


def test_down_removes_hosts_networks_and_the_floor_and_nothing_else(second: SecondLab) -> None:
    others = podman("ps", "--all", "--quiet").split()
    ours = [str(item["Id"])[:12] for item in second.containers()]
    second.lab("down")
    assert not second.containers()
    assert NAME not in podman("network", "ls")
    assert f"{PREFIX}." not in routes()
    assert set(others) - set(ours) <= set(podman("ps", "--all", "--quiet").split())
    refused = second.run("lab", "ssh", "mail01", "--", "true")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "not up" in refused.stderr
