"""The life of a checkpoint, on files: made, sealed and put back once; by the controller, a person or a timer."""

from __future__ import annotations

import ast
import configparser
import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_deadman as deadman
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_states as states
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
ID = "2026-0017-1"


class Host:
    """A directory with a configuration, and checkpoints beside it."""

    def __init__(self, home: Path) -> None:
        self.etc, self.home = home / "etc", home
        self.main = self.etc / "main.cf"
        self.etc.mkdir()
        self.main.write_text("original\n")

    def reach(self, state: str, dry: bool = False, **given: Any) -> dict[str, Any]:
        parameters = {
            "id": ID, "state": state, "files": [], "units": [], "packages": [], "firewall": False, "deadman_seconds": 0,
            "keep_days": None, **given,
        }  # fmt: skip
        return states.reach(parameters, dry)

    def create(self, **given: Any) -> dict[str, Any]:
        return self.reach("created", files=[str(self.etc)], **given)

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "lib/checkpoints" / ID / "manifest.json").read_text())
        return found


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.setattr(stores, "PERSISTENT", str(tmp_path / "lib"))
    monkeypatch.setattr(stores, "VOLATILE", str(tmp_path / "run"))
    monkeypatch.setattr(paths, "TREES", (str(tmp_path),))
    yield Host(tmp_path)


def test_what_a_step_changed_is_put_back_and_the_second_undo_changes_nothing(host: Host) -> None:
    assert host.create()["changed"]
    host.main.write_text("changed\n")
    (host.etc / "added").write_text("new")
    assert host.reach("sealed")["changed"]
    first, second = host.reach("restored"), host.reach("restored")
    assert (first["changed"], first["refused"], len(first["put_back"])) == (True, [], 2)
    assert (second["changed"], second["put_back"]) == (False, [])
    assert host.main.read_text() == "original\n"
    assert not (host.etc / "added").exists()


def test_a_step_that_was_cut_off_before_its_seal_is_put_back_too(host: Host) -> None:
    host.create()
    host.main.unlink()
    (host.etc / "conf.d").mkdir()
    (host.etc / "conf.d" / "added").write_text("new")
    result = host.reach("restored")
    assert result["refused"] == []
    assert (host.main.read_text(), list(host.etc.iterdir())) == ("original\n", [host.main])


def test_a_second_creation_after_a_crash_does_not_take_the_changed_state_for_the_original(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    assert not host.create()["changed"]
    host.reach("restored")
    assert host.main.read_text() == "original\n"


def test_a_second_seal_does_not_take_anothers_change_for_ours(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    host.reach("sealed")
    host.main.write_text("somebody else's\n")
    assert not host.reach("sealed")["changed"]
    assert host.reach("restored")["refused"]


def test_what_somebody_else_changed_afterwards_is_refused_and_the_rest_is_put_back(host: Host) -> None:
    (host.etc / "master.cf").write_text("original\n")
    host.create()
    host.main.write_text("changed\n")
    (host.etc / "master.cf").write_text("changed\n")
    host.reach("sealed")
    host.main.write_text("somebody else's\n")
    result = host.reach("restored")
    assert len(result["refused"]) == 1 and "main.cf" in result["refused"][0] and "somebody else" in result["refused"][0]
    assert (host.main.read_text(), (host.etc / "master.cf").read_text()) == ("somebody else's\n", "original\n")


def test_a_refusal_ends_when_the_person_has_put_the_file_back(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    host.reach("sealed")
    host.main.write_text("somebody else's\n")
    assert host.reach("restored")["refused"]
    host.main.write_text("original\n")
    host.main.chmod(int(host.manifest()["items"][1]["was"]["mode"], 8))
    assert not host.reach("restored")["refused"]


def test_what_the_step_did_not_touch_is_left_to_whoever_changed_it(host: Host) -> None:
    host.create()
    host.reach("sealed")
    host.main.write_text("somebody else's\n")
    result = host.reach("restored")
    assert (result["changed"], result["refused"], len(result["left"])) == (False, [], 1)
    assert host.main.read_text() == "somebody else's\n"


def test_later_changes_are_not_touched_by_a_repeated_undo(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    host.reach("sealed")
    host.reach("restored")
    host.main.write_text("changed\n")  # by the next step, perhaps
    assert not host.reach("restored")["changed"]


def test_a_checkpoint_that_was_put_back_is_not_used_again(host: Host) -> None:
    host.create()
    host.reach("restored")
    with pytest.raises(ValueError, match="take another id"):
        host.create()
    with pytest.raises(ValueError, match="was put back"):
        host.reach("sealed")


def test_a_checkpoint_that_holds_less_than_is_asked_for_is_refused(host: Host) -> None:
    host.reach("created", files=[str(host.main)])
    with pytest.raises(ValueError, match="does not hold: file"):
        host.create()


def test_check_mode_changes_nothing_and_says_what_would_be(host: Host) -> None:
    assert host.create(dry=True)["changed"]
    assert not (host.home / "lib").exists()
    host.create()
    host.main.write_text("changed\n")
    result = host.reach("restored", dry=True)
    assert result["changed"] and "original" in result["diff"][0]["after"]
    assert host.main.read_text() == "changed\n"
    assert host.reach("absent", dry=True)["removed"] == [ID]
    assert host.reach("restored")["changed"]


def test_the_diff_withholds_what_not_everybody_may_read(host: Host) -> None:
    host.main.chmod(0o600)
    host.create()
    host.main.write_text("password\n")
    shown = json.dumps(host.reach("restored")["diff"])
    assert "password" not in shown and "original" not in shown and "withheld" in shown


@pytest.mark.parametrize("identifier", ["../x", "a/b", "", ".hidden", "a b", "x" * 200, "a\n"])
def test_an_id_that_is_no_file_name_is_refused(host: Host, identifier: str) -> None:
    with pytest.raises(ValueError, match="no checkpoint id"):
        host.reach("created", id=identifier)


def test_an_undo_of_a_step_that_never_began_has_nothing_to_do_and_says_so(host: Host) -> None:
    result = host.reach("restored")
    assert (result["changed"], result["found"]) == (False, False)


def test_a_creation_that_was_cut_off_is_no_checkpoint(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(store: Any, manifest: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(stores.Store, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            host.create()
    assert not host.reach("restored")["found"]
    assert host.create()["changed"]


# -- a full disk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(host: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """/var/lib is full: directories can still be made, contents cannot be written."""
    write = stores.write_text

    def failing(path: str, text: str, mode: int) -> None:
        if path.startswith(stores.PERSISTENT):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, text, mode)

    monkeypatch.setattr(stores, "write_text", failing)
    return host


def test_a_checkpoint_goes_to_memory_when_the_disk_is_full_and_says_that_it_will_not_survive(full: Host) -> None:
    result = full.create()
    assert result["survives_reboot"] is False and "in memory" in result["notes"][0]
    full.main.write_text("changed\n")
    assert full.reach("restored")["changed"]
    assert full.main.read_text() == "original\n"


def test_a_checkpoint_that_a_reboot_took_is_not_mistaken_for_one_that_never_was(full: Host) -> None:
    full.create()
    assert subprocess.run(["rm", "-r", str(full.home / "run")], check=True)
    with pytest.raises(ValueError, match="is lost"):
        full.reach("restored")
    assert full.reach("absent")["changed"]
    assert not full.reach("restored")["found"]


# -- keeping and removing ---------------------------------------------------------------------------------------------


def test_old_checkpoints_are_removed_when_their_step_is_over(host: Host) -> None:
    host.create()
    assert host.reach("absent", id=None, keep_days=0)["removed"] == []  # neither kept nor put back: it may be needed
    host.reach("confirmed")
    assert host.reach("absent", id=None, keep_days=1)["removed"] == []
    assert host.reach("absent", id=None, keep_days=0)["removed"] == [ID]
    assert not host.reach("absent")["changed"]


def test_a_confirmation_is_idempotent_and_needs_a_checkpoint(host: Host) -> None:
    with pytest.raises(ValueError, match="there is no checkpoint"):
        host.reach("confirmed")
    host.create()
    assert [host.reach("confirmed")["changed"] for _ in range(2)] == [True, False]


def test_a_confirmation_that_comes_too_late_fails(host: Host) -> None:
    host.create()
    host.reach("restored")
    assert host.reach("confirmed")["msg"].startswith("too late")


def test_two_at_a_time_are_kept_apart(host: Host) -> None:
    with stores.locked(ID), pytest.raises(ValueError, match="in use by another process"), stores.locked(ID, within=0.2):
        pass


# -- without a controller ---------------------------------------------------------------------------------------------


def run_undo(host: Host, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The checkpoint's own copy of the code, in a Python that knows nothing of this project."""
    undo = host.home / "lib/checkpoints" / ID / "undo.py"
    # what the host's root has in /run, this test has in its own directory
    code = undo.parent / "code/ansible_collections/pyremediate/mail/plugins/module_utils/checkpoint_store.py"
    code.write_text(code.read_text().replace('VOLATILE = "/run/pyremediate"', f"VOLATILE = {str(host.home / 'run')!r}"))
    return subprocess.run(
        [sys.executable, "-I", "-S", str(undo), *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_person_can_undo_without_a_controller(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    dry = run_undo(host, "--check")
    assert (dry.returncode, host.main.read_text()) == (0, "changed\n"), dry.stderr
    assert "put back: file" in dry.stdout
    done = run_undo(host)
    assert (done.returncode, host.main.read_text()) == (0, "original\n"), done.stderr
    assert host.manifest()["restored_by"] == "undo.py"


def test_a_refusal_shows_in_the_exit_status(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    host.reach("sealed")
    host.main.write_text("somebody else's\n")
    done = run_undo(host)
    assert (done.returncode, "refused: file" in done.stdout) == (2, True)


def arm(host: Host) -> None:
    """As far as the manifest knows."""
    store = stores.find(ID)
    store.write({**store.read(), "deadman": {"seconds": 5, "armed": True, "fired_at": None}})


def test_the_timer_undoes_and_leaves_its_mark_and_then_the_seal_and_the_confirmation_fail(host: Host) -> None:
    host.create()
    arm(host)
    host.main.write_text("changed\n")
    done = run_undo(host, "--dead-man")
    assert (done.returncode, host.main.read_text()) == (0, "original\n"), done.stderr
    assert host.manifest()["deadman"]["fired_at"] and host.manifest()["restored_by"] == "the dead-man switch"
    with pytest.raises(ValueError, match="by the dead-man switch"):
        host.reach("sealed")
    result = host.reach("confirmed")
    assert result["msg"].endswith("by the dead-man switch") and result["deadman"]["fired"]


def test_a_step_that_the_switch_could_undo_only_in_part_cannot_be_confirmed_any_more(host: Host) -> None:
    host.create()
    arm(host)
    host.main.write_text("changed\n")
    store = stores.find(ID)
    deadman.fire(store, manifest := store.read())
    store.write({**manifest, "failed": ["file /etc/other: no room"]})
    result = host.reach("confirmed")
    assert result["msg"].startswith("too late: the dead-man switch began to undo the step at")
    assert not result["changed"] and "confirmed_at" not in host.manifest() and host.manifest()["deadman"]["armed"]
    assert "msg" not in host.reach("restored")


def test_the_timer_does_nothing_when_the_step_was_confirmed_in_the_last_moment(host: Host) -> None:
    host.create()
    host.main.write_text("changed\n")
    host.reach("confirmed")
    arm(host)
    assert run_undo(host, "--dead-man").returncode == 0
    assert host.main.read_text() == "changed\n"


def test_the_units_of_the_switch_name_the_checkpoint_and_its_undo(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    units = host.home / "units"
    units.mkdir()
    monkeypatch.setattr(deadman, "DIRECTORIES", (str(units), "/nonesuch"))
    monkeypatch.setattr(deadman, "_systemctl", lambda *words: None)
    monkeypatch.setattr(deadman, "is_waiting", lambda identifier: True)
    host.create()
    store = stores.find(ID)
    deadman.arm(store, store.read(), 30)
    service = (units / f"pyremediate-deadman-{ID}.service").read_text()
    timer = (units / f"pyremediate-deadman-{ID}.timer").read_text()
    assert f"{store.directory}/undo.py --dead-man" in service
    assert "OnActiveSec=30\n" in timer and "OnBootSec" not in timer
    assert store.read()["deadman"]["armed"]


def test_a_switch_whose_undo_failed_tries_again_and_one_that_was_refused_something_does_not(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else can: the controller may be what is cut off. A lock that is held, or a daemon that starts, is over in a while."""
    monkeypatch.setattr(deadman, "DIRECTORIES", (str(host.home), "/nonesuch"))
    monkeypatch.setattr(deadman, "_systemctl", lambda *words: None)
    monkeypatch.setattr(deadman, "is_waiting", lambda identifier: True)
    host.create()
    store = stores.find(ID)
    deadman.arm(store, store.read(), 30)
    service = configparser.ConfigParser(interpolation=None)
    service.optionxform = str  # type: ignore[assignment,method-assign]
    service.read(host.home / f"pyremediate-deadman-{ID}.service")
    assert service["Service"]["Restart"] == "on-failure" and service["Service"]["RestartPreventExitStatus"] == "2"
    assert service["Service"]["Type"] != "oneshot"  # which systemd before 244 refuses together with Restart=
    assert int(service["Unit"]["StartLimitBurst"]) > 1


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_what_runs_on_hosts_is_written_in_python_3_8(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 8))


def no_switch(*_: Any) -> None:
    raise OSError("systemctl ended with status 127: No such file or directory")


def test_without_a_dead_man_switch_nothing_is_begun(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadman, "DIRECTORIES", (str(host.home), "/nonesuch"))
    monkeypatch.setattr(deadman, "_systemctl", no_switch)
    with pytest.raises(deadman.NotArmed, match=r"could not be armed.*so nothing was changed"):
        host.create(deadman_seconds=30)
    assert not host.reach("restored")["found"] and not list(host.home.glob("pyremediate-deadman-*"))


def test_where_the_risk_is_accepted_the_step_goes_without_a_switch_and_is_told(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadman, "DIRECTORIES", (str(host.home), "/nonesuch"))
    monkeypatch.setattr(deadman, "_systemctl", no_switch)
    begun = host.create(deadman_seconds=30, deadman_needed=False)
    assert not begun["deadman"]["armed"] and "goes without it, as was accepted" in begun["notes"][0]
    assert not list(host.home.glob("pyremediate-deadman-*"))
    host.main.write_text("changed\n")
    host.reach("sealed")
    assert not host.reach("confirmed")["deadman"]["was_armed"]
    host.reach("restored")
    assert host.main.read_text() == "original\n"
