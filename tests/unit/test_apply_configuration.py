"""What was put back comes into force on every unit that can run; one that did not run before must not keep the others from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from ansible_collections.pyremediate.mail.plugins.module_utils import apply_configuration as applying


class Host:
    """A host of units: which run, which owners complain, which do not start."""

    def __init__(self, running: set[str], complaints: Mapping[str, str], broken: set[str]) -> None:
        self.running, self.complaints, self.broken = set(running), dict(complaints), set(broken)
        self.restarted: list[str] = []

    def run(self, line: list[str], timeout: float) -> SimpleNamespace:
        if "reset-failed" in line:
            return SimpleNamespace(ok=True)
        name = line[-1]
        self.restarted.append(name)
        self.running.discard(name)
        if name in self.broken:
            return SimpleNamespace(ok=False, words=lambda: "it exited with error code")
        self.running.add(name)
        return SimpleNamespace(ok=True)

    def look(self, names: list[str]) -> dict[str, dict[str, str]]:
        return {name: {"runs": "running" if name in self.running else "failed"} for name in names}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def make(running: set[str], complaints: Mapping[str, str] = {}, broken: set[str] = frozenset()) -> Host:  # type: ignore[assignment]
        made = Host(running, complaints, broken)
        monkeypatch.setattr(applying, "run", made.run)
        monkeypatch.setattr(applying.units, "look", made.look)
        monkeypatch.setattr(applying.units, "with_parts", list)
        monkeypatch.setattr(applying.owners, "complaint", lambda name: made.complaints.get(name, ""))
        return made

    return make


def test_every_unit_is_restarted_and_none_is_down(host) -> None:  # type: ignore[no-untyped-def]
    made = host({"a", "b"})
    assert applying.bring_up(["a", "b"], 1) == {}
    assert made.restarted == ["a", "b"]


def test_postfix_is_restarted_when_those_that_it_asks_are_there(host) -> None:  # type: ignore[no-untyped-def]
    """Else a mail that comes meanwhile finds no authentication, and master(8) holds the service back for a minute."""
    made = host({"postfix.service", "dovecot.service", "rspamd.service"})
    assert applying.bring_up(["postfix.service", "dovecot.service", "rspamd.service"], 1) == {}
    assert made.restarted == ["dovecot.service", "rspamd.service", "postfix.service"]


def test_a_unit_that_did_not_run_before_and_does_not_start_keeps_no_other_from_it(host) -> None:  # type: ignore[no-untyped-def]
    made = host({"opendkim"}, broken={"dovecot"})
    assert applying.bring_up(["dovecot", "opendkim"], 1) == {
        "dovecot": "dovecot did not start: it exited with error code"
    }
    assert made.running == {"opendkim"}


def test_a_unit_that_did_not_run_before_and_can_is_started(host) -> None:  # type: ignore[no-untyped-def]
    made = host({"postfix"})
    assert applying.bring_up(["opendkim", "postfix"], 1) == {}
    assert made.running == {"opendkim", "postfix"}


def test_a_unit_that_ran_must_run_again(host) -> None:  # type: ignore[no-untyped-def]
    host({"a", "b"}, broken={"b"})
    with pytest.raises(applying.NotApplied, match="b did not start"):
        applying.bring_up(["a", "b"], 1)


def test_where_none_can_run_nothing_came_into_force(host) -> None:  # type: ignore[no-untyped-def]
    host(set(), broken={"a"}, complaints={"b": "no such user"})
    with pytest.raises(applying.NotApplied):
        applying.bring_up(["a", "b"], 1)


def test_nothing_is_restarted_where_a_running_units_owner_refuses_its_configuration(host) -> None:  # type: ignore[no-untyped-def]
    made = host({"a", "b"}, complaints={"b": "bad line 3"})
    with pytest.raises(applying.NotApplied, match="b: bad line 3"):
        applying.bring_up(["a", "b"], 1)
    assert made.restarted == []
