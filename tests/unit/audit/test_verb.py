"""The verb on recorded observations: hosts answer one after another, some not at all, and each is a result."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pyremediate.ansible.questions import Question
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.audit import present, verb
from pyremediate.audit.values import Audit, Audited
from pyremediate.diagnosis.facts import evidence_from
from pyremediate.journal import Journal
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good.hosts import KnownGood
from pyremediate.looking import hunks
from pyremediate.looking import look as looking
from pyremediate.request import EVERY_HOST, AnsibleOptions, Request
from pyremediate.settings import AuditRule, AuditSettings, Settings

RECORDED = json.loads((Path(__file__).parents[3] / "faults" / "known_good.json").read_text())
CAPTURED = datetime(2026, 11, 1, tzinfo=UTC)


def observed(**parameters: str) -> dict[str, Any]:
    """The recorded observation, with other parameters in main.cf."""
    found = deepcopy(RECORDED)
    found["sections"]["postfix"]["data"]["main"]["parameters"] |= parameters
    return found


def answer(host: str, evidence: Mapping[str, Any] | None = None, status: str = "ok") -> TaskResult:
    data = {"evidence": evidence} if status == "ok" else {"msg": "Connection timed out"}
    return TaskResult(host, "", looking.OBSERVE, status, data, seconds=0.5)


class World:
    """Who answers what."""

    def __init__(self) -> None:
        self.answers: list[TaskResult] = []
        self.silent: list[TaskResult] = []
        self.known: dict[str, KnownGood] = {}
        self.asked: list[tuple[str, Sequence[Question]]] = []
        self.told: list[Audited] = []
        self.sessions: Mapping[str, Any] | None = None

    def ask(
        self,
        targets: str,
        questions: Sequence[Question],
        options: AnsibleOptions,
        timeout: float,
        heard: Callable[[TaskResult], object],
    ) -> Result:
        self.asked.append((targets, questions))
        for task in self.answers:
            heard(task)
        return Result("successful", (*self.answers, *self.silent))

    def ask_who_was_there(self, targets: str, *_: object) -> Result:
        state = ("ok", self.sessions, "") if self.sessions else ("failed", {}, "timed out")
        section = {**dict(zip(("state", "data", "error"), state, strict=True)), "seconds": 0.1}
        data = {"evidence": {**observed(), "sections": {"sessions": section}}}
        return Result("successful", tuple(TaskResult(host, "", looking.OBSERVE, "ok", data) for host in targets.split(",")))

    def audit(self, hosts: str = EVERY_HOST, *rules: AuditRule) -> Audit:
        self.told.clear()
        request = Request(hosts, AnsibleOptions(), Settings(audit=AuditSettings(rules=rules)), actor="alice")
        return verb.audit(request, self.told.append)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    world = World()
    monkeypatch.setenv("PYREMEDIATE_STATE", str(tmp_path))
    monkeypatch.setattr(verb, "ask", world.ask)
    monkeypatch.setattr(present, "ask", world.ask_who_was_there)
    monkeypatch.setattr(verb, "groups", lambda options: {"mail": ["mail01", "mail02", "mail03"]})
    monkeypatch.setattr(kept_hosts, "load", world.known.get)
    monkeypatch.setattr(kept_devices, "load", lambda device: None)
    for host in ("mail01", "mail02"):
        world.known[host] = KnownGood(evidence_from(host, observed()), CAPTURED, "alice", "installed")
    return world


def test_a_host_as_its_known_good_is_clean_and_one_that_is_not_says_in_what(world: World) -> None:
    world.answers = [answer("mail02", observed(mynetworks="0.0.0.0/0")), answer("mail01", observed())]
    found = world.audit()
    assert [(each.name, each.outcome) for each in found.targets] == [("mail01", "clean"), ("mail02", "drifted")]
    assert [each.name for each in world.told] == ["mail01", "mail02"]  # as they come; who drifted is asked more first
    (drift,) = found.targets[1].drifts
    assert (drift.difference.name, drift.severity, drift.owner, drift.new) == ("mynetworks", "security", "postfix", True)
    assert found.targets[1].known_good_at == CAPTURED


def test_who_cannot_be_reached_or_never_answers_is_a_result_and_stalls_nobody(world: World) -> None:
    world.answers = [answer("mail01", observed()), answer("mail02", status="failed")]
    world.silent = [answer("mail03", status="failed")]
    found = world.audit()
    assert [each.name for each in found.targets] == ["mail01", "mail02", "mail03"]
    assert [each.outcome for each in found.targets] == ["clean", "unknown", "unknown"]
    assert all("Connection timed out" in each.unknown[0] for each in found.targets[1:])
    assert found.outcome == "unknown"


def test_a_host_without_a_known_good_says_how_to_record_one(world: World) -> None:
    world.answers = [answer("mail09", observed())]
    (target,) = world.audit().targets
    assert target.outcome == "unapproved"
    assert target.unknown[0].endswith("pyremediate baseline capture --host mail09")


def test_who_is_silent_and_without_a_known_good_is_unknown_and_worse_than_one_that_is_not_approved(world: World) -> None:
    world.answers = [answer("mail08", observed()), answer("mail09", status="failed")]
    found = world.audit()
    assert ([each.outcome for each in found.targets], found.outcome) == (["unapproved", "unknown"], "unknown")


def test_a_section_that_could_not_be_observed_is_unknown_and_not_as_it_was(world: World) -> None:
    evidence = observed()
    evidence["sections"]["postfix"] |= {"state": "failed", "error": "timed out"}
    world.answers = [answer("mail01", evidence)]
    (target,) = world.audit().targets
    assert (target.outcome, target.unknown) == ("unknown", ("postfix was not observed: timed out",))


def test_by_default_the_mail_hosts_and_the_devices_are_asked_and_only_what_is_compared(world: World) -> None:
    world.audit()
    world.audit("mail01,router01")
    (every, (inside, devices)), (some, (_, own)) = world.asked
    assert (every, devices.hosts, inside.hosts) == ("mail:network", "mail:network:&network", "mail:network:!network")
    assert (some, own.hosts) == ("mail01,router01", "mail01,router01,&network")
    assert "postfix" in inside.variables["pyremediate_observe_sections"]
    assert "log" not in inside.variables["pyremediate_observe_sections"]


def test_the_next_audit_knows_what_is_new_what_is_gone_and_how_it_was_before(world: World) -> None:
    world.answers = [answer("mail01", observed(mynetworks="0.0.0.0/0", relayhost="[smart]"))]
    first = world.audit()
    world.answers = [answer("mail01", observed(mynetworks="0.0.0.0/0", smtpd_banner="hello"))]
    second = world.audit()
    assert first.trend == ()
    assert {drift.difference.name: drift.new for drift in second.targets[0].drifts} == {"mynetworks": False, "smtpd_banner": True}
    assert len(second.targets[0].gone) == 1 and "relayhost" in second.targets[0].gone[0]
    assert [(past.targets, past.security, past.breaks_mail) for past in second.trend] == [(1, 1, 1)]
    (changed,) = second.changes().targets
    assert ([drift.difference.name for drift in changed.drifts], changed.left_out) == (["smtpd_banner"], 1)


def test_of_a_host_that_cannot_be_known_now_nothing_is_said_to_be_gone(world: World) -> None:
    world.answers = [answer("mail01", observed(relayhost="[smart]"))]
    world.audit()
    world.answers = [answer("mail01", status="failed")]
    assert world.audit().targets[0].gone == ()


def test_an_audit_is_on_record_and_is_no_incident(world: World) -> None:
    world.answers = [answer("mail01", observed(relayhost="[smart]")), answer("mail02", observed())]
    world.audit()
    with Journal.open() as journal:
        entries = journal.audits(10)
        assert [(entry.host, entry.payload["outcome"], entry.actor) for entry in entries] == [
            ("mail01", "drifted", "alice"), ("mail02", "clean", "alice"),
        ]  # fmt: skip
        assert entries[0].payload["drifts"][0]["name"] == "relayhost"
        assert journal.incidents() == () and journal.unfinished() is None
        assert journal.verify_chain() is None


def test_an_expired_rule_counts_no_more_and_is_told(world: World) -> None:
    world.answers = [answer("mail01", observed(relayhost="[smart]"))]
    old = AuditRule(name="relayhost", action="accept", reason="until the line is back", until=datetime(2026, 1, 31).date())
    found = world.audit(EVERY_HOST, old)
    assert found.outcome == "drifted"
    assert "until the line is back" in found.notes[0] and "2026-01-31" in found.notes[0]


def test_who_was_there_is_told_with_each_drift_whose_time_is_known(world: World) -> None:
    modified = observed()["sections"]["files"]["data"]["tracked"]["/etc/postfix/main.cf"]["modified"]
    login = {"user": "ann", "from": "192.0.2.7", "began": modified, "ended": None}
    command = {"user": "ann", "as": "root", "command": "/usr/bin/vi /etc/postfix/main.cf", "at": modified}
    world.sessions = {"since": "2000-01-01T00:00:00Z", "sudo_since": modified, "sessions": [login], "sudo": [command]}
    world.answers = [answer("mail01", observed(relayhost="[smart]"))]
    told = ("ann from 192.0.2.7 was logged in", "ann ran /usr/bin/vi /etc/postfix/main.cf as root")
    assert [drift.present for drift in world.audit().targets[0].drifts] == [told]


def test_who_was_there_cannot_be_known_where_the_host_does_not_say(world: World) -> None:
    world.answers = [answer("mail01", observed(relayhost="[smart]"))]
    told = ("who was there cannot be known",)
    assert [drift.present for drift in world.audit().targets[0].drifts] == [told]


def test_where_texts_have_changed_the_host_is_asked_which_lines(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = observed()
    path = next(path for path, entry in evidence["sections"]["files"]["data"]["tracked"].items()
                if entry["kind"] == "file" and path.startswith("/etc/rspamd"))  # fmt: skip
    evidence["sections"]["files"]["data"]["tracked"][path]["digest"] = "sha256:other"
    world.answers = [answer("mail01", evidence), answer("mail02", observed())]
    hunk = {"name": "1", "harmless": False, "was": ["old"], "is": ["new"], "before": [], "after": [], "begin": True, "end": True}

    def told(targets: str, questions: Sequence[Question], *_: object) -> Result:
        assert (targets, list(questions[0].variables["pyremediate_hunks_files"])) == ("mail01", ["mail01"])
        answered = {"files": [{"path": path, "hunks": [hunk]}]}
        return Result("successful", (TaskResult("mail01", "mail01", "pyremediate.mail.hunks", "ok", answered),))

    monkeypatch.setattr(hunks, "ask", told)
    found = world.audit()
    assert [each.name for each in world.told] == ["mail02", "mail01"]
    assert found.targets[0].drifts[0].diff == f"--- {path} (known good)\n+++ {path} (now)\n@@\n-old\n+new"


def test_the_one_that_differs_from_its_siblings_is_named_also_without_a_known_good(world: World) -> None:
    world.known.clear()
    answers = [answer(host, observed()) for host in ("mail01", "mail02")]
    world.answers = [*answers, answer("mail03", observed(relayhost="evil"))]
    (odd,) = world.audit().odd
    assert (odd.host, odd.name, odd.value, odd.group) == ("mail03", "relayhost", "evil", "mail")
