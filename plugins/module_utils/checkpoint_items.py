# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The things that a checkpoint remembers, one vocabulary for recording, sealing and undoing.

An item is {"kind": a key of ``LOOK``, "name": …, "was": state, "kept": {…}}; its kind's module says what a
state is.
"""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_files as files
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_firewall as firewall
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_frr as frr
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_links as links
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_listeners as listeners
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_neighbours as neighbours
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_packages as packages
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_routes as routes
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_settings as settings
from ansible_collections.pyremediate.mail.plugins.module_utils import put_back_units as units

# How the states of several items of one kind are looked up: {name: state}.
LOOK = {
    "file": lambda names: {name: files.look(name) for name in names},
    "unit": units.look,
    "package": packages.look,
    "firewall": lambda names: {name: firewall.look() for name in names},
    "route": routes.look,
    "sysctl": settings.look,
    "listener": listeners.look,
    "frr": frr.look,
    "link": links.look,
    "neighbour": neighbours.look,
}


# States of these as words.
OTHER = {
    "route": lambda state: " ".join("%s %s" % pair for pair in sorted(state.items()) if pair[1] is not None),
    "sysctl": str,
    "listener": lambda state: ", ".join(state["processes"]),
    "frr": lambda state: (
        "" if state["configuration"] is None else "%d lines" % len(state["configuration"].splitlines())
    ),
    "link": lambda state: (
        "%s, mtu %d, %s" % (("down", "up")[state["up"]], state["mtu"], " ".join(state["addresses"])) if state else ""
    ),
    "neighbour": lambda state: ", ".join("%s at %s" % (mac, interface) for interface, mac in sorted(state.items())),
}


def look(items):
    """The states now: {kind: {name: state}}."""
    return {kind: look_up(names_of(items, kind)) for kind, look_up in LOOK.items() if names_of(items, kind)}


def names_of(items, kind):
    """The names of the items of one kind, in order."""
    return [item["name"] for item in items if item["kind"] == kind]


def new_in_trees(manifest):
    """What has appeared in the recorded trees since: items that were missing."""
    known = set(names_of(manifest["items"], "file"))
    found = sorted(path for tree in manifest["trees"] for path in paths.below(tree) if path not in known)
    return [{"kind": "file", "name": path, "was": dict(files.MISSING), "kept": {}} for path in found]


def same(kind, was, now):
    """Is the item as it was?"""
    return units.same(was, now) if kind == "unit" else was == now


def judge(kind, was, sealed, now):
    """What an undo does with an item; pure.

    same      it is as it was
    put_back  the step changed it, and nobody since; or the step ended before it could say so (sealed is None)
    left      the step did not change it: what somebody else did to it is not ours to undo
    refused   the step changed it, and somebody else changed it again afterwards
    """
    if kind == "unit":
        return units.judge(was, sealed, now)
    if was == now:
        return "same"
    if sealed is None:
        return "put_back"
    if sealed == was:
        return "left"
    return "put_back" if sealed == now else "refused"


def sentence(item, state):
    """``file /etc/postfix/main.cf: file, root:root …``: a state in words, contents withheld."""
    return "%s %s: %s" % (item["kind"], item["name"], _words(item["kind"], state))


def _words(kind, state):
    if kind == "unit":
        return "%s, %s" % (state["enabled"] or "not installed", state["runs"])
    if kind == "package":
        return (state["version"] or "not installed") + (", held" if state["held"] else "")
    if kind == "firewall":
        return "%d lines of rules" % len(state["rules"].splitlines())
    if kind in OTHER:
        return OTHER[kind](state) or "nothing"
    if state["kind"] == "missing":
        return "missing"
    if state["kind"] == "link":
        return "link to %s" % state["target"]
    words = "%s %d:%d %s" % (state["kind"], state["owner"], state["group"], state["mode"])
    return (
        words
        + (" %s" % state["digest"][:19] if "digest" in state else "")
        + (" immutable" if state.get("immutable") else "")
        + (" with an access list" if state.get("acl") else "")
    )
