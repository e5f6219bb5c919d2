"""What is known of an incident, from its entries: what fails, what is being done, and how it ended. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pyremediate.communication.values import Doing, Facts, Fault
from pyremediate.journal import Entry
from pyremediate.model import LEGS
from pyremediate.settings import SignOffSettings
from pyremediate.sign_off.standing import standing

Payload = Mapping[str, Any]
WELL = frozenset({"repaired", "healthy"})
DEAD = timedelta(hours=1)  # a run that has put nothing on record for so long does not go on by itself
TRIAL_ROLE = "known_good"  # the role of a search's trials


def facts(entries: Sequence[Entry], policy: SignOffSettings, now: datetime) -> Facts:
    """The facts after the last of these entries: of the incident that found the outage, and of the last one about it.

    ``now`` is for the sign-off, and for telling a run that died.
    """
    last = [entry for entry in entries if entry.incident == entries[-1].incident]
    first = entries[0]
    found = Facts(last[0].incident, first.incident, first.host, first.time, first.time, Doing.LOOKING, first.time)
    for entry in entries:
        follow = FOLLOW.get(entry.kind)
        if follow is None:
            continue
        after = follow(found, entry)
        found = after if after.doing is found.doing else replace(after, changed=entry.time)
    if found.ended is None and now - entries[-1].time > DEAD:
        found = replace(found, doing=Doing.PEOPLE, changed=entries[-1].time + DEAD)
    sign_off = standing(last, policy, now)
    awaited = sign_off.missing if sign_off.state == "awaiting" else 0
    return replace(found, signed=sign_off.state == "signed", signers_awaited=awaited)


def _begin(now: Facts, entry: Entry) -> Facts:
    """A run, the first or one that takes up what an earlier one left to people."""
    return replace(now, run_since=entry.time, doing=Doing.LOOKING, step=0, remedy="", ended=None)


def _assess(now: Facts, entry: Entry) -> Facts:
    assessment = entry.payload["assessment"]
    if assessment["answer"] != "fail" or not assessment["failing"]:
        return now
    paths = {leg["path"] for leg in assessment["failing"]}
    whole = assessment["scope"].partition(" from ")[0] == "all"
    return replace(
        now,
        since=now.since if now.outage else entry.time,
        thread=now.thread if now.outage else entry.incident,
        outage=True,
        affected=tuple(path for path in LEGS if whole or path in paths),
        everywhere=" from " not in assessment["scope"],
        severity=assessment["severity"],
    )


def _diagnose(now: Facts, entry: Entry) -> Facts:
    known = {fault.code for fault in now.causes}
    found = [_fault(cause) for cause in entry.payload["diagnosis"]["causes"] if cause["code"] not in known]
    return replace(now, causes=(*now.causes, *found))


def _fault(cause: Payload) -> Fault:
    return Fault(cause["code"], cause["title"], tuple(cause.get("prevention") or ()))


def _plan(now: Facts, entry: Entry) -> Facts:
    decisions = {item["decision"] for item in entry.payload["planned"]}
    waits = "ask" in decisions and "go" not in decisions
    return replace(now, doing=Doing.CONSENT if waits else Doing.REPAIRING if "go" in decisions else now.doing)


def _intent(now: Facts, entry: Entry) -> Facts:
    step = entry.payload["step"]
    trial = step["remedy"].get("role") == TRIAL_ROLE
    return replace(
        now,
        doing=Doing.SEARCHING if trial else Doing.REPAIRING,
        step=step["number"],
        remedy=step["remedy"]["class"],
        ended=None,
    )


def _done(now: Facts, entry: Entry) -> Facts:
    return now if now.doing is Doing.SEARCHING else replace(now, doing=Doing.VERIFYING)


def _kept(now: Facts, _: Entry) -> Facts:
    return replace(now, doing=Doing.VERIFYING, kept=now.kept + 1)


def _undone(now: Facts, _: Entry) -> Facts:
    return replace(now, doing=now.doing if now.doing is Doing.SEARCHING else Doing.LOOKING, undone=now.undone + 1)


def _end(now: Facts, entry: Entry) -> Facts:
    outcome = entry.payload["outcome"]
    over = outcome["outcome"] in WELL
    ledger = outcome.get("ledger") or {}
    counts = list((ledger.get("counts") or {}).values())
    named = {cause["code"] for cause in outcome.get("causes", ())}
    return replace(
        now,
        doing=Doing.OVER if over else Doing.CONSENT if outcome["outcome"] == "refused" else Doing.PEOPLE,
        causes=tuple(fault for fault in now.causes if fault.code in named) or now.causes,
        ended=entry.time,
        lost=sum(fates.get("missing", 0) for fates in counts) if ledger else None,
        waited=sum((ledger.get("counts") or {}).get("queued", {}).values()),
    )


def _cause(now: Facts, entry: Entry) -> Facts:
    return replace(now, stated=entry.payload["text"])


def _measure(now: Facts, entry: Entry) -> Facts:
    return replace(now, measures=(*now.measures, entry.payload["text"]))


FOLLOW: Mapping[str, Callable[[Facts, Entry], Facts]] = {
    "begin": _begin,
    "assess": _assess,
    "diagnose": _diagnose,
    "plan": _plan,
    "intent": _intent,
    "done": _done,
    "kept": _kept,
    "undone": _undone,
    "end": _end,
    "cause": _cause,
    "measure": _measure,
}
KINDS = (*FOLLOW, "sign", "refuse")  # what the facts rest on; without the looks, which are large
