# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Differences for people, as Ansible's diff mode shows them; contents that not everybody may read are withheld."""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.secrecy import is_secret

LARGEST = 200 * 1024
WITHHELD = "(content withheld: %d bytes)\n"


def of_file(path, before, after, secret=False):
    """One entry of a diff; before and after are (state, content as bytes or None). ``secret``: it is known to be so."""
    secret = secret or any(_is_secret(path, state, content) for state, content in (before, after))
    return of_text(path, _shown(before, secret), _shown(after, secret))


def of_text(name, before, after):
    """One entry of a diff."""
    return {"before_header": name, "after_header": name, "before": before, "after": after}


def _is_secret(path, state, content):
    """As the observation judges it."""
    return content is not None and is_secret(path, int(state.get("mode", "0"), 8), content)


def _shown(side, secret):
    """The attributes in the first line, then the content."""
    state, content = side
    words = [
        "%s=%s" % (key, state[key])
        for key in ("kind", "owner", "group", "mode", "target", "immutable", "acl")
        if state.get(key)
    ]
    text = "# %s\n" % " ".join(words)
    if content is None:
        return text
    if secret or len(content) > LARGEST or b"\0" in content:
        return text + WITHHELD % len(content)
    return text + content.decode("utf-8", "replace")
