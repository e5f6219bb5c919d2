"""The packet filter: a rule too much, a policy that drops (nft(8))."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from pyremediate.lab.mutation.model import Generator, Mutation
from pyremediate.lab.mutation.survey import Survey


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


def rule(survey: Survey, random: Random) -> Mutation | None:
    """A rule before all others, for a port of the mail system."""
    chains, ports = _chains(survey), sorted(survey.data["listeners"], key=int)
    if not chains or not ports:
        return None
    table, chain = random.choice(chains)
    words = f"tcp dport {random.choice(ports)} {random.choice(['drop', 'reject', 'reject with tcp reset'])}"
    argv = ["nft", "insert", "rule", *table.split(), chain, *words.split()]
    handle = f"nft -a list chain {table} {chain} | sed -n 's/.*{words}.*# handle //p'"
    undo = ["sh", "-c", f'nft delete rule {table} {chain} handle "$({handle})"']
    return Mutation(
        "firewall.rule", f"{table} {chain}", f"A rule was put first in {table} {chain}: {words}",
        (f"firewall {table} {chain}: {words}",),
        ({"do": "run", "argv": argv, "undo": [undo]},),
    )  # fmt: skip


def policy(survey: Survey, random: Random) -> Mutation | None:
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


KINDS: Mapping[str, Generator] = {"firewall.rule": rule, "firewall.policy": policy}
