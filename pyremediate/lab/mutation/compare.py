"""What is different between two surveys of one host, in words: one line for each thing that was, became or is no more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyremediate.lab.mutation.survey import Survey

ASPECTS = ("type", "mode", "uid", "gid", "target", "digest", "immutable")


def differences(before: Survey, after: Survey) -> tuple[str, ...]:
    """Lines such as ``file /etc/postfix/main.cf: mode 0644 → 0600``, sorted; none when the host is the same."""
    facts = dict(_facts(before)), dict(_facts(after))
    return tuple(
        f"{name}: {facts[0].get(name, 'absent')} → {facts[1].get(name, 'absent')}"
        for name in sorted({*facts[0], *facts[1]})
        if facts[0].get(name) != facts[1].get(name)
    )


def _facts(survey: Survey) -> Iterator[tuple[str, str]]:
    """(name, value) of everything that can be different."""
    data = survey.data
    for path, about in survey.files.items():
        yield from _of_file(path, about, indexed=path.removesuffix(".db") in data["maps"] and path.endswith(".db"))
    for path, entries in data["maps"].items():
        yield from ((f"map {path} entry {' '.join(entry.split())}", "present") for entry in entries)
    for name, about in data["units"].items():
        yield f"unit {name}", " ".join(f"{key}={value}" for key, value in sorted(about.items()))
    for what in ("routes", "listeners"):
        values = data[what].items() if isinstance(data[what], Mapping) else [(line, "present") for line in data[what]]
        yield from ((f"{what.removesuffix('s')} {name}", str(value)) for name, value in values)
    yield from _of_firewall(data["firewall"])


def _of_file(path: str, about: Mapping[str, Any], indexed: bool) -> Iterator[tuple[str, str]]:
    """The aspects of a file; an index of a map is the same when its entries are (Berkeley DB files hold their birth)."""
    for aspect in ASPECTS:
        if aspect in about and not (indexed and aspect == "digest"):
            yield f"file {path} {aspect}", str(about[aspect])


def _of_firewall(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each line with the chain that it is in; order counts only within the product's own comparison."""
    table = chain = ""
    for line in lines:
        if line.startswith("table "):
            table, chain = line, ""
        elif line.startswith("chain "):
            chain = line
        elif line != "}":
            yield f"firewall {table.strip(' {')} {chain.strip(' {')} {line}".replace("  ", " "), "present"
