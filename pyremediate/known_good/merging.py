"""Approving some of what differs: the known good with these differences accepted, and nothing else changed. Pure.

Where an observation has a thing is not told by its difference; it is found by its name. The proof is the comparison itself: what
was named differs no longer, and everything else does as before. What cannot be proved is refused.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

from pyremediate.comparison.compare import WITHHELD, compare
from pyremediate.errors import UsageError
from pyremediate.known_good.hosts import Captured, KnownGood
from pyremediate.model import Difference, Evidence
from pyremediate.paths import collection_root

Named = tuple[str, str]  # kind and name
# What an entry of an observation has of an aspect, where it is not called by the aspect's own name.
ASPECTS: Mapping[str, tuple[str, ...]] = {"content": ("digest", "size", "secret"), "running": ("active", "sub")}


def accepted(known_good: KnownGood, now: Captured, chosen: Sequence[Named]) -> Captured:
    """The known good with the chosen differences of the host as it is now. Raises ``UsageError`` when they cannot be told apart."""
    differences = compare(known_good, now.evidence).differences
    wanted = _named(differences, chosen)
    if secret := [each.name for each in wanted if each.secret or WITHHELD in str(each.is_)]:
        words = "it is secret, and the host keeps the copy of its whole capture alone; approve all that differs"
        raise UsageError(f"{secret[0]} cannot be approved by itself: {words}")
    merged = known_good.evidence
    for name in known_good.evidence.sections:
        of_section = [each for each in compare(_only(known_good, name), now.evidence).differences if each in wanted]
        merged = _with(merged, name, _copied_all(merged.sections[name].data, now.evidence.sections[name].data, of_section))
    contents = known_good.content_of_all(_files(merged))
    merged, contents = _edited(merged, contents, now, wanted, differences)
    left = compare(replace(known_good, evidence=merged), now.evidence).differences
    if list(left) != [each for each in differences if each not in wanted]:
        names = ", ".join(f"{each.kind} {each.name}" for each in wanted)
        raise UsageError(f"{names} cannot be approved without what else differs; approve all of it, or put the rest back first")
    return Captured(merged, contents)


def _named(differences: Sequence[Difference], chosen: Sequence[Named]) -> list[Difference]:
    there = list(dict.fromkeys((each.kind, each.name) for each in differences))
    for pair in chosen:
        if pair not in there:
            told = "; ".join(" ".join(each) for each in there) or "nothing"
            raise UsageError(f"{' '.join(pair)} does not differ; what differs: {told}")
    return [each for each in differences if (each.kind, each.name) in chosen]


def _only(known_good: KnownGood, section: str) -> KnownGood:
    sections = {section: known_good.evidence.sections[section]}
    return replace(known_good, evidence=replace(known_good.evidence, sections=sections))


def _with(evidence: Evidence, name: str, data: Any) -> Evidence:
    return replace(evidence, sections={**evidence.sections, name: replace(evidence.sections[name], data=data)})


def _copied_all(old: Any, new: Any, differences: Iterable[Difference]) -> Any:
    for each in differences:
        old = {**old, "firewall": new["firewall"]} if each.kind == "firewall" else _copied(old, new, each)
    return old


def _copied(old: Any, new: Any, difference: Difference) -> Any:
    """What is called by the difference's name as it is now, wherever that is; the rest as it was."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        found = {key: _copied(item, new[key], difference) if key in new else item for key, item in old.items()}
        return _entry(found, old, new, difference)
    if isinstance(old, list) and isinstance(new, list):
        mine = [item for item in old if difference.name not in _names(item)]
        return [*mine, *(item for item in new if difference.name in _names(item))]
    return old


def _entry(found: dict[str, Any], old: Mapping[str, Any], new: Mapping[str, Any], difference: Difference) -> dict[str, Any]:
    name, aspects = difference.name, ASPECTS.get(difference.aspect, (difference.aspect,))
    if name not in new:
        return {key: item for key, item in found.items() if key != name}
    if name in old and isinstance(new[name], Mapping) and any(aspect in new[name] for aspect in aspects):
        return {**found, name: {**old[name], **{aspect: new[name].get(aspect) for aspect in aspects}}}
    return {**found, name: new[name]}


def _names(item: Any) -> set[str]:
    """By what a member of a list is called."""
    if not isinstance(item, Mapping):
        return set()
    pairs = (("protocol", "/", "port"), ("type", ":", "path"))
    joined = {f"{item[first]}{mark}{item[second]}" for first, mark, second in pairs if {first, second} <= item.keys()}
    return {str(item.get("name")), str(item.get("path")), *joined}


def _files(evidence: Evidence) -> list[str]:
    return list(evidence.data().get("files", {}).get("tracked", {}))


def _edited(
    merged: Evidence, contents: Mapping[str, bytes], now: Captured, wanted: Sequence[Difference], all_: Sequence[Difference]
) -> tuple[Evidence, dict[str, bytes]]:
    """The contents of files: of those that were named as they are now; of Postfix's own with only what was named edited in."""
    found = dict(contents)
    for each in wanted:
        if each.kind == "file" and each.aspect in {"content", "added", "missing", "target"}:
            found.pop(each.name, None)
            found |= now.content_of_all([each.name])
    directory = now.evidence.data().get("postfix", {}).get("config_directory") or "/etc/postfix"
    for file, kind in (("main.cf", "postfix.parameter"), ("master.cf", "postfix.service")):
        path, mine = f"{directory}/{file}", [each for each in wanted if each.kind == kind]
        if mine and path in found:
            whole = mine == [each for each in all_ if each.kind == kind] and now.content_of_all([path])
            found[path] = now.contents[path] if whole else _rewritten(found[path], mine)
            merged = _digested(merged, path, found[path])
    return merged, found


def _rewritten(content: bytes, differences: Iterable[Difference]) -> bytes:
    text, postfix = content.decode("latin-1"), _postfix_files()
    for each in differences:
        if each.kind == "postfix.parameter":
            gone = each.is_ is None
            text = postfix.remove_parameter(text, each.name) if gone else postfix.set_parameter(text, each.name, _bytes(each.is_))
        elif each.is_ is None:
            text = postfix.remove_service(text, each.name)
        else:
            options = {_bytes(name): _bytes(value) for name, value in each.is_["options"].items()}
            text = postfix.set_service(text, each.name, _bytes(each.is_["columns"]), options)
    return str(text).encode("latin-1")


def _bytes(text: str) -> str:
    """UTF-8 in the disguise of Latin 1, which gives every byte back."""
    return text.encode().decode("latin-1")


def _digested(evidence: Evidence, path: str, content: bytes) -> Evidence:
    data = evidence.sections["files"].data
    entry = {**data["tracked"][path], "digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}
    return _with(evidence, "files", {**data, "tracked": {**data["tracked"], path: entry}})


@cache
def _postfix_files() -> ModuleType:
    """The one editor of main.cf and master.cf, which the hosts use too."""
    path = collection_root() / "plugins" / "module_utils" / "postfix_files.py"
    specification = importlib.util.spec_from_file_location("pyremediate_postfix_files", path)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
