"""What came of asking hosts something, or of a play on them; by task and host, as Ansible counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class TaskResult:
    """What one task said on one host."""

    host: str
    task: str
    action: str
    status: str  # ok, failed, skipped, unreachable
    data: Mapping[str, Any]
    ignored: bool = False
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """The task says that it changed the host."""
        return bool(self.data.get("changed"))

    @property
    def message(self) -> str:
        """The words of a failure."""
        return str(self.data.get("msg") or self.data.get("stderr") or self.data.get("module_stderr") or "").strip()


@dataclass(frozen=True)
class Result:
    """The end of a run. ``status``: successful, failed, timeout, canceled, or broken (no play ran: see ``messages``)."""

    status: str
    tasks: tuple[TaskResult, ...] = ()
    messages: tuple[str, ...] = ()
    seconds: float = 0.0
    stats_seen: bool = field(default=False, repr=False)

    def of(self, host: str) -> tuple[TaskResult, ...]:
        """The results of one host, in order."""
        return tuple(task for task in self.tasks if task.host == host)

    def by_action(self, action: str) -> tuple[TaskResult, ...]:
        """The results of one module (by fully qualified name) that were not skipped."""
        return tuple(task for task in self.tasks if task.action == action and task.status != "skipped")

    def failures(self, host: str) -> tuple[TaskResult, ...]:
        """What failed on a host and was neither ignored nor rescued into silence."""
        return tuple(task for task in self.of(host) if task.status in {"failed", "unreachable"} and not task.ignored)
