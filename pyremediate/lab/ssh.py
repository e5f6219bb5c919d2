"""ssh(1) into the lab's hosts: with the generated key, host keys checked, whatever the operator's own configuration."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence

from pyremediate.lab.description import Host, Lab


def command_line(lab: Lab, host: Host, command: Sequence[str] = ()) -> list[str]:
    """The command line that logs in as root, or runs a command there."""
    options = {
        "UserKnownHostsFile": lab.directory / "known_hosts",
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "ConnectTimeout": 5,
    }
    flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    return ["ssh", "-F", "none", "-i", str(lab.directory / "ssh"), *flags, f"root@{host.management}", *command]


def run(lab: Lab, host: Host, script: str, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run a script on a host, bounded there and here."""
    line = command_line(lab, host, ["timeout", f"{seconds:.0f}", "sh", "-s"])
    return subprocess.run(line, input=script, capture_output=True, text=True, timeout=seconds + 10, check=False)


def forget(lab: Lab, hosts: Iterable[Host]) -> None:
    """End the connections that Ansible keeps for reuse (ControlPersist): to a host made anew they lead nowhere."""
    for host in hosts:
        socket = lab.directory / "control" / host.management
        if socket.is_socket():
            line = ["ssh", "-F", "none", "-O", "exit", "-S", str(socket), f"root@{host.management}"]
            subprocess.run(line, capture_output=True, check=False, timeout=10)
            socket.unlink(missing_ok=True)
