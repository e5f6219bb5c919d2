"""The changed content of text files as single places that can be put back one by one: asked of the host when needed.

An observation has digests alone. Here the host compares each changed text with what the known good holds; secret files it
compares with the copy that it keeps itself, and says no line of them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyremediate.ansible.questions import Question, ask
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.model import Difference, Look
from pyremediate.request import Request

SECONDS = 30
PLACE = ("before", "after", "begin", "end")


def finer(request: Request, look: Look) -> tuple[Difference, ...]:
    """The differences of the look, each ``file … content`` as its places (kind ``lines``) where it is a text with some.

    The rules of the packet filter that differ are told apart in the same way (kind ``firewall.rule``).

    One round trip, none when no content has changed. What could not be compared stays one difference.
    """
    return finer_of({look.host: look.differences}, request)[look.host]


def finer_of(
    differences: Mapping[str, Sequence[Difference]], request: Request
) -> dict[str, tuple[Difference, ...]]:
    """The same for many hosts at once, by host."""
    files = {host: asked for host, found in differences.items() if (asked := _asked_of(host, found))}
    answers: dict[str, list[Mapping[str, Any]]] = {}
    if files:
        question = Question("hunks", variables={"pyremediate_hunks_files": files})
        for task in ask(",".join(files), [question], request.options, SECONDS).tasks:
            answers[task.host] = task.data["files"] if task.status == "ok" else []
    return {host: replaced(found, answers.get(host, ())) for host, found in differences.items()}


def _asked_of(host: str, differences: Sequence[Difference]) -> list[dict[str, Any]]:
    changed = [difference for difference in differences if is_content(difference)]
    known_good = kept_hosts.load(host) if changed else None
    return [_asked(difference, known_good) for difference in changed] if known_good else []


def replaced(differences: Sequence[Difference], answers: Sequence[Mapping[str, Any]]) -> tuple[Difference, ...]:
    """The differences with what the host answered in their places; pure."""
    hunks = {answer["path"]: answer["hunks"] for answer in answers if answer["hunks"]}
    return tuple(finer for difference in differences for finer in _finer(difference, hunks))


def _finer(difference: Difference, hunks: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Difference]:
    if not is_content(difference) or difference.name not in hunks:
        yield difference
        return
    for hunk in hunks[difference.name]:
        kind = "firewall.rule" if difference.kind == "firewall" else "lines"
        harmless = difference.harmless or hunk["harmless"]
        found = replace(difference, kind=kind, aspect=hunk["name"], harmless=harmless, was=None, is_=None)
        if "was" in hunk:
            found = replace(
                found, was=hunk["was"], is_=hunk["is"], place={key: hunk[key] for key in PLACE}, secret=False
            )
        else:
            found = replace(found, secret=True)
        yield found


def is_content(difference: Difference) -> bool:
    """Is it a text, or the rules of the packet filter, which has places?"""
    return (difference.kind, difference.aspect) in {("file", "content"), ("firewall", "rules")}


def _asked(difference: Difference, known_good: kept_hosts.KnownGood) -> dict[str, Any]:
    content = known_good.firewall().encode() if difference.kind == "firewall" else known_good.content(difference.name)
    meta = known_good.meta(difference.name) or {}
    given = {} if content is None else {"content": base64.b64encode(content).decode()}
    return {"path": difference.name, "digest": meta.get("digest"), "secret": difference.secret, **given}
