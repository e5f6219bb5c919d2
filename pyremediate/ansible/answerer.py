"""The process that puts a question to many hosts at once (started by ``questions.ask``, which see for what goes in and out).

A process of its own, because Ansible's settings are those of its process, and so that its end ends everything that it started:
when the standard input closes, its parent is gone.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pyremediate.ansible import boards, carrier, devices, discretion
from pyremediate.ansible.connecting import AnsibleConnectionFailure, AnsibleError, Controller, NotDecrypted

Said = tuple[Mapping[str, Any], str]  # the head, and the data as JSON text
Call = tuple[dict[str, str], Mapping[str, Any]]  # who is asked about whom, and what
BOARD, DEVICE = "board", "device"  # these are asked by this process itself: they have no Python
WRITING = threading.Lock()
ANSWERS = os.fdopen(
    os.dup(1), "w", encoding="utf-8"
)  # Ansible may print to standard output, which is standard error from here on
os.dup2(2, 1)
gc.disable()  # it lives as long as one command, and most of that is the import of Ansible


def main() -> None:
    """From standard input the options, then one request after another; for each answer one line of JSON, as it comes."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=[lines], daemon=True).start()
    try:
        controller = Controller(json.loads(lines.get()))
    except AnsibleError as error:
        lines.get()  # it was not yet asked anything
        _say({"refused": str(error)})
        return
    while True:
        _serve(controller, json.loads(lines.get()))


def _serve(controller: Controller, request: Mapping[str, Any]) -> None:
    """Say who is asked what, then ask; nobody, when no host matches the pattern of those that this is about."""
    if "vault" in request or "listed" in request:
        _say(*(_of_vault(controller, request) if "vault" in request else (_listed(controller, request["listed"]), "null")))
        _say({"end": True})
        return
    try:
        targets = controller.hosts(request["targets"])
        asked = [call for question in request["questions"] for call in _calls(controller, question, targets)]
    except AnsibleError as error:
        _say({"refused": str(error)})
        return
    _say({"asked": [head for head, _ in asked]} if targets else {"known": controller.known()})
    began, boards = time.monotonic(), []
    with ThreadPoolExecutor(request["forks"]) as pool:
        for head, question in asked:
            answer = _prepared(controller, Path(request["root"]), head, question, targets)
            if question["task"] == BOARD:
                boards.append((head, _meanwhile(head, answer), question["variables"]["seconds"]))
            else:
                pool.submit(_tell, head, answer)
    for head, said, seconds in boards:  # who is slow is waited for as long as the others need, or a little
        _say(*_in_time(head, said, began, seconds))
    _say({"end": True})


def _listed(controller: Controller, pattern: str) -> Mapping[str, Any]:
    """The hosts that match, and all groups."""
    try:
        return {"targets": controller.hosts(pattern), "groups": controller.groups()}
    except AnsibleError as error:
        return {"refused": str(error)}


def _of_vault(controller: Controller, request: Mapping[str, Any]) -> Said:
    """The texts encrypted or decrypted; see ``vault``."""
    try:
        do = controller.sealed if request["vault"] == "seal" else controller.opened
        return {"vault": True}, json.dumps([do(item) for item in request["items"]])
    except NotDecrypted:
        return {"vault": False}, "null"
    except AnsibleError as error:
        return {"refused": str(error)}, "null"


def _calls(controller: Controller, question: Mapping[str, Any], targets: list[str]) -> Iterator[Call]:
    """Each target is asked about itself, or others are asked about each target, or about themselves."""
    if question["once"]:
        for host in controller.hosts(question["hosts"]):
            yield {"host": host, "target": "", "module": question["task"]}, question
        return
    for target in targets:
        for host in [target] if question["hosts"] is None else controller.hosts(question["hosts"]):
            yield {"host": host, "target": target, "module": question["task"]}, question


def _prepared(
    controller: Controller, root: Path, head: Mapping[str, Any], question: Mapping[str, Any], targets: list[str]
) -> Callable[[], tuple[str, str]]:
    """The plugins of Ansible are made here, by one thread; what is returned only talks to the host."""
    name = question["task"]
    if name in {BOARD, DEVICE}:
        return _prepared_here(controller, head["host"], question)
    try:
        module, arguments, own = controller.task(root / "playbooks" / "tasks" / f"{name}.yml")
        extra = {**own, **question["variables"], "target": head["target"], "pyremediate_targets": targets}
        variables = controller.variables_of(head["host"], extra)
        parameters = controller.parameters(module, arguments, variables)
        parcel = carrier.parcel(root, module, parameters)
        execute = controller.connection(head["host"], variables)
        command = carrier.command(controller.interpreter(variables))
    except AnsibleError as error:
        reason = str(error)
        return lambda: ("failed", json.dumps({"msg": reason}))
    return lambda: _discreetly(parameters, lambda: _ask(execute, command, parcel))


def _prepared_here(controller: Controller, host: str, question: Mapping[str, Any]) -> Callable[[], tuple[str, str]]:
    """What is asked in its own words, and with which login, is made of the host's variables here."""
    try:
        if question["task"] == DEVICE:
            login = devices.login(host, controller.named(host, devices.VARIABLES))
            return lambda: _discreetly(login, lambda: _ask_device(login))
        account = controller.named(host, boards.VARIABLES)
        return lambda: _discreetly(account, lambda: _ask_board(account, question["variables"]["brief"]))
    except AnsibleError as error:
        reason = str(error)
        return lambda: ("failed", json.dumps({"msg": reason}))


def _discreetly(asked: Mapping[str, Any], answer: Callable[[], tuple[str, str]]) -> tuple[str, str]:
    """The answer without the passwords that were given with the question, whatever it was that quoted them."""
    try:
        status, data = answer()
    except Exception as error:  # it must reach the reader as this host's answer, and not vanish in a thread
        status, data = "failed", json.dumps({"msg": f"{type(error).__name__}: {error}"})
    return status, discretion.without(data, asked)


def _ask_board(account: Mapping[str, Any], brief: bool) -> tuple[str, str]:
    if "address" not in account:
        return "skipped", json.dumps({"msg": "no controller of it is described"})
    from pyremediate.bmc import board
    from pyremediate.bmc.values import Account
    from pyremediate.errors import PyremediateError
    from pyremediate.model import to_json

    try:
        seen = board.look(Account(**{"user": "", "password": "", **account}), brief=brief)
    except PyremediateError as error:
        return "unreachable", json.dumps({"msg": str(error)})
    return "ok", json.dumps({"board": to_json(seen)})


def _ask_device(login: Mapping[str, Any]) -> tuple[str, str]:
    from pyremediate.network import observe  # for those who have network devices

    said = observe.answer(login)
    if "error" in said:
        return "unreachable" if said["kind"] == "Unreachable" else "failed", json.dumps({"msg": said["error"]})
    return "ok", json.dumps(said)


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


def _tell(head: Mapping[str, Any], answer: Callable[[], tuple[str, str]]) -> None:
    _say(*_answered(head, answer))


def _answered(call: Mapping[str, Any], answer: Callable[[], tuple[str, str]]) -> Said:
    began = time.monotonic()
    status, data = answer()
    return {**call, "status": status, "seconds": round(time.monotonic() - began, 3)}, data


def _meanwhile(head: Mapping[str, Any], answer: Callable[[], tuple[str, str]]) -> queue.SimpleQueue[Said]:
    """Where the answer will be. Its thread may be left behind: a name that does not resolve cannot be interrupted."""
    said: queue.SimpleQueue[Said] = queue.SimpleQueue()
    threading.Thread(target=lambda: said.put(_answered(head, answer)), daemon=True).start()
    return said


def _in_time(head: Mapping[str, Any], said: queue.SimpleQueue[Said], began: float, seconds: float) -> Said:
    """The answer, if it comes within so many seconds, or has come when everybody else has answered."""
    try:
        return said.get(timeout=max(0.0, began + seconds - time.monotonic()))
    except queue.Empty:
        spent = round(time.monotonic() - began, 3)
        return {**head, "status": "unreachable", "seconds": spent}, json.dumps({"msg": f"no answer within {spent:.0f} s"})


def _say(head: Mapping[str, Any], data: str = "null") -> None:
    """The data is JSON already, and goes through as it came."""
    with WRITING:
        ANSWERS.write(f'{{"head": {json.dumps(head)}, "data": {data}}}\n')
        ANSWERS.flush()


def _read(lines: queue.SimpleQueue[bytes]) -> None:
    """Hand on what the parent says; when it is gone, end with all that was started."""
    for line in sys.stdin.buffer:
        lines.put(line)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
    os._exit(0)  # all is said
