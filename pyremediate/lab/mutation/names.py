"""Names: hosts, nsswitch, the resolver (hosts(5), nsswitch.conf(5), resolv.conf(5))."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from pyremediate.lab.mutation.model import Generator, Mutation, replaced, writing
from pyremediate.lab.mutation.survey import Survey, restart_of

HOSTS, NSSWITCH, RESOLV = "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"
# Their databases are needed to log in at all, which the lab must be able to.
LOGIN = ("passwd", "group", "shadow", "gshadow")


def hosts_entry(survey: Survey, random: Random) -> Mutation | None:
    """A name that the mail system uses leads to a wrong address."""
    values = " ".join(survey.data["postfix"]["set"].values()) + " " + " ".join(survey.lines(HOSTS))
    names = sorted({*re.findall(r"\b[a-z][\w-]*(?:\.[\w-]+)+\b", values), "localhost"} - {"main.cf"})
    name = random.choice([name for name in names if not name.endswith((".cf", ".pem", ".crt", ".db"))])
    line = f"{random.choice(['127.0.1.1', '192.0.2.1', '0.0.0.0'])} {name}"
    text = "\n".join([line, *survey.lines(HOSTS)]) + "\n"
    return _text("hosts.entry", HOSTS, f"{name} leads to a wrong address: {line}", text)


def hosts_line_deleted(survey: Survey, random: Random) -> Mutation | None:
    """A line is gone."""
    return _line_gone("hosts.line_deleted", HOSTS, r"[\d:]", survey, random)


def nsswitch(survey: Survey, random: Random) -> Mutation | None:
    """A database has lost its sources."""
    lines = survey.lines(NSSWITCH)
    found = [number for number, line in enumerate(lines) if re.match(r"\w+:", line) and line.split(":")[0] not in LOGIN]
    if not found:
        return None
    number = random.choice(found)
    name, sources = lines[number].split(":")[0], lines[number].split()[1:]
    kept = random.choice([sources[:place] + sources[place + 1 :] for place in range(len(sources))])
    line = f"{name}: {' '.join(kept)}".rstrip()
    words = f"{name} is looked up in {' '.join(kept) or 'nothing'} instead of {' '.join(sources)}"
    return _text("nsswitch", NSSWITCH, words, replaced(lines, number, line))


def resolver_address(survey: Survey, random: Random) -> Mutation | None:
    """The name server is one that does not answer."""
    lines = survey.lines(RESOLV)
    found = [number for number, line in enumerate(lines) if line.startswith("nameserver")]
    if not found:
        return None
    number, address = random.choice(found), random.choice(["127.0.0.1", "127.0.0.53", "192.0.2.53"])
    words = f"the name server is {address}, where none answers"
    return _text("resolver.address", RESOLV, words, replaced(lines, number, f"nameserver {address}"))


def resolver_line_deleted(survey: Survey, random: Random) -> Mutation | None:
    """A line is gone."""
    return _line_gone("resolver.line_deleted", RESOLV, r"\w", survey, random)


def _line_gone(kind: str, path: str, pattern: str, survey: Survey, random: Random) -> Mutation | None:
    lines = survey.lines(path)
    found = [number for number, line in enumerate(lines) if re.match(pattern, line)]
    if not found:
        return None
    number = random.choice(found)
    return _text(kind, path, f"lost the line {lines[number]}", replaced(lines, number))


def _text(kind: str, path: str, words: str, text: str) -> Mutation:
    return Mutation(kind, path, f"{path}: {words}", (f"{path}: {words}",), writing(path, text), restart_of())


KINDS: Mapping[str, Generator] = {
    "hosts.entry": hosts_entry,
    "hosts.line_deleted": hosts_line_deleted,
    "nsswitch": nsswitch,
    "resolver.address": resolver_address,
    "resolver.line_deleted": resolver_line_deleted,
}
