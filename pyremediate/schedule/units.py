"""The text of systemd's units (systemd.service(5), systemd.timer(5), systemd.exec(5)). Pure."""

from __future__ import annotations

from pathlib import Path

from pyremediate.errors import UsageError
from pyremediate.schedule.jobs import Job

MARK = "# Written by pyremediate from its settings; `pyremediate schedule install` writes it anew, `remove` takes it away."
OVERLAP = 4  # exit status of a run that found the one before it still at work: no failure
UNAPPROVED = 5  # of an audit before anything was approved: doctor and the metrics say it, and no alarm each day

# What a run needs is the network, ssh(1) and its state directory. It works as root because the state is root's, but without any
# capability. Homes stay readable: keys, known hosts and ssh_config(5) are there; secrets of others are not root's to read
# without CAP_DAC_OVERRIDE.
SANDBOX = """\
CapabilityBoundingSet=
LockPersonality=yes
MemoryDenyWriteExecute=yes
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=read-only
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
UMask=0077
"""
# A user's manager has no privilege to mount or to drop capabilities; these work by seccomp(2) and prctl(2) alone.
USER_SANDBOX = "".join(
    line
    for line in SANDBOX.splitlines(keepends=True)
    if line.startswith(("Lock", "Memory", "NoNew", "RestrictA", "RestrictN", "RestrictR", "RestrictS", "SystemCall", "UMask"))
)


def unit_name(job: str) -> str:
    """Without the kind of unit."""
    return f"pyremediate-{job}"


def service(job: Job, system: bool) -> str:
    """One run. ``oneshot``: systemd starts no second one while it goes on."""
    network = "Wants=network-online.target\nAfter=network-online.target nss-lookup.target\n" if system else ""
    return f"""\
{MARK}
[Unit]
Description=pyremediate: {job.kind.purpose}
{network}
[Service]
Type=oneshot
ExecStart={" ".join(_word(word) for word in job.command)}
WorkingDirectory={_plain(job.directory)}
SuccessExitStatus={OVERLAP} {UNAPPROVED}
TimeoutStartSec=1h
{_state(job, system)}
{SANDBOX if system else USER_SANDBOX}"""


def timer(job: Job) -> str:
    """When. ``Persistent`` makes up for a run that was missed while the machine was off."""
    return f"""\
{MARK}
[Unit]
Description=pyremediate: when to {job.kind.purpose}

[Timer]
OnCalendar={job.on_calendar}
Persistent=yes
RandomizedDelaySec={job.kind.spread}
FixedRandomDelay=yes

[Install]
WantedBy=timers.target
"""


def _state(job: Job, system: bool) -> str:
    """Where the run may write, and what it is given to read."""
    lines = []
    if system and job.state is None:
        lines += ["StateDirectory=pyremediate", "StateDirectoryMode=0700"]
    if job.state is not None:
        lines += [f"Environment={_quoted(f'PYREMEDIATE_STATE={job.state}')}"]
    if system:
        # Ansible's own scratch files, which it would put into the home directory.
        lines += ["Environment=ANSIBLE_LOCAL_TEMP=/tmp/ansible ANSIBLE_SSH_CONTROL_PATH_DIR=/tmp/ssh"]
        lines += [f"ReadWritePaths={_quoted(path)}" for path in ((job.state,) if job.state else ()) + job.writable]
        lines += [f"LoadCredential={name}:{_plain(path)}" for name, path in job.credentials.items()]
    return "\n".join(lines)


def _word(word: str) -> str:
    """A word of a command line: ``$`` is a variable there."""
    return _quoted(word.replace("$", "$$"))


def _quoted(text: str | Path) -> str:
    """In quotes where it has a blank or a quote; ``%`` is a specifier (systemd.syntax(7), systemd.unit(5))."""
    plain = _plain(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"' if set(plain) & set(" \t'\"\\") else plain


def _plain(text: str | Path) -> str:
    """A whole value up to the end of the line."""
    if "\n" in str(text):
        raise UsageError(f"{str(text)!r}: a path with a line break cannot stand in a unit; rename it")
    return str(text).replace("%", "%%")
