# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""From differences to wishes: what each file, unit and ruleset should be, several differences of one file in one write.

Nothing is touched here. Differences that cannot be put back are all named at once, before anything is.
"""

from __future__ import annotations

import base64
import os

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils import postfix_files as postfix
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_package_files as package_files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_writing as writing
from ansible_collections.pyremediate.mail.plugins.module_utils import text_hunks

POSTFIX = "/etc/postfix"
LINK_ASPECTS = {"admin_up": "up", "mtu": "mtu", "addresses": "addresses"}  # and what put_back_links calls them
WITHHELD = "(withheld)"  # what evidence says in place of a secret


class Unwished(ValueError):
    """A difference that cannot be put back; the message names it and says why."""


class FileWish:
    """What a path should be. Whatever is None stays as it is."""

    def __init__(self):
        self.kind = self.content = self.target = None  # kind: file, directory, link, missing
        self.owner = self.group = self.mode = self.immutable = self.acl = None
        self.names = []  # of the differences
        self.secret = False  # the observation calls it so, whatever the file itself tells


class Wishes:
    """All of them: ``files`` by path, ``units`` by name (how they are enabled), ``ruleset`` as text or None.

    ``runs``: whether units run; ``routes``, ``settings`` of the kernel; ``listeners``: the process that must let go of a port.
    Of a router: ``configuration`` as text or None, and what is wished of each of its ``links`` and ``neighbours``.
    """

    def __init__(self):
        self.files, self.units, self.ruleset = {}, {}, None
        self.runs, self.routes, self.settings, self.listeners = {}, {}, {}, {}
        self.configuration, self.links, self.neighbours = None, {}, {}

    def file(self, path, name):
        """The wish for a path."""
        if not path.startswith("/") or os.path.normpath(path) != path:
            raise Unwished("%s: not the absolute path of a file" % path)
        wish = self.files.setdefault(path, FileWish())
        wish.names.append(name)
        return wish

    def edit(self, path, name, change):
        """Change the text of a file, as it is now and as other differences want it."""
        wish = self.file(path, name)
        before = wish.content if wish.content is not None else _read(path)
        # Latin 1 gives every byte back as it was, whatever the encoding of the comments
        wish.content = change(before.decode("latin-1")).encode("latin-1")
        wish.kind = "file"


def wishes_of(differences, directory=POSTFIX):
    """The wishes of all differences. Raises ``Unwished`` with every reason, one a line."""
    wishes, errors = Wishes(), []
    for difference in differences:
        name = "%s %s" % (difference.get("kind"), difference.get("name"))
        try:
            KINDS[difference["kind"]](wishes, difference, name, directory)
        except KeyError as error:
            errors.append("%s: this kind cannot be put back, or %s is not given" % (name, error))
        except (ValueError, OSError) as error:
            errors.append("%s: %s" % (name, error))
    if errors:
        raise Unwished("\n".join(errors))
    return wishes


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def _utf8(text):
    """Text of the controller as the bytes that the file has, in the disguise of ``Wishes.edit``."""
    if WITHHELD in text:
        raise Unwished("its value is a secret that the known good does not hold: put it back by hand")
    return text.encode("utf-8").decode("latin-1")


def _parameter(wishes, difference, name, directory):
    was, parameter = difference["was"], difference["name"]
    if was is None:
        wishes.edit(directory + "/main.cf", name, lambda text: postfix.remove_parameter(text, parameter))
    else:
        value = _utf8(was)
        wishes.edit(directory + "/main.cf", name, lambda text: postfix.set_parameter(text, parameter, value))


def _line(wishes, difference, name, directory):
    """Named by its file and number, /etc/postfix/main.cf:12; the number is of that look, so the text counts."""
    path = difference["name"].rpartition(":")[0] or difference["name"]
    if path not in (directory + "/main.cf", directory + "/master.cf"):
        raise Unwished("a line of main.cf or master.cf was expected")
    if difference["was"] is None:
        content = _utf8(difference["is"])
        wishes.edit(path, name, lambda text: postfix.remove_line(text, content))
    else:
        content = _utf8(difference["was"])
        wishes.edit(path, name, lambda text: postfix.add_line(text, content))


def _service(wishes, difference, name, directory):
    was, key = difference["was"], difference["name"]
    if was is None:
        wishes.edit(directory + "/master.cf", name, lambda text: postfix.remove_service(text, key))
        return
    columns = _utf8(was["columns"])
    options = {_utf8(option): _utf8(value) for option, value in was["options"].items()}
    wishes.edit(directory + "/master.cf", name, lambda text: postfix.set_service(text, key, columns, options))


def _file(wishes, difference, name, directory):
    wish, aspect = wishes.file(difference["name"], name), difference.get("aspect", "content")
    wish.secret = wish.secret or bool(difference.get("secret"))
    if aspect in ("owner", "group", "mode"):
        setattr(wish, aspect, difference["was"])
    elif aspect == "immutable":
        wish.immutable = bool(difference["was"])
    elif aspect == "acl":
        wish.acl = difference["was"] or ""
    elif aspect == "added":
        wish.kind = "missing"
    elif aspect in ("content", "target", "missing"):
        _whole(wish, difference, aspect)
    else:
        raise Unwished("nothing is known of the aspect %r" % aspect)


def _whole(wish, difference, aspect):
    """The file as it was; owner, group and mode too where there is none any more, or another kind of file."""
    if difference.get("target"):
        wish.kind, wish.target = "link", difference["target"]
    elif difference["was"] == "directory":
        if os.path.islink(difference["name"]) and os.path.exists(difference["name"]):
            raise Unwished("it is a link to something that is there: what is in it must be moved by hand")
        wish.kind = "directory"
    else:
        wish.kind, wish.content = "file", _content(difference)
    if aspect != "content":
        wish.owner, wish.group, wish.mode = (difference.get(key) for key in ("owner", "group", "mode"))


def _content(difference):
    if difference.get("content") is not None:
        return base64.b64decode(difference["content"])
    return known_good.content(difference["name"], difference.get("digest"))


def _lines(wishes, difference, name, directory):
    """One hunk of a text, found by what surrounds it; of a secret file, by its name among those against the kept copy."""
    path = difference["name"]
    if not os.path.isfile(path):
        raise Unwished("%s is no file any more, so none of its lines can be put back" % path)
    if difference.get("secret"):
        kept = known_good.content(path, difference.get("digest")).decode("latin-1")
        wishes.edit(path, name, lambda text: _secret_reversed(text, kept, difference["aspect"]))
        return
    hunk = _hunk(difference)
    wishes.edit(path, name, lambda text: text_hunks.reverse(text, hunk))


def _hunk(difference):
    place = {key: difference["place"][key] for key in ("before", "after", "begin", "end")}
    sides = {"before": place["before"], "after": place["after"], "was": difference["was"], "is": difference["is"]}
    return dict(place, **{key: [_utf8(line) for line in lines] for key, lines in sides.items()})


def _secret_reversed(text, kept, identity):
    found = text_hunks.hunks(kept, text) or []
    for hunk, name in zip(found, text_hunks.identities(found, known_good.salt())):
        if name == identity:
            return text_hunks.reverse(text, hunk)
    if text == kept:
        return text
    raise Unwished("the lines that differ are others now")


def _unit(wishes, difference, name, directory):
    if difference.get("aspect", "enabled") != "enabled" or not difference["was"]:
        raise Unwished("only how a unit is enabled can be put back; starting it is another remedy")
    wishes.units[difference["name"]] = difference["was"]


def _firewall(wishes, difference, name, directory):
    text = base64.b64decode(difference.get("content") or "").decode("utf-8")
    if not text.strip() and difference["was"]:
        raise Unwished("the known good holds no text of the ruleset")
    wishes.ruleset = text


def _rule(wishes, difference, name, directory):
    """Lines of the ruleset's text, which the kernel takes as a whole."""
    text = firewall.text() if wishes.ruleset is None else wishes.ruleset
    wishes.ruleset = text_hunks.reverse(text.encode("utf-8").decode("latin-1"), _hunk(difference))
    wishes.ruleset = wishes.ruleset.encode("latin-1").decode("utf-8")


def _runs(wishes, difference, name, directory):
    wishes.runs[difference["name"]] = difference["was"] == "active"


def _route(wishes, difference, name, directory):
    wishes.routes[difference["name"]] = difference["was"] or {}


def _package_file(wishes, difference, name, directory):
    """As the package brought it, with the attributes that it had on this host."""
    place = difference.get("place") or {}
    found = package_files.brought(difference["name"], place["package"])
    wish = wishes.file(difference["name"], name)
    wish.kind, wish.content, wish.target = found["kind"], found["content"], found["target"]
    wish.owner, wish.group, wish.mode = (place.get(key) or found[key] for key in ("owner", "group", "mode"))


def _setting(wishes, difference, name, directory):
    wishes.settings[difference["name"]] = difference["was"]


def _listener(wishes, difference, name, directory):
    wishes.listeners[difference["name"]] = difference["is"]


def _interface(wishes, difference, name, directory):
    """Only what somebody sets: whether it carries packets follows from that, and from its other end."""
    aspect, was = difference.get("aspect"), difference["was"]
    if aspect not in LINK_ASPECTS or was is None:
        raise Unwished("of an interface only these can be put back: %s" % ", ".join(LINK_ASPECTS))
    if aspect == "addresses":
        was = sorted(address for address in was if not address.lower().startswith("fe80:"))
    wishes.links.setdefault(difference["name"], {})[LINK_ASPECTS[aspect]] = was


def _neighbour(wishes, difference, name, directory):
    """Told as the link-layer address and the interface."""
    words = str(difference["was"] or difference.get("is") or "").split()
    if len(words) != 2:
        raise Unwished("on which interface it is is not known")
    wishes.neighbours.setdefault(difference["name"], {})[words[1]] = words[0] if difference["was"] else ""


def _configuration(wishes, difference, name, directory):
    text = base64.b64decode(difference.get("content") or "").decode("utf-8")
    if not text.strip():
        raise Unwished("the known good holds no configuration")
    wishes.configuration = _utf8(text).encode("latin-1").decode("utf-8")


KINDS = {
    "device.configuration": _configuration,
    "device.interface": _interface,
    "device.neighbour": _neighbour,
    "file": _file,
    "firewall": _firewall,
    "firewall.rule": _rule,
    "lines": _lines,
    "listener": _listener,
    "package.file": _package_file,
    "postfix.line": _line,
    "postfix.parameter": _parameter,
    "postfix.service": _service,
    "route": _route,
    "sysctl": _setting,
    "unit": _unit,
    "unit.running": _runs,
}


def attributes_of(wish, now, names):
    """Owner, group and mode: as wished, else as they are now, else root's alone.

    ``names`` turns the wish's names into numbers: (uid of, gid of).
    """
    usual = "0700" if wish.kind == "directory" else "0600"
    owner = names[0](wish.owner) if wish.owner is not None else now.get("owner", 0)
    group = names[1](wish.group) if wish.group is not None else now.get("group", 0)
    acl = now.get("acl", "") if wish.acl is None else wish.acl
    return writing.Attributes(owner, group, int(wish.mode or now.get("mode") or usual, 8), acl=acl)
