# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Edits of main.cf and master.cf, text to text. Whatever an edit is not about stays as it is, byte for byte.

Logical lines are postconf(5)'s and master(5)'s: a line that begins with white space continues the one before; empty
lines, and lines whose first visible character is #, are skipped wherever they stand, and do not end a logical line.
The text is edited even when Postfix refuses it: one broken line does not make the others unreadable.
"""

from __future__ import annotations

import re

# What postconf(5) says needs "postfix stop; postfix start".
RESTART_PARAMETERS = ("inet_interfaces", "inet_protocols", "queue_directory", "data_directory", "process_id_directory")
FIELDS = 8  # of an entry of master.cf: name, type, private, unprivileged, chroot, wakeup, limit, command
WORD = re.compile(r"\{[^{}]*\}|\S+")  # "-o { name = value }" may hold spaces


class Line:
    """One logical line: its text as Postfix joins it, and the numbers of the physical lines that it is made of."""

    def __init__(self, text, numbers):
        self.text, self.numbers = text, numbers

    @property
    def words(self):
        """Its words: equal for lines that mean the same."""
        return self.text.split()


def logical_lines(text):
    """The logical lines, in order."""
    found = []
    for number, physical in enumerate(_physical(text)):
        content = physical.rstrip("\n")
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        if content[0].isspace() and found:
            found[-1] = Line(found[-1].text + content, found[-1].numbers + [number])
        else:
            found.append(Line(content, [number]))
    return found


def _physical(text):
    """The physical lines with their ends. Only \\n ends one; str.splitlines() would split at form feeds too."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def parameters(text):
    """{name: value}, white space between words made one; the last definition counts, as for Postfix."""
    return {name: value for name, value in map(_assignment, logical_lines(text)) if name}


def _assignment(line):
    """(name, value) of a line; ('', '') when it is none, as a first line that begins with white space is."""
    name, equals, value = line.text.partition("=")
    words = name.split()
    return (words[0], " ".join(value.split())) if equals and len(words) == 1 and not name[0].isspace() else ("", "")


def set_parameter(text, name, value):
    """The parameter defined once, with this value, where it was first defined; else at the end."""
    _demand_one_line(name, value)
    wanted = " ".join(value.split())
    lines = [line for line in logical_lines(text) if _assignment(line)[0] == name]
    if len(lines) == 1 and _assignment(lines[0])[1] == wanted:
        return text
    fresh = ("%s = %s" % (name, wanted)).rstrip() + "\n"
    return _replaced(text, lines, fresh) if lines else _appended(text, fresh)


def remove_parameter(text, name):
    """Every definition of the parameter removed: Postfix's default holds."""
    return _replaced(text, [line for line in logical_lines(text) if _assignment(line)[0] == name], "")


def remove_line(text, content):
    """The logical lines with this text removed, white space apart."""
    return _replaced(text, [line for line in logical_lines(text) if line.words == content.split()], "")


def add_line(text, content):
    """A logical line with this text at the end, unless there is one."""
    _demand_one_line(content)
    present = any(line.words == content.split() for line in logical_lines(text))
    return text if present else _appended(text, content.strip() + "\n")


def service_key(line):
    """``smtp/inet`` of a line of master.cf; empty when it is none."""
    return "/".join(line.words[:2]) if len(line.words) >= FIELDS and not line.text[0].isspace() else ""


def entry(words):
    """What a service is: its columns (the command's arguments among them), and {parameter: value} of its options."""
    options, rest, waiting = {}, [], iter(WORD.findall(" ".join(words[FIELDS - 1 :])))
    for word in waiting:
        if not word.startswith("-o"):
            rest.append(word)
            continue
        name, _, value = (word[2:] or next(waiting, "")).strip("{} ").partition("=")
        options[name.strip()] = value.strip()
    return words[: FIELDS - 1] + rest, options


def set_service(text, key, columns, options):
    """The service with exactly these columns and options, once, where it stands now.

    Where it was commented out, the comment mark goes; where it is nowhere, it comes at the end.
    """
    _demand_one_line(columns, *options, *options.values())
    wanted = (columns.split(), dict(options))
    if service_key(Line(columns, [])) != key:
        raise ValueError("%r is no entry of the service %s" % (columns, key))
    lines = [line for line in logical_lines(text) if service_key(line) == key]
    if len(lines) == 1 and entry(lines[0].words) == wanted:
        return text
    if lines:
        return _replaced(text, lines, entry_text(*wanted))
    uncommented = _uncommented(text, *wanted)
    return set_service(uncommented, key, columns, options) if uncommented else _appended(text, entry_text(*wanted))


def remove_service(text, key):
    """Every entry of the service removed."""
    return _replaced(text, [line for line in logical_lines(text) if service_key(line) == key], "")


def entry_text(columns, options):
    """An entry as master.cf is written: the columns, each option on a line of its own, then the command's arguments."""
    text = " ".join(columns[:FIELDS])
    for name, value in options.items():
        assignment = "%s=%s" % (name, value)
        text += "\n  -o " + ("{ %s }" % assignment if re.search(r"\s", assignment) else assignment)
    arguments = " ".join(columns[FIELDS:])
    return text + ("\n  " + arguments if arguments else "") + "\n"


def _uncommented(text, columns, options):
    """The text with the mark taken from the line that has these columns, and from its options below; or nothing."""
    physical = _physical(text)
    for number, content in enumerate(physical):
        if content.startswith("#") and content.lstrip("#").split()[:FIELDS] == columns[:FIELDS]:
            bare = [content.lstrip("#").lstrip()]
            for option in physical[number + 1 :]:
                if not _is_commented_option(option, options):
                    break
                bare.append(option.lstrip("#"))
            return "".join(physical[:number] + bare + physical[number + len(bare) :])
    return ""


def _is_commented_option(line, options):
    if not re.match(r"#\s+-o", line):
        return False
    found = entry(["-"] * FIELDS + line.lstrip("#").split())[1]
    return bool(found) and all(options.get(name) == value for name, value in found.items())


def _demand_one_line(*texts):
    for text in texts:
        if "\n" in text or "\0" in text:
            raise ValueError("%r is more than one line" % text)
    if not texts[0].strip():
        raise ValueError("there is no name")


def _replaced(text, lines, fresh):
    """The first of the logical lines replaced by the text, the others removed. Comments between their parts stay."""
    physical = _physical(text)
    numbers = {number for line in lines for number in line.numbers}
    first = min(numbers) if numbers else None
    kept = [fresh if number == first else "" if number in numbers else line for number, line in enumerate(physical)]
    return "".join(kept)


def _appended(text, fresh):
    return text + ("" if not text or text.endswith("\n") else "\n") + fresh
