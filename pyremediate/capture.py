"""Taking hosts as they are, and recording that as good: mail hosts by a play, which takes files; network devices by a question."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyremediate import secret_files
from pyremediate.ansible import plays, vault
from pyremediate.ansible.questions import DEVICES, NoSuchHost, ask, matching
from pyremediate.diagnosis.facts import evidence_from
from pyremediate.errors import Undetermined
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.keeping import keep
from pyremediate.known_good.secrecy import hash_key
from pyremediate.known_good.writing import Approval, Kept
from pyremediate.looking import look as looking
from pyremediate.network.evidence import DeviceEvidence
from pyremediate.network.evidence import from_json as device_evidence
from pyremediate.request import EVERY_HOST, Request

Refused = Mapping[str, str]  # who could not be captured, and why


@dataclass(frozen=True)
class Taken:
    """Hosts and devices as they are now, by name, and who could not be looked at."""

    hosts: Mapping[str, Captured]
    devices: Mapping[str, DeviceEvidence]
    refused: Refused


def capture(request: Request, approval: Approval) -> Kept:
    """Record the last known good of the hosts and network devices that match, by one approval.

    Raises ``NoSuchHost`` when nothing matches, ``Undetermined`` naming those that could not be captured; the others are.
    """
    taken = take(request, keep_secrets=True)
    kept = keep(taken.hosts, list(taken.devices.values()), approval)
    if taken.refused:
        left = [f"{name} could not be captured: {words}" for name, words in taken.refused.items()]
        captured = ", ".join([*taken.hosts, *taken.devices])
        raise Undetermined("\n".join([*left, *([f"captured all the same: {captured}"] if captured else [])]))
    return kept


def take(request: Request, keep_secrets: bool) -> Taken:
    """Look at the hosts and devices that match, contents of files included, and keep nothing here.

    With ``keep_secrets`` each host makes the copies of its secret files anew, and they are taken encrypted where the vault's
    password is given. Raises ``NoSuchHost`` when nothing matches, ``UsageError`` when that password is not the one of what was
    kept before.
    """
    if keep_secrets and vault.given(request.options):
        secret_files.prove(matching(_and(request.hosts, "!network"), request.options), request.options)
    devices, refused_devices = _devices(request)
    hosts, refused_hosts = _hosts(request, keep_secrets)
    refused = {name: " ".join(words.split()) or "no answer" for name, words in {**refused_hosts, **refused_devices}.items()}
    if not (devices or hosts or refused):
        raise NoSuchHost(request.hosts, (), request.options.inventory)
    return Taken(secret_files.sealed(hosts, request) if keep_secrets else hosts, devices, refused)


def _devices(request: Request) -> tuple[Mapping[str, DeviceEvidence], Refused]:
    """Those of the inventory's network devices that the pattern names; all of them, when it names every mail host."""
    wanted = DEVICES if request.hosts == EVERY_HOST else replace(DEVICES, hosts=_and(request.hosts, "&network"))
    result = ask(request.hosts, [wanted], request.options, request.settings.timeouts.observe + 15)
    seen = looking.seen_devices(result)
    return (
        {device.name: device_evidence(device.evidence) for device in seen if device.evidence is not None},
        {device.name: device.unreachable for device in seen if device.evidence is None},
    )


def _hosts(request: Request, keep_secrets: bool) -> tuple[Mapping[str, Captured], Refused]:
    variables = {
        "pyremediate_hosts": _and(request.hosts, "!network"),
        "pyremediate_hash_key": hash_key(),
        "pyremediate_keep_secrets": keep_secrets,
    }
    result = plays.run(
        plays.Play("capture", variables, request.options, timeout=request.settings.timeouts.observe + 60)
    )
    if result.status == "timeout" and not result.tasks:
        raise Undetermined(f"{request.hosts} could not be captured: nobody answered in time; see timeouts.observe in the settings")
    observed = {task.host: task for task in result.by_action(looking.OBSERVE)}
    contents = {task.host: task.data for task in result.by_action("pyremediate.mail.snapshot") if task.status == "ok"}
    captured = {
        host: Captured(evidence_from(host, task.data["evidence"]), _decoded(contents[host]["files"]))
        for host, task in observed.items()
        if task.status == "ok" and host in contents
    }
    refused = [host for host in observed if host not in captured]
    return captured, {host: " ".join(task.message for task in result.failures(host)) for host in refused}


def _and(pattern: str, condition: str) -> str:
    """A pattern of Ansible with one more condition; commas and colons do not mix in one."""
    return f"{pattern}{',' if ',' in pattern else ':'}{condition}"


def _decoded(files: Sequence[Mapping[str, str]]) -> dict[str, bytes]:
    """The files of a snapshot: {path: content}."""
    return {file["path"]: base64.b64decode(file["content_base64"]) for file in files}
