"""Sent to a mail host of the lab as text, and run there: what could be damaged, and whether anything is different afterwards.

Standard library only; imports nothing of ours. ``survey()`` describes what it returns. It changes nothing.
"""

# A script that is sent as text does without pathlib.
# ruff: noqa: PTH112, PTH115, PTH118, PTH123, PTH208

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

PACKAGES = ("postfix*", "dovecot-*", "rspamd", "opendkim*")
# Area → where its files are. Of trees everything is surveyed, of "top" the directory and its first level alone, never mail.
TREES = {
    "postfix": ("/etc/postfix", "/etc/aliases", "/etc/aliases.db", "/etc/mailname"),
    "dovecot": ("/etc/dovecot",),
    "rspamd": ("/etc/rspamd",),
    "opendkim": ("/etc/opendkim.conf", "/etc/dkimkeys", "/etc/default/opendkim"),
    "tls": ("/etc/ssl/mail",),
    "system": (
        "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/nftables.conf",
        "/etc/systemd/system", "/run/systemd/system",
    ),
}  # fmt: skip
TOPS = {"spool": "/var/spool/postfix", "mailstore": "/var/vmail", "data": "/var/lib/postfix"}
MOST_TEXT = 100_000
FILE_FLAGS = "lsattr"


def command(*words: str) -> str:
    """The output of a command; empty when it fails, cannot be run, or hangs."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")


def survey() -> dict[str, Any]:
    """Everything as plain data, by topic; each topic's function says in which shape."""
    return {
        "postfix": postfix(),
        "dovecot": limits(command("doveconf", "-a")),
        "files": files(),
        "maps": maps(),
        "units": units(),
        "accounts": accounts(),
        "firewall": [line.strip() for line in command("nft", "list", "ruleset").splitlines() if line.strip()],
        "routes": [" ".join(line.split()) for line in command("ip", "route", "show", "table", "all").splitlines()],
        "listeners": listeners(),
    }


def postfix() -> dict[str, Any]:
    """{"set": {parameter: value}, "default": {parameter: value}, "map_types": [name]}, by postconf(1)."""
    return {
        "set": settings(command("postconf", "-n")),
        "default": settings(command("postconf", "-d")),
        "map_types": command("postconf", "-m").split(),
    }


def settings(text: str) -> dict[str, str]:
    """``name = value`` lines."""
    pairs = (line.partition(" =") for line in text.splitlines() if " =" in line)
    return {name: value.strip() for name, _, value in pairs}


def limits(text: str) -> dict[str, str]:
    """Dovecot's settings outside of any block that limit by a number."""
    return dict(re.findall(r"^(\w+_limit|\w+_connections) = (\d+)$", text, re.MULTILINE))


def maps() -> dict[str, Any]:
    """{path of an indexed map: its entries}, so that one made anew with the same content is the same."""
    named = re.findall(r"^[^#]*(?:hash|btree):(/etc/[^\s,]+)", "\n".join(lines("/etc/postfix/main.cf")), re.MULTILINE)
    indexed = [path[:-3] for _, path in paths() if path.endswith(".db")]
    found = {}
    for path in sorted({*named, *indexed}):
        entries = command("postmap", "-s", "hash:" + path).splitlines()
        found[path] = sorted(entry for entry in entries if not entry.startswith(("@\t", "YP_")))
    return found


def units() -> dict[str, Any]:
    """The services of the mail packages that are there, and those that only the state of another can start."""
    listed = command("systemctl", "list-units", "--all", "--plain", "--no-legend", "--type=service").split("\n")
    names = [line.split()[0] for line in listed if re.match(r"(postfix|dovecot|rspamd|opendkim|lab-)", line)]
    names += [
        "postfix.service",
        "postfix@-.service",
        "dovecot.service",
        "rspamd.service",
        "opendkim.service",
        "nftables.service",
    ]
    wanted = "Id,ActiveState,UnitFileState,LoadState,User"
    found = {}
    for name in sorted(set(names)):
        shown = dict(line.partition("=")[::2] for line in command("systemctl", "show", "-p", wanted, name).splitlines())
        found[name] = {
            "active": shown.get("ActiveState", ""), "enabled": shown.get("UnitFileState", ""),
            "load": shown.get("LoadState", ""), "user": shown.get("User", ""),
        }  # fmt: skip
    return found


def accounts() -> dict[str, list[str]]:
    """The users and groups that own anything in the mail system's places or run its processes; root is everybody's."""
    uids, gids = set(), set()
    for path in mail_paths():
        state = os.lstat(path)
        uids.add(state.st_uid)
        gids.add(state.st_gid)
    named = {int(line.split(":")[2]): line.split(":")[0] for line in lines("/etc/passwd") if line.count(":") >= 6}
    groups = {int(line.split(":")[2]): line.split(":")[0] for line in lines("/etc/group") if line.count(":") >= 3}
    running = set(command("ps", "-eo", "user:32=").split()) | set(
        command("doveconf", "-h", "default_login_user").split()
    )
    running &= set(named.values())
    foreign = {"root", "messagebus", "systemd-network", "sshd"}
    users = ({named[uid] for uid in uids if uid in named} | running) - foreign
    return {"users": sorted(users), "groups": sorted({groups[gid] for gid in gids if gid in groups} - foreign)}


def lines(path: str) -> list[str]:
    """The lines of a text; none when it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except OSError:
        return []


def mail_paths() -> Iterator[str]:
    """The paths of the areas that belong to the mail system alone."""
    for area, path in paths():
        if area != "system":
            yield path


def paths() -> Iterator[Any]:
    """(area, path) of everything that is surveyed besides the packages' files; sorted, each once."""
    for area, roots in TREES.items():
        for root in roots:
            for path in sorted(walked(root)):
                yield area, path
    for area, top in TOPS.items():
        if os.path.lexists(top):
            yield area, top
        for name in sorted(os.listdir(top)) if os.path.isdir(top) else []:
            path = os.path.join(top, name)
            if not (area == "data" and not os.path.isdir(path)):  # caches that change by themselves
                yield area, path


def walked(root: str) -> Iterator[str]:
    """A root and all that is below it."""
    if not os.path.lexists(root):
        return
    yield root
    for directory, folders, names in os.walk(root):
        for name in folders + names:
            yield os.path.join(directory, name)


def files() -> dict[str, Any]:
    """{path: what it is}: see ``described``; packages' files have the area ``package`` and the package's name."""
    found = {path: dict(described(path, area), area=area) for area, path in paths()}
    for package, path in package_files():
        if path not in found:
            found[path] = dict(described(path, "package"), area="package", package=package)
    mark_immutable(found)
    return found


def package_files() -> Iterator[Any]:
    """(package, path) of every file of the installed mail packages; documentation cannot break anything."""
    listed = command("dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\\n", *PACKAGES)
    for package in sorted(line.split()[1] for line in listed.splitlines() if line.startswith("ii")):
        for path in command("dpkg", "-L", package).splitlines():
            documentation = path.startswith(("/usr/share/doc", "/usr/share/man", "/usr/share/lintian"))
            if not documentation and not os.path.isdir(path):
                yield package, path


def described(path: str, area: str) -> dict[str, Any]:
    """{"type", "mode", "uid", "gid"}; of a link its target; of a file what ``content`` says."""
    try:
        state = os.lstat(path)
    except OSError:
        return {"type": "missing"}
    about = {
        "type": kind(state.st_mode),
        "mode": f"{stat.S_IMODE(state.st_mode):04o}",
        "uid": state.st_uid,
        "gid": state.st_gid,
    }
    if stat.S_ISLNK(state.st_mode):
        about["target"] = os.readlink(path)
    elif stat.S_ISREG(state.st_mode):
        about.update(content(path, area))
    return about


def content(path: str, area: str) -> dict[str, Any]:
    """Size and digest, and the text of a configuration without secrets."""
    with open(path, "rb") as file:
        data = file.read()
    about: dict[str, Any] = {"size": len(data), "digest": hashlib.sha256(data).hexdigest()[:16]}
    public = (
        b"PRIVATE KEY" not in data and b"{PLAIN}" not in data
    )  # by content: a changed mode must not look like another text
    if area != "package" and public and len(data) <= MOST_TEXT and b"\0" not in data:
        about["text"] = data.decode("utf-8", "replace")
    return about


def kind(mode: int) -> str:
    """The type of a file, in a word."""
    for test, word in ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link")):
        if test(mode):
            return word
    return "other"


def mark_immutable(found: dict[str, Any]) -> None:
    """Add ``immutable`` to those that have the flag (chattr(1))."""
    wanted = [path for path, about in found.items() if about["type"] in ("file", "directory")]
    for start in range(0, len(wanted), 500):
        for line in command(FILE_FLAGS, "-d", *wanted[start : start + 500]).splitlines():
            flags, _, path = line.partition(" ")
            if "i" in flags and path.strip() in found:
                found[path.strip()]["immutable"] = True


def listeners() -> dict[str, str]:
    """{port: address} of the TCP ports that are listened on, sshd(8) excepted.

    Not by whom: ss(8) sees that only with CAP_SYS_PTRACE, which a container has not.
    """
    fields = [line.split()[3].rpartition(":") for line in command("ss", "-Hltn").splitlines()]
    return {port: address for address, _, port in fields if port != "22" and ":" not in address}


if __name__ == "__main__":
    json.dump(survey(), sys.stdout)
