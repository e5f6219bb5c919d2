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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pyremediate.ansible.inventory import first_complaint, plain
from pyremediate.ansible.options import environment
from pyremediate.ansible.results import Result, TaskResult
from pyremediate.errors import Undetermined, UsageError
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions

COLLECTION = "pyremediate.mail."
SOON = 60.0  # seconds until the inventory is read


@dataclass(frozen=True)
class Question:
    """The one task of ``playbooks/tasks/<task>.yml``, with these variables.

    ``hosts``  a pattern: each of these hosts is asked about each target (variable ``target``); None: each target about itself
    ``once``   each of ``hosts`` is asked once, about itself, whatever the targets are
    """

    task: str
    hosts: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    once: bool = False


# What a machine's own controller says of it (see ``boards``): all of it, when the host is silent; beside other questions only what
# it says while those are answered, or within ``seconds``.
BOARD = Question("board", variables={"seconds": 45.0, "brief": False})
BOARD_BESIDE = Question("board", variables={"seconds": 3.0, "brief": True})
DEVICES = Question("device", hosts="network", once=True)  # what routers and switches say of themselves; see ``devices``


class NoSuchHost(UsageError):
    """No host of the inventory matches; ``known`` are those that it has."""

    def __init__(self, pattern: str, known: Sequence[str], inventory: Sequence[str]) -> None:
        where = ", ".join(inventory) or "Ansible's configured inventory"
        super().__init__(f"no host matches {pattern!r} in {where}; it has: {', '.join(known) or 'no hosts at all'}")


def ask(
    targets: str,
    questions: Sequence[Question],
    options: AnsibleOptions,
    timeout: float,
    heard: Callable[[TaskResult], object] = lambda answer: None,
) -> Result:
    """Put the questions, all at once, and wait for the answers, ``timeout`` seconds at most for each round of ``forks`` of them.

    ``heard`` is told each answer as it comes. The result has one ``TaskResult`` for each host and target (its ``task``), in the
    order of the inventory; who was silent is ``unreachable``, with that reason.

    Raises ``NoSuchHost`` when no host matches ``targets``, ``UsageError`` when Ansible refuses the inventory, options or vault.
    """
    began = time.monotonic()
    request = {
        "root": str(collection_root()),
        "forks": options.forks or 25,
        "targets": targets,
        "questions": [dataclasses.asdict(question) for question in questions],
    }
    asked: list[Mapping[str, Any]] = []
    answers: dict[tuple[str, ...], TaskResult] = {}
    with _prepared_or_new(options) as answerer:
        for line in answerer.lines(request, timeout):
            head, data = line["head"], line["data"]
            if "refused" in head:
                raise UsageError(first_complaint([plain(head["refused"])]))
            if "known" in head:
                raise NoSuchHost(targets, head["known"], options.inventory)
            if "asked" in head:
                asked = head["asked"]
            else:
                answers[_key(head)] = _result(head, data)
                heard(answers[_key(head)])
    tasks = tuple(answers.get(_key(call)) or _silent(call, timeout) for call in asked)
    return Result("successful", tasks, (), time.monotonic() - began, True)


def matching(targets: str, options: AnsibleOptions) -> tuple[str, ...]:
    """The hosts of the inventory that match a pattern. Raises ``UsageError`` when Ansible refuses the inventory."""
    return tuple(told({"listed": targets}, options, SOON)["head"]["targets"])


def groups(options: AnsibleOptions) -> dict[str, list[str]]:
    """The groups of the inventory but ``all`` and ``ungrouped``, each with the hosts in it and in the groups beneath."""
    return {name: list(hosts) for name, hosts in told({"listed": "all"}, options, SOON)["head"]["groups"].items()}


def told(request: Mapping[str, Any], options: AnsibleOptions, timeout: float) -> Mapping[str, Any]:
    """The one line that the process which stands ready says to a request that needs no host. Raises ``UsageError`` as ``ask``."""
    found: Mapping[str, Any] = {}
    with _prepared_or_new(options) as answerer:
        for line in answerer.lines({**request, "forks": 1}, timeout):
            if "refused" in line["head"]:
                raise UsageError(first_complaint([plain(line["head"]["refused"])]))
            found = line
    if not found:
        raise Undetermined(f"Ansible did not answer within {timeout:g} s")
    return found


def _key(call: Mapping[str, Any]) -> tuple[str, ...]:
    return call["host"], call["target"], call["module"]


def _result(call: Mapping[str, Any], data: Mapping[str, Any]) -> TaskResult:
    return TaskResult(
        host=call["host"],
        task=call["target"],
        action=COLLECTION + call["module"],
        status=call["status"],
        data=data,
        seconds=call["seconds"],
    )


def _silent(call: Mapping[str, Any], timeout: float) -> TaskResult:
    return _result({**call, "status": "unreachable", "seconds": timeout}, {"msg": f"no answer within {timeout:g} s"})


class _Answerer:
    """The process that asks. Whatever it started ends with it, and it ends with us: its standard input closes when we are gone."""

    def __init__(self) -> None:
        self.options: AnsibleOptions | None = None
        self.complaints = tempfile.TemporaryFile("w+")  # noqa: SIM115 - open for as long as the process lives
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pyremediate.ansible.answerer"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints,
            env={**os.environ, **environment(AnsibleOptions())}, start_new_session=True, text=True,
        )  # fmt: skip

    def read(self, options: AnsibleOptions) -> _Answerer:
        """Let it read the inventory that the options name; it is asked about that one from here on."""
        self.options = options
        self._say(dataclasses.asdict(options))
        return self

    def lines(self, request: Mapping[str, Any], timeout: float) -> Iterator[Any]:
        """What it says to a request, until it has said all or the time is over; then it is ended, with all that it waits for."""
        self._say(request)
        late = threading.Event()
        alarm = self._alarm(timeout, late)
        try:
            assert self.process.stdout
            for text in self.process.stdout:
                line = json.loads(text) if text.endswith("\n") else None  # it was ended in the middle of a line
                if line and "end" in line["head"]:
                    return
                if line and len(line["head"].get("asked", ())) > request["forks"]:
                    alarm.cancel()
                    alarm = self._alarm(timeout * -(-len(line["head"]["asked"]) // request["forks"]), late)
                if line:
                    yield line
            if not late.is_set():
                self.complaints.seek(0)
                raise RuntimeError(f"the process that asks hosts ended: {self.complaints.read()[-4000:]}")
        finally:
            alarm.cancel()

    def alive(self) -> bool:
        """Can it still be asked?"""
        return self.process.poll() is None

    def end(self) -> None:
        """With its SSH clients; the connections that are kept for the next question have sessions of their own."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _alarm(self, seconds: float, late: threading.Event) -> threading.Timer:
        alarm = threading.Timer(seconds, self._too_late, [late])
        alarm.daemon = True
        alarm.start()
        return alarm

    def _too_late(self, late: threading.Event) -> None:
        late.set()
        self.end()

    def _say(self, value: Any) -> None:
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it has ended; whoever reads its answers finds out, with its words
            self.process.stdin.write(json.dumps(value) + "\n")
            self.process.stdin.flush()


_standing: list[_Answerer] = []  # what ``prepared`` started; one at most


@contextmanager
def prepared() -> Iterator[Callable[[AnsibleOptions], object]]:
    """Start the process that asks while other things are got ready, and keep it for every question until the end.

    Yields what must be called once with the options, as soon as they are known.
    """
    _standing.append(_Answerer())
    try:
        yield _standing[-1].read
    finally:
        _standing.pop().end()


@contextmanager
def _prepared_or_new(options: AnsibleOptions) -> Iterator[_Answerer]:
    ready = [answerer for answerer in _standing if answerer.options == options and answerer.alive()]
    answerer = ready[0] if ready else _Answerer().read(options)
    whole = False
    try:
        yield answerer
        whole = True
    finally:
        if not (ready and whole):  # an interrupt leaves questions open
            answerer.end()
