"""The only door to Ansible: a play in, a typed result out, read from events and never from its printed output.

What the runner does behind it, and why each line is here:

* it would switch host key checking off, so that is forced on;
* it writes variables and environment to its artifacts, so each run has a fresh 0700 directory in memory, removed afterwards;
* it swallows ``OSError`` in the event handler and stalls on a slow one, so ours only appends;
* a play that matched no host counts as successful, so the caller must ask for the hosts that it expects;
* a cancelled or timed-out run leaves workers behind, so they are found by their environment and ended.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyremediate.errors import UsageError
from pyremediate.paths import COLLECTION, collection_root, state_directory
from pyremediate.request import AnsibleOptions

RUN_PREFIX = "pyremediate-run-"


@dataclass(frozen=True)
class Play:
    """One run of one playbook of the collection.

    ``identity`` (an incident's id) marks the processes of the run, so that a later run can find what a killed one left.
    ``timeout`` in seconds bounds the whole run on the controller; commands on the host are bounded by the playbooks.
    """

    playbook: str
    variables: Mapping[str, Any]
    options: AnsibleOptions
    timeout: float = 120.0
    identity: str = "look"


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


def run(play: Play, on_task: Callable[[str, str], None] | None = None) -> Result:
    """Run a play to its end, or to its time limit.

    ``on_task(host, task)`` is called as each task ends. Raises ``UsageError`` when Ansible refuses the input (inventory,
    options, vault) before any host was touched.
    """
    import time

    import ansible_runner

    began = time.monotonic()
    tasks: list[TaskResult] = []
    messages: list[str] = []
    stats = [False]

    def handler(event: dict[str, Any]) -> bool:
        _collect(event, tasks, messages, stats)
        if on_task and event.get("event", "").startswith("runner_on_") and event["event"] != "runner_on_start":
            on_task(str(event["event_data"].get("host")), str(event["event_data"].get("task")))
        return False  # nothing is written to the artifacts

    with _private_directory(play.identity) as directory:
        try:
            runner = ansible_runner.run(
                private_data_dir=str(directory),
                playbook=str(collection_root() / "playbooks" / f"{play.playbook}.yml"),
                cmdline=shlex.join(command_line(play.options)) or None,
                extravars=dict(play.variables),
                envvars=environment(play.options),
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
            _first_complaint(messages) or f"ansible-playbook ended with status {runner.rc} before any task ran"
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
        messages.append(_plain(event["stdout"]))


def _plain(text: str) -> str:
    """Without terminal colours."""
    import re

    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).strip()


def _first_complaint(messages: list[str]) -> str:
    """The sentence that says what Ansible did not like, without its marker."""
    text = "\n".join(messages)
    for marker in ("[ERROR]: ", "ERROR! "):
        if marker in text:
            return text.split(marker, 1)[1].split("\n\n")[0].replace("\n", " ").strip()
    return " ".join(text.split())[:500]


def command_line(options: AnsibleOptions) -> list[str]:
    """The options that mean the same in Ansible, as its own command line wants them."""
    line: list[str] = []
    for inventory in options.inventory:
        line += ["-i", inventory if inventory.endswith(",") else str(Path(inventory).resolve())]
    flags = {"--check": options.check, "--diff": options.diff, "--become": options.become}
    line += [flag for flag, wanted in flags.items() if wanted]
    values = {
        "--become-user": options.become_user,
        "--become-method": options.become_method,
        "--become-password-file": options.become_password_file,
        "--user": options.user,
        "--private-key": options.private_key,
        "--forks": options.forks,
    }
    for flag, value in values.items():
        line += [flag, str(value)] if value else []
    return line + _vault(options) + (["-" + "v" * options.verbosity] if options.verbosity else [])


def _vault(options: AnsibleOptions) -> list[str]:
    files = [word for file in options.vault_password_files for word in ("--vault-password-file", file)]
    return files + [word for identity in options.vault_ids for word in ("--vault-id", identity)]


def environment(options: AnsibleOptions) -> dict[str, str]:
    """What a run needs beside the caller's own environment; the caller's ``ANSIBLE_…`` settings win."""
    wanted = {
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "True",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",  # discovery costs a round trip to each host
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_INTERNAL_POLL_INTERVAL": "0.01",  # ten times the default: waiting costs a tenth of the processor
        "ANSIBLE_TIMEOUT": "8",
        "ANSIBLE_FORKS": str(options.forks or 25),
    }
    here = Path("ansible.cfg")
    if "ANSIBLE_CONFIG" not in os.environ and here.is_file():
        wanted["ANSIBLE_CONFIG"] = str(here.resolve())
    chosen = {name: value for name, value in wanted.items() if name not in os.environ}
    beside_us = (
        f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"  # the Ansible that was installed with us
    )
    return {**chosen, "ANSIBLE_COLLECTIONS_PATH": collections_path(), "PATH": beside_us}


def collections_path() -> str:
    """Where Ansible finds ``pyremediate.mail``: beside the installed package, or a link to the checkout."""
    root = collection_root()
    home = root.parents[2] if root.parts[-3:] == COLLECTION.parts else _link_to(root)
    inherited = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "~/.ansible/collections:/usr/share/ansible/collections")
    return f"{home}:{inherited}"


def _link_to(root: Path) -> Path:
    """A directory in which the checkout is ``ansible_collections/pyremediate/mail``; made once, replaced atomically."""
    home = root / ".cache" / "collections" if os.access(root, os.W_OK) else state_directory() / "collections"
    link = home / COLLECTION
    if not (link.is_symlink() and link.resolve() == root.resolve()):
        link.parent.mkdir(parents=True, exist_ok=True)
        fresh = link.with_name(f"mail.{os.getpid()}")
        fresh.symlink_to(root)
        fresh.replace(link)
    return home


@contextmanager
def _private_directory(identity: str) -> Iterator[Path]:
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
    ended = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            marked = needle.encode() in (process / "environ").read_bytes()
            kept = (process / "comm").read_text().strip() == "ssh" and b"[mux]" in (process / "cmdline").read_bytes()
            if marked and not kept:
                os.kill(int(process.name), signal.SIGKILL)
                ended += 1
        except OSError:
            continue  # it ended by itself, or is not ours to read
    return ended


def inventory_hosts(options: AnsibleOptions) -> Mapping[str, Any]:
    """The inventory as Ansible reads it (``ansible-inventory --list``): for error messages and connection details.

    Raises ``UsageError`` with Ansible's own words when it cannot be read.
    """
    import json

    line = [str(Path(sys.executable).parent / "ansible-inventory"), "--list"]
    for inventory in options.inventory:
        line += ["-i", inventory]
    line += _vault(options)
    found = subprocess.run(
        line, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment(options)}
    )
    if found.returncode:
        raise UsageError(_first_complaint([_plain(found.stderr)]))
    listing: Mapping[str, Any] = json.loads(found.stdout)
    return listing
