"""One incident, as a run leaves it on record: the first remedy is undone, the second one kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pyremediate import model
from pyremediate.diagnosis.diagnose import Diagnosis, Symptom
from pyremediate.journal import Journal
from pyremediate.model import Answer, Evidence, Leg, Look, Section, State, Verification
from pyremediate.repair.verify import Judgement
from tests.unit.looks import NOON

WRONG = {"kind": "postfix.parameter", "name": "virtual_transport", "aspect": "value", "was": "lmtp:x", "is": "lmtp:y"}
RESTART = model.Remedy("start", "restart", "Start Postfix", "services", "start")
ROLLBACK = model.Remedy("roll_back", "rollback", "Put the parameter back", "postfix", "rollback", {"changes": [WRONG]})
PATCH = model.Remedy("patch", "patch", "Install the newer Postfix", "packages", "upgrade")
CAUSE = model.Cause(
    code="postfix/parameter_changed",
    title="A parameter was changed",
    layer="postfix",
    severity="critical",
    evidence=("virtual_transport is lmtp:y | was <b>lmtp:unix:x</b>",),
    remedies=(RESTART, ROLLBACK),
    prevention=("Review changes of main.cf.", "Capture a baseline after each change."),
)
CHECKS = (
    Verification("no longer postfix/parameter_changed", Answer.PASS),
    Verification("inbound.connect from client01", Answer.PASS, "220 mail01", 0.02),
    Verification("outbound.remote from client01", Answer.UNKNOWN, "nobody looked", 0.0),
)
UNDONE = model.Step(1, CAUSE.code, RESTART, "x-1", "undone", "its condition still holds", (), 1.25)
KEPT = model.Step(2, CAUSE.code, ROLLBACK, "x-2", "kept", "the cause is gone", ("Write the parameter",), 2.5)
LEDGER = {
    "sentence": "3 delayed: 2 delivered, 1 missing. Missing: 2C765170331.",
    "since": "2026-11-25T12:00:00Z",
    "until": "2026-11-25T12:01:00Z",
    "counts": {"queued": {"delivered": 2, "missing": 1}},
    "messages": [
        {
            "id": "2C765170331", "origin": "queued", "fate": "missing", "arrived": "2026-11-25T11:00:00Z", "size": 300,
            "queue": "deferred", "reason": "the log has no end of it", "now": "", "sender": "", "recipients": [],
        },
    ],
    "not_told": 0,
}  # fmt: skip
OUTCOME = model.Outcome(
    incident="20261125-120000-mail01",
    host="mail01",
    outcome="repaired",
    scope="inbound",
    severity="critical",
    causes=(CAUSE,),
    actions=(UNDONE, KEPT),
    verification=CHECKS,
    seconds={"assess": 4.0, "fix": 3.5, "verify": 4.5},
    reason="Mail flows in every direction.",
)


class Memory:
    """A journal that only remembers."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    def write(self, incident: str, stage: str, kind: str, payload: Any) -> None:
        self.kinds.append(kind)


def look(deferred: int, answer: Answer) -> Look:
    """The host with so many messages deferred, and one leg."""
    counts = {"active": 0, "deferred": deferred}
    sections = {"postfix": Section(State.OK, {"queue": {"counts": counts}})}
    leg = Leg("inbound", "connect", answer, "client01", "Connection refused")
    return Look("mail01", Evidence("mail01", NOON, sections), (leg,))


def record(journal: Journal, outcome: model.Outcome | None = OUTCOME) -> str:
    """Write the incident; without an outcome it is left in the middle of its second step."""
    incident = journal.begin("mail01", "anna", "1.0")

    def write(stage: str, kind: str, **payload: Any) -> None:
        journal.write(incident, stage, kind, payload)

    diagnosis = Diagnosis(causes=(CAUSE,), symptoms=(Symptom("services/queue_grows", "Mail waits", CAUSE.code),))
    write("assess", "look", look=look(3, Answer.FAIL))
    assessment = model.Assessment(Answer.FAIL, "inbound", "critical", sentence="Inbound is down.")
    write("assess", "assess", assessment=assessment)
    write("diagnose", "diagnose", diagnosis=diagnosis)
    write("plan", "plan", planned=[model.Planned(CAUSE.code, RESTART, "go", "policy allows restart unattended")])
    write("fix", "intent", step=replace(UNDONE, state="intent", reason=""))
    write("fix", "done", step=replace(UNDONE, state="done", reason=""), tasks=[])
    write("verify", "verify", judgement=Judgement("undo", "its condition still holds", CHECKS[:1]))
    write("fix", "undo", step=UNDONE, reason="its condition still holds")
    write("fix", "undone", step=UNDONE)
    write("fix", "intent", step=replace(KEPT, state="intent", reason="", changed=()))
    if outcome is None:
        return incident
    write("fix", "done", step=replace(KEPT, state="done", reason=""), tasks=[])
    write("verify", "verify", judgement=Judgement("kept", "the cause is gone", CHECKS))
    write("fix", "kept", step=KEPT)
    write("verify", "look", look=look(0, Answer.PASS))
    write("review", "end", outcome=replace(outcome, incident=incident))
    return incident
