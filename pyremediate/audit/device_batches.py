"""Which drifts of a router are put back together, and by which remedy of the role ``router``. Pure.

The proof is mail, as for hosts: so this goes on within an incident of a mail host whose mail passes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyremediate.audit.batches import CODE, Batch
from pyremediate.audit.values import Drift, key
from pyremediate.model import Device, Difference, Look, Planned, Remedy, to_json
from pyremediate.network import by_hand
from pyremediate.repair import plan

OF_THE_KERNEL = frozenset({"admin_up", "mtu", "addresses"})


@dataclass(frozen=True)
class Way:
    """A remedy. ``whole``: it puts back everything of these kinds at once, and so only where nothing of them is wanted."""

    tasks: str
    title: str
    kinds: frozenset[str]
    platforms: frozenset[str]
    whole: bool
    checkpoint: Callable[[Sequence[Difference]], Mapping[str, Any]]

    def takes(self, difference: Difference) -> bool:
        """Is it the way back of this one?"""
        of_interface = difference.kind != "device.interface" or difference.aspect in OF_THE_KERNEL
        return difference.kind in self.kinds and of_interface


def _names(differences: Sequence[Difference]) -> list[str]:
    return list(dict.fromkeys(difference.name for difference in differences if difference.kind == "device.interface"))


def _configuration(differences: Sequence[Difference]) -> Mapping[str, Any]:
    return {"files": ["/etc/frr"], "frr": True, "links": _names(differences)}


FRR, LINUX = frozenset({"frr"}), frozenset({"frr", "linux"})
# In this order: what the configuration says is put back first, and what the kernel has otherwise then.
WAYS: Sequence[Way] = (
    Way("running_configuration", "Put the configuration of {device} back as it was known to be good", frozenset({"device.line"}),
        FRR, True, _configuration),
    Way("interfaces", "Put the interfaces of {device} back as they were known to be good", frozenset({"device.interface"}), LINUX,
        False, lambda differences: {"links": _names(differences)}),
    Way("neighbours", "Put the neighbours that are written down on {device} back", frozenset({"device.neighbour"}), LINUX,
        False, lambda differences: {"neighbours": [each.name for each in differences]}),
    Way("filter", "Put the packet filter that {device} starts with in force", frozenset({"device.filter", "device.translation"}),
        LINUX, True, lambda _: {"firewall": True}),
    Way("save", "Save the configuration that runs on {device}", frozenset({"device.unsaved"}), FRR,
        True, lambda _: {"files": ["/etc/frr"]}),
)  # fmt: skip


def can_be_put_back(difference: Difference, platform: str) -> bool:
    """Has this platform a remedy for it?"""
    return any(way.takes(difference) and platform in way.platforms for way in WAYS)


@dataclass(frozen=True)
class OfDevice:
    """A router whose drifts are put back; see ``batches.Subject``."""

    name: str
    trial = False  # the role knows its own protection: the dead-man switch

    def differences(self, look: Look) -> Sequence[Difference]:
        """In which it is not as its known good, in this look."""
        return next((device.differences for device in self._devices(look)), ())

    def batches(self, drifts: Sequence[Drift], look: Look) -> tuple[Batch, ...]:
        """What can be put back of these drifts, in order; as far as they are there in this look."""
        wanted = {key(drift.difference) for drift in drifts if drift.way_back and not drift.accepted}
        return tuple(self._batches(wanted, self.differences(look)))

    def _batches(self, wanted: set[Any], differences: Sequence[Difference]) -> Iterator[Batch]:
        for way in WAYS:
            members = tuple(filter(way.takes, differences))
            chosen = tuple(each for each in members if key(each) in wanted)
            saves_another = way.tasks == "save" and any(each.kind == "device.line" for each in differences)
            if chosen and not saves_another and not (way.whole and chosen != members):
                yield Batch(self.name, "network", chosen)

    def planned(self, batch: Batch, look: Look, policy: plan.Policy) -> Planned:
        """The remedy of a batch, and what policy says of it."""
        way = next(way for way in WAYS if way.takes(batch.differences[0]))
        remedy = Remedy(
            name=way.tasks,
            class_=batch.class_,
            title=way.title.format(device=self.name),
            role="router",
            tasks=way.tasks,
            variables={"router_differences": [{"device": self.name, **to_json(each)} for each in batch.differences]},
            checkpoint=way.checkpoint((*batch.differences, *self.differences(look))),
            on=self.name,
        )
        return Planned(f"{CODE}{self.name}", remedy, *plan.permission(remedy, policy))

    def parts(self, batch: Batch) -> tuple[Batch, ...]:
        """A configuration goes back as a whole."""
        return ()

    def by_hand(self, look: Look) -> tuple[str, ...]:
        """What a human types there, where it cannot be changed from here."""
        return by_hand.steps([device for device in self._devices(look) if not _is_ours(device)])

    def _devices(self, look: Look) -> list[Device]:
        return [device for device in look.devices if device.name == self.name]


def _is_ours(device: Device) -> bool:
    platform = (device.evidence or {}).get("platform", device.platform)
    return any(platform in way.platforms for way in WAYS)
