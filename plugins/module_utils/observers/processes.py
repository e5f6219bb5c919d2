# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs and who listens, from proc(5): no command is needed, and a host out of memory for one can still tell."""

from __future__ import annotations

import os
import socket
import struct
import time
from dataclasses import dataclass

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import words

TABLES = {"tcp": ("tcp", "tcp6"), "udp": ("udp", "udp6")}
LISTENING = {"tcp": "0A", "udp": "07"}  # TCP_LISTEN; of UDP sockets: not connected
PRIVILEGED = 1024  # UDP sockets above are clients that wait for an answer
TICKS = os.sysconf("SC_CLK_TCK")
INIT = 1
ACCEPTS_CONNECTIONS = 0x10000  # the flag of a listening socket in /proc/net/unix


@dataclass(frozen=True)
class Process:
    """A process by its number, its parent's, and its command name; ``started`` in seconds since the host started."""

    pid: int
    parent: int
    name: str
    started: float


def running():
    """Every process that can be seen; those that end meanwhile are left out."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                    found.append(parse_stat(file.read()))
            except OSError:
                continue
    return found


def parse_stat(text):
    """``123 (comm) S 1 ...``; the name may itself contain parentheses."""
    before, _, after = text.rpartition(")")
    pid, _, name = before.partition(" (")
    fields = after.split()
    return Process(int(pid), int(fields[1]), name, int(fields[19]) / TICKS)


def start_time(process):
    """When the process was started, in seconds since the epoch, by the clock as it is now."""
    with open("/proc/uptime", encoding="ascii") as file:
        uptime = float(file.read().split()[0])
    return time.time() - uptime + process.started


def alive(pid, name):
    """Whether the process lives and has this name: numbers are used again."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip() == name
    except OSError:
        return False


def listeners(processes, notes):
    """Who accepts what: {protocol, address, port, process, pid}; the process is None where it cannot be seen."""
    sockets = {}
    for protocol, tables in TABLES.items():
        for table in tables:
            for found in parse_sockets(_table(table, notes), protocol):
                inode = found.pop("inode")
                sockets[inode] = {**found, "process": None, "pid": None}
    unseen = _name_owners(processes, sockets)
    for entry in sockets.values():
        uid, candidates = entry.pop("uid"), []
        if entry["pid"] is None:
            candidates = unseen.get(uid, [])
        if len(candidates) == 1:
            entry.update(process=candidates[0].name, pid=candidates[0].pid)
    return sorted(sockets.values(), key=lambda each: (each["protocol"], each["port"], each["address"]))


def _name_owners(processes, sockets):
    """Fill in the owners by the files that each process has open; returns by user those that do not let us look.

    Even root may not look at every process, in a container for example. Where a user has only one such daemon, a socket
    of that user can be nobody else's.
    """
    hidden = []
    for process in _parents_last(processes):
        inodes = _socket_inodes(process.pid)
        if inodes is None:
            hidden.append(process)
        for inode in inodes or ():
            if inode in sockets:
                sockets[inode].update(process=process.name, pid=process.pid)
    for entry in sockets.values():
        heir = _inherited_from(entry, processes, hidden)
        if heir:
            entry.update(process=heir.name, pid=heir.pid)
    by_user = {}
    for process in hidden:
        if process.parent == INIT:
            by_user.setdefault(_user(process.pid), []).append(process)
    return by_user


def _inherited_from(entry, processes, hidden):
    """The daemon that opened the socket, where its child was seen with it and itself it does not let us look; None: nobody.

    A child that master(8) has just started holds the port until it takes another user.
    """
    by_pid = {process.pid: process for process in processes}
    unseen = {process.pid for process in hidden}
    found, process = None, by_pid.get(entry["pid"])
    while process is not None and process.parent not in (0, INIT):
        process = by_pid.get(process.parent)
        if process is not None and process.pid in unseen and _user(process.pid) == entry["uid"]:
            found = process
    return found


def _user(pid):
    """The real user: /proc/PID itself belongs to root when the process has changed its user."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Uid:"))
    except (OSError, StopIteration):
        return None


def _table(name, notes):
    try:
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""  # a kernel without IPv6
    except OSError as error:
        notes.append(words(error))
        return ""


def parse_sockets(text, protocol):
    """{protocol, address, port, uid, inode} of the listening sockets in a table of /proc/net."""
    for line in text.splitlines()[1:]:
        fields = line.split()
        address, _, port = fields[1].rpartition(":")
        number = int(port, 16)
        if fields[3] == LISTENING[protocol] and (protocol == "tcp" or 0 < number < PRIVILEGED):
            place = {"protocol": protocol, "address": _address(address), "port": number}
            yield {**place, "uid": int(fields[7]), "inode": fields[9]}


def _address(text):
    """The kernel writes addresses as 32-bit words in the machine's own byte order."""
    words_ = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    octets = struct.pack(f"={len(words_)}I", *words_)
    return socket.inet_ntop(socket.AF_INET if len(octets) == 4 else socket.AF_INET6, octets)


def _parents_last(processes):
    """Children inherit their parent's sockets; the parent is the one to name, so it comes after them."""
    parents = {process.pid: process.parent for process in processes}

    def depth(process):
        steps, pid = 0, process.pid
        while pid in parents and steps < len(parents):
            steps, pid = steps + 1, parents[pid]
        return steps

    return sorted(processes, key=depth, reverse=True)


def _socket_inodes(pid):
    """The sockets that a process has open; None when it does not let us look."""
    directory = f"/proc/{pid}/fd"
    try:
        targets = [_target(f"{directory}/{name}") for name in os.listdir(directory)]
    except PermissionError:
        return None
    except OSError:
        return []  # it ended while we looked
    return [target[8:-1] for target in targets if target.startswith("socket:[")]


def _target(link):
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""  # closed while we looked


def listening_paths():
    """The Unix sockets that accept connections; None when the kernel does not tell."""
    try:
        with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
            return parse_unix(file.read())
    except OSError:
        return None


def parse_unix(text):
    """The paths of listening sockets in /proc/net/unix."""
    rows = (line.split(None, 7) for line in text.splitlines()[1:])
    return {row[7] for row in rows if len(row) == 8 and int(row[3], 16) & ACCEPTS_CONNECTIONS}
