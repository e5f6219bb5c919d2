# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the module ``kept_secrets`` is asked, and its answer: the copies of secret files that a host keeps, to be encrypted."""

from __future__ import annotations

import base64

from ansible_collections.pyremediate.mail.plugins.module_utils import checkpoint_known_good as known_good
from ansible_collections.pyremediate.mail.plugins.module_utils.checkpoint_store import CheckpointError

ARGUMENTS = {}


def answer(parameters):
    """{"files": [{path, digest, content_base64}]}; a copy that is damaged is not among them."""
    found = []
    for path, entry in sorted(known_good.manifest().items()):
        try:
            content = known_good.content(path, entry["keyed"])
        except CheckpointError:
            continue
        found.append({"path": path, "digest": entry["keyed"], "content_base64": base64.b64encode(content).decode()})
    return {"files": found}
