"""The process that puts a question to many hosts at once (started by ``questions.ask``, which see for what goes in and out).

A process of its own, because Ansible's settings are those of its process, and so that its end ends everything that it started:
when the standard input closes, its parent is gone.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pyremediate.ansible import carrier
from pyremediate.ansible.connecting import AnsibleConnectionFailure, AnsibleError, Controller

Call = tuple[dict[str, Any], Callable[[], tuple[str, str]]]
WRITING = threading.Lock()
ANSWERS = os.fdopen(
    os.dup(1), "w", encoding="utf-8"
)  # Ansible may print to standard output, which is standard error from here on
os.dup2(2, 1)


def main() -> None:
    """One request from standard input; on standard output one line of JSON for each answer, as it comes."""
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    try:
        controller = Controller(request["options"])
        calls = list(_calls(controller, request))
    except AnsibleError as error:
        _say({"refused": str(error)})
        return
    _say({"asked": [call for call, _ in calls]})
    with ThreadPoolExecutor(max(1, min(len(calls), request["forks"]))) as pool:
        for call, answer in calls:
            pool.submit(_answered, call, answer)


def _calls(controller: Controller, request: Mapping[str, Any]) -> Iterator[Call]:
    """Who is asked what. Nobody is asked when no host matches the pattern of those that this is about."""
    targets = controller.hosts(request["targets"])
    if not targets:
        _say({"known": controller.known()})
        return
    root = Path(request["root"])
    for question in request["questions"]:
        module, arguments, own = controller.task(
            question["task"], root / "playbooks" / "tasks" / f"{question['task']}.yml"
        )
        for host, about in _pairs(controller, question, targets):
            call = {"host": host, "target": about, "module": module}
            extra = {**own, **question["variables"], "target": about, "pyremediate_targets": targets}
            yield call, _prepared(controller, root, module, arguments, host, extra)


def _pairs(controller: Controller, question: Mapping[str, Any], targets: list[str]) -> Iterator[tuple[str, str]]:
    """A target is asked about itself, or others are asked about each target."""
    if question["hosts"] is None:
        yield from ((target, target) for target in targets)
    else:
        yield from ((host, target) for host in controller.hosts(question["hosts"]) for target in targets)


def _prepared(
    controller: Controller, root: Path, module: str, arguments: Mapping[str, Any], host: str, extra: Mapping[str, Any]
) -> Callable[[], tuple[str, str]]:
    """The plugins of Ansible are made here, by one thread; what is returned only talks to the host."""
    try:
        variables = controller.variables_of(host, extra)
        parcel = carrier.parcel(root, module, controller.parameters(module, arguments, variables))
        execute = controller.connection(host, variables)
        command = f"{controller.interpreter(variables)} -c {shlex.quote(carrier.BOOTSTRAP)}"
    except AnsibleError as error:
        reason = str(error)
        return lambda: ("failed", json.dumps({"msg": reason}))
    return lambda: _ask(execute, command, parcel)


def _ask(execute: Callable[[str, bytes], tuple[int, bytes, bytes]], command: str, parcel: bytes) -> tuple[str, str]:
    """Status and data as JSON text."""
    try:
        status, output, errors = execute(command, parcel)
    except AnsibleConnectionFailure as error:
        return "unreachable", json.dumps({"msg": str(error)})
    except AnsibleError as error:
        return "failed", json.dumps({"msg": str(error)})
    answer = carrier.unpacked(output)
    if answer is None:
        words = (errors or output).decode(errors="replace").strip()
        return "failed", json.dumps({"msg": words[-2000:] or f"the probe ended with status {status} and said nothing"})
    return "ok", answer


def _answered(call: Mapping[str, Any], answer: Callable[[], tuple[str, str]]) -> None:
    began = time.monotonic()
    try:
        status, data = answer()
    except Exception as error:  # it must reach the reader as this host's answer, and not vanish in a thread
        status, data = "failed", json.dumps({"msg": f"{type(error).__name__}: {error}"})
    _say({**call, "status": status, "seconds": round(time.monotonic() - began, 3)}, data)


def _say(head: Mapping[str, Any], data: str = "null") -> None:
    """The data is JSON already, and goes through as it came."""
    with WRITING:
        ANSWERS.write(f'{{"head": {json.dumps(head)}, "data": {data}}}\n')
        ANSWERS.flush()


def _end_with_the_parent() -> None:
    while os.read(0, 4096):
        pass
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
    os._exit(0)  # all is said
