# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dovecot's configuration, read as text by ourselves: ``doveconf`` gives nothing at all when one file is missing.

The syntax is that of Dovecot 2.3 and 2.4 (doc.dovecot.org): ``name = value``, ``name [title] {`` to ``}``, ``!include``
and ``!include_try``, a comment from ``#``, a line continued after a backslash.
"""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass, field
from typing import Dict, List

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.command import run
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.once import once
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.reading import read_text, words

FILE = "/etc/dovecot/dovecot.conf"
DEEPEST_INCLUDE = 10
SETTING = re.compile(r"([^\s={}#]+)\s*=\s*(.*)", re.DOTALL)
BLOCK = re.compile(r"([^\s={}#]+)(?:\s+([^{}]+?))?\s*\{")
INCLUDE = re.compile(r"(!include|!include_try)\s+(.+)")
# Blocks without a title that may be there several times, each in its turn.
IN_TURN = {"passdb", "userdb"}


@dataclass
class Settings:
    """Flat: ``service lmtp/unix_listener /path/mode``. Of equal names the last counts, as Dovecot has it."""

    values: Dict[str, str] = field(default_factory=dict)
    invalid: List[dict] = field(default_factory=list)
    files: List[str] = field(default_factory=list)
    unreadable: List[str] = field(default_factory=list)
    _turns: Dict[str, int] = field(default_factory=dict)

    def of(self, name):
        """(setting, value) of every place where the name is set: globally and in blocks."""
        return [(key, value) for key, value in self.values.items() if key.rsplit("/", 1)[-1] == name]

    def block(self, name, title):
        """The setting's prefix for a block; the second passdb is ``passdb 2``."""
        if title or name not in IN_TURN:
            return f"{name} {title}".rstrip()
        turn = self._turns[name] = self._turns.get(name, 0) + 1
        return name if turn == 1 else f"{name} {turn}"


@once
def settings():
    """What the files say, read once; None when Dovecot has no configuration here."""
    if not os.path.lexists(FILE):
        return None
    found = Settings()
    _read(FILE, found, 0)
    return found


@once
def effective():
    """The settings that differ from their defaults, as doveconf(1) answers: asked once."""
    return run(["doveconf", "-n"])


def parse(text, file="-"):
    """The settings of a text, includes not followed (there are none in ``doveconf -n``)."""
    found = Settings()
    _parse(text, file, found, DEEPEST_INCLUDE)
    return found


def _read(path, found, depth):
    try:
        text = read_text(path)
    except (OSError, ValueError) as error:
        found.unreadable.append(words(error))
        return
    found.files.append(path)
    _parse(text, path, found, depth)


def _parse(text, file, found, depth):
    place = []  # (name, the line where it was opened)
    for number, line in logical_lines(text):
        include, block, setting = INCLUDE.fullmatch(line), BLOCK.fullmatch(line), SETTING.fullmatch(line)
        if include:
            _include(include.group(2), include.group(1) == "!include_try", file, found, depth)
        elif block:
            place.append((found.block(block.group(1), _unquoted(block.group(2) or "")), number))
        elif line == "}" and place:
            place.pop()
        elif setting:
            name = "/".join([*(each for each, _ in place), setting.group(1)])
            found.values[name] = _unquoted(setting.group(2))
        else:
            found.invalid.append({"file": file, "line": number, "text": line})
    for name, number in place:
        found.invalid.append({"file": file, "line": number, "text": f"{name} {{", "reason": "Missing '}'"})


def logical_lines(text):
    """(number of the first line, text) without comments; a backslash at the end joins the next line."""
    number, pending = 0, ""
    for current, line in enumerate(text.split("\n"), 1):
        stripped = _without_comment(line.strip())
        if not stripped and not pending:
            continue
        number = number if pending else current
        if stripped.endswith("\\"):
            pending = f"{pending}{stripped[:-1].rstrip()} "
            continue
        if f"{pending}{stripped}".strip():
            yield number, f"{pending}{stripped}".strip()
        pending = ""


def _without_comment(line):
    """A ``#`` starts a comment at the start of a word, not within quotes."""
    quote = ""
    for position, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#" and (position == 0 or line[position - 1].isspace()):
            return line[:position].rstrip()
    return line


def _unquoted(value):
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def _include(pattern, optional, file, found, depth):
    """Relative to the including file; only a plain name that does not exist is an error, and only without ``_try``."""
    path = os.path.join(os.path.dirname(file), pattern)
    matches = sorted(glob.glob(path))
    if not matches and not optional and not glob.has_magic(path):
        found.unreadable.append(f"{path}: No such file or directory")
    for match in matches if depth < DEEPEST_INCLUDE else []:
        _read(match, found, depth + 1)
