# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a checkpoint may hold. Never mail: queue ids are reused, and mail put back would be delivered twice or lost.

* Configuration directories (below /etc) are taken with everything in them.
* Any other directory is taken by its owner, group and mode alone.
* A path below a mail queue or a mail store is refused, except a directory, or a link in the place of one.
"""

from __future__ import annotations

import os
import re

TREES = ("/etc",)
MOST = 5000  # files in one tree; more is a mistake in the request
QUEUES = ("incoming", "active", "deferred", "hold", "maildrop", "corrupt", "bounce", "defer", "saved", "trace", "flush")
MAIL_STORES = ("/var/vmail", "/var/mail", "/var/spool/mail", "/home/vmail", "/srv/mail", "/srv/vmail")
MAILDIR = re.compile(r"/(?:Maildir|mdbox|sdbox)/")


class Refused(ValueError):
    """The request names what a checkpoint must not hold."""


def queue_directory(main_cf="/etc/postfix/main.cf"):
    """Where Postfix keeps its queues, read from the text, since Postfix may refuse to tell."""
    try:
        with open(main_cf, encoding="utf-8", errors="replace") as file:
            found = re.findall(r"^queue_directory\s*=\s*(/\S+)", file.read(), re.MULTILINE)
    except OSError:
        found = []
    return os.path.normpath(found[-1]) if found else "/var/spool/postfix"


def resolved(path):
    """The path with the links of its directories followed, and its own not. Refuses what is not absolute and plain."""
    if not path.startswith("/") or "\0" in path or os.path.normpath(path) != path.rstrip("/") or path == "/":
        raise Refused("%r is not the absolute path of a file or directory" % path)
    path = path.rstrip("/")
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def mail_above(path, queue):
    """The queue or mail store that the path lies in; empty when it lies in none."""
    holders = [os.path.join(queue, name) for name in QUEUES] + list(MAIL_STORES)
    for holder in holders:
        if path.startswith((holder + "/", os.path.realpath(holder) + "/")):
            return holder
    maildir = MAILDIR.search(path)
    return path[: maildir.end() - 1] if maildir else ""


def is_store(path):
    """Is it a mail store, or a directory in one? Then an empty one in its place would hide that mail is lost."""
    stores = list(MAIL_STORES) + [os.path.realpath(store) for store in MAIL_STORES]
    return (path + "/").startswith(tuple(store + "/" for store in stores)) or bool(MAILDIR.search(path + "/"))


def expand(paths, queue):
    """Every path that the request means, the trees walked. Raises ``Refused``."""
    found = {}
    for path in map(resolved, paths):
        holder = mail_above(path, queue)
        if holder and not (os.path.isdir(path) or os.path.islink(path)):
            raise Refused(
                "%s lies in %s: mail is never copied into a checkpoint, nor put back from one" % (path, holder)
            )
        found.update(dict.fromkeys([path] + list(below(path))))
    return sorted(found)


def is_tree(path):
    """Is the directory taken with everything in it?"""
    return path.startswith(tuple(tree + "/" for tree in TREES)) and os.path.isdir(path) and not os.path.islink(path)


def below(path):
    """Everything in a tree; nothing of any other path. Links are not followed."""
    if not is_tree(path):
        return
    count = 0
    for directory, directories, files in os.walk(path):
        for name in directories + files:
            count += 1
            if count > MOST:
                raise Refused("%s holds more than %d files; name those that matter" % (path, MOST))
            yield os.path.join(directory, name)
