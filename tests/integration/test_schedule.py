"""The wheel on a host with systemd: its timer starts a check of that host, in a sandbox, with the secrets that systemd hands over.

The host reaches no package index: the wheel and what it needs are fetched here, and installed there from files.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pyremediate.lab.description import Lab
from tests.integration.world import PYREMEDIATE, ROOT, World

EXPOSURE = "25"  # tenths, as in tests/unit/test_schedule_units.py
RUNS = 200  # looks at the record; each takes half a second or more, so that a slow machine has minutes

INSTALL = """
python3 -m venv --without-pip /opt/pyremediate
pip=$(echo /opt/wheels/pip-*.whl)
/opt/pyremediate/bin/python "$pip/pip" install --quiet --no-compile --no-index --find-links /opt/wheels pyremediate
"""
# The host is its own controller: it logs in to itself with a key of its own, and a password of the inventory is in a vault.
# The timer is told to be punctual, and to have last run before the machine was switched off, so that it has a run to make up for.
CONFIGURE = """
install -d -m 700 /etc/pyremediate /root/.ssh
install -d /var/lib/prometheus /var/lib/systemd/timers /etc/systemd/system/pyremediate-check.timer.d
cd /etc/pyremediate
ssh-keygen -q -t ed25519 -N '' -f key
cat key.pub >> /root/.ssh/authorized_keys
echo "127.0.0.1 $(cut -d ' ' -f 1,2 /etc/ssh/ssh_host_ed25519_key.pub)" > /root/.ssh/known_hosts
(umask 077; echo secret > vault)
cat > hosts.yml
install -d group_vars
echo 'canary_password: pw-canary' > group_vars/mail.yml
/opt/pyremediate/bin/ansible-vault encrypt --vault-password-file vault group_vars/mail.yml
cat > settings.yml <<'SETTINGS'
inventory: [hosts.yml]
schedule: {private_key: key, vault_password_file: vault, textfile_directory: /var/lib/prometheus, audit: {enabled: false}}
SETTINGS
printf '[Timer]\\nRandomizedDelaySec=0\\nAccuracySec=1us\\n' > /etc/systemd/system/pyremediate-check.timer.d/punctual.conf
touch -d '2 days ago' /var/lib/systemd/timers/stamp-pyremediate-check.timer
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, pip, and everything that they need on Debian 12, as files."""
    directory = tmp_path_factory.mktemp("wheels")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(directory), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:", "--python-version=3.11"]
    wheel = next(directory.glob("pyremediate-*.whl"))
    subprocess.run([*download, "--dest", str(directory), str(wheel), "pip"], check=True, capture_output=True, timeout=300)
    return directory


@pytest.fixture
def controller(world: World, lab: Lab, wheels: Path) -> Iterator[World]:
    """The mail host, with the product on it; made anew afterwards."""
    script(world, "mkdir -p /opt/wheels && tar -x -C /opt/wheels", stdin=["tar", "-c", "-C", str(wheels), "."])
    script(world, INSTALL)
    script(world, CONFIGURE, stdin=["echo", json.dumps(inventory(world, lab))])
    yield world
    world.reset()


def inventory(world: World, lab: Lab) -> dict[str, Any]:
    """YAML is a superset of JSON."""
    variables = {
        "ansible_host": "127.0.0.1",
        "ansible_user": "root",
        "pyremediate_mail_domain": "lab.test",
        "pyremediate_mail_host": f"{world.host}.lab.test",
        "pyremediate_mail_address": lab.host(world.host).address,
        "pyremediate_mail_exchangers": ["mail01.lab.test"],
        "pyremediate_canary": {
            "address": "canary@lab.test", "username": "canary@lab.test", "password": "{{ canary_password }}",
        },
        "pyremediate_peer": {
            "address": "probe@peer.test", "username": "probe@peer.test", "password": "pw-probe",
            "imap_host": "mx.peer.test", "imap_address": lab.host("peer01").address, "imap_port": 993,
        },
    }  # fmt: skip
    return {"mail": {"hosts": {world.host: variables}}}


def script(world: World, text: str, stdin: Sequence[str] = ("true",)) -> str:
    """Run a script on the host, with the output of a command here as its input."""
    line = [PYREMEDIATE, "lab", "ssh", world.host, "--", f"bash -ec {shlex.quote(text)}"]
    with subprocess.Popen(stdin, stdout=subprocess.PIPE) as given:
        done = subprocess.run(line, stdin=given.stdout, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def jobs(world: World) -> list[dict[str, Any]]:
    """What ``schedule list`` tells."""
    listed: dict[str, Any] = json.loads(world.on(world.host, "/opt/pyremediate/bin/pyremediate schedule list --format json"))
    found: list[dict[str, Any]] = listed["jobs"]
    return found


@pytest.mark.lab
def test_a_timer_runs_a_check_of_the_host_in_a_sandbox_and_a_broken_host_fails_its_unit(controller: World) -> None:
    on = controller.on
    host, pyremediate = controller.host, "/opt/pyremediate/bin/pyremediate"
    assert on(host, f"{pyremediate} schedule install").count("added: /etc/systemd/system/pyremediate-check.") == 2
    assert on(host, f"{pyremediate} schedule install") == "nothing to change\n"

    found = next((job for _ in range(RUNS) for job in jobs(controller) if job["run"] and job["run"]["ended"]), None)
    said = on(host, "journalctl -u pyremediate-check -o cat --no-pager")
    assert found and found["run"]["status"] == 0 and found["trouble"] == "", said
    assert f"{host}: healthy" in said and "Started pyremediate-check.timer" in on(host, "journalctl -o cat --no-pager")
    assert 'exit_status{schedule="check"} 0' in on(host, "cat /var/lib/prometheus/pyremediate_check.prom")
    assert "pass        schedule check" in on(host, f"{pyremediate} doctor", check=False)

    units = " ".join(f"/etc/systemd/system/pyremediate-check.{kind}" for kind in ("service", "timer"))
    assert on(host, f"systemd-analyze verify {units} 2>&1") == ""
    on(host, f"systemd-analyze security --no-pager --threshold={EXPOSURE} pyremediate-check.service")

    on(host, "systemctl stop postfix")
    on(host, "systemctl start pyremediate-check", check=False)
    assert on(host, "systemctl is-failed pyremediate-check") == "failed\n"
    assert jobs(controller)[0]["result"] == "a problem remains"
    assert "services/postfix_stopped" in on(host, "journalctl -u pyremediate-check -o cat --no-pager")

    on(host, f"{pyremediate} schedule remove")
    assert on(host, "ls /etc/systemd/system | grep ^pyremediate") == "pyremediate-check.timer.d\n"
    assert jobs(controller) == []

