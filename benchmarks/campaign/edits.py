"""Legitimate edits, as administrators make them every day: harmless, properly loaded, and not to be undone by a repair. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from pyremediate.lab.mutation import choice
from pyremediate.lab.mutation.model import Action, Mutation, writing
from pyremediate.lab.mutation.survey import Load, Survey, reload_of

MAIN_CF, ALIASES, VIRTUAL, HOSTS = "/etc/postfix/main.cf", "/etc/aliases", "/etc/postfix/virtual", "/etc/hosts"
INPUT = ("inet", "filter", "input")
BEFORE = "edit"  # so that the edits of a seed are drawn by other numbers than its mutations


@dataclass(frozen=True)
class Edit:
    """An edit, in the same actions as damage; and the line that must still be there afterwards, in a file or the packet filter."""

    change: Mutation
    line: str
    path: str = ""  # none: the line is a rule of the packet filter
    entry: str = ""  # of an indexed map: what its index must have, too


def choose(survey: Survey, seed: int, count: int = 2) -> tuple[Edit, ...]:
    """That many edits of different kinds; the same for the same survey and seed."""
    random = Random(f"{BEFORE} {seed}")
    chosen = []
    for name in random.sample(sorted(KINDS), count):
        edit = KINDS[name](survey, random)
        survey = choice.after(survey, edit.change)
        chosen.append(edit)
    return tuple(chosen)


def kept(edit: Edit, survey: Survey) -> bool:
    """Whether the edit is on the host."""
    if not edit.path:
        return edit.line in survey.data["firewall"]
    there = edit.line in survey.lines(edit.path)
    return there and (not edit.entry or edit.entry in survey.data["maps"].get(edit.path, ()))


def _edit(name: str, path: str, line: str, actions: tuple[Action, ...], load: Load, entry: str = "") -> Edit:
    sentence = f"{path}: {line}" if path else f"packet filter: {line}"
    return Edit(Mutation(f"edit.{name}", path or "nftables", sentence, (sentence,), actions, load), line, path, entry)


def _appended(name: str, path: str, line: str, survey: Survey, load: Load) -> Edit:
    return _edit(name, path, line, writing(path, "\n".join([*survey.lines(path), line]) + "\n"), load)


def comment(survey: Survey, random: Random) -> Edit:
    """A note in main.cf."""
    line = f"# {random.choice(['Ticket', 'Change'])} {random.randrange(1000, 9999)}: looked through, nothing to do"
    return _appended("comment", MAIN_CF, line, survey, reload_of("postfix"))


def message_size(survey: Survey, random: Random) -> Edit:
    """Larger messages are taken."""
    line = f"message_size_limit = {random.choice([31457280, 41943040, 52428800])}"
    others = [text for text in survey.lines(MAIN_CF) if not re.match(r"message_size_limit\s*=", text)]
    return _edit(
        "message_size", MAIN_CF, line, writing(MAIN_CF, "\n".join([*others, line]) + "\n"), reload_of("postfix")
    )


def alias(survey: Survey, random: Random) -> Edit:
    """One more local alias, by newaliases(1)."""
    name = random.choice(["helpdesk", "backup-report", "printers"])
    return _indexed("alias", ALIASES, f"{name}: alice@lab.test", f"{name}\talice@lab.test", survey)


def virtual_alias(survey: Survey, random: Random) -> Edit:
    """One more address, by postmap(1)."""
    name = random.choice(["sales", "jobs", "press"])
    return _indexed("virtual_alias", VIRTUAL, f"{name}@lab.test bob@lab.test", f"{name}@lab.test\tbob@lab.test", survey)


def _indexed(name: str, path: str, line: str, entry: str, survey: Survey) -> Edit:
    text = "\n".join([*survey.lines(path), line]) + "\n"
    actions: tuple[Action, ...] = (*writing(path, text), {"do": "index", "path": path, "text": text, "keep": True})
    return _edit(name, path, line, actions, reload_of("postfix"), entry)


def monitoring_rule(survey: Survey, random: Random) -> Edit:
    """The monitoring system may ask its agent."""
    line = f"ip saddr 192.0.2.{random.randrange(1, 255)} tcp dport 5666 accept"
    return _edit("monitoring_rule", "", line, (_rule(line),), ())


def commented_rule(survey: Survey, random: Random) -> Edit:
    """A rule that says what it is for."""
    line = f'tcp dport {random.choice([9100, 9154])} accept comment "metrics"'
    return _edit("commented_rule", "", line, (_rule(line),), ())


def _rule(line: str) -> Action:
    return {"do": "run", "argv": ["nft", "add", "rule", *INPUT, *line.split()]}


def dovecot_setting(survey: Survey, random: Random) -> Edit:
    """More connections for each user."""
    line = f"mail_max_userip_connections = {random.choice([20, 30, 50])}"
    return _appended("dovecot_setting", "/etc/dovecot/local.conf", line, survey, reload_of("dovecot"))


def hosts_line(survey: Survey, random: Random) -> Edit:
    """A name for the monitoring system."""
    return _appended("hosts_line", HOSTS, f"192.0.2.{random.randrange(1, 255)} monitor.lab.test", survey, ())


KINDS: Mapping[str, Callable[[Survey, Random], Edit]] = {
    "alias": alias,
    "comment": comment,
    "commented_rule": commented_rule,
    "dovecot_setting": dovecot_setting,
    "hosts_line": hosts_line,
    "message_size": message_size,
    "monitoring_rule": monitoring_rule,
    "virtual_alias": virtual_alias,
}
