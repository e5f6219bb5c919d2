"""Plays: whatever changes a host. A play in, a typed result out, read from events and never from its printed output.

What the runner does behind it, and why each line is here:

* it would switch host key checking off, so that is forced on;
* it writes variables and environment to its artifacts, so each run has a fresh 0700 directory in memory, removed afterwards;
* it swallows ``OSError`` in the event handler and stalls on a slow one, so ours only appends;
* a play that matched no host counts as successful, so the caller must ask for the hosts that it expects;
* a cancelled or timed-out run leaves workers behind, so they are found by their environment and ended.
"""

from __future__ import annotations

import os
import select
import shlex
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyremediate.ansible.inventory import first_complaint, plain
from pyremediate.ansible.options import command_line, environment
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.errors import UsageError
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions

LARGEST_RESULT = str(64 * 1024 * 1024)  # the runner empties a larger one; the contents of a host's files may be many
RUN_PREFIX = "pyremediate-run-"
GONE = 5.0  # seconds until a killed process must be gone


@dataclass(frozen=True)
class Play:
    """One run of one playbook: of the collection by its name, or ``file``, somebody's own.

    ``limit`` and ``environment`` are added to what the options say.
    ``identity`` (an incident's id) marks the processes of the run, so that a later run can find what a killed one left.
    ``timeout`` in seconds bounds the whole run on the controller; commands on the host are bounded by the playbooks.
    """

    playbook: str
    variables: Mapping[str, Any]
    options: AnsibleOptions
    timeout: float = 120.0
    identity: str = "look"
    file: Path | None = None
    limit: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


def run(play: Play) -> Result:
    """Run a play to its end, or to its time limit.

    Raises ``UsageError`` when Ansible refuses the input (inventory, options, vault) before any host was touched.
    """
    import ansible_runner

    began = time.monotonic()
    tasks: list[TaskResult] = []
    messages: list[str] = []
    stats = [False]

    def handler(event: dict[str, Any]) -> bool:
        _collect(event, tasks, messages, stats)
        return False  # nothing is written to the artifacts

    with private_directory(play.identity) as directory:
        try:
            runner = ansible_runner.run(
                private_data_dir=str(directory),
                playbook=str(play.file or collection_root() / "playbooks" / f"{play.playbook}.yml"),
                cmdline=shlex.join(command_line(play.options) + (["--limit", play.limit] if play.limit else [])) or None,
                extravars=dict(play.variables),
                envvars={**environment(play.options), "MAX_EVENT_RES": LARGEST_RESULT, **play.environment},
                event_handler=handler,
                timeout=max(1, int(play.timeout)),
                quiet=True,
                project_dir=str(Path.cwd()),
                settings={"suppress_env_files": True, "pexpect_timeout": 1},
            )
        finally:
            end_left_over(str(directory))
    result = Result(
        _status(runner.status, tasks, stats[0]), tuple(tasks), tuple(messages), time.monotonic() - began, stats[0]
    )
    if result.status == "broken":
        raise UsageError(
            first_complaint(messages) or f"ansible-playbook ended with status {runner.rc} before any task ran"
        )
    return result


def _status(status: str, tasks: list[TaskResult], stats: bool) -> str:
    if status == "failed" and not tasks and not stats:
        return "broken"
    return status


def _collect(event: dict[str, Any], tasks: list[TaskResult], messages: list[str], stats: list[bool]) -> None:
    kind, data = event.get("event", ""), event.get("event_data", {})
    if kind == "playbook_on_stats":
        stats[0] = True
    elif kind in {"runner_on_ok", "runner_on_failed", "runner_on_skipped", "runner_on_unreachable"}:
        tasks.append(
            TaskResult(
                host=str(data.get("host")),
                task=str(data.get("task")),
                action=str(data.get("resolved_action") or data.get("task_action")),
                status=kind.removeprefix("runner_on_"),
                data=data.get("res") or {},
                ignored=bool(data.get("ignore_errors")),
                seconds=float(data.get("duration") or 0.0),
            )
        )
    elif event.get("stdout") and kind in {"verbose", "error", "warning"}:
        messages.append(plain(event["stdout"]))


@contextmanager
def private_directory(identity: str) -> Iterator[Path]:
    """A fresh 0700 directory in memory, gone afterwards: the runner writes variables into it."""
    candidates = ("/dev/shm", os.environ.get("XDG_RUNTIME_DIR", ""), None)
    parent = next(place for place in candidates if place is None or (place and os.access(place, os.W_OK)))
    directory = Path(tempfile.mkdtemp(prefix=f"{RUN_PREFIX}{identity}-", dir=parent))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def end_left_over(marker: str) -> int:
    """End the processes whose environment names a run's artifact directory; returns how many.

    A worker of Ansible is its own session and outlives its parent; so does a whole run when ``pyremediate`` is killed.
    The SSH connections that are kept for the next run (ControlPersist) are spared.
    """
    needle = f"AWX_ISOLATED_DATA_DIR={marker}" if marker.startswith("/") else f"{RUN_PREFIX}{marker}-"
    handles = [handle for process in Path("/proc").iterdir() if (handle := _ended(process, needle.encode())) is not None]
    for handle in handles:
        select.select([handle], [], [], GONE)  # killed is not gone yet; readable when it is (pidfd_open(2))
        os.close(handle)
    return len(handles)


def _ended(process: Path, needle: bytes) -> int | None:
    """Kill a process of a run; a handle to wait for its end with, or None for what is not of that run."""
    if not process.name.isdigit() or int(process.name) == os.getpid():
        return None
    try:
        handle = os.pidfd_open(int(process.name))
    except OSError:
        return None  # it ended by itself
    try:
        marked = needle in (process / "environ").read_bytes()
        kept = (process / "comm").read_text().strip() == "ssh" and b"[mux]" in (process / "cmdline").read_bytes()
        if marked and not kept:
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            return handle
    except OSError:
        pass  # it ended by itself, or is not ours to read
    os.close(handle)
    return None
