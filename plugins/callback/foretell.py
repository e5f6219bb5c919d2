# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a playbook would change, said by its run in check mode; ended before a task that would run for real. On the controller."""

from __future__ import annotations

DOCUMENTATION = """
name: foretell
type: aggregate
short_description: Writes down what a run in check mode says, and ends it before a task that would run for real
description:
  - A task with C(check_mode=false) runs for real even when the run is in check mode. This callback looks for such tasks before the
    first one, and again at the beginning of each, since a file that is included while the run goes on is not known before; it names
    them and ends the run.
  - It looks at the tasks as Ansible has read them, so that what a block, role, import or the play itself sets counts as well.
  - What each task says is written to a file, one JSON document a line; why a task was skipped is in no event of the runner's, nor
    that a task changes something when C(no_log) is set.
author:
  - The pyremediate maintainers
options:
  path:
    description: The file. Without it nothing is written.
    type: str
    env:
      - name: PYREMEDIATE_FORETOLD
  trust_reads:
    description:
      - Let a task with C(check_mode=false) run when it says C(changed_when=false) itself, which is to say that it only reads.
    type: bool
    default: false
    env:
      - name: PYREMEDIATE_TRUST_READS
"""

import json
import re
import sys

from ansible.playbook.block import Block
from ansible.playbook.handler import Handler
from ansible.plugins.callback import CallbackBase
from ansible.utils.display import Display
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import (
    PRIVATE_KEY,
    WITHHELD,
    without_secrets,
)

REFUSED = 5  # what ansible-playbook ends with after a wrong use
SAID = ("changed", "skipped", "path", "dest", "name", "state", "skip_reason", "skipped_reason", "censored")
NAMED = re.compile(r"(\s*[\w./-]+\s*[=:\s]\s*)(.*)")  # ``name = value``, ``name: value``, ``name value``


class CallbackModule(CallbackBase):
    """See ``DOCUMENTATION``."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "pyremediate.mail.foretell"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook):
        found = []
        for play in playbook.get_plays():
            if play.vars_prompt:
                found.append("%s asks for variables (vars_prompt), and there is nobody to answer" % play.get_path())
            found += [_named(task) for task in _tasks([*play.compile(), *play.handlers]) if self._runs_for_real(task)]
        if found:
            self._refuse(list(dict.fromkeys(found)))

    def v2_playbook_on_task_start(self, task, is_conditional):
        if self._runs_for_real(task):
            self._refuse([_named(task)])

    def v2_playbook_on_cleanup_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def v2_playbook_on_handler_task_start(self, task):
        self.v2_playbook_on_task_start(task, False)

    def _runs_for_real(self, task):
        """A template may come to anything; without a word a task has the mode of the run."""
        reads = self.get_option("trust_reads") and task.changed_when == [False]
        return task.check_mode is not True and not reads

    def _refuse(self, reasons):
        """SystemExit, since of any other exception in a callback only a warning is made."""
        self._write({"refused": reasons})
        Display().error("; ".join(reasons), wrap_text=False)
        sys.exit(REFUSED)

    def v2_runner_on_ok(self, result):
        self._said("ok", result)

    def v2_runner_on_skipped(self, result):
        self._said("skipped", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._said("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_unreachable(self, result):
        self._said("unreachable", result)

    def _said(self, status, result):
        task, said = result.task, result.result
        line = {
            "host": result.host.get_name(),
            "status": status,
            "task": task.get_name(),
            "at": task.get_path(),
            "action": task.resolved_action or task.action,
            "handler": isinstance(task, Handler),
            "changed": bool(said.get("changed")),
            "items": [_item(each) for each in said.get("results", [said])],
        }
        self._write(line)

    def v2_playbook_on_stats(self, stats):
        self._write({"ended": {host: stats.summarize(host) for host in stats.processed}})

    def _write(self, line):
        path = self.get_option("path")
        if path:
            with open(path, "a", encoding="utf-8") as file:
                file.write(json.dumps(line, default=str) + "\n")


def _item(said):
    """What is needed of what a module said, without what looks like a secret."""
    found = {key: said[key] for key in SAID if key in said}
    arguments = (said.get("invocation") or {}).get("module_args") or {}
    told = {key: arguments[key] for key in ("path", "dest", "name") if arguments.get(key)}
    diffs = said.get("diff") or []
    diffs = [_diff(each) for each in (diffs if isinstance(diffs, list) else [diffs])]
    return {**told, **found, "msg": _text(str(said.get("msg") or "")), "diff": diffs}


def _diff(diff):
    return {key: _text(value) if isinstance(value, str) and "header" not in key else value for key, value in diff.items()}


def _text(text):
    """Without the values of lines whose name is one of a secret, and without keys."""
    if PRIVATE_KEY.search(text):
        return WITHHELD
    return "\n".join(map(_line, text.split("\n")))


def _line(line):
    name, value = NAMED.fullmatch(line).groups() if NAMED.fullmatch(line) else ("", line)
    return name + without_secrets(re.split(r"[=:\s/]", name.strip())[0], value)


def _tasks(blocks):
    for block in blocks:
        if isinstance(block, Block):
            yield from _tasks([*block.block, *block.rescue, *block.always])
        else:
            yield block


def _named(task):
    return "%s (%s) has check_mode: false, and would run for real" % (task.get_path(), task.get_name())
