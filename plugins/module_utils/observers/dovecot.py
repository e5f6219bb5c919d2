# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dovecot: what it makes of its configuration, its sockets for Postfix, and whether mail can be stored."""

from __future__ import annotations

import os
import re

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import effective as asked
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import parse, settings
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.processes import listening_paths
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import (
    SEARCH,
    WRITE,
    group_name,
    hindrance,
    mode_of,
    user_name,
    words,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import (
    line_without_secrets,
    without_secrets,
)

VERSION = re.compile(r"^# (\d\S*)", re.MULTILINE)
DELIVERY = re.compile(r"(?:lmtp:)?unix:(\S+)")
TRANSPORTS = ("virtual_transport", "mailbox_transport", "local_transport", "fallback_transport")
STATIC_FIELD = re.compile(r"\b(uid|home|mail)=(\S+)")
VARIABLE = re.compile(r"[%~$]")


def observe(request, notes):
    """The section ``dovecot``."""
    written = settings()
    if not installed("dovecot") and written is None:
        raise Unavailable("Dovecot is not installed", {"installed": False})
    answer = asked()
    effective = parse(answer.stdout) if answer.ok else parse("")
    notes.extend(written.unreadable if written else ["/etc/dovecot/dovecot.conf: No such file or directory"])
    return {
        "installed": True,
        "version": _version(answer.stdout),
        "check": {"returncode": answer.returncode, "messages": _messages(answer)},
        "settings": _told(written.values) if written else {},
        "effective": _told(effective.values),
        "invalid": [{**each, "text": line_without_secrets(each["text"])} for each in written.invalid] if written else [],
        "sockets": _sockets(configuration()),
        "mail_location_writable": _mail_location_writable(effective if answer.ok else written, notes),
    }


def _version(text):
    """Of the first line of ``doveconf -n``; asked for separately when the configuration is broken."""
    match = VERSION.search(text)
    return match.group(1) if match else (run(["dovecot", "--version"]).stdout.split() or [""])[0]


def _messages(answer):
    said = [without_secrets("", line.strip()) for line in answer.stderr.splitlines() if line.strip()]
    return said or ([answer.error] if answer.error else [])


def _told(values):
    return {name: without_secrets(name.rsplit("/", 1)[-1], value) for name, value in values.items()}


def _sockets(postfix):
    """Those of Dovecot's that Postfix is told to use, by its own parameters."""
    listening = listening_paths()
    return [_socket(path, listening) for path in dict.fromkeys(expected_sockets(postfix))]


def expected_sockets(postfix):
    """The paths of the authentication and delivery sockets; relative ones are below the queue directory."""
    if "dovecot" in postfix.values("smtpd_sasl_type"):
        for value in postfix.values("smtpd_sasl_path"):
            if not value.startswith("inet:"):
                yield postfix.in_queue(value.replace("unix:", "", 1))
    for name in TRANSPORTS:
        for value in postfix.values(name):
            for path in DELIVERY.findall(value):
                yield postfix.in_queue(path)


def _socket(path, listening):
    """A socket that exists may still have nobody behind it: ``listening`` tells, None when the kernel does not."""
    entry = {"path": path, "exists": False, "owner": None, "group": None, "mode": None, "error": ""}
    entry["listening"] = None if listening is None else path in listening
    try:
        status = os.stat(path)
    except OSError as error:
        return {**entry, "exists": None if isinstance(error, PermissionError) else False, "error": words(error)}
    owner, group = user_name(status.st_uid), group_name(status.st_gid)
    return {**entry, "exists": True, "owner": owner, "group": group, "mode": mode_of(status)}


def _mail_location_writable(known, notes):
    """Whether the user that stores mail may write where it is stored; None when the configuration does not tell."""
    place, user = mail_store(known) if known else ("", "")
    if not place or not user:
        return None
    while not os.path.lexists(place):
        place = os.path.dirname(place)  # directories are made as needed, where the user may
    try:
        reason = hindrance(place, user, WRITE | SEARCH)
    except (KeyError, OSError) as error:
        notes.append(f"mail location: no such user: {user}" if isinstance(error, KeyError) else words(error))
        return False if isinstance(error, KeyError) else None
    if not reason and os.statvfs(place).f_flag & os.ST_RDONLY:
        reason = f"{place}: Read-only file system"
    if reason:
        notes.append(f"mail location: {reason}")
    return not reason


def mail_store(known):
    """(directory above all mailboxes, user that writes there), each empty when it is not the same for everybody."""
    fields = {}
    for key, value in known.values.items():
        if key.startswith("userdb") and key.endswith("/args"):
            fields.update(STATIC_FIELD.findall(value))
    fields.setdefault("uid", known.values.get("mail_uid", ""))
    fields.setdefault("home", known.values.get("mail_home", ""))
    location = fields.get("mail") or known.values.get("mail_path") or known.values.get("mail_location", "")
    path = location.split(":")[1] if ":" in location else location
    if path.startswith("~"):
        path = fields["home"]
    fixed = VARIABLE.split(path)[0]
    directory = fixed if fixed == path else os.path.dirname(fixed)
    return (directory if directory.startswith("/") else ""), fields["uid"]
