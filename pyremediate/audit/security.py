"""Which differences are a matter of security, each with its authority. Pure.

Judged is the direction, not the touch: a rule that the packet filter gained may open it, one for less does not. Of single
parameters see ``security_parameters``; of logins and what runs by itself ``security_access``; of trust ``security_trust``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyremediate.audit import security_access, security_parameters, security_trust
from pyremediate.comparison import dependence
from pyremediate.model import Difference

Found = Iterator[str]  # reasons; the first one is told
KEYS = re.compile(
    r"/etc/(dkimkeys|opendkim/keys|ssl/private|letsencrypt/(archive|keys|live))/.*|/etc/ssh/ssh_host_[a-z0-9]+_key"
    r"|.*\.key|.*[/._-]key\.pem|.*/privkey\d*\.pem|/etc/(g?shadow)-?|.*sasl_passwd.*"
)
FILTERS = re.compile(r"(nftables|iptables|netfilter-persistent|ufw|fail2ban|firewalld)\.service")
OPENS = re.compile(r"\b(accept|permit|policy accept)\b")
STOPS = re.compile(r"\b(drop|reject|deny|policy drop)\b")
ROOT_ALIAS = re.compile(r"^(?!root:)[^:#\s]+:[^:]*:0:")  # passwd(5): a name, and uid 0
SSHD_OPENED = re.compile(
    r"^\s*(PermitRootLogin\s+yes|PasswordAuthentication\s+yes|PermitEmptyPasswords\s+yes|PermitUserEnvironment\s+yes"
    r"|StrictModes\s+no|AuthorizedKeys(Command|File)\s.*|TrustedUserCAKeys\s.*)",
    re.IGNORECASE,
)
INSECURE_APT = re.compile(  # apt-secure(8), apt.conf(5)
    r"(Allow(Unauthenticated|InsecureRepositories|DowngradeToInsecureRepositories|WeakRepositories)|Verify-Peer)\W+(true|yes|1|false)"
)
DEVICE_OPENED = re.compile(  # CIS benchmarks of Cisco IOS, Juniper and Arista devices, management plane
    r"\s*(username\s|enable (secret|password)|snmp-server community|ip http server|transport input .*(telnet|all)"
    r"|no (service password-encryption|login|aaa )|access-list .*permit|permit ip any any|password )"
)
LOOPBACK = re.compile(r"127\.|\[?::1(\]|$)|localhost")
FORWARDS = re.compile(
    r"net\.ipv[46]\.conf\.[^.]+\.(accept_redirects|accept_source_route|send_redirects|forwarding)|net\.ipv4\.ip_forward"
)


@dataclass(frozen=True)
class View:
    """What is known beside the difference, by path: files and certificates as they are now, and the lines that a text gained."""

    tracked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gained: Mapping[str, Sequence[str]] = field(default_factory=dict)
    certificates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def concern(difference: Difference, view: View) -> str:
    """Why it is a matter of security, with the authority; empty: it is none."""
    for pattern, rule in _RULES:
        if re.fullmatch(pattern, difference.kind):
            for reason in rule(difference, view):
                return reason
    return ""


def _postfix(difference: Difference, view: View) -> Found:
    yield from security_parameters.of_postfix(difference.name, difference.was, difference.is_)


def _service(difference: Difference, view: View) -> Found:
    """Options of master.cf override main.cf for one service; one of the type inet opens a port (master(5))."""
    if difference.was is None and difference.name.endswith("/inet") and not LOOPBACK.match(difference.name):
        yield f"master listens for {difference.name.removesuffix('/inet')} once it reads this, where nobody did (master(5))"
    was, now = (
        value.get("options", {}) if isinstance(value, Mapping) else {} for value in (difference.was, difference.is_)
    )
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield from security_parameters.of_postfix(name, was.get(name), now.get(name))


def _dovecot(difference: Difference, view: View) -> Found:
    yield from security_parameters.of_dovecot(difference.name, difference.was, difference.is_)


def _file(difference: Difference, view: View) -> Found:
    path, aspect = difference.name, difference.aspect
    if aspect == "mode":
        yield from _mode(path, str(difference.was or ""), str(difference.is_ or ""), view)
    if (
        aspect in {"owner", "acl"}
        and path.startswith("/etc/")
        and difference.was in {"root", None, ""}
        and difference.is_
    ):
        yield f"somebody else than root may write {path} (path: its {aspect} is {difference.is_}; CWE-732)"
    if aspect in {"content", "added", "missing", "target", "value"}:
        yield from _content(path, aspect, view)


def _mode(path: str, was: str, now: str, view: View) -> Found:
    try:
        gained = int(now, 8) & ~int(was or "0", 8)
    except ValueError:
        return
    secret = bool(KEYS.fullmatch(path) or view.tracked.get(path, {}).get("secret"))
    if secret and gained & 0o044:
        who = "everybody" if gained & 0o004 else "its group"
        yield f"{path} is secret, and {who} may read it (mode {now}; CWE-732)"
    if gained & 0o002 and not int(now, 8) & 0o1000:
        yield f"everybody may write {path} (mode {now}; CWE-732)"
    if gained & 0o6000:
        yield f"{path} runs with the rights of its owner or group (mode {now}; MITRE ATT&CK T1548.001)"


def _content(path: str, aspect: str, view: View) -> Found:
    gained = view.gained.get(path, ())
    if re.fullmatch(r"/etc/sudoers(\.d(/.*)?)?", path) and aspect != "missing":
        yield "who may become root has changed (sudoers(5); MITRE ATT&CK T1548.003)"
    if path == "/etc/passwd" and (found := [line for line in gained if ROOT_ALIAS.match(line)]):
        yield f"{found[0].partition(':')[0]} has uid 0 (passwd(5); MITRE ATT&CK T1136.001)"
    if re.fullmatch(r"/etc/apt/(trusted\.gpg|keyrings/|auth\.conf).*|/usr/share/keyrings/.*", path) and aspect != "missing":
        yield "who may sign packages has changed (apt-secure(8); MITRE ATT&CK T1553.004)"
    if path.startswith("/etc/apt/apt.conf") and (found := [line for line in gained if INSECURE_APT.search(line)]):
        yield f"apt: {found[0].strip()} (apt-secure(8))"
    if re.fullmatch(r".*/\.ssh/authorized_keys2?", path) and aspect != "missing":
        yield "who may log in by key has changed (sshd(8); MITRE ATT&CK T1098.004)"
    if path.startswith("/etc/ssh/sshd_config") and (found := [line for line in gained if SSHD_OPENED.match(line)]):
        yield f"sshd: {found[0].strip()} (sshd_config(5))"
    if re.match(r"/etc/cron|/var/spool/cron", path) and aspect != "missing":
        yield "what runs by itself has changed (crontab(5); MITRE ATT&CK T1053.003)"
    if aspect == "added" and re.fullmatch(r"/etc/systemd/system/[^/]+\.(service|timer|path|socket)", path):
        yield "a unit that no package brought (systemd.unit(5); MITRE ATT&CK T1543.002)"


def _filter(difference: Difference, view: View) -> Found:
    """Rules that let in what was kept out: one that accepts has come, one that stops has gone, or there are none left."""
    both = (difference.was, difference.is_)
    was, now = ([str(line) for line in side] if isinstance(side, (list, tuple)) else [] for side in both)
    if opened := [line for line in now if line not in was and OPENS.search(line)]:
        yield f"the packet filter lets in more: {opened[0].strip()} (nft(8))"
    if lost := [line for line in was if line not in now and STOPS.search(line)]:
        yield f"the packet filter stops less: {lost[0].strip()} is gone (nft(8))"
    if was and not now:
        yield "the packet filter has no rules any more (nft(8))"


def _unit(difference: Difference, view: View) -> Found:
    if FILTERS.fullmatch(difference.name) and str(difference.was) in {"active", "enabled"}:
        yield f"{difference.name} guards this host, and is {difference.is_ or 'gone'} (CIS Controls 4.4)"
    if not dependence.of_program(difference.name):
        yield from security_access.of_enabled(difference)


def _listener(difference: Difference, view: View) -> Found:
    if difference.was is None:
        yield f"{difference.is_ or 'an unknown process'} listens on {difference.name}, where nobody did (ss(8))"


def _socket(difference: Difference, view: View) -> Found:
    """A port on which nobody listened, or an address; what only this host itself reaches lets nobody in."""
    was, now = (str(side or "").partition(" by ") for side in (difference.was, difference.is_))
    came = [address for address in now[0].split(", ") if address not in was[0].split(", ") and not LOOPBACK.match(address)]
    if came:
        who = now[2] or "an unknown process"
        yield f"{who} listens on {', '.join(came)} at {difference.name}, where nobody did (ss(8); CIS Controls 4.8)"


def _line(difference: Difference, view: View) -> Found:
    """Of a device's configuration: who may log in, and what lets packets through."""
    was = {str(line).strip() for line in difference.was or ()}
    for line in difference.is_ or ():
        if str(line).strip() not in was and DEVICE_OPENED.match(str(line)):
            yield f"the device's configuration says {_without_value(str(line))} (CIS benchmarks of network devices)"


def _without_value(line: str) -> str:
    """The first words: behind them may be a password."""
    return " ".join(line.split()[:2])


def _beside(judged: Callable[[Difference], Found]) -> Callable[[Difference, View], Found]:
    """A rule that needs to know nothing else."""
    return lambda difference, view: judged(difference)


def _certificate(difference: Difference, view: View) -> Found:
    yield from security_trust.of_certificate(difference, view.certificates)


def _sysctl(difference: Difference, view: View) -> Found:
    if FORWARDS.fullmatch(difference.name) and str(difference.was) == "0" and str(difference.is_) not in {"0", "None"}:
        yield f"{difference.name} is {difference.is_} (kernel documentation, ip-sysctl)"


_RULES: Sequence[tuple[str, Callable[[Difference, View], Found]]] = (
    (r"postfix\.parameter", _postfix),
    (r"postfix\.service", _service),
    (r"dovecot\.setting", _dovecot),
    (r"file|package\.file", _file),
    (r"firewall(\.rule)?|device\.filter", _filter),
    (r"unit(\.running)?", _unit),
    (r"listener", _listener),
    (r"socket", _socket),
    (r"sysctl", _sysctl),
    (r"sudo\.rule", _beside(security_access.of_sudo)),
    (r"user", _beside(security_access.of_user)),
    (r"group", _beside(security_access.of_group)),
    (r"ssh\.setting", _beside(security_access.of_ssh_setting)),
    (r"ssh\.key", _beside(security_access.of_key)),
    (r"cron\.job", _beside(security_access.of_job)),
    (r"map\.entry", _beside(security_trust.of_entry)),
    (r"package\.source", _beside(security_trust.of_source)),
    (r"package\.hold", _beside(security_trust.of_hold)),
    (r"record", _beside(security_trust.of_record)),
    (r"certificate", _certificate),
    (r"device\.line", _line),
)
