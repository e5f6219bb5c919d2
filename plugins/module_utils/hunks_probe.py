# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``hunks`` is asked, and its answer: how texts differ from the last known good, line by line."""

from __future__ import annotations

import base64
import os

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import text_hunks
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import is_secret
from ansible_collections.pyremediate.mail.plugins.module_utils.put_back_files import look
from ansible_collections.pyremediate.mail.plugins.module_utils.text_entries import LIST, RULES

RULESET = "ruleset"  # in place of a path: the rules of the packet filter
LARGEST = 1024 * 1024
ARGUMENTS = {
    "files": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "str", "required": True},
            "content": {"type": "str"},
            "secret": {"type": "bool", "default": False},
            "digest": {"type": "str"},
        },
    },
}


def answer(parameters):
    """{"files": [{path, secret, hunks or None, error}]}, in the order of the question."""
    return {"files": [_answer(asked) for asked in parameters["files"]]}


def _answer(asked):
    found = {"path": asked["path"], "secret": asked.get("content") is None, "hunks": None, "error": ""}
    try:
        was, now = _texts(asked, found["secret"])
        hunks = text_hunks.hunks(was, now, RULES if asked["path"] == RULESET else LIST)
        if asked["path"] == RULESET and hunks:
            hunks = [hunk for hunk in hunks if firewall.normal(text_hunks.reverse(now, hunk)) != firewall.normal(now)]
        if hunks is not None:
            key = known_good.salt() if found["secret"] else b""
            found["hunks"] = [
                dict(_told(hunk, found["secret"]), name=name, harmless=text_hunks.means_nothing(hunk))
                for hunk, name in zip(hunks, text_hunks.identities(hunks, key))
            ]
    except (OSError, ValueError) as error:  # UnicodeDecodeError too: what is no text has no lines
        found["error"] = str(error)
    return found


def _texts(asked, secret):
    """As it was and as it is, of the packet filter too. A secret file is compared byte by byte: nobody reads its lines."""
    if asked["path"] == RULESET:
        return base64.b64decode(asked["content"]).decode(), firewall.text()
    encoding = "latin-1" if secret else "utf-8"
    was = known_good.content(asked["path"], asked.get("digest")) if secret else base64.b64decode(asked["content"])
    if look(asked["path"])["kind"] != "file" or os.path.getsize(asked["path"]) > LARGEST:
        raise ValueError("%s is no file any more, or too large" % asked["path"])
    with open(asked["path"], "rb") as file:
        now = file.read()
        mode = os.fstat(file.fileno()).st_mode
    if not secret and (asked.get("secret") or is_secret(asked["path"], mode, now)):
        raise ValueError("%s holds a secret now, so none of its lines is told" % asked["path"])
    if b"\0" in was + now:
        raise ValueError("%s is no text" % asked["path"])
    return was.decode(encoding), now.decode(encoding)


def _told(hunk, secret):
    return {} if secret else hunk
