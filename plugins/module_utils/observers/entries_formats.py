# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a configuration file says, without how it is written: its entries, by the syntax that its manual page gives it. Pure.

Each parser takes the text and returns (key, value) pairs without comments, empty lines and white space between words. Of pairs
with one key the order means something; of pairs with different keys it does not, unless the format is ``ordered``. A parser raises
ValueError for what it does not understand: then the file is known by its digest alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import postfix_configuration
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.dovecot_configuration import parse

QUOTED_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*')
INLINE_COMMENT = re.compile(r"\s#.*")
ASSIGNED = re.compile(r"([^\s=:]+)\s*[=:]?\s*(.*)")
SECTION = re.compile(r"\[(.+)\]")
VARIABLE = re.compile(r"([A-Za-z_]\w*)\s*=\s*(.*)")
BRACES = re.compile(r"[{};]")


@dataclass(frozen=True)
class Format:
    """A syntax. ``open``: its entries are told even of a file that not everybody may read, since it is not for secrets."""

    name: str
    parse: Callable
    ordered: bool = False
    open: bool = False


def table(text):
    """postmap(1): a line that begins with white space continues the one before; keys are folded to lower case."""
    for _, line in postfix_configuration.logical_lines(text):
        key, value = _split(line)
        yield key.lower(), _listed(value)


def patterns(text):
    """regexp_table(5), pcre_table(5), cidr_table(5): the first that matches counts, and spaces within a pattern matter."""
    for _, line in postfix_configuration.logical_lines(text):
        key, value = _split(line)
        yield key, " ".join(value.split())


def aliases(text):
    """aliases(5): ``name: value, value``; a name in quotes may hold anything."""
    for _, line in postfix_configuration.logical_lines(text):
        match = QUOTED_KEY.match(line)
        key, rest = (match.group(1), line[match.end() :]) if match else line.partition(":")[::2]
        yield key.strip().lower(), _listed(rest.lstrip(": \t"))


def colons(text):
    """A password file of Dovecot's: ``user:{scheme}hash:uid:gid:gecos:home:shell:extra``."""
    for line in _meaningful(text):
        key, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a line without a colon")
        yield key, value


def users(text):
    """passwd(5), but for the name that is only for humans."""
    for line in filter(None, map(str.strip, text.splitlines())):
        fields = line.split(":")
        if len(fields) == 7:
            yield fields[0], "uid {2}, group {3}, home {5}, shell {6}".format(*fields)


def groups(text):
    """group(5), the members in order."""
    for line in filter(None, map(str.strip, text.splitlines())):
        fields = line.split(":")
        if len(fields) == 4:
            members = " ".join(sorted(filter(None, fields[3].split(","))))
            yield fields[0], "gid %s" % fields[2] + (", members %s" % members if members else "")


def sudo(text):
    """sudoers(5): a backslash at the end continues a line; of several rules the last that matches counts."""
    for line in _joined(text):
        if line.startswith(("@include", "#include")):
            yield tuple(_split(line))
        elif not line.startswith("#") or re.match(r"#\d", line):  # #0 is the user with this number
            key, value = _split(line)
            if key.endswith("_Alias"):
                name, value = map(str.strip, value.partition("=")[::2])
                key = "%s %s" % (key, name)
            yield key, re.sub(r"\s*([=,])\s*", r"\1", " ".join(INLINE_COMMENT.sub("", value).split()))


def cron(text, fields=5):
    """crontab(5): the time is the key, and the command with the variables that are set above it the value."""
    variables = {}
    for line in _meaningful(text):
        assigned = VARIABLE.fullmatch(line)
        if assigned:
            variables[assigned.group(1)] = assigned.group(2)
            continue
        splits = fields - 4 if line.startswith("@") else fields  # @daily stands for all five
        words = line.split(None, splits)
        if len(words) <= splits:
            raise ValueError("no command")
        yield " ".join(words[:-1]), words[-1] + "".join(" with %s=%s" % each for each in sorted(variables.items()))


def system_cron(text):
    """crontab(5), the files in /etc: the user stands between the time and the command."""
    return cron(text, fields=6)


def ini(text):
    """systemd.syntax(7), and those like it: sections, continued lines, settings that may be there several times."""
    section = ""
    for line in _joined(text, comments="#;"):
        match = SECTION.fullmatch(line)
        if match:
            section = match.group(1)
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise ValueError("no setting: %s" % line[:40])
        yield "%s %s" % (section, key.strip()), " ".join(value.split())


def settings(text):
    """``name value``, ``name = value``, ``name: value``, one a line."""
    for line in _meaningful(text):
        match = ASSIGNED.fullmatch(INLINE_COMMENT.sub("", line))
        yield match.group(1), " ".join(match.group(2).split())


def ssh(text):
    """sshd_config(5): of equal names the first counts; what stands after Match holds for those alone."""
    block = ""
    for line in _meaningful(text):
        key, value = ASSIGNED.fullmatch(INLINE_COMMENT.sub("", line)).groups()
        if key.lower() == "match":
            block = "match %s: " % " ".join(value.split())
        else:
            yield block + key.lower(), " ".join(value.split())


def hosts(text):
    """hosts(5)."""
    for line in _meaningful(text):
        words = INLINE_COMMENT.sub("", line).split()
        yield words[0], " ".join(words[1:])


def sources(text):
    """sources.list(5), one line each; the newer form (deb822) is in stanzas."""
    if re.search(r"^Types:", text, re.MULTILINE):
        for stanza in re.split(r"\n\s*\n", text):
            words = [" ".join(line.split()) for line in _meaningful(stanza)]
            if words:
                yield "; ".join(sorted(words)), ""
        return
    for line in _meaningful(text):
        yield " ".join(INLINE_COMMENT.sub("", line).split()), ""


def keys(text):
    """sshd(8), AUTHORIZED_KEYS: who may log in, by the comment at the end, or the key's end where there is none."""
    for line in _meaningful(text):
        words = line.split()
        start = next((place for place, word in enumerate(words) if word.startswith(("AAAA", "AAAE"))), None)
        if start is None:
            raise ValueError("no key")
        yield " ".join(words[start + 1 :]) or "…%s" % words[start][-12:], " ".join(words[: start + 1])


def blocks(text):
    """rspamd's language (UCL): ``name = value;``, ``name value;``, ``name "title" { … }``; anything else line by line."""
    place = []
    for written in _meaningful(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
        line = " ".join(_uncommented(written).split())
        if line in ("}", "};"):
            if not place:
                raise ValueError("a block that was not opened")
            place.pop()
        elif line.endswith("{") and not BRACES.search(line[:-1]):
            place.append(line[:-1].rstrip(" =:").replace('"', ""))
        elif line.startswith((".", "[", "]", '"')) or BRACES.search(line.rstrip(";")):
            raise ValueError("more than one setting in a line")
        else:
            key, value = ASSIGNED.fullmatch(line.rstrip("; ")).groups()
            yield "/".join([*place, key]), value.strip('"')
    if place:
        raise ValueError("a block that is not closed")


def dovecot(text):
    """Dovecot's settings; the files that a file includes are files of their own."""
    found = parse(text)
    if any("!include" not in each["text"] for each in found.invalid):
        raise ValueError("a line that is no setting")
    return list(found.values.items())


def lines(text):
    """The lines as they stand, without those that are comments: of a syntax that is nobody's business here."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.strip(), ""


def _meaningful(text, comments="#;"):
    """The lines, stripped, without comments."""
    found = (line.strip() for line in text.splitlines())
    return [line for line in found if line and not line.startswith(tuple(comments))]


def _joined(text, comments=""):
    """The lines with those that a backslash continues, stripped."""
    found = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [line.strip() for line in found if line.strip() and not (comments and line.strip().startswith(tuple(comments)))]


def _split(line):
    words = line.split(None, 1)
    return words if len(words) > 1 else [words[0], ""]


def _listed(value):
    """``a ,b`` and ``a, b`` are the same list."""
    return ", ".join(" ".join(item.split()) for item in value.split(","))


def _uncommented(line):
    """Without a comment at the end; a # within quotes is none."""
    inside = False
    for place, letter in enumerate(line):
        if letter == '"':
            inside = not inside
        elif letter == "#" and not inside and (place == 0 or line[place - 1] in " \t;"):
            return line[:place]
    return line


TABLE = Format("table", table)
PATTERNS = Format("patterns", patterns, ordered=True)
ALIASES = Format("aliases", aliases)
COLONS = Format("accounts", colons)
USERS = Format("users", users, open=True)
GROUPS = Format("groups", groups, open=True)
SUDO = Format("sudo", sudo, ordered=True, open=True)
CRON = Format("cron", cron)
SYSTEM_CRON = Format("cron", system_cron)
INI = Format("settings", ini)
SETTINGS = Format("settings", settings)
NAMES = Format("settings", settings, open=True)  # where "passwd" is a name like others (nsswitch.conf(5))
SSH = Format("ssh", ssh, open=True)
HOSTS = Format("settings", hosts)
SOURCES = Format("sources", sources)
KEYS = Format("keys", keys, open=True)
BLOCKS = Format("settings", blocks)
DOVECOT = Format("dovecot", dovecot)
LINES = Format("lines", lines, ordered=True)
