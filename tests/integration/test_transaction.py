"""Transactions on a real mail host: every way back, as the controller, a timer, a reboot or a person takes it."""

from __future__ import annotations

import base64
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pyremediate.ansible import plays
from pyremediate.ansible.options import environment
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.lab import engine, shell
from pyremediate.lab.description import Host
from pyremediate.lab.verbs import current
from pyremediate.request import AnsibleOptions
from tests.integration.conftest import HOST
from tests.integration.world import INVENTORY, World

pytestmark = pytest.mark.lab
OPTIONS = AnsibleOptions(inventory=(INVENTORY,))
MAIN = "/etc/postfix/main.cf"
MASTER = "/etc/postfix/master.cf"
KEY = "/etc/ssl/mail/key.pem"
CHECKPOINTS = "/var/lib/pyremediate/checkpoints"
PLAY = 60  # seconds that the switch leaves to a whole step and its confirmation
CUT_OFF = """table inet cut {
  chain input {
    type filter hook input priority -10;
    iifname != "lo" drop
  }
}
"""


class Site:
    """The host, with plays and modules of the collection as the product runs them."""

    def __init__(self, world: World) -> None:
        self.world, self.number = world, 0

    def sh(self, script: str, check: bool = True) -> str:
        """The output of a shell script on the host."""
        line = shell.ssh_command(self.world.host, [f"sh -c {shlex.quote(script)}"])
        done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
        assert not check or done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def new(self) -> str:
        """A checkpoint id that was not used before."""
        self.number += 1
        return f"test-{os.getpid()}-{self.number}"

    def play(self, playbook: str, checkpoint: str, **variables: Any) -> Result:
        """Run one of the playbooks."""
        named = {"pyremediate_target": self.world.host, "pyremediate_checkpoint": checkpoint}
        return plays.run(plays.Play(playbook, {**named, **variables}, OPTIONS, 240, identity="test"))

    def remediate(self, checkpoint: str, saved: Any, role: str, tasks: str, deadman: int = 0, **own: Any) -> Result:
        """One step, as ``pyremediate.transaction`` asks for it."""
        return self.play("remediate", checkpoint, **step(saved, role, tasks, deadman), **own)

    def module(self, name: str, arguments: Mapping[str, Any], *options: str) -> dict[str, Any]:
        """One module, ad hoc; its result, failed or not."""
        done = subprocess.run(
            [
                str(Path(sys.executable).parent / "ansible"), "-i", INVENTORY, self.world.host, "-m", f"pyremediate.mail.{name}",
                "-a", json.dumps(arguments), *options,
            ],
            capture_output=True, text=True, check=False, timeout=180,
            env={**os.environ, **environment(OPTIONS)},
        )  # fmt: skip
        head, _, text = done.stdout.partition(" => ")
        assert text, f"ansible ended with {done.returncode}: {done.stdout}{done.stderr}"
        found: dict[str, Any] = {**json.JSONDecoder().raw_decode(text)[0], "failed": "FAILED" in head}
        return found

    def checkpoint(self, state: str, identifier: str, **more: Any) -> dict[str, Any]:
        """The module checkpoint; it must succeed."""
        result = self.module("checkpoint", {"id": identifier, "state": state, **more})
        assert not result.get("failed"), result
        return result

    def manifest(self, identifier: str) -> dict[str, Any]:
        """What the host remembers."""
        found: dict[str, Any] = json.loads(self.sh(f"cat {CHECKPOINTS}/{identifier}/manifest.json"))
        return found

    def fingerprint(self) -> str:
        """Everything that these tests touch; equal when the host is as it was."""
        return self.sh(
            "find /etc/postfix /etc/ssl/mail /etc/dovecot /etc/systemd/system -exec stat -c '%n %F %u:%g %a' {} + | sort;"
            "find /etc/postfix /etc/ssl/mail /etc/dovecot -type f -exec sha256sum {} + | sort;"
            "nft --stateless list ruleset; dpkg-query -W postfix postfix-pcre; apt-mark showhold;"
            "systemctl is-enabled postfix dovecot; systemctl is-active postfix postfix@- dovecot rspamd"
        )

    def eventually(self, holds: Callable[[], bool], within: float, what: str) -> None:
        """Poll until it holds. The host may be out of reach meanwhile."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except AssertionError:
                pass
            time.sleep(0.5)
        raise AssertionError(f"not within {within:.0f} s: {what}")


def step(saved: Any, role: str, tasks: str, deadman: int = 0) -> dict[str, Any]:
    """The variables of remediate.yml."""
    return {
        "pyremediate_saved": saved, "pyremediate_role": role, "pyremediate_tasks": tasks, "pyremediate_deadman_seconds": deadman,
    }  # fmt: skip


def parameter(name: str, was: str | None, is_: str | None = None) -> dict[str, Any]:
    return {"kind": "postfix.parameter", "name": name, "aspect": "value", "was": was, "is": is_}


def results(result: Result, state: str) -> list[TaskResult]:
    """What the module checkpoint said in one state."""
    return [task for task in result.by_action("pyremediate.mail.checkpoint") if task.data.get("state") == state]


def words(result: Result) -> str:
    """Everything that failed, for a message."""
    return "\n".join(f"{task.task}: {task.message}" for task in result.tasks if task.status == "failed") or result.status


POSTFIX = {"files": [MAIN, MASTER], "units": ["postfix.service"]}


@pytest.fixture(scope="module")
def site(own_host: Host) -> Site:
    return Site(World(own_host.name))


@pytest.fixture
def unchanged(site: Site) -> Iterator[None]:
    """The host must be afterwards as it is now: that is what these tests are about."""
    before = site.fingerprint()
    yield
    assert site.fingerprint() == before


def test_a_step_changes_the_host_and_its_undo_leaves_no_trace(site: Site, unchanged: None) -> None:
    identifier = site.new()
    result = site.remediate(identifier, POSTFIX, "postfix", "rollback", postfix_differences=[parameter("soft_bounce", "yes")])
    assert result.status == "successful", words(result)
    assert results(result, "created")[0].changed and results(result, "sealed")[0].changed
    assert "yes" in site.sh("postconf -h soft_bounce")

    first, second = site.play("undo", identifier), site.play("undo", identifier)
    assert (first.status, second.status) == ("successful", "successful"), words(first) + words(second)
    assert results(first, "restored")[0].changed and not results(second, "restored")[0].changed


def test_a_remedy_that_its_owners_test_refuses_is_put_back_at_once_and_the_play_says_so(site: Site, unchanged: None) -> None:
    pid = site.sh("cat /var/spool/postfix/pid/master.pid")
    wrong = [parameter("default_process_limit", "many")]
    result = site.remediate(site.new(), POSTFIX, "postfix", "rollback", postfix_differences=wrong)
    assert result.status == "failed"
    assert results(result, "restored")[0].changed
    assert "everything was put back" in words(result)
    assert not results(result, "sealed")
    assert site.sh("cat /var/spool/postfix/pid/master.pid") == pid  # it was never restarted


def test_a_step_whose_checkpoint_cannot_be_made_touches_nothing(site: Site, unchanged: None) -> None:
    saved = {"files": ["/var/spool/postfix/deferred/A/A1"]}
    result = site.remediate(site.new(), saved, "postfix", "rollback", postfix_differences=[parameter("soft_bounce", "yes")])
    assert result.status == "failed"
    assert "mail is never copied" in words(result) and "nothing had been changed" in words(result)


def test_a_rollback_that_the_checkpoint_could_not_undo_touches_nothing(site: Site, unchanged: None) -> None:
    saved = {"files": [MASTER]}
    result = site.remediate(site.new(), saved, "postfix", "rollback", postfix_differences=[parameter("soft_bounce", "yes")])
    assert f"does not hold file {MAIN}: nothing was touched" in words(result)


def test_what_somebody_else_changed_afterwards_is_left_and_the_undo_fails_with_its_name(site: Site) -> None:
    identifier = site.new()
    original = site.sh(f"cat {MASTER}")
    site.checkpoint("created", identifier, files=[MAIN, MASTER])
    site.sh(f"echo '# ours' >> {MAIN}; echo '# ours' >> {MASTER}")
    site.checkpoint("sealed", identifier)
    site.sh(f"echo '# somebody else' >> {MAIN}")

    result = site.play("undo", identifier)
    assert result.status == "failed" and f"file {MAIN}" in words(result)
    assert "# somebody else" in site.sh(f"cat {MAIN}")
    assert site.sh(f"cat {MASTER}") == original
    site.sh(f"sed -i '/^# ours/d; /^# somebody else/d' {MAIN}")
    assert site.play("undo", identifier).status == "successful"


def test_a_controller_that_dies_in_the_middle_leaves_a_step_that_can_be_undone(site: Site, unchanged: None) -> None:
    identifier = site.new()
    variables = step(POSTFIX, "postfix", "rollback") | {
        "pyremediate_target": HOST, "pyremediate_checkpoint": identifier,
        "postfix_differences": [parameter("smtpd_banner", "changed by a step that was killed")],
    }  # fmt: skip
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "ansible-playbook"), "-i", INVENTORY, "pyremediate.mail.remediate",
            "--extra-vars", json.dumps(variables),
        ],
        env={**os.environ, **environment(OPTIONS)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    site.eventually(lambda: "killed" in site.sh(f"cat {MAIN}"), 60, "the step's change")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)

    assert "sealed_at" not in site.manifest(identifier)
    result = site.play("undo", identifier)
    assert result.status == "successful", words(result)
    assert results(result, "restored")[0].data["put_back"]


def test_a_person_can_undo_on_the_host_itself(site: Site, unchanged: None) -> None:
    identifier = site.new()
    site.checkpoint("created", identifier, files=["/etc/postfix"], units=["postfix.service"])
    site.sh(f"echo new > /etc/postfix/added; chmod 640 {MAIN}; ln -sf /dev/null {MASTER}; systemctl mask --now postfix")
    said = site.sh(f"python3 {CHECKPOINTS}/{identifier}/undo.py")
    assert "put back: unit postfix.service: enabled, running" in said


def test_units_are_put_back_masked_disabled_and_stopped(site: Site, unchanged: None) -> None:
    site.sh("systemctl mask --now dovecot; systemctl disable --now rspamd")
    try:
        identifier = site.new()
        site.checkpoint("created", identifier, units=["dovecot.service", "rspamd.service"])
        site.sh("systemctl unmask dovecot; systemctl start dovecot; systemctl enable --now rspamd")
        site.checkpoint("sealed", identifier)
        site.checkpoint("restored", identifier)
        states = site.sh("systemctl is-enabled dovecot rspamd; systemctl is-active dovecot rspamd", check=False).split()
        assert states == ["masked", "disabled", "inactive", "inactive"]
        assert not site.checkpoint("restored", identifier)["changed"]
    finally:
        site.sh("systemctl unmask dovecot; systemctl enable --now dovecot rspamd")


def test_a_configuration_that_was_broken_before_is_put_back_without_touching_what_still_runs(site: Site) -> None:
    good = site.sh(f"cat {MAIN} | base64 -w0")
    site.sh(f"echo 'this line is broken' >> {MAIN}")
    identifier = site.new()
    site.checkpoint("created", identifier, **POSTFIX)
    site.sh(f"echo {good} | base64 -d > {MAIN}; systemctl reload postfix")
    site.checkpoint("sealed", identifier)
    pid = site.sh("cat /var/spool/postfix/pid/master.pid")
    result = site.checkpoint("restored", identifier)
    assert "postfix.service runs on" in result["notes"][0]
    assert site.sh("cat /var/spool/postfix/pid/master.pid; systemctl is-active postfix@-").split() == [pid.strip(), "active"]
    site.sh(f"echo {good} | base64 -d > {MAIN}; systemctl reload postfix")


# -- the dead-man switch -------------------------------------------------------------------------------------------------


def test_a_host_that_a_step_cut_off_comes_back_by_itself(site: Site, unchanged: None) -> None:
    identifier = site.new()
    site.checkpoint("created", identifier, firewall=True, deadman_seconds=10)
    # By the engine, since SSH must not survive it: whatever comes from outside is dropped, also on connections that exist.
    engine.execute(current().container(current().host(HOST)), "sh", "-c", f"echo {shlex.quote(CUT_OFF)} | nft -f -")
    site.eventually(lambda: "restored_at" in site.manifest(identifier), 90, "the dead-man switch")
    manifest = site.manifest(identifier)
    assert manifest["restored_by"] == "the dead-man switch" and manifest["deadman"]["fired_at"]
    assert "pyremediate-deadman" not in site.sh("systemctl list-unit-files --no-legend | cat")
    confirmation = site.play("confirm", identifier)
    assert confirmation.status == "failed" and "too late" in words(confirmation)


def test_a_login_that_was_put_back_wrong_is_undone_by_the_host_itself(site: Site, unchanged: None) -> None:
    """The last known good lets nobody in: the step ends over the connection that it has, and no fresh one can confirm it."""
    identifier, path = site.new(), "/etc/ssh/sshd_config.d/00-nobody.conf"
    wrong = {
        "kind": "file", "name": path, "aspect": "missing", "was": "file", "is": None, "owner": "root", "group": "root",
        "mode": "0644", "content": base64.b64encode(b"AllowUsers nobody\n").decode(),
    }  # fmt: skip
    saved = {"files": [path, MAIN], "units": ["postfix.service"]}
    result = site.remediate(identifier, saved, "known_good", "put_back", deadman=PLAY, known_good_differences=[wrong])
    assert result.status == "successful" and results(result, "sealed"), words(result)

    confirmation = site.play("confirm", identifier)
    assert [task.status for task in confirmation.tasks if task.status == "unreachable"], words(confirmation)
    site.eventually(lambda: "restored_at" in site.manifest(identifier), PLAY + 60, "the dead-man switch")
    assert site.manifest(identifier)["restored_by"] == "the dead-man switch"
    assert site.sh(f"ls {path}", check=False) == ""


def test_a_confirmation_over_a_fresh_connection_disarms_the_switch(site: Site) -> None:
    identifier = site.new()
    differences = [parameter("soft_bounce", "yes")]
    result = site.remediate(identifier, POSTFIX, "postfix", "rollback", deadman=300, postfix_differences=differences)
    assert result.status == "successful", words(result)
    timer = f"pyremediate-deadman-{identifier}.timer"
    assert site.sh(f"systemctl is-active {timer}; systemctl is-enabled {timer}").split() == ["active", "enabled"]
    logins = "journalctl -u ssh --no-pager -o cat | grep -c 'Accepted publickey'"
    before = int(site.sh(logins))

    confirmation = site.play("confirm", identifier)
    assert confirmation.status == "successful", words(confirmation)
    assert results(confirmation, "confirmed")[0].data["deadman"]["was_armed"]
    assert int(site.sh(logins)) > before  # a login of its own
    assert "pyremediate-deadman" not in site.sh("systemctl list-unit-files --no-legend | cat")
    assert "yes" in site.sh("postconf -h soft_bounce")  # kept
    assert site.play("undo", identifier).status == "successful"  # and it can still be undone on demand
    assert "no" in site.sh("postconf -h soft_bounce")


def test_an_armed_switch_survives_a_reboot(site: Site, unchanged: None) -> None:
    identifier = site.new()
    site.checkpoint("created", identifier, deadman_seconds=20, **POSTFIX)
    site.sh("postconf -e soft_bounce=yes; systemctl reload postfix")
    site.checkpoint("sealed", identifier)
    booted = site.sh("systemctl show --value --property=UserspaceTimestampMonotonic")
    engine.podman("restart", "--time", "10", current().container(current().host(HOST)))

    site.eventually(lambda: "restored_at" in site.manifest(identifier), 90, "the dead-man switch after the reboot")
    assert site.sh("systemctl show --value --property=UserspaceTimestampMonotonic") != booted
    assert site.manifest(identifier)["restored_by"] == "the dead-man switch"
    assert "no" in site.sh("postconf -h soft_bounce")
    site.eventually(lambda: "inactive" not in site.fingerprint(), 60, "every service after the reboot")


# -- a full disk ---------------------------------------------------------------------------------------------------------


def test_a_full_file_system_does_not_keep_a_step_from_being_undone(site: Site, unchanged: None) -> None:
    site.sh(
        "mkdir -p /var/lib/pyremediate; mount -t tmpfs -o size=64k,mode=0700 tmpfs /var/lib/pyremediate;"
        "dd if=/dev/zero of=/var/lib/pyremediate/filler bs=1k count=100 2>/dev/null || true"
    )
    try:
        identifier = site.new()
        result = site.remediate(
            identifier, POSTFIX, "postfix", "rollback", postfix_differences=[parameter("soft_bounce", "yes")]
        )
        assert result.status == "successful", words(result)
        created = results(result, "created")[0].data
        assert created["survives_reboot"] is False and created["directory"].startswith("/run/pyremediate/")
        assert site.play("undo", identifier).status == "successful"
    finally:
        site.sh("umount /var/lib/pyremediate")


# -- packages ------------------------------------------------------------------------------------------------------------


def test_packages_go_back_to_the_recorded_version_and_their_configuration_with_them(site: Site, unchanged: None) -> None:
    version = site.sh("dpkg-query -W -f '${Version}' postfix").strip()
    site.sh(f"/srv/repo/publish '{version}+lab1'")
    identifier = site.new()
    created = site.checkpoint("created", identifier, files=["/etc/postfix"], units=["postfix.service"], packages=["postfix"])
    assert created["packages_kept"] == {name: f"{name}_{version}_amd64.deb" for name in ("postfix", "postfix-pcre")}
    site.sh(
        f"DEBIAN_FRONTEND=noninteractive apt-get install --yes -q postfix='{version}+lab1' postfix-pcre='{version}+lab1';"
        "postconf -e soft_bounce=yes; apt-mark hold postfix"
    )
    site.sh("mv /srv/repo/*.deb /srv/repo/withheld/")  # listed, and gone, as old versions are on a mirror
    site.checkpoint("sealed", identifier)
    try:
        result = site.checkpoint("restored", identifier)
        assert any(line.startswith(f"package postfix-pcre: {version} ") for line in result["put_back"])
        assert not site.checkpoint("restored", identifier)["changed"]
    finally:
        site.sh(f"/srv/repo/publish '{version}'")


# -- rollback --------------------------------------------------------------------------------------------------------------

SERVICE = {"columns": "submission inet n - y - - smtpd", "options": {"syslog_name": "postfix/submission"}}
# What breaks the host, the difference that it makes, and what holds when it is put back.
KINDS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("postconf -e virtual_transport=discard:", parameter("virtual_transport", "lmtp:unix:private/dovecot-lmtp"),
     "postconf -h virtual_transport | grep -q lmtp"),
    (f"sed -i /^milter_default_action/d {MAIN}", parameter("milter_default_action", "tempfail"),
     f"grep -q '^milter_default_action = tempfail' {MAIN}"),
    (f"echo 'this line is broken' >> {MAIN}",
     {"kind": "postfix.line", "name": f"{MAIN}:99", "aspect": "added", "was": None, "is": "this line is broken"},
     "postfix check"),
    (f"sed -i 's/^submission/#submission/' {MASTER}",
     {"kind": "postfix.service", "name": "submission/inet", "aspect": "value", "was": SERVICE, "is": None},
     "postconf -P submission/inet/syslog_name | grep -q postfix/submission"),
    ("systemctl mask --now dovecot",
     {"kind": "unit", "name": "dovecot.service", "aspect": "enabled", "was": "enabled", "is": "masked"},
     "systemctl is-enabled -q dovecot"),
    ("nft add table inet extra",
     {"kind": "firewall", "name": "ruleset", "aspect": "rules", "was": [], "is": [], "content": "RULESET"},
     "! nft list table inet extra"),
    ("chmod 777 /etc/aliases",
     {"kind": "file", "name": "/etc/aliases", "aspect": "mode", "was": "0644", "is": "0777"},
     "test $(stat -c %a /etc/aliases) = 644"),
    ("chown nobody /etc/aliases",
     {"kind": "file", "name": "/etc/aliases", "aspect": "owner", "was": "root", "is": "nobody"},
     "test $(stat -c %U /etc/aliases) = root"),
    ("rm /etc/mailname",
     {"kind": "file", "name": "/etc/mailname", "aspect": "missing", "was": "file", "is": None, "owner": "root",
      "group": "root", "mode": "0644", "content": base64.b64encode(b"mail.lab.test\n").decode()},
     "grep -qx mail.lab.test /etc/mailname"),
    ("echo nameserver 192.0.2.1 > /etc/resolv.conf",
     {"kind": "file", "name": "/etc/resolv.conf", "aspect": "content", "was": "sha256:", "is": "sha256:",
      "content": base64.b64encode(b"# put back\nnameserver 127.0.0.1\n").decode()},
     "grep -q 'put back' /etc/resolv.conf"),
    ("echo deny > /etc/dovecot/conf.d/00-deny.conf",
     {"kind": "file", "name": "/etc/dovecot/conf.d/00-deny.conf", "aspect": "added", "was": None, "is": "file"},
     "! test -e /etc/dovecot/conf.d/00-deny.conf"),
)  # fmt: skip


def test_every_kind_of_difference_is_put_back_in_four_steps_and_undone_in_a_fifth(site: Site, unchanged: None) -> None:
    """Check mode, for real, check mode, for real: changed, changed, not, not. Then the undo: as broken as it was."""
    identifier, ruleset = site.new(), site.sh("nft list ruleset")
    saved = {
        "files": ["/etc/postfix", "/etc/dovecot", "/etc/aliases", "/etc/mailname", "/etc/resolv.conf"],
        "units": ["dovecot.service"],
        "firewall": True,
    }
    whole = site.new()
    site.checkpoint("created", whole, **saved)
    site.sh("; ".join(broken for broken, _, _ in KINDS))
    differences = [difference for _, difference, _ in KINDS]
    for difference in differences:
        if difference.get("content") == "RULESET":
            difference["content"] = base64.b64encode(ruleset.encode()).decode()
    arguments = {"differences": differences, "checkpoint": identifier}
    broken = site.fingerprint()
    site.checkpoint("created", identifier, **saved)

    answers = [site.module("rollback", arguments, *options) for options in (["--check"], [], ["--check"], [])]
    assert not [answer for answer in answers if answer["failed"]]
    assert [answer["changed"] for answer in answers] == [True, True, False, False]
    assert not [holds for _, _, holds in KINDS if site.sh(f"{{ {holds}; }} >/dev/null 2>&1 || echo no")]
    assert {"postfix.service", "dovecot.service"} <= set(answers[1]["reload"])
    assert site.sh(f"cat {CHECKPOINTS}/{identifier}/removed/etc/dovecot/conf.d/00-deny.conf") == "deny\n"

    site.checkpoint("sealed", identifier)
    site.checkpoint("restored", identifier)
    assert site.fingerprint() == broken
    site.checkpoint("restored", whole)


def test_a_private_key_comes_back_from_the_copy_on_its_host_and_never_leaves_it(site: Site, unchanged: None) -> None:
    captured = site.play("capture", "none", pyremediate_hash_key="0123456789abcdef")
    assert captured.status == "successful", words(captured)
    taken = captured.by_action("pyremediate.mail.snapshot")[0].data
    assert KEY in taken["kept"] and MAIN in {file["path"] for file in taken["files"]}
    secret = site.sh(f"sed -n 2p {KEY}").strip()
    assert secret not in json.dumps([dict(task.data) for task in captured.tasks])
    digest = next(
        task.data["evidence"]["sections"]["files"]["data"]["tracked"][KEY]["digest"]
        for task in captured.by_action("pyremediate.mail.observe")
    )
    identifier = site.new()
    site.sh(f"openssl genrsa -out {KEY}.new 2048 2>/dev/null; cp {KEY} {KEY}.kept; cat {KEY}.new > {KEY}")
    difference = {
        "kind": "file", "name": KEY, "aspect": "content", "was": "(withheld)", "is": "(withheld)", "secret": True,
        "digest": digest,
    }  # fmt: skip
    try:
        site.checkpoint("created", identifier, files=[KEY])
        result = site.module("rollback", {"differences": [difference], "checkpoint": identifier}, "--diff")
        assert result["changed"] and result["reload"] == ["dovecot.service", "postfix.service"], result
        assert site.sh(f"cmp {KEY} {KEY}.kept && echo same").strip() == "same"
    finally:
        site.sh(f"rm -f {KEY}.new {KEY}.kept")
