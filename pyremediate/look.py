"""Looking at mail hosts: one play for the inside and the outside view, and its events as ``Look`` values.

Judges nothing. What could not be looked at is in the ``Look`` as a reason, never as an absence.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyremediate import ansible, baseline, compare, reachability
from pyremediate.errors import UsageError
from pyremediate.facts import evidence_from
from pyremediate.model import Answer, Evidence, Leg, Look, Verification
from pyremediate.request import Request

OBSERVE = "pyremediate.mail.observe"
VANTAGE = "pyremediate.mail.vantage"
PAST_THE_DOOR = frozenset(
    {"banner", "starttls", "auth", "recipient", "content", "delivery", "remote", "retrieval", "fetch"}
)


@dataclass(frozen=True)
class Views:
    """Which views to take, and how the test mails of this look are marked."""

    inside: bool = True
    outside: bool = True
    token: str = ""

    @classmethod
    def named(cls, name: str) -> Views:
        """``inside``, ``outside`` or ``both``."""
        return cls(inside=name != "outside", outside=name != "inside", token=secrets.token_hex(8))


def thorough(request: Request, hosts: str, views: Views, identity: str = "look") -> dict[str, Look]:
    """Look, and where a test mail got past the door and failed, look inside again: only now does the log say why."""
    looks = look(request, hosts, views, identity)
    late = [host for host, seen in looks.items() if views.inside and _left_traces(seen)]
    if late:
        again = look(request, ":".join(late), Views.named("inside"), identity)
        looks |= {host: merged(outside=looks[host], inside=again[host]) for host in late if host in again}
    return looks


def _left_traces(seen: Look) -> bool:
    failing = {leg.name for leg in seen.legs if leg.answer is Answer.FAIL}
    return seen.evidence is not None and bool(failing & PAST_THE_DOOR)


def look(request: Request, hosts: str, views: Views, identity: str = "look") -> dict[str, Look]:
    """Look at the hosts that match the pattern: {host: Look}, one per host, the unreachable ones included.

    Raises ``UsageError`` when no host matches, or when Ansible refuses the inventory.
    """
    result = ansible.run(
        ansible.Play(
            playbook="look",
            variables={
                "pyremediate_hosts": hosts,
                "pyremediate_vantages": "localhost:vantage",
                "pyremediate_inside": views.inside,
                "pyremediate_outside": views.outside,
                "pyremediate_token": views.token,
                "pyremediate_mail_wait": request.settings.timeouts.mail_wait,
                "pyremediate_observe_deadline": request.settings.timeouts.observe,
                "pyremediate_vantage_deadline": request.settings.timeouts.vantage,
                "pyremediate_hash_key": baseline.hash_key(),
            },
            options=replace(request.options, check=False, diff=False),
            timeout=request.settings.timeouts.observe + request.settings.timeouts.vantage + 30,
            identity=identity,
        )
    )
    found = _targets(result, views)
    if not found:
        raise UsageError(no_such_host(request, hosts))
    return {host: _look_of(host, result, request) for host in found}


def _targets(result: ansible.Result, views: Views) -> list[str]:
    """The hosts that were looked at: those with an answer of the inside view, or those that the outside view aimed at."""
    inside = [task.host for task in result.tasks if task.action == OBSERVE and task.status != "skipped"]
    outside = [str(answer["target"]) for answer in _answers(result)] if not views.inside else []
    return list(dict.fromkeys([*inside, *outside]))


def no_such_host(request: Request, pattern: str) -> str:
    """One line that names the pattern, the inventory and the hosts that it does have."""
    listing = ansible.inventory_hosts(request.options)
    known = sorted(listing.get("_meta", {}).get("hostvars", {}))
    where = ", ".join(request.options.inventory) or "Ansible's configured inventory"
    return f"no host matches {pattern!r} in {where}; it has: {', '.join(known) or 'no hosts at all'}"


def _look_of(host: str, result: ansible.Result, request: Request) -> Look:
    observed = [task for task in result.of(host) if task.action == OBSERVE and task.status != "skipped"]
    unreachable, evidence = "", None
    for task in observed:
        if task.status == "ok":
            evidence = evidence_from(host, task.data["evidence"])
        elif task.status == "unreachable":
            unreachable = reachability.explain(host, request.options, task.message)
        else:
            unreachable = f"the observation failed: {task.message.splitlines()[-1] if task.message else 'no message'}"
    answers = [answer for answer in _answers(result) if answer["target"] == host]
    return Look(
        host=host,
        evidence=evidence,
        legs=tuple(leg for answer in answers for leg in legs_from(answer)),
        mails=tuple({**mail, "vantage": answer["vantage"]} for answer in answers for mail in answer["mails"]),
        unreachable=unreachable,
        blind=tuple(_blind(result)),
        **_compared(host, evidence),
    )


def _compared(host: str, evidence: Evidence | None) -> dict[str, Any]:
    """The differences against the last known good; none can be known without one, or without an observation."""
    known_good = baseline.load(host)
    if known_good is None or evidence is None:
        return {}
    return {
        "differences": tuple(compare.compare(known_good, evidence).differences),
        "known_good_at": known_good.captured_at,
    }


def merged(outside: Look, inside: Look) -> Look:
    """Two looks at one host as one: the legs of the first, and the evidence of the second, which is newer."""
    return replace(inside, legs=outside.legs, mails=outside.mails, blind=outside.blind)


def checks(look: Look) -> tuple[Verification, ...]:
    """Every leg that was walked, as a check with its answer and time."""
    return tuple(
        Verification(f"{leg.path}.{leg.name} from {leg.vantage}", leg.answer, leg.detail, leg.seconds)
        for leg in look.legs
    )


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
        )


def _answers(result: ansible.Result) -> list[Mapping[str, Any]]:
    """Every vantage point's answer for every target; a loop's results lie one level deeper."""
    found = []
    for task in result.by_action(VANTAGE):
        items = task.data.get("results", [task.data])
        found += [item["vantage"] for item in items if "vantage" in item]
    return found


def _blind(result: ansible.Result) -> Iterable[str]:
    """Vantage points that could not look: unknown, not healthy."""
    for task in result.by_action(VANTAGE):
        if task.status in {"failed", "unreachable"}:
            first_line = (task.message.splitlines() or ["no message"])[0]
            yield f"{task.host} could not look: {first_line}"
