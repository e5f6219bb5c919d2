"""The platforms that can be looked at. Adding one is a file and a line here."""

from __future__ import annotations

from pyremediate.errors import UsageError
from pyremediate.network.drivers.driver import Driver
from pyremediate.network.drivers.eos import DRIVER as EOS
from pyremediate.network.drivers.frr import DRIVER as FRR
from pyremediate.network.drivers.ios import DRIVER as IOS
from pyremediate.network.drivers.junos import DRIVER as JUNOS
from pyremediate.network.drivers.routeros import DRIVER as ROUTEROS
from pyremediate.network.drivers.vyos import DRIVER as VYOS

DRIVERS: tuple[Driver, ...] = (FRR, IOS, EOS, JUNOS, VYOS, ROUTEROS)


def driver_for(network_os: str) -> Driver:
    """The driver of what ``ansible_network_os`` says. Raises ``UsageError`` with the names that are known."""
    for driver in DRIVERS:
        if network_os in driver.network_os:
            return driver
    known = ", ".join(sorted(name for driver in DRIVERS for name in driver.network_os if "." in name))
    raise UsageError(f"ansible_network_os {network_os!r} is none that can be looked at: {known}")
