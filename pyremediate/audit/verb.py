"""The verb: hosts and network devices against their known good, results as they come. Changes nothing but the journal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pyremediate import compare, hunks, reachability
from pyremediate import look as looking
from pyremediate.ansible.questions import DEVICES, Question, ask, groups
from pyremediate.ansible.results import TaskResult
from pyremediate.audit import fleet, judge, record, rules
from pyremediate.audit.values import Audit, Audited
from pyremediate.facts import evidence_from
from pyremediate.journal import Journal
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good.secrecy import hash_key
from pyremediate.model import Comparison, Difference, Evidence
from pyremediate.network import compare as compare_devices
from pyremediate.network.evidence import from_json as device_evidence
from pyremediate.request import EVERY_HOST, Request

Told = Callable[[Audited], object]
TREND = 10  # earlier audits that are told


def audit(request: Request, told: Told = lambda audited: None) -> Audit:
    """Compare the hosts and devices that match with their known good, tell each as it is known, and put all on record.

    Raises ``NoSuchHost`` when nothing matches. Who does not answer is a result, with the reason.
    """
    with Journal.open(request.settings.journal.url, request.actor) as journal:
        journal.redact([*request.secrets, hash_key()])
        run = _Run(request, record.fingerprints(journal.last_audits()), told)
        run.look()
        trend = record.trend(journal.audits(TREND))
        journal.audited({target.name: record.payload(target) for target in run.audited})
    notes = rules.expired(request.settings.audit.rules, run.now.date())
    odd = fleet.odd_ones(run.seen, groups(request.options)) if len(run.seen) >= fleet.SMALLEST else ()
    targets = tuple(sorted(run.audited, key=lambda target: (target.device, target.name)))
    return Audit(run.now, targets, notes, odd, trend)


class _Run:
    """What has been seen so far. ``audited`` are those that are judged."""

    def __init__(self, request: Request, before: Mapping[str, Mapping[str, str]], told: Told) -> None:
        self.request = request
        self.before = before
        self.told = told
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.audited: list[Audited] = []
        self.seen: dict[str, Evidence] = {}
        self.waiting: list[
            tuple[Audited, Comparison, Evidence]
        ] = []  # in which texts have changed: they are asked which lines

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
            self._judged(replace(target, unapproved=True), Comparison(unknown=(_without_known_good(task.host),)))
        else:
            now = device_evidence(task.data["evidence"])
            self._judged(target, compare_devices.compare(known_good.evidence, now))

    def _host(self, task: TaskResult) -> None:
        if task.status == "ok":
            self.seen[task.host] = evidence_from(task.host, task.data["evidence"])
        known_good = kept_hosts.load(task.host)
        target = Audited(task.host, seconds=task.seconds, known_good_at=known_good.captured_at if known_good else None)
        if known_good is None or task.status != "ok":
            why = self._why(task) if task.status != "ok" else _without_known_good(task.host)
            self._judged(replace(target, unapproved=task.status == "ok"), Comparison(unknown=(why,)))
            return
        evidence = self.seen[task.host]
        found = compare.compare(known_good, evidence)
        if any(map(hunks.is_content, found.differences)):
            self.waiting.append((target, found, evidence))
        else:
            self._judged(target, found, evidence)

    def _finish(self) -> None:
        """Where texts have changed, ask which lines."""
        finer = hunks.finer_of({target.name: found.differences for target, found, _ in self.waiting}, self.request)
        for target, found, evidence in self.waiting:
            self._judged(target, found, evidence, finer[target.name])

    def _judged(
        self,
        target: Audited,
        found: Comparison,
        evidence: Evidence | None = None,
        finer: Sequence[Difference] = (),
    ) -> None:
        own = self.request.settings.audit.rules
        judged = judge.judge(target.name, found.differences, finer, evidence, own, self.now.date())
        target = replace(target, drifts=judged.drifts, ignored=judged.ignored, unknown=found.unknown)
        target = record.compared(target, self.before.get(target.name))
        self.audited.append(target)
        self.told(target)

    def _why(self, task: TaskResult) -> str:
        if task.status == "unreachable":
            return reachability.explain(task.host, self.request.options, task.message).removeprefix(f"{task.host}: ")
        return f"the observation failed: {_last_line(task)}"


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
