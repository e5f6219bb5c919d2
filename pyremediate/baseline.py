"""The last known good of each host, kept on the controller: one observation, and the content of its files.

    <state>/known_good/<host>/          a link, replaced in one step, to the newest capture
        meta.json                       when, by whom, why
        evidence.json                   the observation, as the module returned it
        files/<path>                    contents; never of files that hold secrets, only their keyed hashes are known

Everything is readable by its owner alone.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from pyremediate.errors import UsageError
from pyremediate.facts import difference_names, evidence_from
from pyremediate.model import Difference, Evidence, State, moment, to_json
from pyremediate.paths import state_directory

SCHEMA = 1


@dataclass(frozen=True)
class KnownGood:
    """What a host was like when somebody said that it was good."""

    evidence: Evidence
    captured_at: datetime
    by: str
    reason: str
    directory: Path | None = None

    def content(self, path: str) -> bytes | None:
        """The content of a file; None when it was not there, or is secret."""
        if self.directory is None:
            return None
        place = _place(self.directory, path)
        return place.read_bytes() if place.is_file() else None

    def meta(self, path: str) -> Mapping[str, Any] | None:
        """Kind, owner, group, mode, digest, target: None when the file was not tracked."""
        files = self._section("files")
        found: Mapping[str, Any] | None = files.get("tracked", {}).get(path) or files.get("places", {}).get(path)
        return found

    def firewall(self) -> str:
        """The rules as ``nft -f`` takes them."""
        return str(self._section("network").get("firewall", {}).get("text", ""))

    def _section(self, name: str) -> Mapping[str, Any]:
        section = self.evidence.sections.get(name)
        return section.data if section is not None and section.state is State.OK else {}


def save(host: str, evidence: Evidence, contents: Mapping[str, bytes], by: str, reason: str) -> KnownGood:
    """Make this the last known good of the host; the one before is gone afterwards."""
    root = _root(host).parent
    captured_at = datetime.now(UTC).replace(microsecond=0)
    capture = root / f".{host}.{captured_at:%Y%m%dT%H%M%SZ}.{secrets.token_hex(4)}"
    capture.mkdir(mode=0o700, parents=True)
    meta = {"schema": SCHEMA, "captured_at": to_json(captured_at), "by": by, "reason": reason}
    _write(capture / "meta.json", json.dumps(meta, indent=1).encode())
    _write(capture / "evidence.json", json.dumps(to_json(evidence), indent=1).encode())
    known_good = KnownGood(evidence, captured_at, by, reason, capture)
    for path, content in contents.items():
        if not (known_good.meta(path) or {}).get("secret", True):
            _write(_place(capture, path), content)
    _publish(root / host, capture)
    return known_good


def _publish(link: Path, capture: Path) -> None:
    """A link is replaced in one step; a directory could not be (rename(2))."""
    previous = link.parent / link.readlink() if link.is_symlink() else None
    fresh = link.parent / f"{capture.name}.link"
    fresh.symlink_to(capture.name)
    fresh.replace(link)
    if previous is not None and previous != capture:
        shutil.rmtree(previous, ignore_errors=True)


def load(host: str) -> KnownGood | None:
    """The last known good of the host; None when none was captured."""
    link = _root(host)
    if not link.exists():
        return None
    directory = link.resolve()
    try:
        meta = json.loads((directory / "meta.json").read_text())
        data = json.loads((directory / "evidence.json").read_text())
        captured_at = moment(meta["captured_at"])
        return KnownGood(evidence_from(data["host"], data), captured_at, meta["by"], meta["reason"], directory)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{directory}: damaged ({error}); capture it again: pyremediate baseline capture") from error


def enrich(difference: Difference | Mapping[str, Any], known_good: KnownGood) -> dict[str, Any]:
    """A difference with what it takes to put it back: recorded content (base64), owner, group, mode, digest, target."""
    named = difference_names(difference) if isinstance(difference, Difference) else dict(difference)
    if named["kind"] == "file":
        meta = known_good.meta(named["name"]) or {}
        content = known_good.content(named["name"])
        named |= {key: meta.get(key) for key in ("owner", "group", "mode", "digest", "target", "secret")}
        named["content"] = None if content is None else base64.b64encode(content).decode()
    elif named["kind"] == "lines":
        named["digest"] = (known_good.meta(named["name"]) or {}).get("digest")
    elif named["kind"] == "firewall":
        named["content"] = base64.b64encode(known_good.firewall().encode()).decode()
    return named


def hash_key() -> str:
    """This controller's key for hashes of secret files, made at first use: without it, guesses could be tried."""
    path = state_directory() / "hash_key"
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        _write(fresh, secrets.token_hex(32).encode())
        try:
            os.link(fresh, path)  # fails when another run was faster: then its key holds
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()


def _root(host: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._:-]*", host):
        raise UsageError(f"{host!r} cannot name a directory; give the host another inventory name")
    return state_directory() / "known_good" / host


def _place(directory: Path, path: str) -> Path:
    """Where a file of the host is kept. Raises ``ValueError`` for a path that would leave the directory."""
    pure = PurePosixPath(path)
    if not pure.is_absolute() or ".." in pure.parts:
        raise ValueError(f"not an absolute path: {path}")
    return directory / "files" / pure.relative_to("/")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
