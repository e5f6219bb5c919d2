#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How text files of a mail host differ from its last known good, line by line."""

from __future__ import annotations

DOCUMENTATION = r"""
module: hunks
short_description: Compare text files with their last known good, line by line
version_added: 0.1.0
description:
  - Returns each changed place of each file as a hunk that can be put back alone, in any order, by
    M(pyremediate.mail.rollback).
  - Of secret files no line is returned, only a name that identifies the hunk; they are compared with the copy that the
    host itself keeps, see M(pyremediate.mail.snapshot).
attributes:
  check_mode:
    support: full
    description: It only looks.
  diff_mode:
    support: none
    description: It changes nothing.
  idempotent:
    support: full
    description: It changes nothing.
options:
  files:
    description: The files.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: The path; V(ruleset) for the rules of the packet filter.
        type: str
        required: true
      content:
        description: The content that it had, encoded with base64. None for a secret file.
        type: str
      secret:
        description: Whether the observation calls it secret, as it was or as it is; its lines are not told then.
        type: bool
        default: false
      digest:
        description: The keyed digest that a secret file had. It proves which kept copy is meant.
        type: str
author:
  - The pyremediate maintainers (@pyremediate)
"""

EXAMPLES = r"""
- name: See which entries of a map have changed
  pyremediate.mail.hunks:
    files:
      - path: /etc/postfix/virtual
        content: "{{ lookup('ansible.builtin.file', 'known_good/virtual') | b64encode }}"
"""

RETURN = r"""
files:
  description: The files in the order of the question.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The path.
      type: str
    secret:
      description: Whether it was compared with the copy on the host.
      type: bool
    error:
      description: Why it could not be compared.
      type: str
    hunks:
      description: The places; none when the file is another altogether, or could not be compared.
      type: list
      elements: dict
      contains:
        name:
          description: Identifies the hunk, at every look.
          type: str
        harmless:
          description: Whether it consists of comments and empty lines alone.
          type: bool
        was:
          description: The lines in the last known good. Not of a secret file; so too the rest.
          type: list
          elements: str
        is:
          description: The lines now.
          type: list
          elements: str
        before:
          description: The lines before them, now and then, up to one that finds the place again.
          type: list
          elements: str
        after:
          description: The lines after them.
          type: list
          elements: str
        begin:
          description: Whether the text begins with RV(files[].hunks[].before).
          type: bool
        end:
          description: Whether the text ends with RV(files[].hunks[].after).
          type: bool
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils.hunks_probe import ARGUMENTS, answer


def main():
    """Options in, result out."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    module.exit_json(changed=False, **answer(module.params))


if __name__ == "__main__":
    main()
