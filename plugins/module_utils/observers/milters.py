# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mail filters that Postfix asks: whether each accepts connections and speaks, and what its own check says."""

from __future__ import annotations

import os
import re
import socket
import struct

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import installed, run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.postfix_configuration import configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.processes import running, start_time
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import WRITE, hindrance, words

PARAMETERS = ("smtpd_milters", "non_smtpd_milters")
ENDPOINT = re.compile(r"\b((?:inet|inet6|unix|local):[^\s,{}]+)")
TIMEOUT = 1.5
CHECK_SECONDS = 12.0  # rspamd's takes half a second of computing, many times that on a host that is overloaded
# The first packet of the milter protocol: its length, the command O, version 6, all actions, no steps left out.
NEGOTIATE = struct.pack("!IcIII", 13, b"O", 6, 0x1FF, 0)
QUIT = struct.pack("!Ic", 1, b"Q")
RSPAMD_FILES = "/etc/rspamd"
OPENDKIM_FILE = "/etc/opendkim.conf"


def observe(request, notes):
    """The section ``milters``."""
    postfix = configuration()
    probed = {}
    endpoints = []
    for parameter in PARAMETERS:
        for endpoint in dict.fromkeys(each for value in postfix.values(parameter) for each in ENDPOINT.findall(value)):
            if endpoint not in probed:
                probed[endpoint] = _probe(endpoint, postfix)
            endpoints.append({"parameter": parameter, "endpoint": endpoint, **probed[endpoint]})
    return {
        "endpoints": endpoints,
        "default_action": postfix.value("milter_default_action"),
        "rspamd": _checked("rspamd", ["rspamadm", "configtest"], RSPAMD_FILES),
        "opendkim": _checked("opendkim", ["opendkim", "-n", "-x", OPENDKIM_FILE], None),
    }


def _probe(endpoint, postfix):
    """``reachable``: it accepts a connection, Postfix's user's too. ``answers``: it speaks; None when unreachable."""
    try:
        connection = _connect(endpoint, postfix)
    except (OSError, ValueError, KeyError) as error:
        return {"reachable": False, "answers": None, "error": words(error)}
    with connection:
        try:
            connection.sendall(NEGOTIATE)
            answers = connection.recv(5)[4:] == b"O"
            connection.sendall(QUIT)
        except OSError:
            answers = False
    return {"reachable": True, "answers": answers, "error": "" if answers else f"no answer within {TIMEOUT:g} s"}


def _connect(endpoint, postfix):
    kind, _, where = endpoint.partition(":")
    if kind in ("inet", "inet6"):
        host, _, port = where.rpartition(":")
        return socket.create_connection((host.strip("[]"), _port(port)), TIMEOUT)
    path = socket_path(where, postfix)
    os.stat(path)  # that it is missing is a clearer word than that it may not be searched
    reason = hindrance(path, postfix.value("mail_owner"), WRITE)
    if reason:
        raise ValueError(reason)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    connection.connect(path)
    return connection


def _port(text):
    return int(text) if text.isdigit() else socket.getservbyname(text)


def socket_path(path, postfix):
    """Where the daemon looks: a daemon in the chroot takes even an absolute path to be below the queue directory."""
    smtpd = postfix.master.services.get("smtp/inet", {}).get("columns", "").split()
    chrooted = len(smtpd) > 4 and smtpd[4] == "y"
    return postfix.in_queue(path.lstrip("/") if chrooted else path)


def _checked(program, argv, files):
    """What the program says of its configuration."""
    if not installed(argv[0]):
        return {"installed": False, "check": None}
    if files and _runs_on(program, files):
        # Its own check takes half a second of computing; running on this very configuration proves the same.
        return {"installed": True, "check": {"returncode": 0, "messages": []}}
    answer = run(argv, CHECK_SECONDS)
    said = [line.strip() for line in (answer.stdout + answer.stderr).splitlines() if line.strip()]
    messages = [] if answer.ok else said or [answer.reason]
    return {"installed": True, "check": {"returncode": answer.returncode, "messages": messages}}


def _runs_on(program, directory):
    """Whether the program was started after the last change of any of its files."""
    started = [start_time(each) for each in running() if each.name == program]
    return bool(started) and _last_change(directory) < min(started)


def _last_change(directory):
    """When a file or directory was last changed in any way: the ctime, which nobody can set back."""
    newest = 0.0
    for current, _, names in os.walk(directory):
        for name in [".", *names]:
            newest = max(newest, os.lstat(os.path.join(current, name)).st_ctime)
    return newest
