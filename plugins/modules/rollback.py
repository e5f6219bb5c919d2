#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts back what differs from the last known good: the parameter that matters, not the whole file."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rollback
short_description: Put differences from the last known good back
version_added: 0.1.0
description:
  - Takes differences as C(pyremediate) names them and makes the host in each of these as it was last known to be good.
    Whatever else was changed since stays, since it may have been changed for a reason.
  - A parameter or service of Postfix is edited in the text of its file; that works when Postfix refuses the file.
  - All differences of one file are written in one step. When one difference cannot be put back, all such are named and
    none is touched.
  - Files that were added are moved away, never deleted. Secret files come from the copy that the host itself keeps, unless
    their content is given; see M(pyremediate.mail.snapshot).
  - Configuration is not tested here and nothing is restarted; RV(reload) says which units are to read theirs again.
attributes:
  check_mode:
    support: full
    description: Says what would be put back.
  diff_mode:
    support: full
    description: Shows each file before and after; contents that not everybody may read are withheld.
  idempotent:
    support: full
    description: What is as it should be is left alone.
options:
  differences:
    description: The differences.
    type: list
    elements: dict
    required: true
    suboptions:
      kind:
        description: What differs. It decides how it is put back.
        type: str
        required: true
        choices:
          - device.configuration
          - device.interface
          - device.neighbour
          - file
          - firewall
          - firewall.rule
          - lines
          - listener
          - package.file
          - postfix.line
          - postfix.parameter
          - postfix.service
          - route
          - sysctl
          - unit
          - unit.running
      name:
        description: The path, parameter, service (C(smtp/inet)), unit, interface, address, or a line as C(/etc/postfix/main.cf:12).
        type: str
        required: true
      aspect:
        description: >-
          Of a file, what of it differs: V(content), V(owner), V(group), V(mode), V(immutable), V(acl), V(target),
          V(missing) or V(added). Of a unit, V(enabled). Of V(lines), the name of the hunk. Of an interface V(admin_up), V(mtu) or
          V(addresses).
        type: str
      was:
        description: >-
          How it was; none when it was not there. A service is a mapping with C(columns) and C(options), and V(lines)
          are a list.
        type: raw
      is:
        description: How it was found. Only the text of a V(postfix.line) and of V(lines) is used.
        type: raw
      place:
        description: >-
          Of a V(package.file) the C(package), from which the file is taken, and the C(owner), C(group) and C(mode) that it
          had. Else where V(lines) stand: C(before) and C(after), the lines around them, and whether the text begins or ends
          there (C(begin), C(end)). They are put back exactly there, or refused.
        type: dict
      content:
        description: >-
          The content that a file had, the ruleset, or a router's configuration, with base64. None for a secret file that the host
          keeps a copy of. It is never logged.
        type: str
      owner:
        description: The owner that a file had.
        type: str
      group:
        description: The group that a file had.
        type: str
      mode:
        description: The mode that a file had, as octal digits.
        type: str
      target:
        description: Where a link pointed.
        type: str
      digest:
        description: The digest that a file had. A keyed one proves which copy of a secret file is meant.
        type: str
      secret:
        description: Whether the content is kept on the host alone.
        type: bool
      since:
        description: When it was changed. Not used.
        type: str
      device:
        description: The network device whose difference it is. Not used.
        type: str
      harmless:
        description: Whether V(lines) are comments and empty lines alone. Not used.
        type: bool
  checkpoint:
    description:
      - The checkpoint of this step. It must hold everything that would be touched, or nothing is. Files that were added
        are moved into it.
    type: str
author:
  - The pyremediate maintainers (@pyremediate)
"""

EXAMPLES = r"""
- name: Put a parameter back
  pyremediate.mail.rollback:
    differences:
      - kind: postfix.parameter
        name: virtual_transport
        was: lmtp:unix:private/dovecot-lmtp
        is: discard
    checkpoint: 2026-0017-1
  register: rollback
"""

RETURN = r"""
restored:
  description: What was put back, by kind and name.
  returned: success
  type: list
  elements: str
  sample: [file /etc/postfix/main.cf]
reload:
  description: Units whose configuration was touched.
  returned: success
  type: list
  elements: str
  sample: [postfix.service]
"""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_store as stores
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_apply as applying
from ansible_collections.pyremediate.mail.plugins.module_utils.checkpoint_cover import uncovered
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_wishes import KINDS, wishes_of

TEXTS = ("aspect", "content", "device", "owner", "group", "mode", "target", "digest", "since")


def rollback(differences, checkpoint, dry):
    """Put the differences back; returns the module's result. Raises ``ValueError`` or ``OSError``."""
    changes = applying.changes_of(wishes_of(differences))
    result = {
        "changed": bool(changes),
        "restored": ["%s %s" % (change.kind, change.name) for change in changes],
        "reload": applying.to_reload(changes),
        "diff": [change.diff() for change in changes],
    }
    if not dry and checkpoint:
        # A dead-man switch that fires meanwhile waits, or it would undo the first half and miss the second.
        with stores.locked(stores.validate(checkpoint)):
            _carry_out(changes, _removed(checkpoint, changes))
    elif not dry:
        _carry_out(changes, os.path.join(stores.PERSISTENT, "removed"))
    return result


def _removed(checkpoint, changes):
    """Where the checkpoint keeps what is moved out of the way. Raises ``ValueError`` when it could not undo a change."""
    store = stores.find(checkpoint)
    missing = uncovered(store.read() if store else None, changes)
    if missing:
        raise ValueError("checkpoint %s does not hold %s: nothing was touched" % (checkpoint, ", ".join(missing)))
    return store.path("removed")


def _carry_out(changes, removed):
    applying.carry_out(changes, removed)
    left = applying.unfulfilled(changes)
    if left:
        raise ValueError("it was put back, and is still not as it was: " + ", ".join(left))


def main():
    """Options in, result out."""
    options = {name: {"type": "str", "no_log": name == "content"} for name in TEXTS}
    options.update(
        kind={"type": "str", "required": True, "choices": sorted(KINDS)}, name={"type": "str", "required": True}
    )
    options.update({"was": {"type": "raw"}, "is": {"type": "raw"}, "place": {"type": "dict"}})
    options.update({"secret": {"type": "bool"}, "harmless": {"type": "bool"}})
    module = AnsibleModule(
        argument_spec={
            "differences": {"type": "list", "elements": "dict", "required": True, "options": options},
            "checkpoint": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        result = rollback(module.params["differences"], module.params["checkpoint"], module.check_mode)
    except (ValueError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
