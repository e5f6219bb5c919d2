#!/usr/bin/python
# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The contents of a mail host's files, for its last known good; secret ones never leave the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: snapshot
short_description: Take the contents of files for the last known good of a mail host
version_added: 0.1.0
description:
  - Returns the contents of files that everybody may read.
  - Files that not everybody may read, or that hold a private key or a password, are secret. Their contents are never returned; with
    O(keep_secrets) the host keeps a copy of each, readable by root alone, below C(/var/lib/pyremediate/known_good/).
attributes:
  check_mode:
    support: full
    description: Returns the same, and keeps nothing.
  diff_mode:
    support: none
    description: There is nothing to show; contents may be secret.
  idempotent:
    support: full
    description: Changes something only when a secret file has changed since.
options:
  paths:
    description: The files.
    type: list
    elements: str
    required: true
  secret:
    description: Those of O(paths) that the observation calls secret; here that is judged anew, as far as the file itself tells.
    type: list
    elements: str
    default: []
  keep_secrets:
    description: Keep a copy of each secret file on the host. Copies of files that are not among O(paths) are removed.
    type: bool
    default: false
  hash_key:
    description: The key of the hashes by which the controller knows secret files.
    type: str
  largest:
    description: Files with more bytes than this are not taken.
    type: int
    default: 262144
author:
  - The pyremediate maintainers (@pyremediate)
"""

EXAMPLES = r"""
- name: Take the contents of two files
  pyremediate.mail.snapshot:
    paths: [/etc/postfix/main.cf, /etc/ssl/mail/key.pem]
    keep_secrets: true
    hash_key: "{{ pyremediate_hash_key }}"
"""

RETURN = r"""
files:
  description: The files that are not secret.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The path.
      type: str
    content_base64:
      description: The content, encoded with base64.
      type: str
kept:
  description: The secret files of which the host keeps a copy.
  returned: success
  type: list
  elements: str
left_out:  # Ansible takes a result that says "skipped" for one of a task that did not run
  description: The other files by path, each with the reason.
  returned: success
  type: dict
"""

import base64

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils.checkpoint_snapshot import take


def main():
    """Options in, result out."""
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "str", "required": True},
            "secret": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "keep_secrets": {"type": "bool", "default": False},
            "hash_key": {"type": "str", "no_log": True},
            "largest": {"type": "int", "default": 256 * 1024},
        },
        supports_check_mode=True,
    )
    options = module.params
    try:
        taken = take(options["paths"], options["hash_key"], options["largest"], set(options["secret"]))
        secrets = taken.secrets if options["keep_secrets"] else {}
        changed = options["keep_secrets"] and known_good.manifest() != {
            path: entry for path, (_, entry) in secrets.items()
        }
        if changed and not module.check_mode:
            known_good.keep(secrets)
    except (ValueError, OSError) as error:
        module.fail_json(msg=str(error))
    left_out = dict(taken.skipped)
    if not options["keep_secrets"]:
        left_out.update(dict.fromkeys(taken.secrets, "it is secret, and no copy was to be kept"))
    files = [
        {"path": path, "content_base64": base64.b64encode(content).decode()}
        for path, content in sorted(taken.contents.items())
    ]
    module.exit_json(changed=changed, files=files, kept=sorted(secrets), left_out=left_out)


if __name__ == "__main__":
    main()
