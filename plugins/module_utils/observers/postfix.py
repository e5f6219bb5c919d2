# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Postfix: its configuration as written and as it takes it, whether it runs, its tables, permissions and queue."""

from __future__ import annotations

import json
import os
import re
from functools import partial

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.concurrently import together
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_maps import asked, observe_maps
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_permissions import observe_permissions
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_queue import observe_queue
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.processes import alive, running
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import (
    SHORT,
    keyed,
    line_without_secrets,
    without_secrets,
)

SAID_BY = re.compile(r"^\S*(postconf|postcat): ")
COMMANDS = (["postconf", "-n"], ["postconf", "-M"], ["postcat"], ["postconf", "-m"])


def observe(request, notes):
    """The section ``postfix``."""
    try:
        return _observed(request, notes)
    finally:
        request.listing.give()  # nobody need wait for one that does not come


def _observed(request, notes):
    if not installed("postconf"):
        raise Unavailable("Postfix is not installed", {"installed": False})
    known = configuration()
    if known.unreadable:
        # Everything else rests on it: where the queue is, which tables and services there are.
        raise PermissionError("; ".join(known.unreadable))
    # A Postfix program that ends with a fatal error waits a second first (msg_fatal(3)): so all at once.
    effective, services, evaluated, types = together([partial(run, argv) for argv in COMMANDS])
    check = checked([effective, services, evaluated])
    is_running = _is_running(known)
    usable = is_running and check["returncode"] == 0
    return {
        "installed": True,
        "version": known.defaults["mail_version"],
        "queue_directory": known.value("queue_directory"),
        "config_directory": known.directory,
        "mail_owner": known.value("mail_owner"),
        "check": check,
        "main": _main(known.main),
        "withheld": withheld(known.main.parameters, known.master.services, request.hash_key),
        "defaults": _told(known.written_out),
        "effective": _told(parse_assignments(effective.stdout)) if effective.ok else {},
        "services": _services(known.master.services),
        "invalid_services": _lines(known.master.invalid),
        "running": is_running,
        "maps": asked(observe_maps(known, set(types.stdout.split()) if types.ok else None)),
        "permissions": observe_permissions(known, notes),
        "queue": observe_queue(known, usable, request.queue_limit, notes, request.listing),
    }


def checked(answers):
    """What Postfix says of its configuration, from the programs that only read it.

    Not ``postfix check``: that makes missing directories, renames queue files and writes to the log (postfix(1),
    postsuper(1)). ``postcat`` without a file reads its empty input after it has read and evaluated all of main.cf, as
    the daemons do; ``postconf -M`` does the same for master.cf.
    """
    said = [line for answer in answers for line in answer.stderr.splitlines() + [answer.error] if line]
    failed = [answer.returncode for answer in answers if not answer.ok]
    return {
        "returncode": failed[0] if failed else 0,
        "messages": list(dict.fromkeys(without_secrets("", SAID_BY.sub("", line)) for line in said)),
    }


def _is_running(known):
    """By the process id that master(8) writes; by any process of its name where only root may read that."""
    try:
        with open(os.path.join(known.value("queue_directory"), "pid/master.pid"), encoding="ascii") as file:
            return alive(file.read().strip(), "master")
    except OSError:
        return any(process.name == "master" for process in running())


def parse_assignments(text):
    """{name: value} from the output of postconf(1)."""
    return dict(line.partition(" =")[::2] for line in text.splitlines() if " =" in line)


def _main(main):
    return {"parameters": _told(main.parameters), "invalid": _lines(main.invalid), "duplicates": main.duplicates}


def _told(parameters):
    return {name: without_secrets(name, value.strip()) for name, value in parameters.items()}


def _services(services):
    return {name: {**service, **_told_service(service)} for name, service in services.items()}


def _told_service(service):
    """A command that pipe(8) runs may have a password among its arguments."""
    return {"columns": without_secrets("", service["columns"]), "options": _told(service["options"])}


def withheld(parameters, services, key):
    """Keyed digests of what is not told whole, so that one can tell that it has changed: {"main": {name: ""}, "services": {}}."""
    if not key:
        return {"main": {}, "services": {}}
    told = {name: {**service, **_told_service(service)} for name, service in services.items()}
    return {
        "main": {
            name: _keyed(key, name, " ".join(value.split()))
            for name, value in parameters.items()
            if without_secrets(name, value.strip()) != value.strip()
        },
        "services": {
            name: _keyed(key, name, [" ".join(service["columns"].split()), sorted(service["options"].items())])
            for name, service in services.items()
            if told[name] != service
        },
    }


def _keyed(key, name, value):
    return keyed(key, json.dumps([name, value]).encode("utf-8"))[:SHORT]


def _lines(invalid):
    return [{**each, "text": line_without_secrets(each["text"])} for each in invalid]
