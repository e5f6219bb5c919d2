# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``vantage`` is asked, and its answer: for Ansible's module, and for the controller's questions without a play."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.vantage_look import Look

CANARY = {
    "address": {"type": "str", "required": True},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
}
PEER = {
    **CANARY,
    "imap_host": {"type": "str"},
    "imap_address": {"type": "str"},
    "imap_port": {"type": "int", "default": 993},
}
AWAITED = {
    "path": {"type": "str", "required": True, "choices": ["inbound", "outbound"]},
    "token": {"type": "str", "required": True, "no_log": False},
    "queue_id": {"type": "str", "default": ""},
    "accepted_at": {"type": "float", "required": True},
}
ARGUMENTS = {
    "target": {"type": "str", "required": True},
    "vantage": {"type": "str", "required": True},
    "host": {"type": "str", "required": True},
    "address": {"type": "str"},
    "domain": {"type": "str"},
    "exchangers": {"type": "list", "elements": "str"},
    "resolver": {"type": "str"},
    "ca_file": {"type": "path"},
    "ca_pem": {"type": "str"},
    "paths": {
        "type": "list",
        "elements": "str",
        "choices": ["inbound", "submission", "outbound", "retrieval"],
        "default": [],
    },
    "awaited": {"type": "list", "elements": "dict", "options": AWAITED},
    "canary": {"type": "dict", "options": CANARY},
    "peer": {"type": "dict", "options": PEER},
    "sender": {"type": "str"},
    "helo": {"type": "str"},
    "token": {"type": "str", "required": True, "no_log": False},
    "smtp_port": {"type": "int", "default": 25},
    "submission_port": {"type": "int", "default": 587},
    "imap_port": {"type": "int", "default": 993},
    "require_tls": {"type": "bool", "default": False},
    "wait": {"type": "float", "default": 8},
    "connect_timeout": {"type": "float", "default": 3},
    "command_timeout": {"type": "float", "default": 6},
    "deadline": {"type": "float", "default": 25},
}


def answer(parameters):
    """Walk the paths that are asked for: {"vantage": ...}. Raises ValueError with the words for the operator."""
    try:
        look = Look(parameters)
    except (OSError, ValueError) as error:  # ssl.SSLError is one of them
        source = parameters["ca_file"] or "ca_pem"
        raise ValueError(f"the authority's certificate cannot be read from {source}: {error}") from error
    return {"vantage": look.run()}
