#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A transaction's memory on the host: what was there before a step, and the way back to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: checkpoint
short_description: Remember the state of a host before a step, and put it back
version_added: 0.1.0
description:
  - Registers the way back before anything is changed. O(state=created) records files with owner, mode, times, flags
    and content, packages with their C(.deb) files, units, and the packet filter, below
    C(/var/lib/pyremediate/checkpoints/), durable before the module returns. Where that file system is full or
    read-only it uses C(/run/pyremediate), and says so.
  - O(state=sealed) records what the step made of it. O(state=restored) puts back what the step changed, and refuses
    what somebody else has changed again since.
  - A checkpoint is never recorded a second time, so that a repetition after a crash cannot take the changed state for
    the original one.
  - Mail is never copied. Paths below a mail queue or a mail store are refused; of the directories themselves only
    owner, group and mode are recorded. Of other directories too, except those below C(/etc), which are taken with
    everything in them.
  - The checkpoint holds its own copy of the code, so that C(python3 /var/lib/pyremediate/checkpoints/ID/undo.py) does
    the same without any controller.
attributes:
  check_mode:
    support: full
    description: Says what would be recorded, put back or removed.
  diff_mode:
    support: full
    description: O(state=restored) shows what is put back; contents that not everybody may read are withheld.
  idempotent:
    support: full
    description: Every state, once reached, is left alone.
options:
  id:
    description:
      - The checkpoint, C(<incident>-<step>). Letters, digits, dot, dash and underscore.
      - Required, except with O(state=absent) and O(keep_days).
    type: str
  state:
    description:
      - V(created) records the state before the step, and arms the dead-man switch if O(deadman_seconds) says so.
      - V(sealed) records the state after it.
      - V(restored) puts back what the step changed, and disarms the switch.
      - V(confirmed) disarms the switch for good. It fails when the switch was faster.
      - V(absent) removes the checkpoint, or with O(keep_days) those that are older and whose step is over.
    type: str
    choices: [created, sealed, restored, confirmed, absent]
    required: true
  files:
    description: Files and directories. One that does not exist is removed by the undo.
    type: list
    elements: str
    default: []
  units:
    description: Units; those that are stopped with them are taken too.
    type: list
    elements: str
    default: []
  packages:
    description: Debian packages; those built from the same source are taken too.
    type: list
    elements: str
    default: []
  firewall:
    description: Record the packet filter's rules.
    type: bool
    default: false
  routes:
    description: Routes of the main table, by name as M(pyremediate.mail.observe) has it.
    type: list
    elements: str
    default: []
  settings:
    description: Kernel settings.
    type: list
    elements: str
    default: []
  listeners:
    description: Ports, as C(tcp/25). A process that has one and is ended is started again by the undo.
    type: list
    elements: str
    default: []
  links:
    description: Interfaces, with whether they are switched on, their MTU and their addresses.
    type: list
    elements: str
    default: []
  neighbours:
    description: Addresses, with the link-layer addresses that somebody wrote down for them.
    type: list
    elements: str
    default: []
  frr:
    description: Record FRRouting's running configuration.
    type: bool
    default: false
  deadman_seconds:
    description:
      - After so many seconds the host undoes the step by itself, unless the checkpoint is confirmed before.
      - The timer is systemd's, survives a reboot, and then counts again from the boot. 0 means none.
    type: int
    default: 0
  deadman_needed:
    description: Whether to fail, with nothing changed, where the switch cannot be armed. If not, it is only told.
    type: bool
    default: true
  keep_days:
    description: With O(state=absent) and no O(id), how old a checkpoint must be to be removed.
    type: int
author:
  - The pyremediate maintainers (@pyremediate)
"""

EXAMPLES = r"""
- name: Remember the state before
  pyremediate.mail.checkpoint:
    id: 2026-0017-1
    state: created
    files: [/etc/postfix]
    units: [postfix.service]

- name: Put back what the step changed
  pyremediate.mail.checkpoint:
    id: 2026-0017-1
    state: restored

- name: Remove what is older than a month
  pyremediate.mail.checkpoint:
    state: absent
    keep_days: 30
"""

RETURN = r"""
state:
  description: The state that was asked for.
  returned: always
  type: str
directory:
  description: Where the checkpoint lies on the host.
  returned: when it exists
  type: str
survives_reboot:
  description: Whether the checkpoint, and the dead-man switch if there is one, survive a reboot.
  returned: O(state=created)
  type: bool
packages_kept:
  description: For each package, the C(.deb) file that is kept; empty where the undo would need a repository.
  returned: O(state=created)
  type: dict
notes:
  description: What somebody should know although it is no failure, in sentences. They are warnings too.
  returned: O(state=created) and O(state=restored)
  type: list
  elements: str
found:
  description: Whether there is such a checkpoint. If not, its step had not begun, and there is nothing to put back.
  returned: O(state=restored) and O(state=confirmed)
  type: bool
put_back:
  description: What was put back, in sentences.
  returned: O(state=restored)
  type: list
  elements: str
refused:
  description: What somebody else has changed since, and is therefore left as it is, in sentences.
  returned: O(state=restored)
  type: list
  elements: str
left:
  description: What differs from the record, but was not changed by the step.
  returned: O(state=restored)
  type: list
  elements: str
deadman:
  description: The dead-man switch.
  returned: when there is a checkpoint
  type: dict
  contains:
    armed:
      description: Whether it is armed now.
      type: bool
    was_armed:
      description: Whether it was armed when the module began.
      type: bool
    fired:
      description: Whether it has undone the step.
      type: bool
    seconds:
      description: How long it waits; 0 when there never was one.
      type: int
no_deadman:
  description: Whether the dead-man switch was what could not be had.
  returned: on failure
  type: bool
removed:
  description: The checkpoints that were removed.
  returned: O(state=absent)
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_states as states
from ansible_collections.pyremediate.mail.plugins.module_utils.checkpoint_deadman import NotArmed


def main():
    """Options in, result out."""
    module = AnsibleModule(
        argument_spec={
            "id": {"type": "str"},
            "state": {"type": "str", "required": True, "choices": list(states.STATES)},
            "files": {"type": "list", "elements": "str", "default": []},
            "units": {"type": "list", "elements": "str", "default": []},
            "packages": {"type": "list", "elements": "str", "default": []},
            "firewall": {"type": "bool", "default": False},
            "routes": {"type": "list", "elements": "str", "default": []},
            "settings": {"type": "list", "elements": "str", "default": []},
            "listeners": {"type": "list", "elements": "str", "default": []},
            "links": {"type": "list", "elements": "str", "default": []},
            "neighbours": {"type": "list", "elements": "str", "default": []},
            "frr": {"type": "bool", "default": False},
            "deadman_seconds": {"type": "int", "default": 0},
            "deadman_needed": {"type": "bool", "default": True},
            "keep_days": {"type": "int"},
        },
        required_if=[("state", name, ["id"]) for name in states.NEED_ID],
        required_one_of=[("id", "keep_days")],
        supports_check_mode=True,
    )
    try:
        result = states.reach(module.params, module.check_mode)
    except (ValueError, OSError) as error:
        module.fail_json(msg=str(error), state=module.params["state"], no_deadman=isinstance(error, NotArmed))
    for note in result.get("notes", []):
        module.warn(note)
    if result.get("msg"):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
