# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``observe`` is asked, and its answer: for Ansible's module, and for the controller's questions without a play."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import (
    dns,
    dovecot,
    files,
    log,
    milters,
    network,
    packages,
    postfix,
    resources,
    services,
    tls,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import seconds
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import end_all
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.runner import Observer, run

# The seconds are for a host that is overloaded; a healthy one needs a fraction of one.
OBSERVERS = (
    Observer("services", services.observe, 14),
    Observer("resources", resources.observe, 8),
    Observer("network", network.observe, 14),
    Observer("dns", dns.observe, 12),
    Observer("postfix", postfix.observe, 16),
    Observer("dovecot", dovecot.observe, 14),
    Observer("milters", milters.observe, 16),
    Observer("tls", tls.observe, 8),
    Observer("packages", packages.observe, 14),
    Observer("log", log.observe, 18),
    Observer("files", files.observe, 12),
)
LOOKUP_TYPES = ["A", "AAAA", "MX", "PTR", "TXT"]
SECTIONS = [observer.section for observer in OBSERVERS]
ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "sections": {"type": "list", "elements": "str", "choices": SECTIONS, "default": SECTIONS},
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
    """Observe the sections that are asked for: {"evidence": ...}."""
    wanted = [observer for observer in OBSERVERS if observer.section in parameters["sections"]]
    request = _request(parameters)
    if "postfix" not in parameters["sections"]:
        request.listing.give()
    evidence = run(wanted, request, parameters["deadline"])
    end_all()
    return {"evidence": evidence}


def _request(parameters):
    return Request(
        name=parameters["name"],
        mail_domain=parameters["mail_domain"],
        lookups=parameters["lookups"],
        hash_key=parameters["hash_key"],
        extra_paths=parameters["extra_paths"],
        queue_limit=parameters["queue_limit"],
        log_minutes=parameters["log_minutes"],
        log_since=seconds(parameters["log_since"]) if parameters.get("log_since") else None,
    )
