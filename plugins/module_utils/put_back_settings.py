# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kernel settings on which mail depends, as they were (sysctl(8)); files of /proc/sys, which a container may not write."""

from __future__ import annotations

import re

# Ports to connect from, connections that wait to be accepted, files that may be open or watched, whether IP works at all.
NAMES = (
    "fs.file-max", "fs.inotify.max_user_instances", "fs.inotify.max_user_watches", "fs.nr_open", "kernel.pid_max",
    "kernel.threads-max", "net.core.somaxconn", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_max_syn_backlog", "net.ipv4.tcp_mem", "net.ipv4.conf.all.rp_filter", "net.ipv4.icmp_echo_ignore_all",
    "net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.lo.disable_ipv6", "vm.overcommit_memory",
)  # fmt: skip
NAME = re.compile(r"[a-z0-9_.-]+")


def look(names):
    """{name: value}, white space made one; one that this kernel does not have is empty."""
    return {name: _read(name) for name in names}


def _read(name):
    try:
        with open(_path(name), encoding="ascii") as file:
            return " ".join(file.read().split())
    except OSError:
        return ""


def put_back(name, wanted):
    """Set it; returns what went wrong, or nothing."""
    try:
        with open(_path(name), "w", encoding="ascii") as file:
            file.write(wanted)
    except OSError as error:
        return "%s: %s" % (name, error.strerror)
    return ""


def _path(name):
    if not NAME.fullmatch(name) or ".." in name:
        raise ValueError("%r is no kernel setting" % name)
    return "/proc/sys/" + name.replace(".", "/")
