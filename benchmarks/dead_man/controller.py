"""``pyremediate fix`` as a process with all that it started, found by a mark in their environment: held, let go, killed."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from benchmarks.campaign import product

MARK = "PYREMEDIATE_DRILL"


class Controller:
    """One ``fix`` that runs; its answer is in ``output``."""

    def __init__(self, host: str, settings: Path, output: Path) -> None:
        self.mark, self.output = secrets.token_hex(8), output
        words = ["fix", "-i", str(product.INVENTORY), "--host", host, "--yes", "--format", "json"]
        with output.open("w") as stream:
            self.process = subprocess.Popen(
                [str(product.PYREMEDIATE), *words, "--settings", str(settings)],
                stdout=stream, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=product.ROOT,
                env={**os.environ, MARK: self.mark},
            )  # fmt: skip

    @property
    def over(self) -> bool:
        """Has it ended?"""
        return self.process.poll() is not None

    def hold(self) -> None:
        """Stop everything where it is, the connections that are kept included."""
        self._signal(signal.SIGSTOP)

    def let_go(self) -> None:
        """Let everything run on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """As when the controller loses its power."""
        self._signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def plays(self, *names: str) -> str:
        """Which of these playbooks it runs now; empty when none."""
        lines = [_line(pid) for pid in self._all()]
        return next((name for name in names if any(f"/{name}.yml" in line for line in lines)), "")

    def wait(self, seconds: float) -> bool:
        """Did it end within so many seconds?"""
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, number: signal.Signals) -> None:
        """To all, and to those that they started meanwhile."""
        told: set[int] = set()
        while fresh := set(self._all()) - told:
            for pid in fresh:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
            told |= fresh

    def _all(self) -> list[int]:
        needle = f"{MARK}={self.mark}".encode()
        return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _has(path, needle)]


def _has(process: Path, needle: bytes) -> bool:
    try:
        return needle in (process / "environ").read_bytes()
    except OSError:
        return False


def _line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
