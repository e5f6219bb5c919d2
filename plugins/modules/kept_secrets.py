#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The copies of secret files that a mail host keeps for rollbacks, in clear."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kept_secrets
short_description: Return the copies of secret files that a mail host keeps
version_added: 0.1.0
description:
  - Returns the copies that M(pyremediate.mail.snapshot) made, so that C(pyremediate baseline capture) can keep them encrypted by
    Ansible Vault where a vault id is given.
  - B(The result holds secrets in clear.) A task needs C(no_log). C(pyremediate) itself asks without a play, so that no callback or
    log of Ansible ever sees the answer.
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
options: {}
author:
  - The pyremediate maintainers (@pyremediate)
"""

EXAMPLES = r"""
- name: Take the copies of the secret files
  pyremediate.mail.kept_secrets:
  register: kept
  no_log: true
"""

RETURN = r"""
files:
  description: The copies that are whole.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The path of the file.
      type: str
    digest:
      description: The keyed digest by which the controller knows it.
      type: str
    content_base64:
      description: The content, encoded with base64.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils.kept_secrets_probe import ARGUMENTS, answer


def main():
    """Options in, result out."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    module.exit_json(changed=False, **answer(module.params))


if __name__ == "__main__":
    main()
