"""Which variables of the inventory say how a machine's controller (BMC) is reached: see inventory/example."""

from __future__ import annotations

from collections.abc import Mapping

# The fields of ``pyremediate.bmc.values.Account``.
VARIABLES: Mapping[str, tuple[str, ...]] = {
    "address": ("pyremediate_bmc_address",),
    "user": ("pyremediate_bmc_user",),
    "password": ("pyremediate_bmc_password",),
    "ca_file": ("pyremediate_bmc_ca_file",),
    "system": ("pyremediate_bmc_system",),
}
