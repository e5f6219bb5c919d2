"""The verb that records what is good: each mail host by a play, which takes its files, and each network device by a question."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pyremediate import baseline
from pyremediate import look as looking
from pyremediate.ansible import plays
from pyremediate.ansible.questions import DEVICES, NoSuchHost, ask
from pyremediate.errors import Undetermined
from pyremediate.facts import evidence_from
from pyremediate.network import known_good as known_good_devices
from pyremediate.network.evidence import from_json as device_evidence
from pyremediate.request import EVERY_HOST, Request

Refused = Mapping[str, str]  # who could not be captured, and why


def capture(request: Request, reason: str) -> tuple[str, ...]:
    """Record the last known good of the hosts and network devices that match; returns their names.

    Raises ``NoSuchHost`` when nothing matches, ``Undetermined`` naming those that could not be captured; the others are.
    """
    devices, refused = _devices(request, reason)
    hosts, refused_hosts = _hosts(request, reason)
    if not (devices or refused or hosts or refused_hosts):
        raise NoSuchHost(request.hosts, (), request.options.inventory)
    if missing := {**refused_hosts, **refused}:
        raise Undetermined(
            "; ".join(f"{name} could not be captured: {words or 'no answer'}" for name, words in missing.items())
        )
    return (*hosts, *devices)


def _devices(request: Request, reason: str) -> tuple[Sequence[str], Refused]:
    """Those of the inventory's network devices that the pattern names; all of them, when it names every mail host."""
    wanted = DEVICES if request.hosts == EVERY_HOST else replace(DEVICES, hosts=_and(request.hosts, "&network"))
    result = ask(request.hosts, [wanted], request.options, request.settings.timeouts.observe + 15)
    seen = looking.seen_devices(result)
    for device in seen:
        if device.evidence is not None:
            known_good_devices.save(device_evidence(device.evidence), request.actor, reason)
    return (
        [device.name for device in seen if device.evidence is not None],
        {device.name: device.unreachable for device in seen if device.evidence is None},
    )


def _hosts(request: Request, reason: str) -> tuple[Sequence[str], Refused]:
    variables = {"pyremediate_hosts": _and(request.hosts, "!network"), "pyremediate_hash_key": baseline.hash_key()}
    result = plays.run(
        plays.Play("capture", variables, request.options, timeout=request.settings.timeouts.observe + 60)
    )
    observed = {task.host: task for task in result.by_action(looking.OBSERVE)}
    contents = {task.host: task.data for task in result.by_action("pyremediate.mail.snapshot") if task.status == "ok"}
    captured = [host for host in observed if observed[host].status == "ok" and host in contents]
    for host in captured:
        evidence = evidence_from(host, observed[host].data["evidence"])
        baseline.save(host, evidence, _decoded(contents[host]["files"]), request.actor, reason)
    return captured, {host: task.message for host, task in observed.items() if host not in captured}


def _and(pattern: str, condition: str) -> str:
    """A pattern of Ansible with one more condition; commas and colons do not mix in one."""
    return f"{pattern}{',' if ',' in pattern else ':'}{condition}"


def _decoded(files: Sequence[Mapping[str, str]]) -> dict[str, bytes]:
    """The files of a snapshot: {path: content}."""
    return {file["path"]: base64.b64decode(file["content_base64"]) for file in files}
