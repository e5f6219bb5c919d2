"""Other values that Postfix accepts for a parameter, told from its present one, its default, and what the host has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from pyremediate.lab.mutation.survey import Survey

# postconf(5), by the end of a parameter's name: what it may be.
CHOICES = {
    "_tls_security_level": ("none", "may", "encrypt", "verify"),
    "inet_protocols": ("ipv4", "ipv6", "all"),
    "inet_interfaces": ("all", "loopback-only", "127.0.0.1"),
    "_default_action": ("accept", "reject", "tempfail", "quarantine"),
    "_sasl_type": ("cyrus", "dovecot"),
    "compatibility_level": ("0", "2", "3.6"),
    "notify_classes": ("resource, software", "bounce, delay", "protocol"),
}


def other(survey: Survey, random: Random, name: str, value: str) -> str | None:
    """One of them, never the present one; None when none is known."""
    found = sorted({text for text in _others(survey, name, value) if text != value})
    return random.choice(found) if found else None


def _others(survey: Survey, name: str, value: str) -> Iterator[str]:
    postfix = survey.data["postfix"]
    yield postfix["default"].get(name, value)
    yield from {"yes": ["no"], "no": ["yes"]}.get(value, [])
    for ending, choices in CHOICES.items():
        if name.endswith(ending):
            yield from choices
    if number := re.fullmatch(r"(\d+)([smhdw]?)", value):
        yield from (f"{int(number[1]) * factor // 10}{number[2]}" for factor in (1, 100))
    yield from _shorter_lists(value)
    yield from _other_maps(survey, value)
    yield from _other_files(survey, value)


def _shorter_lists(value: str) -> Iterator[str]:
    """One item less, and the reverse order: order counts in lists of restrictions."""
    items = [item for item in re.split(r"[,\s]+", value) if item]
    if len(items) > 1:
        yield from (", ".join(items[:number] + items[number + 1 :]) for number in range(len(items)))
        yield ", ".join(reversed(items))


def _other_maps(survey: Survey, value: str) -> Iterator[str]:
    """Another type for the same map, and another map for the same type."""
    match = re.fullmatch(r"(\w+):(/\S+)", value)
    if match:
        yield from (
            f"{type_}:{match[2]}"
            for type_ in survey.data["postfix"]["map_types"]
            if type_ in {"btree", "cidr", "texthash"}
        )
        yield from (f"{match[1]}:{path}" for path in survey.data["maps"])


def _other_files(survey: Survey, value: str) -> Iterator[str]:
    """Another file of the same directory."""
    if value in survey.files:
        directory = value.rpartition("/")[0]
        yield from (path for path in survey.paths() if path.rpartition("/")[0] == directory)
