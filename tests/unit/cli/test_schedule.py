"""Timers are installed, told and removed; the machine's systemctl and crontab are played by programs that keep files."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from pyremediate import cli, doctor
from pyremediate import settings as reader
from pyremediate.doctor import Subject
from pyremediate.errors import UsageError
from pyremediate.lock import job_lock
from pyremediate.model import Answer, to_json
from pyremediate.request import AnsibleOptions
from pyremediate.schedule import install, jobs, runs, units
from tests.unit.cli.stage import FAILING, HEALTHY, Played, run

# systemctl(1) as far as it is called here: a timer is enabled when it has a file in `enabled`, active when in `active`.
SYSTEMCTL = """\
#!/bin/sh
cd "$(dirname "$0")" && echo "$*" >> calls
[ "$1" = --user ] && shift
verb=$1; shift; [ "$1" = --now ] && shift
case $verb in
    enable) mkdir -p enabled; cd enabled; touch "$@" ;;
    restart) mkdir -p active; cd active; touch "$@" ;;
    disable) for unit; do rm -f "enabled/$unit" "active/$unit"; done ;;
    show) [ -e "enabled/$1" ] && echo UnitFileState=enabled || echo UnitFileState=
          [ -e "active/$1" ] && echo ActiveState=active || echo ActiveState=inactive ;;
esac
"""
CRONTAB = """\
#!/bin/sh
cd "$(dirname "$0")"
case $1 in
    -l) [ -e kept ] && cat kept || { echo "no crontab for you" >&2; exit 1; } ;;
    -) cat > kept ;;
esac
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of programs that is the first in PATH; this process is root, and the machine runs neither systemd nor cron."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(install, "SYSTEM_UNITS", tmp_path / "units")
    monkeypatch.setattr(install, "BOOTED", tmp_path / "booted")
    monkeypatch.setattr(install, "_root_may", os.access)
    return directory


@pytest.fixture
def systemd(programs: Path, tmp_path: Path) -> Path:
    """Where the units are."""
    (tmp_path / "booted").mkdir()
    program(programs / "systemctl", SYSTEMCTL)
    return tmp_path / "units"


@pytest.fixture
def crontab(programs: Path) -> Path:
    """What the user's crontab holds."""
    program(programs / "crontab", CRONTAB)
    return programs / "kept"


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def settings(tmp_path: Path, schedule: str = "", inventory: bool = True) -> str:
    path = tmp_path / "etc" / "settings.yml"
    path.parent.mkdir(exist_ok=True)
    (path.parent / "hosts").write_text("[mail]\nmail01\n")
    schedule = ", ".join(filter(None, (schedule, "" if "audit" in schedule else "audit: {enabled: false}")))
    path.write_text(("inventory: [hosts]\n" if inventory else "") + f"schedule: {{{schedule}}}\n")
    return f"--settings={path}"


def calls(programs: Path) -> list[str]:
    return [line for line in (programs / "calls").read_text().splitlines() if not line.startswith("show")]


def refused(*words: str) -> str:
    with pytest.raises(UsageError) as caught:
        run(*words)
    return str(caught.value)


def places(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [Path(line.split(": ")[1]).name for line in result.stdout.splitlines() if ": " in line and not line.startswith("---")]


def test_timers_are_written_enabled_and_started_and_a_second_time_nothing_changes(
    systemd: Path, programs: Path, tmp_path: Path
) -> None:
    line = ("schedule", "install", settings(tmp_path))
    wanted = ["pyremediate-check.service", "pyremediate-check.timer"]
    assert places(run(*line)) == [*wanted, "pyremediate-check.timer"]
    assert sorted(path.name for path in systemd.iterdir()) == wanted
    assert {stat.S_IMODE(path.stat().st_mode) for path in systemd.iterdir()} == {0o644}
    assert calls(programs) == ["daemon-reload", "enable pyremediate-check.timer", "restart pyremediate-check.timer"]
    assert run(*line).stdout == "nothing to change\n"
    assert len(calls(programs)) == 3


def test_without_a_word_in_the_settings_hosts_are_checked_and_audited(systemd: Path, tmp_path: Path) -> None:
    said = run("schedule", "install", settings(tmp_path, "audit: {}"))
    assert places(said)[-2:] == ["pyremediate-check.timer", "pyremediate-audit.timer"]
    assert "OnCalendar=daily\n" in (systemd / "pyremediate-audit.timer").read_text()
    assert " schedule run audit --settings " in (systemd / "pyremediate-audit.service").read_text()


def test_what_would_change_is_told_with_its_lines_and_not_done(systemd: Path, tmp_path: Path) -> None:
    said = run("schedule", "install", "--check", "--diff", settings(tmp_path, "check: {on_calendar: daily}")).stdout
    assert "would be added: " in said and "+OnCalendar=daily\n" in said and "-not there, inactive\n+enabled, active\n" in said
    assert not systemd.exists()


def test_a_timer_that_somebody_stopped_is_started_again(systemd: Path, programs: Path, tmp_path: Path) -> None:
    run("schedule", "install", settings(tmp_path))
    (programs / "active" / "pyremediate-check.timer").unlink()
    said = run("schedule", "install", "--diff", settings(tmp_path)).stdout
    assert said.startswith("changed: pyremediate-check.timer\n") and "-enabled, inactive\n" in said
    assert run("schedule", "install", settings(tmp_path)).stdout == "nothing to change\n"


def test_a_job_that_the_settings_no_longer_want_goes(systemd: Path, programs: Path, tmp_path: Path) -> None:
    run("schedule", "install", settings(tmp_path, "verify: {enabled: true}"))
    assert (systemd / "pyremediate-verify.timer").exists()
    assert places(run("schedule", "install", settings(tmp_path))) == ["pyremediate-verify.service", "pyremediate-verify.timer"]
    assert "disable --now pyremediate-verify.timer" in calls(programs)
    assert sorted(path.name for path in systemd.iterdir()) == ["pyremediate-check.service", "pyremediate-check.timer"]


def test_only_our_own_units_are_removed_and_another_of_the_same_name_stops_an_installation(
    systemd: Path, tmp_path: Path
) -> None:
    run("schedule", "install", settings(tmp_path))
    foreign = systemd / "pyremediate-check.service"
    foreign.write_text("[Service]\nExecStart=/bin/true\n")
    assert f"{foreign}: was not written by pyremediate" in refused("schedule", "install", settings(tmp_path))
    assert places(run("schedule", "remove")) == ["pyremediate-check.timer"]
    assert list(systemd.iterdir()) == [foreign]
    assert run("schedule", "remove").stdout == "nothing to change\n"


def test_a_masked_unit_is_somebodys_will(systemd: Path, tmp_path: Path) -> None:
    systemd.mkdir()
    (systemd / "pyremediate-check.timer").symlink_to("/dev/null")
    assert "was not written by pyremediate" in refused("schedule", "install", settings(tmp_path))


def test_without_root_the_systems_timers_are_refused_and_ones_own_are_offered(
    systemd: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "use --user" in refused("schedule", "install", settings(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / "run" / "systemd").mkdir(parents=True)
    result = run("schedule", "install", "--user", settings(tmp_path))
    assert result.exit_code == 0 and "loginctl enable-linger" in result.stderr
    written = tmp_path / "config" / "systemd" / "user" / "pyremediate-check.service"
    assert f"Environment=PYREMEDIATE_STATE={tmp_path / 'state'}\n" in written.read_text()


def test_what_a_run_could_not_use_is_told_before_anything_is_installed(systemd: Path, tmp_path: Path) -> None:
    schedule = "private_key: no-key, textfile_directory: no-directory"
    said = refused("schedule", "install", settings(tmp_path, schedule, inventory=False)).splitlines()
    assert [line.partition(": ")[2].partition(";")[0] for line in said] == [
        "no inventory is named, and nobody is there to give one with -i",
        "there is no such file",
        "there is no such directory",
    ]
    assert "schedule remove" in refused("schedule", "install", settings(tmp_path, "check: {enabled: false}"))
    assert not systemd.exists()


def test_root_without_capabilities_does_not_get_into_the_home_of_another(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "hosts").touch()
    if os.getuid() == 0:
        os.chown(home, 1000, 1000)
    home.chmod(0o700)
    assert not install._root_may(home / "hosts", os.R_OK)
    assert install._root_may(Path("/etc/passwd"), os.R_OK) and not install._root_may(Path("/tmp"), os.X_OK << 4)


def test_where_there_is_no_systemd_cron_does_it_beside_what_else_is_in_the_crontab(crontab: Path, tmp_path: Path) -> None:
    crontab.write_text("MAILTO=root\n5 4 * * * backup")
    line = ("schedule", "install", settings(tmp_path))
    first = run(*line)
    assert places(first) == ["crontab"] and "by cron" in first.stderr
    text = crontab.read_text()
    assert text.startswith("MAILTO=root\n5 4 * * * backup\n# BEGIN pyremediate schedule")
    assert f"\n0,10,20,30,40,50 * * * * said=$(cd {tmp_path}/etc && PYREMEDIATE_STATE={tmp_path}/state " in text
    assert run(*line).stdout == "nothing to change\n"
    assert places(run("schedule", "remove")) == ["crontab"]
    assert crontab.read_text() == "MAILTO=root\n5 4 * * * backup\n"


def test_what_cron_cannot_say_is_refused_by_its_setting(crontab: Path, tmp_path: Path) -> None:
    said = refused("schedule", "install", settings(tmp_path, 'check: {on_calendar: "Mon *-*-01 03:00"}'))
    assert said.startswith("schedule.check.on_calendar: cron cannot run at 'Mon *-*-01 03:00'") and not crontab.exists()


def test_a_crontab_line_is_silent_unless_there_is_something_to_say(crontab: Path, programs: Path, tmp_path: Path) -> None:
    run("schedule", "install", settings(tmp_path))
    line = next(line for line in crontab.read_text().splitlines() if line.startswith("0,10"))
    shell = line.split(" ", 5)[5].replace(r"\%", "%")
    command = shell.split("PYREMEDIATE_STATE=")[1].split(" 2>&1")[0]
    for status, said in ((0, ""), (4, ""), (5, ""), (1, "it said\n"), (3, "it said\n")):
        program(programs / "played", f"#!/bin/sh\necho it said\nexit {status}\n")
        played = shell.replace(f"PYREMEDIATE_STATE={command}", "played")
        assert subprocess.run(["/bin/sh", "-c", played], capture_output=True, text=True, check=False).stdout == said


def test_without_systemd_and_cron_the_operator_is_told_what_to_do(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(programs))
    assert "install cron" in refused("schedule", "install", settings(tmp_path))
    assert run("schedule", "list").stdout.startswith("nothing is installed")


def test_a_run_does_what_its_timer_does_and_is_on_record(played: Played, tmp_path: Path) -> None:
    prometheus = tmp_path / "textfiles"
    prometheus.mkdir()
    schedule = f"check: {{hosts: mail01}}, textfile_directory: {prometheus}"
    played.answers = [[HEALTHY], [FAILING]]
    assert run("schedule", "run", "check", settings(tmp_path, schedule)).exit_code == 0
    assert played.requests[0].hosts == "mail01" and played.requests[0].approve is None
    first = runs.last("check")
    assert first and first.status == 0 and first.ended and first.well == first.ended
    assert run("schedule", "run", "check", settings(tmp_path, schedule)).exit_code == 1
    second = runs.last("check")
    assert second and second.status == 1 and second.well == first.well
    text = (prometheus / "pyremediate_check.prom").read_text()
    assert 'pyremediate_schedule_last_run_exit_status{schedule="check"} 1\n' in text
    assert f'last_well_timestamp_seconds{{schedule="check"}} {first.well.timestamp():.0f}\n' in text
    assert [path.name for path in prometheus.iterdir()] == ["pyremediate_check.prom"]


def test_an_audit_by_itself_writes_its_own_metrics_beside_those_of_the_run(tmp_path: Path) -> None:
    place = settings(tmp_path, f"audit: {{}}, textfile_directory: {tmp_path}").partition("=")[2]
    found = reader.load(place)
    assert f"--textfile={tmp_path}/pyremediate_drifts.prom" in jobs.words("audit", found, None)
    assert not [word for word in jobs.words("check", found, None) if "textfile" in word]


def test_a_run_gets_its_secrets_where_systemd_put_them(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("etc", "credentials"):
        (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / "etc" / "vault").write_text("x")
    (tmp_path / "credentials" / "vault_password_file").write_text("x")
    played.answers = [[HEALTHY], [HEALTHY]]
    line = ("schedule", "run", "check", settings(tmp_path, "vault_password_file: vault"))
    run(*line)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    run(*line)
    files = [request.options.vault_password_files for request in played.requests]
    assert files == [(str(tmp_path / "etc" / "vault"),), (str(tmp_path / "credentials" / "vault_password_file"),)]


def test_a_run_that_crashes_is_on_record_and_shows_why(played: Played, tmp_path: Path) -> None:
    played.answers = [ZeroDivisionError()]
    with pytest.raises(ZeroDivisionError):
        run("schedule", "run", "check", settings(tmp_path))
    found = runs.last("check")
    assert found and found.status == 1 and found.ended and found.well is None


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    with job_lock("check"):
        assert cli.run(["schedule", "run", "check", settings(tmp_path)]) == units.OVERLAP
    assert runs.last("check") is None


def test_an_unknown_job_is_told_which_there_are() -> None:
    assert "there is: check, verify, audit" in refused("schedule", "run", "chekc")


def keep(began: datetime, status: int | None = 0) -> None:
    record = runs.Run("check", began, began if status is not None else None, status)
    path = runs._record("check")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_json(record)))


def listed() -> dict[str, str]:
    job: dict[str, str] = json.loads(run("schedule", "list", "--format", "json").stdout)["jobs"][0]
    return job


@pytest.fixture(params=["systemd", "crontab"])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Installed a week ago."""
    place: Path = request.getfixturevalue(request.param)
    run("schedule", "install", settings(tmp_path))
    ago = datetime.now(UTC) - timedelta(days=7)
    if request.param == "systemd":
        os.utime(place / "pyremediate-check.timer", (ago.timestamp(), ago.timestamp()))
    else:
        place.write_text(re.sub(r"since \S+", f"since {to_json(ago)}", place.read_text()))


@pytest.mark.usefixtures("installed")
class TestWhatIsInstalledIsHeldAgainstWhatRan:
    def test_a_run_in_time_is_well(self) -> None:
        keep(datetime.now(UTC))
        found = listed()
        assert (found["result"], found["trouble"]) == ("well", "") and found["next"] > to_json(datetime.now(UTC))

    def test_a_run_that_did_not_happen_is_told_by_the_list_and_by_the_doctor(self) -> None:
        keep(datetime.now(UTC) - timedelta(hours=2))
        assert listed()["trouble"].startswith("no run since ")
        assert examined().answer is Answer.FAIL and "one was due at" in examined().detail

    def test_a_timer_that_never_ran_is_noticed_too(self) -> None:
        assert listed()["trouble"].startswith("no run since ") and "never" in run("schedule", "list").stdout

    def test_a_long_run_is_not_late_while_it_goes_on_and_is_dead_when_it_does_not(self) -> None:
        keep(datetime.now(UTC) - timedelta(minutes=59), status=None)
        with job_lock("check"):
            assert (listed()["result"], listed()["trouble"]) == ("under way", "")
        assert listed()["result"].startswith("died") and examined().answer is Answer.FAIL

    def test_broken_mail_is_no_fault_of_the_control_node_but_wrong_settings_are(self) -> None:
        keep(datetime.now(UTC), status=1)
        assert examined().answer is Answer.PASS and "a problem remains" in examined().detail
        keep(datetime.now(UTC), status=2)
        assert examined().answer is Answer.FAIL and "journalctl" in examined().mend

    def test_an_audit_before_anything_was_approved_is_told_with_what_to_do(self) -> None:
        keep(datetime.now(UTC), status=5)
        assert examined().answer is Answer.UNKNOWN and "baseline capture" in examined().mend
        assert listed()["result"] == "nothing was approved yet that could be compared"


def examined() -> doctor.Finding:
    found = doctor.examine(Subject(None, AnsibleOptions()))
    return next(finding for finding in found if finding.name.startswith("schedule"))
