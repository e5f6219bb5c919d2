"""Recorded evidence of a fault, as what differs from a healthy host: short enough to read, and nothing is lost.

    {"observed_at": "…", "legs": {"client01": {"inbound.connect": "fail: refused"}},
     "sections": {"postfix": {"data": {"running": false}}}}

Of a host that could not be observed there are no sections: ``unreachable`` says why, and ``board`` is what the machine's controller
said, which is kept of other hosts where it found something. ``devices`` are the network devices, where one differs or the host is
silent. A key ``- name`` says that ``name`` is gone; lists are whole. The healthy host is ``faults/known_good.json``, which is also
the last known good that the evidence is compared with. To record what a lab host shows now:

    .venv/bin/python -m tests.unit.evidence_file mail01 faults/postfix/main_cf_invalid/evidence/match_bad_line.json
    .venv/bin/python -m tests.unit.evidence_file mail01 faults/known_good.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from pyremediate import settings
from pyremediate.comparison.compare import compare
from pyremediate.known_good.hosts import KnownGood
from pyremediate.looking import look as looking
from pyremediate.model import Answer, Device, Difference, Leg, Look, moment, to_json
from pyremediate.paths import collection_root
from pyremediate.request import AnsibleOptions, Request

KNOWN_GOOD = collection_root() / "faults" / "known_good.json"
GONE = "- "
# What is never the same twice, and no rule speaks of; and times, of which a change alone is none.
VOLATILE = frozenset({"seconds", "pid", "main_pid", "load", "memory", "uptime_seconds", "days_left", "filesystems"})
VOLATILE |= {"listing", "fates", "around_first", "links"}
TIMES = frozenset({"since", "modified"})
UNORDERED = frozenset({"interfaces", "routes", "listeners"})


def read(path: Path) -> Look:
    """The look that a file records."""
    recorded = json.loads(path.read_text())
    around = Look(
        host=healthy().evidence.host,
        legs=tuple(_legs(recorded["legs"])),
        unreachable=recorded.get("unreachable", ""),
        board=recorded.get("board"),
        devices=tuple(_device(item) for item in recorded.get("devices", ())),
    )
    if around.unreachable:
        return around
    whole = with_changes(json.loads(KNOWN_GOOD.read_text()), {"sections": recorded["sections"]})
    evidence = looking.evidence_from(whole["host"], whole | {"observed_at": recorded["observed_at"]})
    known_good = healthy()
    differences = compare(known_good, evidence).differences
    return replace(around, evidence=evidence, differences=differences, known_good_at=known_good.captured_at)


def _device(recorded: Mapping[str, Any]) -> Device:
    known_good_at = moment(recorded["known_good_at"]) if recorded["known_good_at"] else None
    differences = tuple(recorded_difference(item) for item in recorded["differences"])
    around = {name: recorded[name] for name in ("platform", "switches") if name in recorded}
    return Device(recorded["name"], recorded["evidence"], recorded["unreachable"], differences, known_good_at, **around)


def recorded_difference(item: Mapping[str, Any]) -> Difference:
    """A difference from its JSON."""
    named = {"is_": item["is"], "since": moment(item["since"]) if item["since"] else None}
    return Difference(**{key: value for key, value in item.items() if key not in {"is", "since"}}, **named)


def _legs(recorded: Mapping[str, Mapping[str, str]]) -> Iterator[Leg]:
    for vantage, legs in recorded.items():
        for name, words in legs.items():
            (path, _, step), (answer, _, detail) = name.partition("."), words.partition(": ")
            yield Leg(path, step, Answer(answer), vantage, detail)


@cache
def healthy() -> KnownGood:
    """The healthy host."""
    data = json.loads(KNOWN_GOOD.read_text())
    return KnownGood(looking.evidence_from(data["host"], data), moment(data["observed_at"]), "the lab", "healthy")


def changes(was: Any, now: Any) -> Any:
    """What makes ``now`` of ``was``."""
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        return now
    found = {GONE + key: True for key in was if key not in now}
    for key, value in now.items():
        if key not in was:
            found[key] = value
        elif value != was[key] and key not in VOLATILE:
            found[key] = changes(was[key], value)
    found = {key: value for key, value in found.items() if value != {}}
    return {} if found.keys() <= TIMES else found


def with_changes(was: Any, change: Any) -> Any:
    """``was`` with what ``changes`` found."""
    if not (isinstance(was, Mapping) and isinstance(change, Mapping)):
        return change
    gone = {key.removeprefix(GONE) for key in change if key.startswith(GONE)}
    kept = {key: value for key, value in was.items() if key not in gone}
    return kept | {
        key: with_changes(kept[key], value) if key in kept else value
        for key, value in change.items()
        if not key.startswith(GONE)
    }


def record(host: str, path: Path) -> None:
    """Look at a lab host as a repair does, from both sides and once more from inside, and write what it shows."""
    request = Request(host, AnsibleOptions(inventory=("inventory/lab",)), settings.load())
    seen = looking.thorough(request, host, looking.Views.named("both"))[host]
    if not seen.unreachable:
        seen = looking.merged(outside=seen, inside=looking.look(request, host, looking.Views.named("inside"))[host])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(to_json(seen), path == KNOWN_GOOD.absolute()))


def written(look: Mapping[str, Any], whole: bool) -> str:
    """The text of a file; ``whole``: the healthy host itself."""
    around: dict[str, Any] = {"unreachable": look["unreachable"]} if look.get("unreachable") else {}
    board = look.get("board")
    if board and (around or board.get("health") not in (None, "OK")):
        around["board"] = board
    devices = look.get("devices", ())
    if around.get("unreachable") or any(each["differences"] or each["unreachable"] for each in devices):
        around["devices"] = _settled(devices)
    if around.get("unreachable"):
        return json.dumps({"legs": _told(look["legs"]), **around}, indent=1, ensure_ascii=False) + "\n"
    evidence = _settled(look["evidence"])
    if not whole:
        sections = changes(json.loads(KNOWN_GOOD.read_text())["sections"], evidence["sections"])
        evidence = {"observed_at": evidence["observed_at"], "legs": _told(look["legs"]), **around, "sections": sections}
    return json.dumps(evidence, indent=1, ensure_ascii=False) + "\n"


def _told(legs: list[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Of a leg that passes nobody needs the words."""
    told: dict[str, dict[str, str]] = {}
    for leg in legs:
        words = leg["answer"] if leg["answer"] == "pass" or not leg["detail"] else f"{leg['answer']}: {leg['detail']}"
        told.setdefault(leg["vantage"], {})[f"{leg['path']}.{leg['name']}"] = words
    return told


def _settled(value: Any, key: str = "") -> Any:
    """What varies from look to look within lists made equal: process ids, durations, the order of what has none."""
    if isinstance(value, Mapping):
        return {name: None if name == "pid" else _settled(item, name) for name, item in value.items()}
    if not isinstance(value, list):
        return 0.0 if key == "seconds" else value
    items = [_settled(item) for item in value]
    return sorted(items, key=str) if key in UNORDERED else items


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]).absolute())
