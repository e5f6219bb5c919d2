"""How a host or device differs from what was approved: the differences, with the unified diff of its texts beneath."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pyremediate.comparison import compare, telling
from pyremediate.known_good.devices import TEXTS, KnownGoodDevice
from pyremediate.known_good.hosts import Captured, KnownGood
from pyremediate.model import Comparison, Difference, Evidence, State, to_json
from pyremediate.network import compare as compare_devices
from pyremediate.network.evidence import DeviceEvidence

WITHHELD = "it is secret, so its content is withheld"


@dataclass(frozen=True)
class Text:
    """A text that differs: the lines of its unified diff, or why there are none."""

    name: str
    lines: tuple[str, ...] = ()
    withheld: str = ""


@dataclass(frozen=True)
class Change:
    """What has become of one host or device since it was approved. ``texts`` may differ where nothing does that means anything."""

    name: str
    kind: str  # host, device
    since: datetime
    differences: tuple[Difference, ...]
    unknown: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """With each difference as a sentence, too."""
        differences = [{**to_json(each), "sentence": telling.had_happened(each)} for each in self.differences]
        texts = [
            {"name": text.name, "diff": "\n".join(text.lines) or None, "withheld": text.withheld or None} for text in self.texts
        ]
        head = {"name": self.name, "kind": self.kind, "captured_at": to_json(self.since)}
        return {**head, "differences": differences, "unknown": list(self.unknown), "texts": texts}


def of_host(name: str, was: KnownGood, now: Captured | KnownGood) -> Change:
    """A host, now or as it was approved another time, against what was approved."""
    comparison = compare.compare(was, now.evidence)
    return Change(name, "host", was.captured_at, *_parts(comparison), texts=tuple(_texts(was, now)))


def of_device(name: str, was: KnownGoodDevice, now: DeviceEvidence) -> Change:
    """A device, in the same way; its configurations are its texts."""
    comparison = compare_devices.compare(was.evidence, now)
    texts = {part: (getattr(was.evidence, part), getattr(now, part)) for part in TEXTS}
    changed = [_unified(part, old, new) for part, (old, new) in texts.items() if None not in (old, new) and old != new]
    return Change(name, "device", was.captured_at, *_parts(comparison), texts=tuple(changed))


def _parts(comparison: Comparison) -> tuple[tuple[Difference, ...], tuple[str, ...]]:
    return comparison.differences, comparison.unknown


def _texts(was: KnownGood, now: Captured | KnownGood) -> Iterable[Text]:
    old, new = (_tracked(side.evidence) for side in (was, now))
    if not (old and new):
        return
    paths = [path for path in sorted({*old, *new}) if _digest(old, path) != _digest(new, path)]
    before, after = (side.content_of_all(paths) for side in (was, now))
    for path in paths:
        if any(side.get(path, {}).get("secret") for side in (old, new)):
            yield Text(path, withheld=WITHHELD)
        elif path in before or path in after:
            yield _unified(path, _decoded(before.get(path, b"")), _decoded(after.get(path, b"")))
    rules = was.firewall(), now.firewall()
    if all(rules) and rules[0] != rules[1]:
        yield _unified("the rules of the packet filter", *rules)


def _tracked(evidence: Evidence) -> Mapping[str, Mapping[str, Any]]:
    section = evidence.sections.get("files")
    found: Mapping[str, Mapping[str, Any]] = section.data.get("tracked", {}) if section and section.state is State.OK else {}
    return found


def _digest(tracked: Mapping[str, Mapping[str, Any]], path: str) -> Any:
    return tracked.get(path, {}).get("digest")


def _decoded(content: bytes) -> str:
    return content.decode(errors="replace")


def _unified(name: str, old: str, new: str) -> Text:
    if "\0" in old + new:
        return Text(name, withheld="it is not a text")
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), f"{name} (approved)", f"{name} (now)", lineterm="")
    return Text(name, tuple(lines))
