"""What is kept of a network device: one observation, without secrets; its configurations as texts of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pyremediate.known_good import repository
from pyremediate.network.evidence import DeviceEvidence, from_json

KIND = "devices"
TEXTS = ("running", "saved")


@dataclass(frozen=True)
class KnownGoodDevice:
    """What a device was like when somebody said that it was good."""

    evidence: DeviceEvidence
    captured_at: datetime
    by: str
    reason: str


def load(device: str) -> KnownGoodDevice | None:
    """The last known good of the device; None when none was captured. Raises ``UsageError`` for a damaged one."""
    return load_all([device]).get(device)


def load_all(devices: Iterable[str]) -> dict[str, KnownGoodDevice]:
    """Those of many devices, of one commit, by one process; a device without one is not among them."""
    with repository.snapshot() as snapshot:
        return _read(snapshot, devices)


def at(revision: str, device: str) -> KnownGoodDevice:
    """That of an earlier approval. Raises ``UsageError`` when there is no such one, or when it had none of the device."""
    with repository.snapshot(revision) as snapshot:
        known_good = _read(snapshot, [device]).get(device)
    if known_good is None:
        raise repository.absent(device, revision)
    return known_good


def names() -> list[str]:
    """The devices of which one is kept."""
    return repository.names(KIND)


def files_of(evidence: DeviceEvidence) -> dict[str, bytes]:
    """An observation as the files that are kept, without what changes by itself: counters, and neighbours that come and go."""
    kept = replace(
        evidence,
        interfaces=evidence.interfaces and tuple(replace(each, errors=None, counters=None) for each in evidence.interfaces),
        neighbours=evidence.neighbours and tuple(each for each in evidence.neighbours if each.state == "static"),
        filters=evidence.filters and tuple(replace(each, packets=None) for each in evidence.filters),
        running=None,
        saved=None,
    )
    texts = {f"{name}.txt": getattr(evidence, name) for name in TEXTS}
    return {
        "evidence.json": repository.text(kept.to_json()),
        **{name: text.encode(errors="surrogatepass") for name, text in texts.items() if text is not None},
    }


def _read(snapshot: repository.Snapshot | None, devices: Iterable[str]) -> dict[str, KnownGoodDevice]:
    subjects = repository.subjects(KIND, devices)
    if snapshot is None:
        return {}
    found = zip(subjects.items(), snapshot.directories(list(subjects.values())), strict=True)
    return {device: _value(snapshot, subject, files) for (device, subject), files in found if files}


def _value(snapshot: repository.Snapshot, subject: str, files: Mapping[str, bytes]) -> KnownGoodDevice:
    try:
        texts = {name: _text(files, name) for name in TEXTS}
        evidence = replace(from_json(json.loads(files["evidence.json"])), **texts)
        return KnownGoodDevice(evidence, *snapshot.said(subject, files[repository.META]))
    except (ValueError, KeyError, TypeError) as error:
        raise repository.damaged(subject, error) from error


def _text(files: Mapping[str, bytes], name: str) -> Any:
    content = files.get(f"{name}.txt")
    return None if content is None else content.decode(errors="surrogatepass")
