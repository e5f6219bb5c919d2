# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The machine below the mail system: disks, memory, temperatures, links and clock, as the host itself can see them.

What a container sees of them is its machine's, and partly nobody's: there it cannot be known from here.
"""

from __future__ import annotations

from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_board import (
    container,
    observe_machine,
    observe_memory,
    observe_pressure,
    observe_thermal,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_clock import observe_clock
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_disks import (
    observe_disks,
    observe_drives,
)
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_filesystems import observe_filesystems
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_kernel import observe_kernel
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_links import observe_links
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.hardware_raid import observe_arrays
from ansible_collections.pyremediate.mail.plugins.module_utils.observers.request import Unavailable

PARTS = (
    "machine", "disks", "drives", "arrays", "filesystems", "memory", "thermal", "pressure", "clock", "kernel",
)  # fmt: skip


def observe(request, notes):
    """The section ``hardware``."""
    within, links = container(), observe_links()
    if within:
        nothing = dict.fromkeys(PARTS)
        raise Unavailable(
            f"this is a container ({within}): its hardware is its machine's, and cannot be known from here",
            {"container": within, **nothing, "links": links},
        )
    disks = observe_disks()
    return {
        "container": None,
        "machine": observe_machine(),
        "disks": disks,
        "drives": observe_drives(disks, notes),
        "arrays": observe_arrays(notes),
        "filesystems": observe_filesystems(),
        "memory": observe_memory(notes),
        "thermal": observe_thermal(notes),
        "pressure": observe_pressure(),
        "clock": observe_clock(notes),
        "links": links,
        "kernel": observe_kernel(notes),
    }
