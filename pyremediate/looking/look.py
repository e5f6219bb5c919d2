"""Looking at mail hosts: the inside and the outside view asked for at the same time, and the answers as ``Look`` values.

Judges nothing. What could not be looked at is in the ``Look`` as a reason, never as an absence.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyremediate.ansible.questions import BOARD, BOARD_BESIDE, DEVICES, Question, ask
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.comparison import compare
from pyremediate.diagnosis.facts import evidence_from
from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good.secrecy import hash_key
from pyremediate.ledger.ledger import log_since
from pyremediate.looking import awaited, reachability
from pyremediate.model import Answer, Device, Evidence, Leg, Look, Verification
from pyremediate.network import compare as compare_devices
from pyremediate.network import ways
from pyremediate.network.evidence import from_json as device_evidence
from pyremediate.request import Request

OBSERVE = "pyremediate.mail.observe"
VANTAGE = "pyremediate.mail.vantage"
DEVICE = "pyremediate.mail.device"
BOARDS = "pyremediate.mail.board"
BEFORE_MAIL = frozenset(
    {"resolve", "route", "connect", "banner", "starttls"}
)  # legs that are walked without a login or a mail
WITHOUT_MAIL = frozenset({"inbound", "submission", "retrieval"})
MACHINE = "health of the machine"  # the check of what the controller on its board says
VANTAGES = "localhost:vantage"  # who looks from outside
SOON = 2.0  # seconds within which test mail arrives as a rule; before more are spent the host is asked whether it may still come
PAST_THE_DOOR = frozenset(
    {"banner", "starttls", "auth", "recipient", "content", "delivery", "remote", "retrieval", "fetch"}
)


KnownGoodDevices = Mapping[str, kept_devices.KnownGoodDevice]


@dataclass(frozen=True)
class Views:
    """Which views to take, how the test mails of this look are marked, and from when on the fates of messages are wanted.

    ``log_since`` is a time of the host's own clock as the evidence has it; empty: the fates are not wanted.
    """

    inside: bool = True
    outside: bool = True
    token: str = ""
    log_since: str = ""

    @classmethod
    def named(cls, name: str, log_since: str = "") -> Views:
        """``inside``, ``outside`` or ``both``."""
        return cls(name != "outside", name != "inside", secrets.token_hex(8), log_since)


def thorough(request: Request, hosts: str, views: Views) -> dict[str, Look]:
    """Look, and where a test mail got past the door and failed, look inside again: only now does the log say why.

    Mail that may still come is waited for; what has not come then has left more in the log.
    """
    looks = _inside_again(request, look(request, hosts, views), views)
    waited = await_mail(request, looks)
    late = {host: seen for host, seen in waited.items() if seen is not looks[host] and awaited.missing(seen)}
    looks = waited | _inside_again(request, late, views)
    return {host: awaited.explained(seen) for host, seen in _out_of_band(request, looks).items()}


def _out_of_band(request: Request, looks: Mapping[str, Look]) -> dict[str, Look]:
    """Of hosts that cannot be looked at from inside, what the controllers on their boards say."""
    silent = [host for host, seen in looks.items() if seen.unreachable]
    if not silent:
        return dict(looks)
    boards = _boards(ask(":".join(silent), [BOARD], request.options, request.settings.timeouts.observe + 30))
    return {host: replace(seen, board=boards.get(host, seen.board)) for host, seen in looks.items()}


def _boards(result: Result) -> dict[str, Mapping[str, Any] | None]:
    return {task.host: _board(task) for task in result.by_action(BOARDS)}


def _board(task: TaskResult) -> Mapping[str, Any] | None:
    if task.status == "ok":
        board: Mapping[str, Any] = task.data["board"]
        return board
    return None if task.status == "skipped" else {"unreachable": _last_line(task)}


def _inside_again(request: Request, looks: Mapping[str, Look], views: Views) -> dict[str, Look]:
    late = [host for host, seen in looks.items() if views.inside and _left_traces(seen)]
    if not late:
        return dict(looks)
    since = views.log_since or min(log_since(looks[host]) for host in late)
    again = look(request, ":".join(late), Views.named("inside", since))
    return {**looks, **{host: merged(outside=looks[host], inside=again[host]) for host in late if host in again}}


def _left_traces(seen: Look) -> bool:
    failing = {leg.name for leg in seen.legs if leg.answer is Answer.FAIL}
    return seen.evidence is not None and bool(failing & PAST_THE_DOOR)


def await_mail(request: Request, looks: Mapping[str, Look]) -> dict[str, Look]:
    """The looks after the vantage points have waited for the test mails that may still come: the same ones, none is sent."""
    wait = request.settings.timeouts.mail_wait
    waiting = {host: mails for host, seen in looks.items() if (mails := awaited.under_way(seen, wait))}
    if not waiting:
        return dict(looks)
    told = {host: awaited.by_vantage(mails) for host, mails in waiting.items()}
    vantages = ":".join(sorted({vantage for those in told.values() for vantage in those}))
    asked = _outside(request, wait)
    asked = replace(asked, hosts=vantages, variables={**asked.variables, "pyremediate_vantage_awaited": told})
    result = ask(":".join(waiting), [asked], request.options, request.settings.timeouts.vantage + 15)
    return {host: _brought_up_to_date(seen, result) for host, seen in looks.items()}


def _brought_up_to_date(seen: Look, result: Result) -> Look:
    """The look with the later answers of the vantage points in the place of the earlier ones."""
    answers = [answer for answer in _answers(result) if answer["target"] == seen.host]
    legs = {(leg.vantage, leg.path, leg.name): leg for answer in answers for leg in legs_from(answer)}
    mails = {mail["token"]: mail for answer in answers for mail in _mails(answer)}
    if not mails:
        return seen
    return replace(
        seen,
        legs=tuple(legs.get((leg.vantage, leg.path, leg.name), leg) for leg in seen.legs),
        mails=tuple(mails.get(mail["token"], mail) for mail in seen.mails),
    )


def look(request: Request, hosts: str, views: Views) -> dict[str, Look]:
    """Look at the hosts that match the pattern: {host: Look}, one per host, the unreachable ones included.

    Raises ``UsageError`` when no host matches, or when Ansible refuses the inventory.
    """
    patience = request.settings.timeouts
    questions = [_inside(request, views)] if views.inside else []
    questions += [_outside(request, SOON, views.token), DEVICES, BOARD_BESIDE] if views.outside else []
    seconds = patience.observe + patience.vantage + 30
    result = ask(hosts, questions, request.options, seconds)
    found = dict.fromkeys(task.task for task in result.tasks if task.action != DEVICE)
    devices, good = _devices(result)
    known_goods, boards = kept_hosts.load_all(found) if views.inside else {}, _boards(result)
    looks = {
        host: replace(_with_devices(_look_of(host, result, request), devices, good), board=boards.get(host))
        for host in found
    }
    return {host: _compared(seen, known_goods.get(host)) for host, seen in looks.items()}


def _with_devices(seen: Look, devices: Sequence[Device], good: KnownGoodDevices) -> Look:
    """The look, with the ways of mail through the network devices; neither where none was asked."""
    if not devices:
        return seen
    now = {device.name: device_evidence(device.evidence) if device.evidence else None for device in devices}
    was = {name: kept.evidence for name, kept in good.items()}
    return replace(seen, devices=tuple(devices), ways=ways.of(seen, now, was))


def seen_devices(result: Result) -> tuple[Device, ...]:
    """The network devices, each with what differs from its last known good."""
    return _devices(result)[0]


def _devices(result: Result) -> tuple[tuple[Device, ...], KnownGoodDevices]:
    tasks = result.by_action(DEVICE)
    good = kept_devices.load_all(task.host for task in tasks)
    return tuple(_device(task, good.get(task.host)) for task in tasks), good


def _device(task: TaskResult, known_good: kept_devices.KnownGoodDevice | None) -> Device:
    if task.status != "ok":
        good = known_good.evidence if known_good else None
        platform, switching = (good.platform, ways.switches(good)) if good else ("", True)
        return Device(task.host, unreachable=_last_line(task), platform=platform, switches=switching)
    now = device_evidence(task.data["evidence"])
    seen = Device(task.host, task.data["evidence"], platform=now.platform, switches=ways.switches(now))
    if known_good is None:
        return seen
    found = compare_devices.compare(known_good.evidence, now)
    return replace(seen, differences=found.differences, known_good_at=known_good.captured_at)


def after_release(request: Request, seen: Look, log_since: str) -> Look:
    """Look inside while the mail that was released becomes less, as long as a test mail may take; the rest as it was seen."""
    deadline = time.monotonic() + request.settings.timeouts.mail_wait
    left: float = math.inf
    while True:
        again = look(request, seen.host, Views.named("inside", log_since))[seen.host]
        before, left = left, _under_way(again)
        if not left or left >= before or time.monotonic() >= deadline:
            return merged(outside=seen, inside=again) if again.evidence else seen


def _under_way(seen: Look) -> int:
    """How many messages are being delivered, or about to be."""
    section = seen.evidence.data().get("postfix", {}) if seen.evidence else {}
    counts = section.get("queue", {}).get("counts", {})
    return int(counts.get("active") or 0) + int(counts.get("incoming") or 0)


def probe(request: Request, host: str, leg: Leg) -> tuple[Leg, ...]:
    """One leg again, from where it was seen: in one round trip, with a test mail only where the leg needs one."""
    asked = replace(_outside(request, SOON, secrets.token_hex(8)), hosts=leg.vantage)
    paths = [] if leg.name in BEFORE_MAIL and leg.path in WITHOUT_MAIL else [leg.path]
    asked = replace(asked, variables={**asked.variables, "pyremediate_vantage_paths": paths})
    seen = _look_of(host, ask(host, [asked], request.options, request.settings.timeouts.vantage + 15), request)
    if awaited.missing(seen):
        seen = await_mail(request, {host: replace(seen, evidence=_queue(request, host))})[host]
    return tuple(each for each in awaited.explained(seen).legs if (each.path, each.name) == (leg.path, leg.name))


def _queue(request: Request, host: str) -> Evidence | None:
    """The section ``postfix`` alone: what became of mail that has just been accepted."""
    asked = _inside(request, Views())
    asked = replace(asked, variables={**asked.variables, "pyremediate_observe_sections": ["postfix"]})
    result = ask(host, [asked], request.options, request.settings.timeouts.observe + 15)
    found = [evidence_from(host, task.data["evidence"]) for task in result.by_action(OBSERVE) if task.status == "ok"]
    return found[0] if found else None


def _inside(request: Request, views: Views) -> Question:
    variables = {
        "pyremediate_observe_deadline": request.settings.timeouts.observe,
        "pyremediate_hash_key": hash_key(),
    }
    variables |= {"pyremediate_log_since": views.log_since} if views.log_since else {}
    return Question("observe", variables=variables)


def _outside(request: Request, wait: float, token: str = "") -> Question:
    variables = {
        "pyremediate_token": token or "none",
        "pyremediate_mail_wait": min(wait, request.settings.timeouts.mail_wait),
        "pyremediate_vantage_deadline": request.settings.timeouts.vantage,
    }
    return Question("vantage", hosts=VANTAGES, variables=variables)


def _look_of(host: str, result: Result, request: Request) -> Look:
    observed = [task for task in result.of(host) if task.action == OBSERVE and task.status != "skipped"]
    unreachable, evidence = "", None
    for task in observed:
        if task.status == "ok":
            evidence = evidence_from(host, task.data["evidence"])
        elif task.status == "unreachable":
            unreachable = reachability.explain(host, request.options, task.message)
        else:
            unreachable = f"the observation failed: {_last_line(task)}"
    answers = [answer for answer in _answers(result) if answer["target"] == host]
    return Look(
        host=host,
        evidence=evidence,
        legs=tuple(leg for answer in answers for leg in legs_from(answer)),
        mails=tuple(mail for answer in answers for mail in _mails(answer)),
        unreachable=unreachable,
        blind=tuple(_blind(host, result)),
    )


def _compared(seen: Look, known_good: kept_hosts.KnownGood | None) -> Look:
    """With the differences against the last known good; none can be known without one, or without an observation."""
    if known_good is None or seen.evidence is None:
        return seen
    differences = compare.compare(known_good, seen.evidence).differences
    return replace(seen, differences=differences, known_good_at=known_good.captured_at)


def merged(outside: Look, inside: Look) -> Look:
    """Two looks at one host as one: the legs of the first, and the evidence of the second, which is newer."""
    kept = {name: getattr(outside, name) for name in ("legs", "mails", "blind", "devices", "ways", "board")}
    return replace(inside, **kept)


def checks(look: Look) -> tuple[Verification, ...]:
    """Every leg that was walked, as a check with its answer and time; the machine below, where a controller can tell of it; and
    the network devices that said nothing."""
    legs = [
        Verification(f"{leg.path}.{leg.name} from {leg.vantage}", leg.answer, leg.detail, leg.seconds)
        for leg in look.legs
    ]
    silent = [Verification(f"state of {each.name}", Answer.UNKNOWN, each.unreachable) for each in look.devices if each.unreachable]
    return (*legs, *_machine(look.board), *silent)


def _machine(board: Mapping[str, Any] | None) -> Iterable[Verification]:
    """A machine that warns is not failing yet; what is not told is unknown, never healthy."""
    if board is None:
        return
    if "unreachable" in board:
        yield Verification(MACHINE, Answer.UNKNOWN, f"cannot be known: {board['unreachable']}")
    else:
        answer = {"OK": Answer.PASS, "Warning": Answer.PASS, "Critical": Answer.FAIL}.get(board["health"], Answer.UNKNOWN)
        words = (f"power {board['power']}, health {board['health'] or 'not known'}", *board["notes"])
        yield Verification(MACHINE, answer, "; ".join(words))


def legs_from(answer: Mapping[str, Any]) -> Iterable[Leg]:
    """The legs of one vantage point's answer."""
    for leg in answer["legs"]:
        yield Leg(
            path=leg["path"],
            name=leg["name"],
            answer=Answer(leg["answer"]),
            vantage=str(answer["vantage"]),
            detail=leg["detail"],
            code=leg["code"],
            seconds=leg["seconds"],
            path_mtu=leg.get("path_mtu"),
        )


def _mails(answer: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The test mails of one vantage point's answer."""
    return [{**mail, "vantage": answer["vantage"]} for mail in answer["mails"]]


def _answers(result: Result) -> list[Mapping[str, Any]]:
    """Every vantage point's answer for every target."""
    return [task.data["vantage"] for task in result.by_action(VANTAGE) if task.status == "ok"]


def _blind(host: str, result: Result) -> Iterable[str]:
    """Vantage points that could not look at this host: unknown, not healthy."""
    for task in result.by_action(VANTAGE):
        if task.task == host and task.status in {"failed", "unreachable"}:
            yield f"{task.host} could not look: {_last_line(task)}"


def _last_line(task: TaskResult) -> str:
    return (task.message.splitlines() or ["no message"])[-1]
