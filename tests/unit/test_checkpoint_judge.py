"""What an undo may put back, by three states of each thing: before the step, after it, now."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units

A, B, C = ({"kind": "file", "digest": digest} for digest in "abc")


@pytest.mark.parametrize(
    ("was", "sealed", "now", "verdict"),
    [
        (A, B, A, "same"),
        (A, B, B, "put_back"),
        (A, B, C, "refused"),
        (A, A, C, "left"),
        (A, None, B, "put_back"),
        (A, None, A, "same"),
    ],
    ids=["undone already", "ours", "ours and then another's", "only another's", "cut off before the seal", "untouched"],
)
def test_only_what_the_step_changed_and_nobody_since_is_put_back(was: Any, sealed: Any, now: Any, verdict: str) -> None:
    assert items.judge("file", was, sealed, now) == verdict


def unit(enabled: str, runs: str) -> dict[str, str]:
    return {"enabled": enabled, "runs": runs}


RUNNING, STOPPED, FAILED = unit("enabled", "running"), unit("enabled", "stopped"), unit("enabled", "failed")
STARTING, MASKED, DISABLED = unit("enabled", "starting"), unit("masked", "stopped"), unit("disabled", "running")


@pytest.mark.parametrize(
    ("was", "sealed", "now", "verdict"),
    [
        (STOPPED, RUNNING, RUNNING, "put_back"),
        (FAILED, RUNNING, STOPPED, "same"),
        (RUNNING, RUNNING, FAILED, "put_back"),
        (RUNNING, RUNNING, STOPPED, "left"),
        (MASKED, RUNNING, RUNNING, "put_back"),
        (MASKED, RUNNING, DISABLED, "refused"),
        (RUNNING, RUNNING, MASKED, "refused"),
        (STOPPED, STOPPED, RUNNING, "left"),
        (RUNNING, STOPPED, STOPPED, "put_back"),
        (STOPPED, None, RUNNING, "put_back"),
        (STARTING, RUNNING, RUNNING, "put_back"),
        (STARTING, RUNNING, FAILED, "same"),
    ],
)
def test_a_unit_that_fell_over_is_started_and_one_that_somebody_stopped_is_not(
    was: Any, sealed: Any, now: Any, verdict: str
) -> None:
    assert items.judge("unit", was, sealed, now) == verdict


def commands(was: Any, now: Any, links: list[str] | None = None, links_now: list[str] | None = None) -> list[str]:
    return [" ".join(step) for step in units.commands("x.service", was, now, links or [], links_now or [])]


def test_a_unit_is_unmasked_before_it_is_started_and_earlier_failures_are_forgotten() -> None:
    steps = commands(RUNNING, MASKED, links_now=["/etc/systemd/system/multi-user.target.wants/x.service"])
    assert steps == ["unmask x.service", "reset-failed x.service", "start x.service"]


def test_a_unit_that_was_masked_is_stopped_before_the_mask_comes_back() -> None:
    assert commands(MASKED, RUNNING, links=["link"]) == ["stop x.service", "mask x.service"]


def test_a_unit_that_was_not_enabled_beneath_its_mask_is_not_enabled_afterwards() -> None:
    assert commands(MASKED, RUNNING) == ["disable x.service", "stop x.service", "mask x.service"]


def test_a_mask_that_lasts_until_the_reboot_is_told_from_one_that_stays() -> None:
    assert commands(unit("masked-runtime", "stopped"), STOPPED, links=["link"]) == ["mask --runtime x.service"]
    assert commands(STOPPED, unit("masked-runtime", "stopped"), links_now=["link"]) == ["unmask --runtime x.service"]


def test_a_crash_loop_is_put_back_without_waiting_for_its_end() -> None:
    assert commands(STARTING, RUNNING) == ["stop x.service", "--no-block start x.service"]


def test_nothing_is_done_to_a_unit_that_is_as_it_was() -> None:
    assert commands(RUNNING, RUNNING) == commands(FAILED, STOPPED) == []


def test_what_only_the_unit_file_says_is_not_asked_of_systemctl() -> None:
    assert commands(unit("static", "running"), unit("generated", "running")) == []


def test_a_unit_between_two_attempts_of_a_crash_loop_is_not_called_running() -> None:
    shown = {"LoadState": "loaded", "ActiveState": "activating", "SubState": "auto-restart", "UnitFileState": "enabled"}
    assert units.state_of(shown) == STARTING
    assert units.state_of({**shown, "LoadState": "not-found", "ActiveState": "inactive", "UnitFileState": ""}) == unit(
        "not-found", "stopped"
    )


def test_the_words_for_a_state_do_not_hold_its_content() -> None:
    state = {"kind": "file", "owner": 0, "group": 0, "mode": "0600", "digest": "sha256:" + "0" * 64, "immutable": True}
    words = items.sentence({"kind": "file", "name": "/etc/x"}, state)
    assert words == "file /etc/x: file 0:0 0600 sha256:000000000000 immutable"
