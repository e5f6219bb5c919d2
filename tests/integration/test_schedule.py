"""The wheel on a host with systemd: its timers start a check and an audit of that host, in a sandbox, with the secrets that systemd
hands over.

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

from pyremediate.lab.description import Host, Lab
from tests.integration.conftest import passage
from tests.integration.world import PYREMEDIATE, ROOT, World

EXPOSURE = "25"  # tenths, as in tests/unit/test_schedule_units.py
RUNS = 200  # looks at the record; each takes half a second or more, so that a slow machine has minutes

INSTALL = """
python3 -m venv --without-pip /opt/pyremediate
pip=$(echo /opt/wheels/pip-*.whl)
/opt/pyremediate/bin/python "$pip/pip" install --quiet --no-compile --no-index --find-links /opt/wheels pyremediate
"""
# The host is its own controller: it logs in to itself with a key of its own, and a password of the inventory is in a vault.
# The timers are told to be punctual, and to have last run before the machine was switched off: each has a run to make up for.
CONFIGURE = """
install -d -m 700 /etc/pyremediate /root/.ssh
install -d /var/lib/prometheus /var/lib/systemd/timers
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
schedule: {private_key: key, vault_password_file: vault, textfile_directory: /var/lib/prometheus}
SETTINGS
for job in check audit; do
    install -d /etc/systemd/system/pyremediate-$job.timer.d
    printf '[Timer]\\nRandomizedDelaySec=0\\nAccuracySec=1us\\n' > /etc/systemd/system/pyremediate-$job.timer.d/punctual.conf
    touch -d '2 days ago' /var/lib/systemd/timers/stamp-pyremediate-$job.timer
done
"""
# People are told by the outside world's own Postfix; the URL is a secret that systemd hands over.
TELL = """
cd /etc/pyremediate
cp settings.yml settings.before
(umask 077; cat > relay)
cat >> settings.yml <<'SETTINGS'
communication:
  channels: {relay: {url_file: relay}}
  audiences: {users: {channels: [relay], language: it}}
SETTINGS
sed -i 's/^schedule: {/&deliver: {enabled: true}, notify: {enabled: true}, /' settings.yml
"""
PYREMEDIATE_THERE = "/opt/pyremediate/bin/pyremediate"


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


@pytest.fixture(scope="module")
def installed(own_host: Host, lab: Lab, wheels: Path) -> World:
    """The mail host of this process, with the product on it."""
    world = World(own_host.name)
    with passage(alone=False):
        script(world, "mkdir -p /opt/wheels && tar -x -C /opt/wheels", stdin=["tar", "-c", "-C", str(wheels), "."])
        script(world, INSTALL)
        script(world, CONFIGURE, stdin=["echo", json.dumps(inventory(world, lab))])
        script(world, "cp -a /etc/postfix/main.cf /root/main.cf")
    return world


@pytest.fixture
def controller(installed: World) -> Iterator[World]:
    """The same; its mail flows, and nothing is installed to run by itself."""
    yield installed
    script(installed, f"{PYREMEDIATE_THERE} schedule remove; cp -a /root/main.cf /etc/postfix/main.cf; systemctl restart postfix")


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


def job(world: World, name: str) -> dict[str, Any]:
    """What ``schedule list`` tells of a job; empty when it is not installed."""
    listed: dict[str, Any] = json.loads(world.on(world.host, f"{PYREMEDIATE_THERE} schedule list --format json"))
    return next((found for found in listed["jobs"] if found["job"] == name), {})


def ended(world: World, name: str) -> dict[str, Any]:
    """The same, once its first run has ended; empty when none did."""
    return next((found for _ in range(RUNS) if (found := job(world, name)) and found["run"] and found["run"]["ended"]), {})


def said(world: World, name: str) -> str:
    """What the runs of a job wrote to the journal."""
    return world.on(world.host, f"journalctl -u pyremediate-{name} -o cat --no-pager")


def metrics(world: World) -> str:
    """The audit's own."""
    return world.on(world.host, "cat /var/lib/prometheus/pyremediate_drifts.prom")


@pytest.mark.lab
def test_a_timer_runs_a_check_of_the_host_in_a_sandbox_and_a_broken_host_fails_its_unit(controller: World) -> None:
    on, host = controller.on, controller.host
    assert on(host, f"{PYREMEDIATE_THERE} schedule install").count("added: /etc/systemd/system/pyremediate-check.") == 2
    assert on(host, f"{PYREMEDIATE_THERE} schedule install") == "nothing to change\n"

    found = ended(controller, "check")
    assert found and found["run"]["status"] == 0 and found["trouble"] == "", said(controller, "check")
    assert f"{host}: healthy" in said(controller, "check")
    assert "Started pyremediate-check.timer" in on(host, "journalctl -o cat --no-pager")
    assert 'exit_status{schedule="check"} 0' in on(host, "cat /var/lib/prometheus/pyremediate_check.prom")
    assert "pass        schedule check" in on(host, f"{PYREMEDIATE_THERE} doctor", check=False)

    units = " ".join(f"/etc/systemd/system/pyremediate-{job}.{kind}" for job in ("check", "audit") for kind in ("service", "timer"))
    assert on(host, f"systemd-analyze verify {units} 2>&1") == ""
    on(host, f"systemd-analyze security --no-pager --threshold={EXPOSURE} pyremediate-check.service")

    on(host, "systemctl stop postfix")
    on(host, "systemctl start pyremediate-check", check=False)
    assert on(host, "systemctl is-failed pyremediate-check") == "failed\n"
    assert job(controller, "check")["result"] == "a problem remains"
    assert "services/postfix_stopped" in said(controller, "check")

    on(host, f"{PYREMEDIATE_THERE} schedule remove")
    assert on(host, "ls /etc/systemd/system | grep ^pyremediate") == "pyremediate-audit.timer.d\npyremediate-check.timer.d\n"
    assert job(controller, "check") == {}


@pytest.mark.lab
def test_a_timer_runs_an_audit_which_fails_no_unit_before_anything_is_approved_and_does_when_something_drifts(
    controller: World,
) -> None:
    on, host = controller.on, controller.host
    on(host, f"{PYREMEDIATE_THERE} schedule install")
    found = ended(controller, "audit")
    assert found and found["run"]["status"] == 5, said(controller, "audit")
    assert f"{host}: not approved yet" in said(controller, "audit")
    assert on(host, "systemctl is-failed pyremediate-audit", check=False) == "inactive\n"
    assert "unknown     schedule audit" in on(host, f"{PYREMEDIATE_THERE} doctor", check=False)
    assert f'pyremediate_audit_unapproved{{host="{host}"}} 1' in metrics(controller)

    keys = "--private-key /etc/pyremediate/key --vault-password-file /etc/pyremediate/vault"
    on(host, f"{PYREMEDIATE_THERE} baseline capture {keys}")
    on(host, "systemctl start pyremediate-audit")
    assert f"{host}: as its known good" in said(controller, "audit")
    assert f'pyremediate_audit_drifts{{host="{host}",severity="security"}} 0' in metrics(controller)
    assert f'pyremediate_audit_unapproved{{host="{host}"}} 0' in metrics(controller)
    assert 'exit_status{schedule="audit"} 0' in on(host, "cat /var/lib/prometheus/pyremediate_audit.prom")
    assert "pass        schedule audit" in on(host, f"{PYREMEDIATE_THERE} doctor", check=False)

    on(host, "postconf -e 'mynetworks = 0.0.0.0/0'")
    on(host, "systemctl start pyremediate-audit", check=False)
    assert on(host, "systemctl is-failed pyremediate-audit") == "failed\n"
    assert "mynetworks" in said(controller, "audit") and job(controller, "audit")["result"] == "a problem remains"
    assert f'pyremediate_audit_drifts{{host="{host}",severity="security"}} 1' in metrics(controller)


@pytest.mark.lab
def test_timers_try_the_channels_and_tell_people_of_what_nobody_was_told_of(controller: World, lab: Lab) -> None:
    on, host = controller.on, controller.host
    keys = "--private-key /etc/pyremediate/key --vault-password-file /etc/pyremediate/vault"
    on(host, "systemctl stop postfix")
    incident = json.loads(on(host, f"{PYREMEDIATE_THERE} fix --host {host} --yes --format json {keys}"))["incident"]
    url = f"smtp://{lab.host('peer01').address}?from=it@outside.test&to=notices@peer.test"
    script(controller, TELL, stdin=["echo", url])
    try:
        on(host, f"{PYREMEDIATE_THERE} schedule install")
        on(host, "systemctl start pyremediate-notify")
        assert "works" in said(controller, "notify") and "takes mail for 1 recipients" in said(controller, "notify")
        on(host, "systemctl start pyremediate-deliver")
        assert "users was told (resolved) by relay" in said(controller, "deliver")
        on(host, "systemctl start pyremediate-deliver")
        assert said(controller, "deliver").count("was told") == 1, "nothing is told twice"
        for name in ("notify", "deliver"):
            assert job(controller, name)["run"]["status"] == 0
            assert on(host, f"systemd-analyze verify /etc/systemd/system/pyremediate-{name}.service 2>&1") == ""
            on(host, f"systemd-analyze security --no-pager --threshold={EXPOSURE} pyremediate-{name}.service")
    finally:
        on(host, f"{PYREMEDIATE_THERE} schedule remove; mv /etc/pyremediate/settings.before /etc/pyremediate/settings.yml")
    arrived = on("peer01", "grep", "-rhF", incident, "/var/vmail/peer.test/notices/Maildir/new")
    assert f"Message-ID: <{incident}.users-" in arrived
