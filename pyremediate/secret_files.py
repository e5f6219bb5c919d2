"""The contents of secret files in the known good, where the operator gives Ansible Vault a password: encrypted, and opened again.

Without one they stay on their host alone (docs/decisions/0003); with one a host that has lost its own copy gets them back
(docs/decisions/0021).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pyremediate.ansible import vault
from pyremediate.ansible.questions import Question, ask
from pyremediate.errors import Undetermined
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good.hosts import Captured, KnownGood
from pyremediate.request import AnsibleOptions, Request

SECONDS = 60
ENCRYPTED = b"$ANSIBLE_VAULT;"  # a file that is a vault already needs no other


def prove(hosts: Iterable[str], options: AnsibleOptions) -> None:
    """Does the password decrypt what was kept of these hosts? Raises ``UsageError`` when it does not, before anything is done."""
    if vault.given(options):
        kept = (known_good.sealed() for known_good in kept_hosts.load_all(hosts).values())
        vault.opened([next(iter(texts.values())) for texts in kept if texts], options)


def sealed(captured: Mapping[str, Captured], request: Request) -> dict[str, Captured]:
    """The captures with the copies that their hosts have just made of secret files, where the vault's password is given."""
    if not (vault.given(request.options) and captured):
        return dict(captured)
    before = {host: known_good.sealed() for host, known_good in kept_hosts.load_all(captured).items()}
    taken = list(_taken(captured, request))
    texts = vault.sealed([(content, before.get(host, {}).get(path)) for host, path, content in taken], request.options)
    found: dict[str, dict[str, bytes]] = {host: {} for host in captured}
    for (host, path, _), text in zip(taken, texts, strict=True):
        found[host][path] = text
    return {host: replace(each, sealed=found[host]) for host, each in captured.items()}


def opened(known_good: KnownGood | None, paths: Iterable[str], options: AnsibleOptions) -> dict[str, bytes]:
    """The contents of those of these files that are secret and were kept encrypted; none without the vault's password."""
    if known_good is None or not vault.given(options):
        return {}
    texts = known_good.sealed(paths)
    return dict(zip(texts, vault.opened(list(texts.values()), options), strict=True))


def _taken(captured: Mapping[str, Captured], request: Request) -> Iterator[tuple[str, str, bytes]]:
    """(host, path, content) of the copies that are of these very captures."""
    for task in ask(",".join(captured), [Question("kept_secrets")], request.options, SECONDS).tasks:
        if task.status != "ok":
            raise Undetermined(f"the secret files of {task.host} could not be taken: {task.message}")
        for file in task.data["files"]:
            content = base64.b64decode(file["content_base64"])
            entry = kept_hosts.entry_of(captured[task.host].evidence, file["path"]) or {}
            if entry.get("digest") == file["digest"] and not content.startswith(ENCRYPTED):
                yield task.host, file["path"], content
