"""The text of the units, and systemd's own opinion of it where systemd is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from pyremediate.errors import UsageError
from pyremediate.schedule import units
from pyremediate.schedule.jobs import KINDS, Job

JOB = Job(
    name="check",
    on_calendar="*:0/10",
    command=("/bin/echo", "schedule", "run", "check", "--settings", "/etc/pyremediate/settings.yml"),
    directory=Path("/etc"),
    writable=(Path("/var/tmp"),),
    credentials={"private_key": Path("/etc/pyremediate/key"), "vault_password_file": Path("/etc/pyremediate/vault")},
)
EXPOSURE = "25"  # tenths; to systemd all below 5.0 is OK, and a root without capabilities but with the network has 1.7 to 1.9


def lines(text: str, name: str) -> list[str]:
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]


def test_a_run_ends_is_one_at_a_time_and_an_overlap_is_no_failure() -> None:
    text = units.service(JOB, system=True)
    assert (lines(text, "Type"), lines(text, "SuccessExitStatus"), lines(text, "TimeoutStartSec")) == (["oneshot"], ["4 5"], ["1h"])


def test_secrets_are_handed_over_by_systemd_and_do_not_stand_on_the_command_line() -> None:
    text = units.service(JOB, system=True)
    wanted = ["private_key:/etc/pyremediate/key", "vault_password_file:/etc/pyremediate/vault"]
    assert lines(text, "LoadCredential") == wanted
    assert "key" not in lines(text, "ExecStart")[0] and "vault" not in lines(text, "ExecStart")[0]


def test_a_run_may_write_its_state_and_what_the_settings_name_and_nothing_else() -> None:
    text = units.service(JOB, system=True)
    assert lines(text, "ProtectSystem") == ["strict"] and lines(text, "StateDirectory") == ["pyremediate"]
    assert lines(text, "ReadWritePaths") == ["/var/tmp"]


def test_state_at_another_place_is_told_to_the_run_and_opened() -> None:
    text = units.service(Job("check", "daily", ("/bin/true",), Path("/"), state=Path("/srv/my state")), system=True)
    assert '"PYREMEDIATE_STATE=/srv/my state"' in lines(text, "Environment")
    assert lines(text, "ReadWritePaths") == ['"/srv/my state"'] and lines(text, "StateDirectory") == []


def test_signs_with_a_meaning_in_units_stand_for_themselves() -> None:
    command = ("/bin/echo", "100%", "$HOME", 'a "b" c\\')
    text = units.service(Job("check", "daily", command, Path("/srv/50%")), system=False)
    assert lines(text, "ExecStart") == [r'/bin/echo 100%% $$HOME "a \"b\" c\\"']
    assert lines(text, "WorkingDirectory") == ["/srv/50%%"]
    with pytest.raises(UsageError, match="line break"):
        units.service(Job("check", "daily", ("/bin/echo", "a\nExecStartPre=/bin/evil"), Path("/")), system=True)


def test_a_user_has_no_directive_that_needs_privilege() -> None:
    text = units.service(JOB, system=False)
    refused = ("Protect", "Private", "CapabilityBoundingSet", "LoadCredential", "StateDirectory", "ReadWritePaths", "After")
    assert not [line for line in text.splitlines() if line.startswith(refused)]
    assert lines(text, "NoNewPrivileges") == ["yes"] and text.endswith("\n")


def test_a_missed_run_is_made_up_for_and_machines_do_not_start_at_once() -> None:
    text = units.timer(JOB)
    assert lines(text, "OnCalendar") == ["*:0/10"] and lines(text, "Persistent") == ["yes"]
    assert lines(text, "RandomizedDelaySec") == ["30"] and lines(text, "WantedBy") == ["timers.target"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here")
@pytest.mark.parametrize("name", KINDS)
def test_systemd_finds_nothing_wrong_with_the_units_and_calls_their_exposure_ok(name: str, tmp_path: Path) -> None:
    job = Job(name, "*:0/10", JOB.command, JOB.directory, writable=JOB.writable, credentials=JOB.credentials)
    service, timer = (tmp_path / f"pyremediate-{name}.{kind}" for kind in ("service", "timer"))
    service.write_text(units.service(job, system=True))
    timer.write_text(units.timer(job))
    verified = analyze("verify", "--man=no", str(service), str(timer))
    assert (verified.returncode, about(verified.stderr, name)) == (0, [])
    judged = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(service))
    assert judged.returncode == 0, judged.stdout


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60)


def about(said: str, name: str) -> list[str]:
    """The machine's other units may have faults of their own."""
    return [line for line in said.splitlines() if f"pyremediate-{name}" in line]
