"""The verb that records what is good: each mail host by a play, which takes its files, and each network device by a question."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pyremediate import look as looking
from pyremediate.ansible import plays
from pyremediate.ansible.questions import DEVICES, NoSuchHost, ask
from pyremediate.errors import Undetermined
from pyremediate.facts import evidence_from
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.secrecy import hash_key
from pyremediate.known_good.writing import Approval, Kept
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.evidence import from_json as device_evidence
from pyremediate.request import EVERY_HOST, Request

Refused = Mapping[str, str]  # who could not be captured, and why


def capture(request: Request, approval: Approval) -> Kept:
    """Record the last known good of the hosts and network devices that match, by one approval.

    Raises ``NoSuchHost`` when nothing matches, ``Undetermined`` naming those that could not be captured; the others are.
    """
    devices, refused_devices = _devices(request)
    hosts, refused_hosts = _hosts(request)
    missing = {**refused_hosts, **refused_devices}
    if not (devices or hosts or missing):
        raise NoSuchHost(request.hosts, (), request.options.inventory)
    kept = keep(hosts, devices, approval)
    if missing:
        raise Undetermined("\n".join([*_left(missing), *_kept([*hosts, *(each.device for each in devices)])]))
    return kept


def _left(missing: Refused) -> list[str]:
    return [f"{name} could not be captured: {' '.join(words.split()) or 'no answer'}" for name, words in missing.items()]


def _kept(names: Sequence[str]) -> list[str]:
    return [f"captured all the same: {', '.join(names)}"] if names else []


def _devices(request: Request) -> tuple[Sequence[DeviceEvidence], Refused]:
    """Those of the inventory's network devices that the pattern names; all of them, when it names every mail host."""
    wanted = DEVICES if request.hosts == EVERY_HOST else replace(DEVICES, hosts=_and(request.hosts, "&network"))
    result = ask(request.hosts, [wanted], request.options, request.settings.timeouts.observe + 15)
    seen = looking.seen_devices(result)
    return (
        [device_evidence(device.evidence) for device in seen if device.evidence is not None],
        {device.name: device.unreachable for device in seen if device.evidence is None},
    )


def _hosts(request: Request) -> tuple[Mapping[str, Captured], Refused]:
    variables = {"pyremediate_hosts": _and(request.hosts, "!network"), "pyremediate_hash_key": hash_key()}
    result = plays.run(
        plays.Play("capture", variables, request.options, timeout=request.settings.timeouts.observe + 60)
    )
    observed = {task.host: task for task in result.by_action(looking.OBSERVE)}
    contents = {task.host: task.data for task in result.by_action("pyremediate.mail.snapshot") if task.status == "ok"}
    captured = {
        host: Captured(evidence_from(host, task.data["evidence"]), _decoded(contents[host]["files"]))
        for host, task in observed.items()
        if task.status == "ok" and host in contents
    }
    return captured, {host: task.message for host, task in observed.items() if host not in captured}


def _and(pattern: str, condition: str) -> str:
    """A pattern of Ansible with one more condition; commas and colons do not mix in one."""
    return f"{pattern}{',' if ',' in pattern else ':'}{condition}"


def _decoded(files: Sequence[Mapping[str, str]]) -> dict[str, bytes]:
    """The files of a snapshot: {path: content}."""
    return {file["path"]: base64.b64decode(file["content_base64"]) for file in files}
