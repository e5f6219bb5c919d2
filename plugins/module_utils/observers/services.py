# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The units of a mail host as systemd sees them, and what really runs and listens, which is not the same.

``postfix.service`` on Debian is only a wrapper: it stays active when ``postfix@-.service``, the mail system, is dead.
"""

from __future__ import annotations

import calendar
import glob
import os
import time

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.clock import iso
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.processes import listeners, running

UNITS = tuple(
    f"{name}.service"
    for name in (
        "postfix", "postfix@-", "dovecot", "rspamd", "opendkim", "opendmarc", "dnsmasq", "unbound", "named",
        "systemd-resolved", "rsyslog", "systemd-journald", "nftables", "fail2ban", "ssh", "sshd", "cron",
        "redis-server", "postgrey", "amavis", "clamav-daemon", "spamassassin",
    )
)  # fmt: skip
PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,Result,ExecMainStatus,NRestarts,StateChangeTimestamp,MainPID,"
    "FragmentPath,DropInPaths,NeedDaemonReload"
)
COUNTED = (
    "master", "smtpd", "qmgr", "pickup", "dovecot", "rspamd", "opendkim", "dnsmasq", "unbound", "named", "rsyslogd",
)  # fmt: skip
# What is started with the host, or by something else: links that "systemctl enable" makes (systemd.unit(5), "[Install]").
WANTED = ("/etc/systemd/system/*.wants/*", "/etc/systemd/system/*.requires/*")
BOOTED = "/run/systemd/system"  # exists where systemd is process 1 (sd_booted(3))


def observe(request, notes):
    """The section ``services``."""
    units, failed = _units(notes)
    processes = running()
    names = [process.name for process in processes]
    return {
        "units": units,
        "failed": failed,
        "enabled": sorted({os.path.basename(path) for pattern in WANTED for path in glob.glob(pattern)}),
        "listeners": listeners(processes, notes),
        "processes": {name: names.count(name) for name in COUNTED},
        "start_limit_hit": [name for name, unit in units.items() if unit["result"] == "start-limit-hit"],
    }


def _units(notes):
    """({unit: state} of those that are known here, the failed ones of all); empty on a host without systemd."""
    if not os.path.isdir(BOOTED):
        notes.append("systemd does not run here")
        return {}, []
    shown = run(["systemctl", "show", f"--property={PROPERTIES}", *UNITS])
    failed = run(["systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager"])
    for answer in (shown, failed):
        if not answer.ok:
            # Without this there is nothing to say of the units: to say that there are none would be false.
            raise OSError(f"systemctl: {answer.reason}")
    return parse_show(shown.stdout), [line.split()[0] for line in failed.stdout.splitlines() if line.split()]


def parse_show(text):
    """The units in the output of ``systemctl show``: blocks of ``Property=value``, with an empty line between units."""
    units = {}
    for block in text.strip().split("\n\n"):
        properties = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if properties.get("LoadState", "not-found") != "not-found":
            # An alias (sshd for ssh) is the same unit under its own name.
            units[properties["Id"]] = _unit(properties)
    return units


def _unit(properties):
    return {
        "load": properties["LoadState"],
        "active": properties.get("ActiveState", ""),
        "sub": properties.get("SubState", ""),
        "enabled": properties.get("UnitFileState", ""),
        "result": properties.get("Result", ""),
        "exit_status": _number(properties.get("ExecMainStatus")),
        "restarts": _number(properties.get("NRestarts")),
        "since": _time(properties.get("StateChangeTimestamp")),
        "main_pid": _number(properties.get("MainPID")),
        "fragment": properties.get("FragmentPath", ""),
        "drop_ins": properties.get("DropInPaths", "").split(),
        "needs_daemon_reload": properties.get("NeedDaemonReload") == "yes",
    }


def _number(text):
    return int(text) if text and text.isdigit() else 0


def _time(text):
    """``Wed 2026-11-25 01:03:15 UTC``, as systemctl writes it when TZ is UTC."""
    try:
        return iso(calendar.timegm(time.strptime(text or "", "%a %Y-%m-%d %H:%M:%S UTC")))
    except ValueError:
        return None
