"""The last known good of each network device, kept on the controller: one observation, without secrets.

    <state>/known_good_devices/<device>.json    {schema, captured_at, by, reason, evidence}

Readable by its owner alone; replaced in one step, so that there is always a whole one.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyremediate.errors import UsageError
from pyremediate.model import moment, to_json
from pyremediate.network.evidence import DeviceEvidence, from_json
from pyremediate.paths import state_directory

SCHEMA = 1


@dataclass(frozen=True)
class KnownGoodDevice:
    """What a device was like when somebody said that it was good."""

    evidence: DeviceEvidence
    captured_at: datetime
    by: str
    reason: str


def save(evidence: DeviceEvidence, by: str, reason: str) -> KnownGoodDevice:
    """Make this the last known good of the device that it is of."""
    path = _path(evidence.device)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    captured_at = datetime.now(UTC).replace(microsecond=0)
    kept = {
        "schema": SCHEMA,
        "captured_at": to_json(captured_at),
        "by": by,
        "reason": reason,
        "evidence": evidence.to_json(),
    }
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return KnownGoodDevice(evidence, captured_at, by, reason)


def load(device: str) -> KnownGoodDevice | None:
    """The last known good of the device; None when none was captured. Raises ``UsageError`` for a damaged one."""
    path = _path(device)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return KnownGoodDevice(from_json(kept["evidence"]), moment(kept["captured_at"]), kept["by"], kept["reason"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        mend = f"pyremediate baseline capture --host {device}"
        raise UsageError(f"{path}: damaged ({error}); capture it again: {mend}") from error


def devices() -> list[str]:
    """The devices of which one is kept."""
    return sorted(path.stem for path in _directory().glob("[!.]*.json"))


def _path(device: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._:-]*", device):
        raise UsageError(f"{device!r} cannot name a file; give the device another inventory name")
    return _directory() / f"{device}.json"


def _directory() -> Path:
    return state_directory() / "known_good_devices"
