#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets units run on configuration that was put back, tested by its owner first."""

from __future__ import annotations

DOCUMENTATION = r"""
module: apply_configuration
short_description: Bring configuration that was put back into force
version_added: 0.1.0
description:
  - Rebuilds the databases of maps, lets each unit's owner test its configuration, restarts the units with their parts, and waits
    until all are active. All of it in one task, since a trial needs it many times.
  - A test of a running unit that fails ends it before anything is restarted, with the owner's words.
  - A unit that did not run before and does not start is told in RV(down), and is no failure as long as another of O(units) runs.
attributes:
  check_mode:
    support: full
    description: Says what would be rebuilt and restarted; tests nothing, since the configuration is still as it was.
  diff_mode:
    support: none
    description: Only databases are written, and they are made from their sources.
  idempotent:
    support: none
    description: A restart is a change every time. Without O(units) only what is stale is touched.
options:
  units:
    description: Units that read what was put back. They are restarted; those that ran must be active afterwards.
    type: list
    elements: str
    default: []
  maps:
    description: Maps whose database is made anew if it is missing, unreadable or older than its source, as C(hash:/etc/aliases).
    type: list
    elements: str
    default: []
  dependents:
    description: Units that are restarted afterwards if they run, because they hold back what failed meanwhile.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds until the units must be active.
    type: int
    default: 15
author:
  - The pyremediate maintainers (@pyremediate)
"""

EXAMPLES = r"""
- name: Let Postfix run on it
  pyremediate.mail.apply_configuration:
    units: [postfix.service]
    maps: ["hash:/etc/postfix/virtual"]
"""

RETURN = r"""
rebuilt:
  description: The maps whose databases were made anew.
  returned: success
  type: list
  elements: str
  sample: ["hash:/etc/postfix/virtual"]
restarted:
  description: The units that were restarted, those that depend on them too.
  returned: success
  type: list
  elements: str
  sample: [postfix.service]
down:
  description: The units that did not run before and do not run now, each with the reason.
  returned: success
  type: dict
  sample: {dovecot.service: "dovecot.service did not start: Job for dovecot.service failed"}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils import apply_configuration as applying


def apply(wanted, dry):
    """The module's result. Raises ``NotApplied`` or ``OSError``."""
    units, rebuilt = wanted["units"], applying.stale(wanted["maps"])
    result = {"changed": bool(rebuilt or units), "rebuilt": rebuilt, "restarted": units, "down": {}}
    if dry:
        return result
    applying.rebuild(rebuilt)
    down = applying.bring_up(units, wanted["timeout"])
    woken = applying.wake([name for name in wanted["dependents"] if name not in units]) if units else []
    return dict(result, restarted=[name for name in units if name not in down] + woken, down=down)


def main():
    """Options in, result out."""
    names = {"type": "list", "elements": "str", "default": []}
    module = AnsibleModule(
        argument_spec={
            "units": names,
            "maps": names,
            "dependents": names,
            "timeout": {"type": "int", "default": 15},
        },
        supports_check_mode=True,
    )
    try:
        result = apply(module.params, module.check_mode)
    except (applying.NotApplied, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
