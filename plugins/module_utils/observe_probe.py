# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``observe`` is asked, and its answer: for Ansible's module, and for the controller's questions without a play."""

from __future__ import annotations

LOOKUP_TYPES = ["A", "AAAA", "MX", "PTR", "TXT"]
SECTIONS = [
    "services", "hardware", "resources", "network", "dns", "postfix", "dovecot", "milters", "tls", "packages", "log",
    "files", "ssh",
]  # fmt: skip
ON_REQUEST = ["sessions"]  # only an audit asks who was there
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "sections": {"type": "list", "elements": "str", "choices": SECTIONS + ON_REQUEST, "default": SECTIONS},
    "deadline": {"type": "float", "default": 20.0},
    "hash_key": {"type": "str", "no_log": True},
    "mail_domain": {"type": "str"},
    "lookups": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "type": {"type": "str", "choices": LOOKUP_TYPES, "default": "A"},
        },
    },
    "extra_paths": {"type": "list", "elements": "path", "default": []},
    "queue_limit": {"type": "int", "default": 1000},
    "log_minutes": {"type": "int", "default": 180},
    "log_since": {"type": "str"},
}


def answer(parameters):
    """Observe the sections that are asked for: {"evidence": ...}.

    What looks is imported only now: the controller wants ``ARGUMENTS`` alone, by a loader of Ansible's that compiles every time.
    """
    from ansible_collections.pyremediate.mail.plugins.module_utils.observers.sections import observation

    return {"evidence": observation(parameters)}
