"""A rollback and the dead-man switch of its step never work at the same time: whichever comes second finds what the first left."""

from __future__ import annotations

import fcntl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.modules import rollback

from tests.unit.test_checkpoint_states import ID, Host, host

__all__ = ["host"]


def is_locked() -> bool:
    """Would the switch have to wait?"""
    with (Path(stores.VOLATILE) / f"{ID}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_the_switch_waits_until_a_rollback_that_has_begun_is_over(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.create()
    seen = []
    real = applying.carry_out

    def carry_out(changes: Sequence[Any], removed: str) -> None:
        seen.append(is_locked())
        real(changes, removed)

    monkeypatch.setattr(applying, "carry_out", carry_out)
    rollback.rollback([{"kind": "file", "name": str(host.main), "aspect": "mode", "was": "0600"}], ID, dry=False)
    assert seen == [True] and not is_locked()


def test_a_rollback_that_comes_after_the_switch_touches_nothing(host: Host) -> None:
    host.create()
    host.reach("restored")
    with pytest.raises(ValueError, match="nothing was touched"):
        rollback.rollback([{"kind": "file", "name": str(host.main), "aspect": "mode", "was": "0600"}], ID, dry=False)
