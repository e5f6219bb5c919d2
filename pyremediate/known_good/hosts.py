"""What is kept of a mail host: one observation, and the contents of its files."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from pyremediate.diagnosis.facts import difference_names, evidence_from
from pyremediate.known_good import repository
from pyremediate.known_good.lasting import lasting, passes
from pyremediate.model import Difference, Evidence, State, to_json

KIND = "hosts"
FILES, SECRETS = "files", "secrets"  # the directories of contents: as they are, and encrypted


@dataclass(frozen=True)
class Captured:
    """One capture of a host, before it is kept. ``sealed``: contents of secret files, encrypted by Ansible Vault."""

    evidence: Evidence
    contents: Mapping[str, bytes] = field(default_factory=dict)
    sealed: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def content_of_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of files; those that are secret, or were not tracked, are not among them."""
        told = {path: self.contents[path] for path in paths if path in self.contents}
        return {path: content for path, content in told.items() if not (entry_of(self.evidence, path) or {}).get("secret", True)}

    def firewall(self) -> str:
        """The rules as ``nft -f`` takes them."""
        return _firewall(self.evidence)


@dataclass(frozen=True)
class KnownGood:
    """What a host was like when somebody said that it was good."""

    evidence: Evidence
    captured_at: datetime
    by: str
    reason: str
    commit: str = ""  # from which the contents of files are read; empty: there are none

    def content(self, path: str) -> bytes | None:
        """The content of a file; None when it was not there, or is secret."""
        return self.content_of_all([path]).get(path)

    def content_of_all(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of many; those that were not there, or are secret, are not among them."""
        return self._kept(FILES, paths)

    def sealed(self, paths: Iterable[str] | None = None) -> dict[str, bytes]:
        """The contents of secret files, encrypted by Ansible Vault, where they were kept so; by default of all."""
        secret = [path for path in _tracked(self.evidence) if (self.meta(path) or {}).get("secret")]
        return self._kept(SECRETS, secret if paths is None else [path for path in paths if path in secret])

    def _kept(self, part: str, paths: Iterable[str]) -> dict[str, bytes]:
        subject = repository.subject(KIND, self.evidence.host)
        places = {path: f"{subject}/{_place(path, part)}" for path in paths}
        found = repository.contents(self.commit, list(places.values())) if self.commit and places else []
        return {path: content for path, content in zip(places, found, strict=False) if content is not None}

    def meta(self, path: str) -> Mapping[str, Any] | None:
        """Kind, owner, group, mode, digest, target: None when the file was not tracked."""
        return entry_of(self.evidence, path)

    def firewall(self) -> str:
        """The rules as ``nft -f`` takes them."""
        return _firewall(self.evidence)


def load(host: str) -> KnownGood | None:
    """The last known good of the host; None when none was captured."""
    return load_all([host]).get(host)


def load_all(hosts: Iterable[str]) -> dict[str, KnownGood]:
    """Those of many hosts, of one commit, by one process; a host without one is not among them."""
    with repository.snapshot() as snapshot:
        return _read(snapshot, hosts)


def at(revision: str, host: str) -> KnownGood:
    """That of an earlier approval. Raises ``UsageError`` when there is no such one, or when it had none of the host."""
    with repository.snapshot(revision) as snapshot:
        known_good = _read(snapshot, [host]).get(host)
    if known_good is None:
        raise repository.absent(host, revision)
    return known_good


def names() -> list[str]:
    """The hosts of which one is kept."""
    return repository.names(KIND)


def files_of(captured: Captured) -> dict[str, bytes]:
    """A capture as the files that are kept; secrets and what was not tracked are not among them."""
    evidence = captured.evidence
    found = {repository.META: repository.text({"schema": evidence.schema, "observed_at": to_json(evidence.observed_at)})}
    for name, section in evidence.sections.items():
        if not passes(name):
            kept = {"state": section.state.value, "error": section.error, "data": lasting(to_json(section.data), name)}
            found[f"evidence/{name}.json"] = repository.text(kept)
    found |= {_place(path): content for path, content in captured.content_of_all(captured.contents).items()}
    return found | {_place(path, SECRETS): text for path, text in captured.sealed.items()}


def with_sealed_before(captured: Captured, before: KnownGood | None) -> Captured:
    """With what was sealed of secret files that are still the same: no password is needed to keep that."""
    if before is None:
        return captured
    same = [path for path in _tracked(captured.evidence) if _same(path, captured.evidence, before.evidence)]
    return replace(captured, sealed={**before.sealed(same), **captured.sealed})


def _same(path: str, now: Evidence, before: Evidence) -> bool:
    new, old = entry_of(now, path) or {}, entry_of(before, path) or {}
    return bool(new.get("digest") and new["digest"] == old.get("digest"))


def _tracked(evidence: Evidence) -> list[str]:
    return list(_section(evidence, "files").get("tracked", {}))


def entry_of(evidence: Evidence, path: str) -> Mapping[str, Any] | None:
    """What an observation says of a file."""
    files = _section(evidence, "files")
    found: Mapping[str, Any] | None = files.get("tracked", {}).get(path) or files.get("places", {}).get(path)
    return found


def enrich(
    difference: Difference | Mapping[str, Any], known_good: KnownGood, opened: Mapping[str, bytes] = MappingProxyType({})
) -> dict[str, Any]:
    """A difference with what it takes to put it back: recorded content (base64), owner, group, mode, digest, target.

    ``opened``: what was decrypted of secret files; the host takes its own copy of the others.
    """
    named = difference_names(difference) if isinstance(difference, Difference) else dict(difference)
    if named["kind"] == "file":
        meta = known_good.meta(named["name"]) or {}
        content = opened[named["name"]] if named["name"] in opened else known_good.content(named["name"])
        named |= {key: meta.get(key) for key in ("owner", "group", "mode", "digest", "target", "secret")}
        named["content"] = None if content is None else base64.b64encode(content).decode()
    elif named["kind"] == "lines":
        named["digest"] = (known_good.meta(named["name"]) or {}).get("digest")
    elif named["kind"] == "firewall":
        named["content"] = base64.b64encode(known_good.firewall().encode()).decode()
    return named


def _read(snapshot: repository.Snapshot | None, hosts: Iterable[str]) -> dict[str, KnownGood]:
    subjects = repository.subjects(KIND, hosts)
    if snapshot is None:
        return {}
    found = snapshot.directories([path for subject in subjects.values() for path in (subject, f"{subject}/evidence")])
    kept = zip(subjects.items(), found[::2], found[1::2], strict=True)
    return {host: _value(snapshot, host, subject, files[repository.META], parts) for (host, subject), files, parts in kept if files}


def _value(snapshot: repository.Snapshot, host: str, subject: str, meta: bytes, files: Mapping[str, bytes]) -> KnownGood:
    try:
        parts = {name.removesuffix(".json"): json.loads(content) for name, content in files.items()}
        sections = {name: {**section, "seconds": 0.0} for name, section in parts.items()}
        evidence = evidence_from(host, {**json.loads(meta), "sections": sections})
        return KnownGood(evidence, *snapshot.said(subject, meta), snapshot.commit)
    except (ValueError, KeyError, TypeError) as error:
        raise repository.damaged(subject, error) from error


def _section(evidence: Evidence, name: str) -> Mapping[str, Any]:
    section = evidence.sections.get(name)
    return section.data if section is not None and section.state is State.OK else {}


def _firewall(evidence: Evidence) -> str:
    return str(_section(evidence, "network").get("firewall", {}).get("text", ""))


def _place(path: str, part: str = FILES) -> str:
    """Where a file of the host is kept. Raises ``ValueError`` for a path that would leave the directory."""
    pure = PurePosixPath(path)
    if not pure.is_absolute() or ".." in pure.parts:
        raise ValueError(f"not an absolute path: {path}")
    return "/".join([part, *map(_part, pure.parts[1:])])


def _part(name: str) -> str:
    """Git keeps nothing that is called ``.git``, and is asked line by line."""
    return re.sub(r"^\.(?=git$)|[%\n]", lambda found: f"%{ord(found[0]):02x}", name, flags=re.IGNORECASE)
