"""Around the mail system: packet filter, routes, hosts, nsswitch, resolver, a port that another process has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from pyremediate.lab.mutation.model import Action, Generator, Mutation, replaced, writing
from pyremediate.lab.mutation.survey import MAIL_UNITS, Load, Survey, restart_of

HOSTS, NSSWITCH, RESOLV = "/etc/hosts", "/etc/nsswitch.conf", "/etc/resolv.conf"
# Their databases are needed to log in at all, which the lab must be able to.
LOGIN = ("passwd", "group", "shadow", "gshadow")


def _chains(survey: Survey) -> list[tuple[str, str]]:
    """(table with its family, chain) of the base chains that look at packets in or out."""
    found, table, chain = [], "", ""
    for line in survey.data["firewall"]:
        if match := re.match(r"table (\S+ \S+) \{", line):
            table = match[1]
        elif match := re.match(r"chain (\S+) \{", line):
            chain = match[1]
        elif re.match(r"type filter hook (input|output) ", line):
            found.append((table, chain))
    return found


def _accepts_ssh(survey: Survey, place: tuple[str, str]) -> bool:
    """Whether a chain has a rule that names sshd's port."""
    here = ("", "")
    for line in survey.data["firewall"]:
        if match := re.match(r"(table|chain) (\S+(?: \S+)?) \{", line):
            here = (match[2], "") if match[1] == "table" else (here[0], match[2])
        elif here == place and re.search(r"dport .*\b(22|ssh)\b.* accept", line):
            return True
    return False


def firewall_rule(survey: Survey, random: Random) -> Mutation | None:
    """A rule before all others, for a port of the mail system."""
    chains, ports = _chains(survey), sorted(survey.data["listeners"], key=int)
    if not chains or not ports:
        return None
    table, chain = random.choice(chains)
    rule = f"tcp dport {random.choice(ports)} {random.choice(['drop', 'reject', 'reject with tcp reset'])}"
    argv = ["nft", "insert", "rule", *table.split(), chain, *rule.split()]
    undo = [
        "sh",
        "-c",
        f"nft delete rule {table} {chain} handle \"$(nft -a list chain {table} {chain} | sed -n 's/.*{rule}.*# handle //p')\"",
    ]
    return Mutation(
        "firewall.rule", f"{table} {chain}", f"A rule was put first in {table} {chain}: {rule}",
        (f"firewall {table} {chain}: {rule}",),
        ({"do": "run", "argv": argv, "undo": [undo]},),
    )  # fmt: skip


def firewall_policy(survey: Survey, random: Random) -> Mutation | None:
    """A chain drops what no rule accepts. One that would cut the session by which the lab looks after its host is left alone."""
    chains = [place for place in _chains(survey) if _accepts_ssh(survey, place)]
    if not chains:
        return None
    table, chain = random.choice(chains)
    change, back = (
        ["nft", "chain", *table.split(), chain, "{", "policy", word, ";", "}"] for word in ("drop", "accept")
    )
    return Mutation(
        "firewall.policy", f"{table} {chain}", f"{table} {chain} drops what no rule accepts",
        (f"firewall {table} {chain}: policy drop",),
        ({"do": "run", "argv": change, "undo": [back]},),
    )  # fmt: skip


def _routes(survey: Survey) -> list[str]:
    return [line for line in survey.data["routes"] if " via " in line and " table " not in line]


def route_removed(survey: Survey, random: Random) -> Mutation | None:
    """The way to another network is gone."""
    routes = _routes(survey)
    return _route("removed", random.choice(routes), "is gone", "del") if routes else None


def route_blackhole(survey: Survey, random: Random) -> Mutation | None:
    """A route that swallows what goes to another network."""
    routes = _routes(survey)
    return (
        _route("blackhole", random.choice(routes), "is replaced by one that swallows everything", "replace blackhole")
        if routes
        else None
    )


def _route(kind: str, route: str, words: str, verb: str) -> Mutation:
    argv = ["ip", "route", *verb.split(), route.split()[0]]
    back = ["ip", "route", "replace", *route.split()]
    action: Action = {"do": "run", "argv": argv, "undo": [back]}
    return Mutation(
        f"route.{kind}", route.split()[0], f"The route {route} {words}", (f"route {route}: {kind}",), (action,)
    )


def hosts_entry(survey: Survey, random: Random) -> Mutation | None:
    """A name that the mail system uses leads to a wrong address."""
    values = " ".join(survey.data["postfix"]["set"].values()) + " " + " ".join(survey.lines(HOSTS))
    names = sorted({*re.findall(r"\b[a-z][\w-]*(?:\.[\w-]+)+\b", values), "localhost"} - {"main.cf"})
    name = random.choice([name for name in names if not name.endswith((".cf", ".pem", ".crt", ".db"))])
    line = f"{random.choice(['127.0.1.1', '192.0.2.1', '0.0.0.0'])} {name}"
    return _text(
        "hosts.entry",
        HOSTS,
        f"{name} leads to a wrong address: {line}",
        "\n".join([line, *survey.lines(HOSTS)]) + "\n",
        restart_of(),
    )


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
    return _text("nsswitch", NSSWITCH, words, replaced(lines, number, line), restart_of())


def resolver_address(survey: Survey, random: Random) -> Mutation | None:
    """The name server is one that does not answer."""
    lines = survey.lines(RESOLV)
    found = [number for number, line in enumerate(lines) if line.startswith("nameserver")]
    if not found:
        return None
    number, address = random.choice(found), random.choice(["127.0.0.1", "127.0.0.53", "192.0.2.53"])
    words = f"the name server is {address}, where none answers"
    return _text("resolver.address", RESOLV, words, replaced(lines, number, f"nameserver {address}"), restart_of())


def resolver_line_deleted(survey: Survey, random: Random) -> Mutation | None:
    """A line is gone."""
    return _line_gone("resolver.line_deleted", RESOLV, r"\w", survey, random)


def _line_gone(kind: str, path: str, pattern: str, survey: Survey, random: Random) -> Mutation | None:
    lines = survey.lines(path)
    found = [number for number, line in enumerate(lines) if re.match(pattern, line)]
    if not found:
        return None
    number = random.choice(found)
    return _text(kind, path, f"lost the line {lines[number]}", replaced(lines, number), restart_of())


def _text(kind: str, path: str, words: str, text: str, load: Load) -> Mutation:
    return Mutation(kind, path, f"{path}: {words}", (f"{path}: {words}",), writing(path, text), load)


def port_taken(survey: Survey, random: Random) -> Mutation | None:
    """Another process has a port that the mail system wants, as when it was the first after a reboot."""
    ports = survey.data["listeners"]
    if not ports:
        return None
    port = random.choice(sorted(ports, key=int))
    units = [unit for unit in MAIL_UNITS if unit in survey.data["units"]]
    action: Action = {"do": "take_port", "port": int(port), "address": ports[port], "units": units}
    load: Load = tuple(("start", unit) for unit in units)
    return Mutation(
        "port.taken",
        port,
        f"Port {port} is held by another process",
        (f"port {port}: another process",),
        (action,),
        load,
    )


KINDS: Mapping[str, Generator] = {
    "firewall.rule": firewall_rule,
    "firewall.policy": firewall_policy,
    "route.removed": route_removed,
    "route.blackhole": route_blackhole,
    "hosts.entry": hosts_entry,
    "hosts.line_deleted": hosts_line_deleted,
    "nsswitch": nsswitch,
    "resolver.address": resolver_address,
    "resolver.line_deleted": resolver_line_deleted,
    "port.taken": port_taken,
}
