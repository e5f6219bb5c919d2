"""Who may log in, become whom, and what runs without anybody: changes that open more, each with its authority. Pure.

Judged is the direction: a rule, key or member that has come opens something, one that has gone does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyremediate.model import Difference

Found = Iterator[str]  # reasons
NO_LOGIN = re.compile(r".*/(nologin|false|sync|halt|shutdown)")  # an empty shell is /bin/sh (passwd(5))
# Whose members are as good as root, or read what is not theirs (Debian's base-passwd, users-and-groups; docs.docker.com).
PRIVILEGED = frozenset({
    "root", "sudo", "wheel", "admin", "adm", "shadow", "disk", "kmem", "docker", "lxd", "incus", "podman", "staff",
    "systemd-journal", "ssl-cert", "mail", "vmail", "dovecot", "opendkim", "_rspamd", "rspamd",
})  # fmt: skip
OF_POSTFIX = frozenset({"postfix", "postdrop"})
# sshd_config(5): the values by which an option lets in more than it did.
OPENED = {
    "passwordauthentication": r"yes", "kbdinteractiveauthentication": r"yes", "challengeresponseauthentication": r"yes",
    "permitemptypasswords": r"yes", "permitrootlogin": r"yes|prohibit-password|without-password|forced-commands-only",
    "hostbasedauthentication": r"yes", "permituserenvironment": r"(?!no$).+", "ignorerhosts": r"no", "strictmodes": r"no",
    "gatewayports": r"yes|clientspecified", "permittunnel": r"(?!no$).+",
}  # fmt: skip
STRICTER = {"prohibit-password": 1, "without-password": 1, "forced-commands-only": 1, "yes": 2}  # of PermitRootLogin; "no" is 0
WHO = re.compile(
    r"(allow|deny)(users|groups)|authorizedkeys(file|command|commanduser)|authorizedprincipals.*|trustedusercakeys"
)
ALGORITHMS = frozenset({"ciphers", "macs", "kexalgorithms", "hostkeyalgorithms", "pubkeyacceptedalgorithms"})
WEAK = re.compile(r"arcfour.*|3des-.*|blowfish-.*|cast128-.*|.*-cbc|hmac-md5.*|hmac-sha1.*|.*-sha1|ssh-dss.*|ssh-rsa")


def of_sudo(difference: Difference) -> Found:
    """sudoers(5): whatever is no removal says who may become whom, or how."""
    if difference.is_ is None or difference.aspect == "order":
        if difference.aspect == "order":
            yield "of the rules of sudo the last that matches counts, and their order has changed (sudoers(5))"
        return
    who = key_of(difference)
    free = "NOPASSWD" in str(difference.is_) and "NOPASSWD" not in str(difference.was)
    yield f"{who} may run more by sudo{', without a password' if free else ''} (sudoers(5); MITRE ATT&CK T1548.003)"


def of_user(difference: Difference) -> Found:
    """passwd(5): uid 0 is root, whatever its name is; a shell lets somebody log in."""
    name, aspect, now = difference.name, difference.aspect, str(difference.is_ if difference.is_ is not None else "")
    fields = dict(field.partition(" ")[::2] for field in now.split(", ")) if aspect == "value" and now else {aspect: now}
    if fields.get("uid") == "0":
        yield f"{name} has uid 0 and so is root (passwd(5); MITRE ATT&CK T1136.001)"
    if "group" in fields and fields["group"] == "0" and str(difference.was) != "0":
        yield f"{name} is in the group of root (passwd(5); MITRE ATT&CK T1098)"
    if "shell" in fields and not NO_LOGIN.fullmatch(fields["shell"]):
        if aspect == "value":
            yield f"{name} is an account that may log in (passwd(5); MITRE ATT&CK T1136.001)"
        elif NO_LOGIN.fullmatch(str(difference.was)):
            yield f"{name} could not log in, and may now (passwd(5); MITRE ATT&CK T1098)"


def of_group(difference: Difference) -> Found:
    """group(5): members that a privileged group has gained."""
    name = difference.name
    if difference.aspect == "gid" and str(difference.is_) == "0":
        yield f"{name} is the group of root under another name (group(5))"
    gained = [each for each in _members(difference, difference.is_) if each not in _members(difference, difference.was)]
    if gained and name in OF_POSTFIX:
        yield f"{', '.join(gained)}: no account but Postfix's own may be in {name} (postconf(5), mail_owner and setgid_group)"
    if gained and name in PRIVILEGED:
        yield f"{', '.join(gained)} has the rights of the group {name} (group(5); MITRE ATT&CK T1098.007)"


def _members(difference: Difference, side: Any) -> list[str]:
    if difference.aspect == "members":
        return list(side or ())
    found = re.search(r"members (.*)", str(side or "")) if difference.aspect == "value" else None
    return found[1].split() if found else []


def of_ssh_setting(difference: Difference) -> Found:
    """sshd_config(5)."""
    name = key_of(difference).rpartition(" ")[2]
    was, now = (str(side if side is not None else "").strip() for side in (difference.was, difference.is_))
    if name in OPENED and re.fullmatch(OPENED[name], now, re.IGNORECASE) and not _was_as_open(name, was, now):
        yield f"sshd: {name} is {now} (sshd_config(5))"
    if WHO.fullmatch(name) and _lets_in(name, was, now):
        yield f"sshd: {name} has changed, and so who may log in (sshd_config(5); MITRE ATT&CK T1098.004)"
    if name in ALGORITHMS and (weak := [each for each in now.split(",") if each not in was.split(",") and WEAK.fullmatch(each)]):
        yield f"sshd: {name} has gained {', '.join(weak)}: weaker cryptography (RFC 8758, RFC 9142)"


def _was_as_open(name: str, was: str, now: str) -> bool:
    if name == "permitrootlogin":
        return STRICTER.get(was.lower(), 0) >= STRICTER.get(now.lower(), 0)
    return bool(re.fullmatch(OPENED[name], was, re.IGNORECASE))


def _lets_in(name: str, was: str, now: str) -> bool:
    """A list of who may is opened by more words, or by being gone; one of who may not by fewer; the rest by any other value."""
    old, new = (set(re.split(r"[;\s]+", side)) - {""} for side in (was, now))
    if name.startswith("allow"):
        return bool(new - old) if new and old else bool(old)
    if name.startswith("deny"):
        return bool(old - new)
    return bool(now) and now != "none" and now != was


def of_key(difference: Difference) -> Found:
    """sshd(8), AUTHORIZED_KEYS."""
    if difference.is_ is not None:
        yield "who may log in by key has changed (sshd(8); MITRE ATT&CK T1098.004)"


def of_job(difference: Difference) -> Found:
    """crontab(5)."""
    if difference.is_ is not None:
        yield "what runs by itself has changed (crontab(5); MITRE ATT&CK T1053.003)"


def of_enabled(difference: Difference) -> Found:
    """A unit that nobody started before; those on which mail depends are told for that."""
    if difference.aspect == "enabled" and difference.is_ == "enabled" and difference.was == "disabled":
        technique = "T1053.006" if difference.name.endswith(".timer") else "T1543.002"
        yield f"{difference.name} runs by itself from now on (systemd.unit(5); MITRE ATT&CK {technique})"


def key_of(difference: Difference) -> str:
    """The entry in its file, without the path."""
    return difference.name.removeprefix(f"{(difference.place or {}).get('path', '')} ")
