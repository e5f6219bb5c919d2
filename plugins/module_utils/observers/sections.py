# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every observer, and one observation by those that are wanted."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import (
    dns,
    dovecot,
    files,
    hardware,
    log,
    milters,
    network,
    packages,
    postfix,
    resources,
    services,
    sessions,
    ssh,
    tls,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import seconds
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import end_all
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Request
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.runner import Observer, run

# The seconds are for a host that is overloaded; a healthy one needs a fraction of one.
OBSERVERS = (
    Observer("services", services.observe, 14),
    Observer("hardware", hardware.observe, 12),  # a disk that fails answers late
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
    Observer("ssh", ssh.observe, 8),
    Observer("sessions", sessions.observe, 12),
)


def observation(parameters):
    """What the sections that are asked for show, as evidence. ``parameters``: those of the module ``observe``, all of them."""
    wanted = [observer for observer in OBSERVERS if observer.section in parameters["sections"]]
    request = _request(parameters)
    if "postfix" not in parameters["sections"]:
        request.listing.give()
    evidence = run(wanted, request, parameters["deadline"])
    end_all()
    return evidence


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
