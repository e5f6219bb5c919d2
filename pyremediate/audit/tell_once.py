"""One change is told once: as the entry, setting or certificate that changed, and not as the file that holds it, too. Pure.

The file stays what is put back. It is told by itself where nothing says all that has changed in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pyremediate.audit.diffs import Changed
from pyremediate.audit.values import Key, key
from pyremediate.comparison import differences as kinds
from pyremediate.model import Difference

TEXTS = frozenset({"content", "added", "missing"})
ASSIGNED = re.compile(r"\s*([\w/.-]+)\s*=")


def told_by_lines(differences: Sequence[Difference]) -> set[Key]:
    """Of a device, the words about an interface: the line of its configuration says them."""
    sections = {each.name for each in differences if each.kind == "device.line"}
    words = (each for each in differences if (each.kind, each.aspect) == ("device.interface", "description"))
    return {key(each) for each in words if f"interface {each.name}" in sections}


def files_of(differences: Sequence[Difference], changed: Changed) -> dict[Key, Difference]:
    """By what says in words what has changed in a file: the difference of that file."""
    files = {each.name: each for each in differences if each.kind == "file" and each.aspect in TEXTS}
    found = dict(_named(differences, files))
    for path, file in files.items():
        if path.startswith("/etc/dovecot/"):
            found |= _of_dovecot(differences, file, changed)
    return found


def _named(differences: Sequence[Difference], files: Mapping[str, Difference]) -> Iterator[tuple[Key, Difference]]:
    """Those that know which file they are in."""
    for difference in differences:
        file = files.get(kinds.file_of(difference))
        if file is not None and difference.kind not in {"file", "package.file"}:
            yield key(difference), file


def _of_dovecot(differences: Sequence[Difference], file: Difference, changed: Changed) -> dict[Key, Difference]:
    """doveconf(1) does not say in which file a setting is; the lines that changed do, when all of them set something.

    A line whose name is not told sets what is so without it.
    """
    settings = {each.name.rpartition("/")[2]: key(each) for each in differences if each.kind == "dovecot.setting"}
    lines = changed.lines(file.name)
    names = [match[1] for line in lines if (match := ASSIGNED.match(line))]
    return {settings[name]: file for name in names if name in settings} if len(names) == len(lines) else {}
