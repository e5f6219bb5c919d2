"""What travels to a host runs on whatever Python is there: compiled where the version is ours, from its source elsewhere."""

from __future__ import annotations

import importlib.util
import io
import json
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyremediate.ansible import carrier
from pyremediate.paths import collection_root

ROOT = collection_root()
PROBE = ROOT / "plugins" / "module_utils" / "observe_probe.py"


@pytest.fixture(autouse=True)
def built_anew() -> Iterator[None]:
    carrier.archive.cache_clear()
    yield
    carrier.archive.cache_clear()


def asked() -> dict[str, Any]:
    arguments = runpy.run_path(str(PROBE))["ARGUMENTS"]
    return {
        **{name: spec.get("default") for name, spec in arguments.items()},
        "name": "here",
        "sections": ["resources"],
    }


def answer(parcel: bytes) -> Any:
    line = carrier.command(sys.executable)
    done = subprocess.run(["sh", "-c", line], input=parcel, capture_output=True, check=False, timeout=60)
    assert not done.returncode, done.stderr.decode()
    return json.loads(carrier.unpacked(done.stdout) or "null")["evidence"]


def with_sources(archive: bytes, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(buffer, "w") as changed:
        for name in given.namelist():
            source = name.endswith(".py") and not name.endswith("__init__.py")
            changed.writestr(name, text if source else given.read(name))
    return buffer.getvalue()


def test_our_version_of_python_takes_the_compiled_form(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = with_sources(carrier.archive(ROOT), "raise RuntimeError('the source was taken')")
    monkeypatch.setattr(carrier, "archive", lambda root: archive)
    assert answer(carrier.parcel(ROOT, "observe", asked()))["sections"]["resources"]["state"] == "ok"


def test_another_version_takes_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "UNCHECKED", b"\0\0\r\n" + carrier.UNCHECKED[4:])
    assert answer(carrier.parcel(ROOT, "observe", asked()))["sections"]["resources"]["state"] == "ok"


def test_compiled_code_is_marked_as_python_marks_it() -> None:
    with zipfile.ZipFile(io.BytesIO(carrier.archive(ROOT))) as archive:
        compiled = archive.read(f"{carrier.PACKAGE}/observe_probe.pyc")
    assert compiled.startswith(importlib.util.MAGIC_NUMBER)


def test_the_environment_of_the_login_does_not_reach_the_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('a stray module of somebody else')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert answer(carrier.parcel(ROOT, "observe", asked()))["host"] == "here"
