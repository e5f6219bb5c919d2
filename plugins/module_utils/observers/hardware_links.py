# Copyright: The pyremediate maintainers
# GNU General Public License v3.0+ (see https://www.gnu.org/licenses/gpl-3.0.txt)
"""The links of the network interfaces, and the errors that they counted since they came up."""

from __future__ import annotations

import os

from ansible_collections.pyremediate.mail.plugins.module_utils.observers import hardware_files as files

NET = "/sys/class/net"
COUNTERS = {
    "receive_errors": "rx_errors",
    "receive_crc_errors": "rx_crc_errors",
    "receive_dropped": "rx_dropped",
    "transmit_errors": "tx_errors",
    "transmit_dropped": "tx_dropped",
    "collisions": "collisions",
}
LOOPBACK = 772  # ARPHRD_LOOPBACK (linux/if_arp.h)


def observe_links():
    """The host's own interfaces: not the loopback, nor the virtual ends of containers and machines in a bridge.

    ``carrier`` is None while an interface is administratively down.
    """
    return [_link(path) for path in files.entries(f"{NET}/*") if _is_own(path)]


def _is_own(path):
    physical, bridged = (os.path.exists(files.place(f"{path}/{name}")) for name in ("device", "brport"))
    return files.number(f"{path}/type") not in (LOOPBACK, None) and (physical or not bridged)


def _link(path):
    carrier, speed = files.number(f"{path}/carrier"), files.number(f"{path}/speed")
    counted = {name: files.number(f"{path}/statistics/{file}") for name, file in COUNTERS.items()}
    return {
        "name": os.path.basename(path),
        "physical": os.path.exists(files.place(f"{path}/device")),
        "carrier": None if carrier is None else bool(carrier),
        "megabits": speed if speed and speed > 0 else None,
        "duplex": files.text(f"{path}/duplex") or None,
        "carrier_changes": files.number(f"{path}/carrier_changes"),
        **counted,
    }
