"""Questions: whatever only looks. Many hosts are asked at once, over Ansible's own inventory and connections, without a play.

A play costs its start, a worker and an archive for each host and each task; for a look at eight hosts that was three times what the
hosts themselves need (docs/decisions/0008). What is asked stays in ``playbooks/tasks/<task>.yml``, which plays include too.
"""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pyremediate.ansible.inventory import first_complaint, plain
from pyremediate.ansible.options import environment
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.errors import UsageError
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions

COLLECTION = "pyremediate.mail."


@dataclass(frozen=True)
class Question:
    """The one task of ``playbooks/tasks/<task>.yml``, with these variables.

    ``hosts``  a pattern: each of these hosts is asked about each target (variable ``target``); None: each target about itself
    """

    task: str
    hosts: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)


class NoSuchHost(UsageError):
    """No host of the inventory matches; ``known`` are those that it has."""

    def __init__(self, pattern: str, known: Sequence[str], inventory: Sequence[str]) -> None:
        where = ", ".join(inventory) or "Ansible's configured inventory"
        super().__init__(f"no host matches {pattern!r} in {where}; it has: {', '.join(known) or 'no hosts at all'}")


def ask(targets: str, questions: Sequence[Question], options: AnsibleOptions, timeout: float) -> Result:
    """Put the questions, all at once, and wait for the answers, ``timeout`` seconds at most.

    The result has one ``TaskResult`` for each host and target (its ``task``); who was silent is ``unreachable``, with that reason.
    Raises ``NoSuchHost`` when no host matches ``targets``, ``UsageError`` when Ansible refuses the inventory, options or vault.
    """
    began = time.monotonic()
    request = {
        "root": str(collection_root()),
        "options": dataclasses.asdict(options),
        "forks": options.forks or 25,
        "targets": targets,
        "questions": [dataclasses.asdict(question) for question in questions],
    }
    asked: list[Mapping[str, Any]] = []
    answers: list[TaskResult] = []
    with _answerer(request, options, timeout) as lines:
        for line in lines:
            head, data = line["head"], line["data"]
            if "refused" in head:
                raise UsageError(first_complaint([plain(head["refused"])]))
            if "known" in head:
                raise NoSuchHost(targets, head["known"], options.inventory)
            if "asked" in head:
                asked += head["asked"]
            else:
                answers.append(_result(head, data))
    answers += _silent(asked, answers, timeout)
    return Result("successful", tuple(answers), (), time.monotonic() - began, True)


def _result(call: Mapping[str, Any], data: Mapping[str, Any], seconds: float = 0.0) -> TaskResult:
    return TaskResult(
        host=call["host"],
        task=call["target"],
        action=COLLECTION + call["module"],
        status=call["status"],
        data=data,
        seconds=call.get("seconds", seconds),
    )


def _silent(asked: Sequence[Mapping[str, Any]], answers: Sequence[TaskResult], timeout: float) -> Iterator[TaskResult]:
    """Those that had not answered when the time was over."""
    heard = {(answer.host, answer.task, answer.action) for answer in answers}
    for call in asked:
        if (call["host"], call["target"], COLLECTION + call["module"]) not in heard:
            yield _result({**call, "status": "unreachable"}, {"msg": f"no answer within {timeout:g} s"}, timeout)


@contextmanager
def _answerer(request: Mapping[str, Any], options: AnsibleOptions, timeout: float) -> Iterator[Iterator[Any]]:
    """The process that asks; yields the lines that it says. Whatever it started ends with it, and it ends with us."""
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pyremediate.ansible.answerer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
            env={**os.environ, **environment(options)}, start_new_session=True, text=True,
        )  # fmt: skip
        assert process.stdin and process.stdout
        alarm = threading.Timer(timeout, _end, [process])
        alarm.daemon = True
        alarm.start()
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            yield (json.loads(line) for line in process.stdout if line.endswith("\n"))
        finally:
            in_time = alarm.is_alive()
            alarm.cancel()
            status = process.wait() if in_time and sys.exc_info()[0] is None else None
            _end(process)
            process.stdin.close()
            process.stdout.close()
        if status:
            complaints.seek(0)
            raise RuntimeError(f"the process that asks hosts ended with status {status}: {complaints.read()[-4000:]}")


def _end(process: subprocess.Popen[str]) -> None:
    """The process with its SSH clients; the connections that are kept for the next question have a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
