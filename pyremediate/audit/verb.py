"""The verb: hosts and network devices against their known good, results as they come. Changes nothing but the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pyremediate.ansible import inventory
from pyremediate.ansible.foretelling import Foretold, Said, foretell
from pyremediate.ansible.questions import DEVICES, Question, ask, groups
from pyremediate.ansible.results import TaskResult
from pyremediate.audit import device_batches, fleet, judge, present, record, rules
from pyremediate.audit import foretold as foretelling
from pyremediate.audit.values import Audit, Audited, Drift
from pyremediate.comparison import compare
from pyremediate.diagnosis.facts import evidence_from
from pyremediate.journal import Journal
from pyremediate.journal.redact import Redactor, secret_values
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good.secrecy import hash_key
from pyremediate.looking import hunks, reachability
from pyremediate.looking import look as looking
from pyremediate.model import Comparison, Difference, Evidence
from pyremediate.network import compare as compare_devices
from pyremediate.network.evidence import from_json as device_evidence
from pyremediate.request import EVERY_HOST, Request

Told = Callable[[Audited], object]
TREND = 10  # earlier audits that are told


def foretold_by(playbooks: Sequence[Path], request: Request, trust_reads: bool = False) -> tuple[Foretold, ...]:
    """What these playbooks would change on the hosts that match, one after the other. Raises ``UsageError``, see ``foretell``."""
    if not playbooks:
        return ()
    redactor = Redactor()
    redactor.add([*request.secrets, hash_key(), *secret_values(inventory.inventory_hosts(request.options))])
    pattern, seconds = _everybody(request.hosts), request.settings.timeouts.playbook
    found = [foretell(playbook, pattern, request.options, seconds, trust_reads) for playbook in playbooks]
    return tuple(replace(each, said=tuple(_without(redactor, said) for said in each.said)) for each in found)


def _without(redactor: Redactor, said: Said) -> Said:
    return replace(said, items=tuple(redactor.clean(item) for item in said.items))


def audit(request: Request, told: Told = lambda audited: None, foretold: Sequence[Foretold] = ()) -> Audit:
    """Compare the hosts and devices that match with their known good, tell each as it is known, and put all on record.

    With ``foretold``, what playbooks would change on them is drift, too.

    Raises ``NoSuchHost`` when nothing matches. Who does not answer is a result, with the reason.
    """
    with Journal.open(request.settings.journal.url, request.actor) as journal:
        journal.redact([*request.secrets, hash_key()])
        run = _Run(request, record.fingerprints(journal.last_audits()), told, foretold)
        run.look()
        targets = tuple(sorted(run.audited, key=lambda target: (target.device, target.name)))
        trend = record.trend(journal.audits(TREND))
        journal.audited({target.name: record.payload(target) for target in targets})
    notes = rules.expired(request.settings.audit.rules, run.now.date())
    odd = fleet.odd_ones(run.seen, groups(request.options)) if len(run.seen) >= fleet.SMALLEST else ()
    return Audit(run.now, targets, notes, odd, trend)


class _Run:
    """What has been seen so far. ``audited`` are those that are judged."""

    def __init__(
        self, request: Request, before: Mapping[str, Mapping[str, str]], told: Told, foretold: Sequence[Foretold]
    ) -> None:
        self.request = request
        self.before = before
        self.told = told
        self.foretold = foretold
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.audited: list[Audited] = []
        self.seen: dict[str, Evidence] = {}
        self.waiting: list[
            tuple[Audited, Comparison, Evidence]
        ] = []  # that have more to say: which lines have changed, and who was there

    def look(self) -> None:
        """Ask everybody at once; judge each answer when it comes."""
        pattern, patience = _everybody(self.request.hosts), self.request.settings.timeouts.observe + 30
        result = ask(pattern, _questions(self.request, pattern), self.request.options, patience, self._heard)
        heard = {target.name for target in self.audited} | {target.name for target, _, _ in self.waiting}
        for task in result.tasks:  # who has not said anything at all
            if task.host not in heard:
                self._heard(task)
        self._finish()

    def _heard(self, task: TaskResult) -> None:
        if task.action == looking.DEVICE:
            self._device(task)
        else:
            self._host(task)

    def _device(self, task: TaskResult) -> None:
        known_good = kept_devices.load(task.host)
        at = known_good.captured_at if known_good else None
        target = Audited(task.host, device=True, seconds=task.seconds, known_good_at=at)
        if task.status != "ok":
            self._judged(target, Comparison(unknown=(_last_line(task),)))
        elif known_good is None:
            self._judged(*self._unapproved(target))
        else:
            now = device_evidence(task.data["evidence"])
            self._judged(target, compare_devices.compare(known_good.evidence, now), platform=now.platform)

    def _host(self, task: TaskResult) -> None:
        if task.status == "ok":
            self.seen[task.host] = evidence_from(task.host, task.data["evidence"])
        known_good = kept_hosts.load(task.host)
        target = Audited(task.host, seconds=task.seconds, known_good_at=known_good.captured_at if known_good else None)
        if known_good is None or task.status != "ok":
            unapproved = task.status == "ok"
            target, found = self._unapproved(target) if unapproved else (target, Comparison(unknown=(self._why(task),)))
            self._judged(target, found, self.seen.get(task.host))
            return
        evidence = self.seen[task.host]
        found = compare.compare(known_good, evidence)
        if any(map(hunks.is_content, found.differences)) or present.has_a_time(found.differences):
            self.waiting.append((target, found, evidence))
        else:
            self._judged(target, found, evidence)

    def _finish(self) -> None:
        """Where texts have changed, ask which lines; where the time is known, who was there then."""
        finer = hunks.finer_of({target.name: found.differences for target, found, _ in self.waiting}, self.request)
        timed = [target.name for target, found, _ in self.waiting if present.has_a_time(found.differences)]
        sessions = present.sessions_of(timed, self.request)
        for target, found, evidence in self.waiting:
            self._judged(target, found, evidence, finer[target.name], sessions.get(target.name))

    def _judged(
        self,
        target: Audited,
        found: Comparison,
        evidence: Evidence | None = None,
        finer: Sequence[Difference] = (),
        sessions: Mapping[str, Any] | None = None,
        platform: str = "",
    ) -> None:
        own, today = self.request.settings.audit.rules, self.now.date()
        judged = judge.judge(target.name, found.differences, finer, evidence, own, today, sessions)
        beside = foretelling.Beside(judge.tracked(evidence), own, today)
        by_playbook = [foretelling.of_host(each, target.name, beside) for each in self.foretold]
        unreached = () if found.unknown else (reason for of in by_playbook for reason in of.unreached)
        target = replace(
            target,
            drifts=(*_with_ways_back(judged.drifts, platform), *(drift for of in by_playbook for drift in of.drifts)),
            unknown=(*found.unknown, *(reason for of in by_playbook for reason in of.unknown), *unreached),
            ignored=judged.ignored + sum(of.ignored for of in by_playbook),
        )
        target = record.compared(target, self.before.get(target.name))
        self.audited.append(target)
        self.told(target)

    def _unapproved(self, target: Audited) -> tuple[Audited, Comparison]:
        """Where a playbook says what it should be like, that is enough."""
        if any(target.name in each.hosts for each in self.foretold):
            return target, Comparison()
        return replace(target, unapproved=True), Comparison(unknown=(_without_known_good(target.name),))

    def _why(self, task: TaskResult) -> str:
        if task.status == "unreachable":
            return reachability.explain(task.host, self.request.options, task.message).removeprefix(f"{task.host}: ")
        return f"the observation failed: {_last_line(task)}"


def _with_ways_back(drifts: Sequence[Drift], platform: str) -> Iterator[Drift]:
    """Whether a device's can be put back depends on what it runs."""
    for drift in drifts:
        way = drift.difference if device_batches.can_be_put_back(drift.difference, platform) else drift.way_back
        yield replace(drift, way_back=way)


def _questions(request: Request, pattern: str) -> Sequence[Question]:
    """The hosts, and the devices of the group ``network``; both only as far as the pattern names them."""
    variables = {
        "pyremediate_observe_deadline": request.settings.timeouts.observe,
        "pyremediate_observe_sections": list(compare.SECTIONS),
        "pyremediate_hash_key": hash_key(),
    }
    inside = Question("observe", hosts=_and(pattern, "!network"), variables=variables, once=True)
    return inside, replace(DEVICES, hosts=_and(pattern, "&network"))


def _everybody(hosts: str) -> str:
    """By default the mail hosts and the network devices."""
    return f"{EVERY_HOST}:network" if hosts == EVERY_HOST else hosts


def _and(pattern: str, condition: str) -> str:
    """A pattern of Ansible with one more condition; commas and colons do not mix in one."""
    return f"{pattern}{',' if ',' in pattern else ':'}{condition}"


def _last_line(task: TaskResult) -> str:
    return (task.message.splitlines() or ["no message"])[-1]


def _without_known_good(name: str) -> str:
    return f"it has no known good yet; record it when it is in order: pyremediate baseline capture --host {name}"
