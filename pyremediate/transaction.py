"""One change on one host: the intent on record, the checkpoint on the host, the remedy; later kept, or undone.

The host is the mail host, or a network device on the way to it (``Remedy.on``): then the checkpoint is there as well.
The order is the safety. The journal has the intent before Ansible starts; ``playbooks/remediate.yml`` makes the checkpoint before
the role's first task; and whatever ends early is found again by its intent without an end (``pyremediate.repair.resume``).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pyremediate import secret_files
from pyremediate.ansible import plays, results
from pyremediate.comparison import dependence
from pyremediate.comparison.differences import named_in
from pyremediate.journal import Journal
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.model import Planned, Remedy, Step, to_json
from pyremediate.progress import Listener
from pyremediate.request import Request

CHECKPOINT = "pyremediate.mail.checkpoint"
DEADMAN_CLASSES = frozenset({"network"})  # remedies of these classes could cut us off from the host
DEADMAN_ROLES = frozenset({"firewall", "router"})
TRIAL_ROLE = "known_good"
DEADMAN_SAVED = ("firewall", "routes", "links", "frr")
ACCEPTED = "{actor} accepts the risk: {place} is changed even if it cannot undo the change by itself"
WITHOUT = ". To change it without: fix --accept-risk"
SWITCH_SECONDS = 60  # that an undo may take when the switch has begun it
# A step in any other state stops the run: the host may not be as we think.
ENDED_WELL = frozenset({"kept", "undone", "failed"})


@dataclass(frozen=True)
class Context:
    """What every step of one run needs."""

    request: Request
    journal: Journal
    incident: str
    host: str
    listener: Listener

    def record(self, stage: str, kind: str, payload: Mapping[str, Any]) -> None:
        """One entry in the journal, durable before this returns."""
        self.journal.write(self.incident, stage, kind, to_json(payload))

    def consented(self, item: Planned) -> bool:
        """Does somebody agree to what policy lets nobody do unasked? A yes is on record, with who said it."""
        request = self.request
        agreed = request.assume_yes or (request.approve is not None and request.approve(item))
        if agreed:
            self.record("plan", "note", {"text": f"{item.remedy.title}: consented to by {request.actor}"})
        return agreed


def carry_out(context: Context, cause: str, remedy: Remedy, number: int, trial: bool = False) -> Step:
    """Apply one remedy; the step's state afterwards is done, failed, undone, undo_refused or unknown (look again).

    A trial that is in place is ``tried``: it is not sealed, ``settle`` or ``undo`` ends it, and a run that is cut off leaves it to
    be undone.
    """
    step = Step(number, cause, remedy, f"{context.incident}-{number}", "intent")
    context.listener.step(step)
    context.record("fix", "intent", {"step": step})
    began = time.monotonic()
    place, risk = _place(context, step), needs_deadman(remedy) and context.request.accept_risk
    if risk:
        context.record("fix", "note", {"text": ACCEPTED.format(actor=context.request.actor, place=place)})
    variables = {**_variables(context, step), "pyremediate_seal": not trial, "pyremediate_deadman_needed": not risk}
    result = _run(context, "remediate", variables, context.request.settings.timeouts.remedy)
    state, reason = _state_of(result, place, trial)
    if without := _without_deadman(result):
        step = replace(step, unguarded=True)
        context.record("fix", "note", {"text": f"{place}: {without}"})
        context.listener.note(f"{place}: {without}")
    step = replace(step, state=state, reason=reason, changed=_changed(result, place), seconds=time.monotonic() - began)
    context.record("fix", "done", {"step": step, "tasks": _told(result, place)})
    context.listener.step(step)
    return step


def not_begun(context: Context, cause: str, remedy: Remedy, number: int, reason: str) -> Step:
    """A step that could not even begin, on record with its reason; nothing was touched."""
    step = Step(number, cause, remedy, f"{context.incident}-{number}", "failed", reason)
    context.record("fix", "done", {"step": step, "tasks": []})
    context.listener.step(step)
    return step


def keep(context: Context, step: Step, reason: str) -> Step:
    """The verification proved it: disarm the dead-man switch over a fresh connection, and say so on record."""
    if needs_deadman(step.remedy):
        result = _run(context, "confirm", _named(context, step), timeout=60)
        if result.failures(_place(context, step)):
            return undo(context, step, "the dead-man switch could not be disarmed over a fresh connection")
    return _end(context, step, "kept", reason)


def settle(context: Context, step: Step, soft_bounce: str) -> Step:
    """A trial is proved: take its protection away and seal it; whatever goes wrong, it is undone."""
    variables = {**_named(context, step), "known_good_soft_bounce": soft_bounce}
    result = _run(context, "settle", variables, context.request.settings.timeouts.remedy)
    failures = result.failures(context.host)
    if failures or result.status != "successful":
        return undo(context, step, failures[0].message if failures else f"the run ended by {result.status}")
    step = replace(step, state="done")
    context.record("fix", "done", {"step": step, "tasks": _told(result, context.host)})
    return step


def undo(context: Context, step: Step, reason: str) -> Step:
    """Put back what the step changed; ``undo_refused`` when somebody else changed it meanwhile, ``unknown`` when unreachable."""
    context.record("fix", "undo", {"step": step, "reason": reason})
    result = _undone(context, step)
    refused = _refused(result)
    if refused:
        return _end(context, step, "undo_refused", f"{reason}; not put back: {'; '.join(refused)}")
    failures = result.failures(_place(context, step))
    if failures or result.status != "successful":
        words = failures[0].message if failures else result.status
        return _end(context, step, "unknown", f"{reason}; the undo did not end well: {words}")
    return _end(context, step, "undone", reason)


def _undone(context: Context, step: Step) -> results.Result:
    """The undo's play; where the step cut us off it is repeated until the switch has put everything back, or must have.

    An undo of what is undone changes nothing, and says so: then the record has what became of the step, and no question.
    """
    timeouts = context.request.settings.timeouts
    ends = time.monotonic() + timeouts.deadman + SWITCH_SECONDS
    result = _run(context, "undo", _named(context, step), timeouts.remedy)
    place = _place(context, step)
    if _lost(result, place) and step.unguarded:
        context.listener.note(f"{place} is out of reach, and has no dead-man switch: somebody must go there")
    elif _lost(result, place) and needs_deadman(step.remedy):
        context.listener.note(f"{place} is out of reach; its dead-man switch puts it back within {timeouts.deadman} s")
        while _lost(result, place) and time.monotonic() < ends:
            result = _run(context, "undo", _named(context, step), timeouts.remedy)
    return result


def _lost(result: results.Result, place: str) -> bool:
    return any(task.status == "unreachable" for task in result.failures(place))


def end_empty(context: Context, step: Step, reason: str) -> Step:
    """End a trial that only restarted what ran, and that runs again: nothing on the host is to be put back."""
    return _end(context, step, "undone", reason)


def release_queue(context: Context) -> None:
    """Try the deferred mail once, after the repair is proved; more often would make a remote's rate limit worse (postqueue(1))."""
    result = _run(context, "release", {"pyremediate_target": context.host}, timeout=60)
    failures = result.failures(context.host)
    context.record(
        "verify", "note", {"text": failures[0].message if failures else "the deferred mail is being delivered now"}
    )


def needs_deadman(remedy: Remedy) -> bool:
    """Could this change cut the controller off from the host? So may whatever needs a part of its network saved first, and
    what we come in by: sshd, and what gives the host its addresses."""
    saved = any(remedy.checkpoint.get(part) for part in DEADMAN_SAVED)
    return remedy.class_ in DEADMAN_CLASSES or remedy.role in DEADMAN_ROLES or saved or _touches_doors(remedy)


def _touches_doors(remedy: Remedy) -> bool:
    """By its files, and by the units that it is about. A trial saves all units, and tells these by its differences."""
    put_back = list(named_in(remedy.variables))
    paths = [*remedy.checkpoint.get("files", ()), *(str(each["name"]) for each in put_back)]
    trial = remedy.role == TRIAL_ROLE
    units = [str(each["name"]) for each in put_back if str(each["kind"]).startswith("unit")]
    units += [] if trial else [str(name) for name in remedy.checkpoint.get("units", ())]
    return any(map(dependence.leads_in, paths)) or any(map(dependence.cuts_off, units))


def _end(context: Context, step: Step, state: str, reason: str) -> Step:
    ended = replace(step, state=state, reason=reason)
    context.record("fix", "kept" if state == "kept" else "undone", {"step": ended})
    context.listener.step(ended)
    return ended


def _run(context: Context, playbook: str, variables: Mapping[str, Any], timeout: float) -> results.Result:
    return plays.run(plays.Play(playbook, variables, context.request.options, timeout, context.incident))


def _place(context: Context, step: Step) -> str:
    """Where the step is carried out: the mail host, or a network device on the way to it."""
    return step.remedy.on or context.host


def _named(context: Context, step: Step) -> dict[str, Any]:
    return {"pyremediate_target": _place(context, step), "pyremediate_checkpoint": step.checkpoint}


def _variables(context: Context, step: Step) -> dict[str, Any]:
    """The play's variables: the role's own at the top level, with every difference carrying what it takes to put it back."""
    remedy, known_good = step.remedy, kept_hosts.load(context.host)
    paths = [str(each["name"]) for each in named_in(remedy.variables) if each["kind"] == "file"]
    opened = secret_files.opened(known_good, paths, context.request.options)
    return {
        **with_contents(remedy.variables, known_good, opened),
        **(_known_good_of(remedy.device) if remedy.device else {}),
        **_named(context, step),
        "pyremediate_saved": dict(remedy.checkpoint),
        "pyremediate_role": remedy.role,
        "pyremediate_tasks": remedy.tasks,
        "pyremediate_deadman_seconds": context.request.settings.timeouts.deadman if needs_deadman(remedy) else 0,
    }


def _known_good_of(device: str) -> dict[str, Any]:
    """What the role ``router`` needs of a device's last known good: the whole configuration, which no difference holds."""
    known_good = kept_devices.load(device)
    return {"router_running_configuration": (known_good.evidence.running if known_good else None) or ""}


def with_contents(value: Any, known_good: kept_hosts.KnownGood | None, opened: Mapping[str, bytes] = MappingProxyType({})) -> Any:
    """Variables in which each difference (a mapping with kind and name) carries the recorded content."""
    if isinstance(value, Mapping):
        if known_good is not None and {"kind", "name", "aspect"} <= value.keys():
            return kept_hosts.enrich(value, known_good, opened)
        return {key: with_contents(item, known_good, opened) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_contents(item, known_good, opened) for item in value]
    return value


def _state_of(result: results.Result, host: str, trial: bool = False) -> tuple[str, str]:
    """What became of the step, and why, from the checkpoint's own answers and the tasks that failed."""
    failures = result.failures(host)
    words = failures[0].message if failures else ""
    advice = WITHOUT if any(task.data.get("no_deadman") for task in result.of(host)) else ""
    states = {_wanted_state(task): task for task in result.by_action(CHECKPOINT) if task.status == "ok"}
    if result.status in {"timeout", "canceled"} or any(task.status == "unreachable" for task in failures):
        return "unknown", words or f"the run ended by {result.status}"
    if "restored" in states:
        refused = _refused(result)
        first = next((task for task in result.of(host) if task.status == "failed" and not task.ignored), None)
        words = first.message if first else words
        return ("undo_refused", f"{words}; not put back: {'; '.join(refused)}") if refused else ("undone", f"{words}{advice}")
    if trial and "created" in states and not failures:
        return "tried", ""
    if "sealed" in states and not failures:
        return "done", ""
    return ("failed" if "created" not in states else "unknown"), f"{words}{advice}"


def _without_deadman(result: results.Result) -> str:
    """Why a step goes without the switch that it should have; empty where it has one, or needs none."""
    for task in result.by_action(CHECKPOINT):
        if _wanted_state(task) == "created" and task.status == "ok" and not task.data.get("deadman", {}).get("armed"):
            return next((note for note in task.data.get("notes", ()) if "dead-man" in note), "")
    return ""


def _wanted_state(task: results.TaskResult) -> str:
    return str(task.data.get("state") or task.data.get("invocation", {}).get("module_args", {}).get("state", ""))


def _refused(result: results.Result) -> list[str]:
    """What the undo would not overwrite, each with its reason."""
    return [str(item) for task in result.by_action(CHECKPOINT) for item in task.data.get("refused", ())]


def _changed(result: results.Result, host: str) -> tuple[str, ...]:
    """The tasks of the remedy that changed the host, in their own words."""
    return tuple(task.task for task in result.of(host) if task.changed and task.action != CHECKPOINT)


def _told(result: results.Result, host: str) -> list[dict[str, Any]]:
    """Each task for the record: what it was, how it ended, and the words of a failure."""
    return [
        {"task": task.task, "status": task.status, "changed": task.changed, "seconds": round(task.seconds, 2)}
        | ({"message": task.message[:2000]} if task.status in {"failed", "unreachable"} else {})
        for task in result.of(host)
        if task.status != "skipped"
    ]
