"""A search leaves the host as it was found, or with the smallest set in place that opens the leg. The host here is a set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyremediate.model import Answer, Difference, Leg, Look, Remedy, Step
from pyremediate.progress import Silent
from pyremediate.request import AnsibleOptions, Request
from pyremediate.search import search
from pyremediate.search.search import Search
from pyremediate.search.suspects import Suspect
from pyremediate.search.trial import may_be_narrowed, narrower
from pyremediate.settings import SearchSettings, Settings
from pyremediate.transaction import Context
from tests.unit.looks import healthy_evidence

FAILING = Leg("inbound", "recipient", Answer.FAIL, "peer01", "550 relay access denied")
RESTART = Remedy(
    "restart", "restart", "Restart dovecot.service", "known_good", "restart", {"known_good_units": ["dovecot.service"]}
)
LOOK = Look("mail01", healthy_evidence(), (FAILING,))


@dataclass
class Host:
    """What is put back on it now; whether the leg passes then; what the journal heard; which undo is refused."""

    opens: Callable[[frozenset[str]], bool]
    refuses: str = ""
    hangs: bool = False  # until something is restarted
    restarts: bool = True  # a restart alone succeeds
    put_back: frozenset[str] = frozenset()
    protected: bool = False
    heard: list[str] = field(default_factory=list)

    def carry_out(self, _: Context, code: str, remedy: Remedy, number: int, trial: bool) -> Step:
        assert trial and not self.put_back and not self.protected, "a trial began on top of another one"
        if remedy is RESTART:
            self.hangs = self.hangs and not self.restarts
            return Step(number, code, remedy, f"x-{number}", "tried" if self.restarts else "undone")
        names = frozenset(each["name"] for each in remedy.variables["known_good_differences"])
        if "breaks" in names:  # its owner's test refuses it, so the play has put everything back
            return Step(number, code, remedy, f"x-{number}", "undone", "postfix check: fatal")
        self.put_back, self.protected, self.hangs = names, True, False
        return Step(number, code, remedy, f"x-{number}", "tried")

    def probe(self, *_: Any) -> tuple[Leg, ...]:
        answer = Answer.PASS if self.opens(self.put_back) and not self.hangs else Answer.FAIL
        return (replace(FAILING, answer=answer),)

    def undo(self, _: Context, step: Step, reason: str) -> Step:
        if self.refuses in self.put_back:
            return replace(step, state="undo_refused", reason="somebody else changed it")
        self.put_back, self.protected = frozenset(), False
        return replace(step, state="undone", reason=reason)

    def settle(self, _: Context, step: Step, soft_bounce: str) -> Step:
        self.protected = False
        return replace(step, state="done")

    def record(self, stage: str, kind: str, payload: Any) -> None:
        self.heard.append(kind)


def searched(
    monkeypatch: pytest.MonkeyPatch, host: Host, names: list[str], budget: int = 500, restart: Remedy | None = None
) -> tuple[Search, search.Found]:
    monkeypatch.setattr(search.transaction, "carry_out", host.carry_out)
    monkeypatch.setattr(search.transaction, "undo", host.undo)
    monkeypatch.setattr(search.transaction, "settle", host.settle)
    monkeypatch.setattr(search.looking, "probe", host.probe)
    request = Request("mail01", AnsibleOptions(), Settings(search=SearchSettings(trials=budget)))
    context = Context(request, None, "x", "mail01", Silent())  # type: ignore[arg-type]
    monkeypatch.setattr(Context, "record", lambda _, *told: host.record(*told))
    monkeypatch.setattr(
        search.transaction, "end_empty", lambda _, step, reason: replace(step, state="undone", reason=reason)
    )
    made = Search(context, LOOK, FAILING, 1, restart)
    suspected = [Suspect(Difference("postfix.parameter", name, "a", "b"), 0, 0) for name in names]
    return made, made.run(suspected)


def test_the_likeliest_alone_is_settled_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(lambda put_back: "virtual_transport" in put_back)
    made, found = searched(monkeypatch, host, ["relayhost", "virtual_transport", "mydestination"])
    assert host.put_back == {"virtual_transport"} and not host.protected
    assert found.step and found.step.state == "done" and found.step.number == 2
    assert found.cause and found.cause.code == "difference/postfix.parameter virtual_transport"
    assert found.cause.legs == ("inbound.recipient",)
    assert [step.state for step in made.steps] == ["undone"]


def test_where_nothing_helps_the_host_is_as_it_was_found_and_the_human_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(lambda put_back: False)
    names = ["relayhost", "mydestination"]
    _, found = searched(monkeypatch, host, names)
    assert (found.cause, found.step, found.stopped) == (None, None, "")
    assert host.put_back == frozenset() and not host.protected
    assert "550 relay access denied" in found.told[0]
    assert all(name in found.told[1] for name in names)


def test_what_a_restart_alone_cures_is_no_differences_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(lambda put_back: True, hangs=True)
    made, found = searched(monkeypatch, host, ["relayhost"], restart=RESTART)
    assert host.put_back == frozenset() and not made.steps
    assert found.cause and found.cause.code == "difference/none"
    assert found.step and (found.step.number, found.step.state, found.step.remedy) == (1, "done", RESTART)


def test_without_a_difference_a_restart_alone_is_still_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = searched(monkeypatch, Host(lambda put_back: True, hangs=True), [], restart=RESTART)
    assert found.step is not None


@pytest.mark.parametrize("restarts", [True, False])
def test_a_restart_that_does_not_help_is_one_of_the_trials_and_the_search_goes_on(
    monkeypatch: pytest.MonkeyPatch, restarts: bool
) -> None:
    host = Host(lambda put_back: "relayhost" in put_back, restarts=restarts)
    made, found = searched(monkeypatch, host, ["relayhost"], restart=RESTART)
    assert [(step.number, step.remedy, step.state) for step in made.steps] == [(1, RESTART, "undone")]
    assert found.cause and found.step and found.step.number == 2
    assert "relayhost" in found.cause.code


def test_a_restart_that_did_not_help_is_told_to_the_human(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = searched(monkeypatch, Host(lambda put_back: False), ["relayhost"], restart=RESTART)
    assert found.told[1] == "Restart dovecot.service: that did not help."
    assert "dovecot" not in found.told[2]


def test_the_budget_ends_the_search_with_everything_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(lambda put_back: False)
    made, found = searched(monkeypatch, host, [f"p{number}" for number in range(9)], budget=3)
    assert found.stopped == "the search ended after 3 trials, as many as the settings allow"
    assert len(made.steps) == 3
    assert host.put_back == frozenset()


def test_an_undo_that_is_refused_stops_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(lambda put_back: False, refuses="relayhost")
    made, found = searched(monkeypatch, host, ["relayhost", "mydestination"])
    assert found.stopped == "stopped: somebody else changed it"
    assert [step.state for step in made.steps] == ["undo_refused"]


def test_what_the_host_did_not_let_be_put_back_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    _, found = searched(monkeypatch, Host(lambda put_back: False), ["breaks", "relayhost"])
    assert "postfix.parameter breaks could not be put back: postfix check: fatal." in found.told
    assert not any("breaks" in told for told in found.told if "did not help" in told or "Not tried" in told)


def test_a_difference_whose_way_back_is_refused_does_not_stop_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(lambda put_back: "mydestination" in put_back)
    _, found = searched(monkeypatch, host, ["breaks", "mydestination"])
    assert found.step is not None
    assert host.put_back == {"mydestination"}


def test_a_rollback_of_a_file_in_which_several_places_differ_is_narrowed_to_them() -> None:
    whole = {
        "kind": "file",
        "name": "/etc/dovecot/local.conf",
        "aspect": "content",
        "was": "sha256:a",
        "is": "sha256:b",
    }
    remedy = Remedy("roll_back", "rollback", "Put it back", "dovecot", "rollback", {"dovecot_differences": [whole]})
    one, two = (Difference("lines", "/etc/dovecot/local.conf", ["a"], ["b"], aspect) for aspect in ("1", "2"))
    other = Difference("lines", "/etc/hosts", ["a"], ["b"], "1")
    assert narrower(remedy, replace(LOOK, differences=(one, other, two))) == (one, two)
    assert narrower(remedy, replace(LOOK, differences=(one, other))) == ()
    assert narrower(replace(remedy, class_="restart"), replace(LOOK, differences=(one, two))) == ()


def test_only_a_rollback_of_what_has_smaller_units_is_worth_asking_the_host_for_them() -> None:
    def rolls_back(kind: str) -> Remedy:
        named = {"kind": kind, "name": "x", "aspect": "content"}
        return Remedy(
            "roll_back", "rollback", "Put it back", "known_good", "put_back", {"known_good_differences": [named]}
        )

    assert may_be_narrowed(rolls_back("file")) and may_be_narrowed(rolls_back("firewall"))
    assert not may_be_narrowed(rolls_back("postfix.parameter"))
    assert not may_be_narrowed(replace(rolls_back("file"), class_="restart"))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_host_ends_with_just_what_was_needed_or_as_it_was_found(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    names = [f"p{number}" for number in range(data.draw(st.integers(1, 12)))]
    needed = frozenset(data.draw(st.lists(st.sampled_from([*names, "what is not among them"]), min_size=1, max_size=3)))
    host = Host(lambda put_back: needed <= put_back)

    made, found = searched(monkeypatch, host, names)

    assert not host.protected
    assert host.put_back == (needed if needed <= set(names) else frozenset())
    assert (found.step is not None) == (needed <= set(names))
    assert {step.state for step in made.steps} <= {"undone"}
