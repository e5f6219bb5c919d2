"""What is different between two surveys of one host: one fact for each thing that was, became or is no more. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pyremediate.lab.mutation.survey import Survey

ASPECTS = ("type", "mode", "uid", "gid", "target", "immutable")
ABSENT = "absent"


def differences(before: Survey, after: Survey) -> dict[str, str]:
    """{``file /etc/postfix/main.cf mode``: ``0644 → 0600``}, sorted; empty when the host is the same."""
    was, is_ = dict(_facts(before)), dict(_facts(after))
    return {
        name: f"{was.get(name, ABSENT)} → {is_.get(name, ABSENT)}"
        for name in sorted({*was, *is_})
        if was.get(name) != is_.get(name)
    }


def _facts(survey: Survey) -> Iterator[tuple[str, str]]:
    """(name, value) of everything that can be different."""
    data = survey.data
    for path, about in survey.files.items():
        yield from ((f"file {path} {aspect}", str(about[aspect])) for aspect in ASPECTS if aspect in about)
        yield from _content(path, about, data["maps"])
    for path, entries in data["maps"].items():
        yield from _counted(f"map {path} entry", [" ".join(entry.split()) for entry in entries])
    for name, about in data["units"].items():
        yield f"unit {name}", _unit(about)
    yield from ((f"listener {port}", address) for port, address in data["listeners"].items())
    yield from _counted("route", data["routes"])
    yield from _counted("firewall", _placed(data["firewall"]))


def _unit(about: Mapping[str, str]) -> str:
    """A unit that dies again and again is down at one moment and starting at the next, whoever looks: both are "down"."""
    state = "up" if about["active"] in {"active", "reloading"} else "down"
    return " ".join([state, *(f"{key}={about[key]}" for key in ("enabled", "load", "user") if about[key])])


def _content(path: str, about: Mapping[str, Any], maps: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of a text its lines, so that an edit beside the damage is told from it; of other files the digest.

    The index of a map counts by its entries alone: a Berkeley DB file holds when it was made.
    """
    if "text" in about:
        yield from _counted(f"file {path} line", about["text"].splitlines())
    elif "digest" in about and path.removesuffix(".db") not in maps:
        yield f"file {path} digest", str(about["digest"])


def _counted(name: str, lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line with how often it is there."""
    for line, times in Counter(lines).items():
        yield f"{name} {line!r}", "present" if times == 1 else f"{times} times"


def _placed(lines: list[str]) -> list[str]:
    """Each line of the packet filter with the table and the chain that it is in."""
    found, table, chain = [], "", ""
    for line in lines:
        if line.startswith("table "):
            table, chain = line.strip(" {"), ""
        elif line.startswith("chain "):
            chain = line.strip(" {")
        elif line != "}":
            found.append(f"{table} {chain} {line}")
    return found
