# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""main.cf and master.cf, read as text by ourselves: they must be readable just when Postfix refuses them.

The syntax is that of postconf(5) and master(5): a line that starts with white space continues the one before, empty
lines and lines that start with ``#`` do not count, not even between a line and its continuation.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Dict, List

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.once import once
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text, words

DIRECTORY = "/etc/postfix"
PARAMETER = re.compile(r"([^\s=#]+)\s*=\s*(.*)", re.DOTALL)
REFERENCE = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\((\w+)\))")
DEEPEST_REFERENCE = 10
WORD = re.compile(r"\{[^{}]*\}|\S+")
FIELDS = 8
TYPES = {"inet", "unix", "unix-dgram", "fifo", "pass"}
FIELD_FORMS = (
    ("private", re.compile(r"[yn-]")),
    ("unprivileged", re.compile(r"[yn-]")),
    ("chroot", re.compile(r"[yn-]")),
    ("wakeup", re.compile(r"\d+\??|-")),
    ("process limit", re.compile(r"\d+|-")),
)
# Compiled into Postfix, and different from one distribution to another; these are used when postconf cannot be asked.
USUAL = {
    "alias_maps": "hash:/etc/aliases",
    "command_directory": "/usr/sbin",
    "data_directory": "/var/lib/postfix",
    "mail_owner": "postfix",
    "mail_version": "",
    "milter_default_action": "tempfail",
    "myhostname": "",
    "queue_directory": "/var/spool/postfix",
    "setgid_group": "postdrop",
    "smtpd_sasl_path": "smtpd",
    "smtpd_sasl_type": "cyrus",
    "virtual_transport": "virtual",
}


@dataclass
class Main:
    """main.cf: values as written, continuation lines joined by one space; of duplicates the last one counts."""

    parameters: Dict[str, str] = field(default_factory=dict)
    invalid: List[dict] = field(default_factory=list)
    duplicates: List[dict] = field(default_factory=list)


@dataclass
class Master:
    """master.cf: the services by ``name/type``."""

    services: Dict[str, dict] = field(default_factory=dict)
    invalid: List[dict] = field(default_factory=list)


@dataclass
class Configuration:
    """Both files, with what Postfix itself has for the parameters that main.cf does not set."""

    directory: str
    main: Main
    master: Master
    defaults: Dict[str, str]
    unreadable: List[str] = field(default_factory=list)
    written_out: Dict[str, str] = field(default_factory=dict)  # the defaults of what main.cf sets

    def value(self, name):
        """The parameter's value with references to others filled in; empty when nobody sets it."""
        return self.expand(self.main.parameters.get(name, self.defaults.get(name, "")))

    def expand(self, text):
        """Fill in ``$name``, ``${name}`` and ``$(name)``; conditional references stay as they are."""
        for _ in range(DEEPEST_REFERENCE):
            filled = REFERENCE.sub(self._referred, text)
            if filled == text:
                break
            text = filled
        return text

    def _referred(self, match):
        name = match.group(1) or match.group(2) or match.group(3)
        return self.main.parameters.get(name, self.defaults.get(name, match.group(0)))

    def values(self, name):
        """The parameter's different values: main.cf's, and those that services of master.cf have of their own."""
        found = [self.value(name)]
        services = self.master.services.values()
        found += [self.expand(each["options"][name]) for each in services if name in each["options"]]
        return [value for value in dict.fromkeys(found) if value]

    def names(self):
        """Every parameter that main.cf or a service sets, in order."""
        own = [name for service in self.master.services.values() for name in service["options"]]
        return list(dict.fromkeys([*self.main.parameters, *own]))

    def in_queue(self, path):
        """A path of the configuration; a relative one is below the queue directory, where the daemons work."""
        return os.path.normpath(os.path.join(self.value("queue_directory"), path))


@once
def configuration():
    """The host's configuration, read once."""
    unreadable = []
    main = parse_main(_text(f"{DIRECTORY}/main.cf", unreadable))
    master = parse_master(_text(f"{DIRECTORY}/master.cf", unreadable))
    compiled = _compiled()
    written_out = {name: compiled[name] for name in main.parameters if name in compiled}
    usual = {**USUAL, **{name: compiled[name] for name in USUAL if name in compiled}}
    return Configuration(DIRECTORY, main, master, usual, unreadable, written_out)


def _text(path, unreadable):
    try:
        return read_text(path)
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        unreadable.append(words(error))
        return ""


def _compiled():
    """What is compiled in. ``postconf -d`` does not read main.cf, so a broken one does not matter."""
    answer = run(["postconf", "-d"])
    assigned = (line.partition(" =")[::2] for line in answer.stdout.splitlines() if " =" in line)
    return {name: value.strip() for name, value in assigned}


def logical_lines(text):
    """(number of the first line, text) of each line with its continuations."""
    number, pending = 0, ""
    for current, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if line[0].isspace() and pending:
            pending = f"{pending} {stripped}"
            continue
        if pending:
            yield number, pending
        number, pending = current, line.rstrip()
    if pending:
        yield number, pending


def parse_main(text):
    """main.cf as values."""
    main = Main()
    for number, line in logical_lines(text):
        match = PARAMETER.fullmatch(line)
        if not match:
            main.invalid.append({"line": number, "text": line})
            continue
        name, value = match.groups()
        if name in main.parameters:
            main.duplicates.append({"name": name, "line": number})
        main.parameters[name] = value
    return main


def parse_master(text):
    """master.cf as values."""
    master = Master()
    for number, line in logical_lines(text):
        fields = line.split(None, FIELDS - 1)
        complaint = _complaint(line, fields)
        if complaint:
            master.invalid.append({"line": number, "text": line, "reason": complaint})
            continue
        options, command = _split_command(fields[-1])
        master.services[f"{fields[0]}/{fields[1]}"] = {
            "columns": " ".join([*fields[:-1], command]),
            "options": options,
            "line": number,
        }
    return master


def _complaint(line, fields):
    """What master(8) would not accept in this line."""
    if line[0].isspace():
        return "a line that continues nothing"
    if len(fields) < FIELDS:
        return "bad field count"
    if fields[1] not in TYPES:
        return f'invalid type field "{fields[1]}"'
    for value, (name, form) in zip(fields[2:7], FIELD_FORMS):
        if not form.fullmatch(value):
            return f'invalid {name} field "{value}"'
    return ""


def _split_command(text):
    """({parameter: value} of the ``-o`` options, the command without them); ``-o { name = value }`` has spaces."""
    options, rest = {}, []
    words_ = iter(WORD.findall(text))
    for word in words_:
        if not word.startswith("-o"):
            rest.append(word)
            continue
        assignment = (word[2:] or next(words_, "")).strip("{} ")
        name, _, value = assignment.partition("=")
        options[name.strip()] = value.strip()
    return options, " ".join(rest)
