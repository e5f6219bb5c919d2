"""From "unreachable" to a reason: the inventory's connection variables, and a probe of each step of an SSH login."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyremediate.ansible import plays
from pyremediate.request import AnsibleOptions

if TYPE_CHECKING:
    from pyremediate.looking.reach import Connection

KNOWN_HOSTS = (
    "~/.ssh/known_hosts",
    "/etc/ssh/ssh_known_hosts",
)  # ssh_config(5), UserKnownHostsFile and GlobalKnownHostsFile


def explain(host: str, options: AnsibleOptions, words: str) -> str:
    """Why Ansible could not reach a host, in one sentence with the mend; Ansible's own words when that cannot be told."""
    from pyremediate.looking.reach import probe  # paramiko, for those who need it

    connection = connection_to(host, options)
    if connection is None:
        return words
    reach = probe(connection)
    return reach.sentence if not reach.reachable else f"SSH answers now, but Ansible was told: {words}"


def connection_to(host: str, options: AnsibleOptions) -> Connection | None:
    """How Ansible connects to the host, or None where it does not use SSH or will not say."""
    result = plays.run(plays.Play("connection", {"pyremediate_target": host}, options, timeout=30))
    told = [task.data.get("msg") for task in result.by_action("ansible.builtin.debug") if task.status == "ok"]
    if not told or not isinstance(told[0], dict):
        return None
    from pyremediate.looking.reach import Connection

    values = told[0]
    key = options.private_key or values["key"]
    return Connection(
        host=host,
        address=str(values["address"]),
        port=int(values["port"]),
        user=str(options.user or values["user"]),
        key_files=(str(Path(key).expanduser()),) if key else (),
        known_hosts_files=known_hosts_files(str(values["arguments"])),
        python=str(values["python"]),
    )


def known_hosts_files(arguments: str) -> tuple[str, ...]:
    """The files named by ``-o UserKnownHostsFile=…`` in SSH arguments, or the defaults."""
    named = re.findall(r"UserKnownHostsFile[= ]\"?([^\s\"']+)", arguments)
    return tuple(str(Path(file).expanduser()) for file in (named or KNOWN_HOSTS))
