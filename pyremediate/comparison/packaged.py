"""A host without a last known good against what its packages expect: less is known then, and with less confidence. Pure.

Sources: dpkg's sums (dpkg --verify), Postfix's own postfix-files (postfix set-permissions), databases against their sources, and
lines that Postfix cannot read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pyremediate.comparison.compare import map_trouble
from pyremediate.model import Difference, Evidence

CONFIDENCE = 0.5
Data = Mapping[str, Any]


def differences(evidence: Evidence) -> tuple[Difference, ...]:
    """Everything in which the host is not as its packages expect it to be."""
    data = evidence.data()
    return (*_files(data.get("packages", {})), *_postfix(data.get("postfix", {})))


def _files(packages: Data) -> Iterator[Difference]:
    for path, file in packages.get("files", {}).items():
        if state := file.get("state"):
            aspect = "missing" if state == "missing" else "content"
            yield Difference("package.file", path, "as packaged", state, aspect, place={"package": file["package"]})


def _postfix(postfix: Data) -> Iterator[Difference]:
    for entry in postfix.get("permissions", ()):
        for aspect in ("owner", "group", "mode"):
            expected = entry.get(f"expected_{aspect}")
            if expected is not None and entry.get(aspect) not in {None, expected}:
                yield Difference("file", entry["path"], expected, entry[aspect], aspect)
    for each in postfix.get("maps", ()):
        if each["database"] and (trouble := map_trouble(each)):
            yield Difference("postfix.map", f"{each['type']}:{each['path']}", "up to date", trouble)
    directory = postfix.get("config_directory") or "/etc/postfix"
    for name, lines in {
        "main.cf": postfix.get("main", {}).get("invalid", ()),
        "master.cf": postfix.get("invalid_services", ()),
    }.items():
        for line in lines:
            yield Difference("postfix.line", f"{directory}/{name}:{line['line']}", None, line["text"], "added")
