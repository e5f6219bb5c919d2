# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""Does a checkpoint hold everything that is about to be touched?"""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_items as items
from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_paths as paths


def uncovered(manifest, changes):
    """The names of the changes that the checkpoint could not undo: all of them when there is none, or it is over."""
    open_ = manifest is not None and not manifest.get("restored_at")
    return ["%s %s" % (change.kind, change.name) for change in changes if not (open_ and _holds(manifest, change))]


def _holds(manifest, change):
    name = paths.resolved(change.name) if change.kind == "file" else change.name
    if name in items.names_of(manifest["items"], change.kind):
        return True
    return change.kind == "file" and name.startswith(tuple(tree + "/" for tree in manifest["trees"]))
