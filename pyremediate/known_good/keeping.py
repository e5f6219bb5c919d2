"""What was captured becomes the known good: hosts and devices together, by one approval in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pyremediate.known_good import devices as kept_devices
from pyremediate.known_good import hosts as kept_hosts
from pyremediate.known_good import writing
from pyremediate.known_good.hosts import Captured
from pyremediate.known_good.repository import subject
from pyremediate.known_good.writing import Approval, Kept
from pyremediate.network.evidence import DeviceEvidence


def keep(hosts: Mapping[str, Captured], devices: Sequence[DeviceEvidence], approval: Approval) -> Kept:
    """Make these the last known good, and say which are others than before."""
    before = kept_hosts.load_all(hosts)
    whole = {host: kept_hosts.with_sealed_before(captured, before.get(host)) for host, captured in hosts.items()}
    subjects = {subject(kept_hosts.KIND, host): kept_hosts.files_of(captured) for host, captured in whole.items()}
    subjects |= {subject(kept_devices.KIND, each.device): kept_devices.files_of(each) for each in devices}
    return writing.replace(subjects, approval, datetime.now(UTC).replace(microsecond=0))
