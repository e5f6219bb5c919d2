"""How a network device is reached and asked: the variables of the inventory that say so. Pure.

They are those that Ansible's own network modules read; ``pyremediate_device_…`` win, for a device that is looked at as another
user, or in another way, than it is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

# What ``pyremediate.network.observe.answer`` wants to know, and the variables that tell it, the first that is set.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "address": ("ansible_host",),
    "port": ("pyremediate_device_port", "ansible_port"),
    "network_os": ("ansible_network_os",),
    "user": ("pyremediate_device_user", "ansible_user"),
    "password": ("pyremediate_device_password", "ansible_password", "ansible_ssh_password"),
    "key_file": ("pyremediate_device_key_file", "ansible_ssh_private_key_file"),
    "known_hosts": ("pyremediate_device_known_hosts",),
    "ssh_config": ("pyremediate_device_ssh_config",),
    "shell_user": ("pyremediate_device_shell_user",),
}


def login(device: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The login with what nobody has to say: a name that resolves, and one's own known hosts (ssh_config(5))."""
    return {"host": device, "address": device, "known_hosts": str(Path("~/.ssh/known_hosts").expanduser()), **given}
