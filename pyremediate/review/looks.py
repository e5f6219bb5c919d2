"""Looks and differences of the journal as the values that they were. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyremediate.diagnosis.facts import evidence_from
from pyremediate.model import Answer, Device, Difference, Leg, Look, Way, moment


def look_from(told: Mapping[str, Any]) -> Look:
    """The look of an entry, ``to_json`` taken back."""
    return Look(
        host=told["host"],
        evidence=evidence_from(told["host"], told["evidence"]) if told.get("evidence") else None,
        legs=tuple(Leg(**{**leg, "answer": Answer(leg["answer"])}) for leg in told.get("legs") or ()),
        mails=tuple(told.get("mails") or ()),
        differences=tuple(map(difference_from, told.get("differences") or ())),
        unreachable=told.get("unreachable") or "",
        blind=tuple(told.get("blind") or ()),
        known_good_at=moment(told["known_good_at"]) if told.get("known_good_at") else None,
        board=told.get("board"),
        devices=tuple(map(_device, told.get("devices") or ())),
        ways=tuple(Way(**way) for way in told.get("ways") or ()),
    )


def difference_from(told: Mapping[str, Any]) -> Difference:
    """One difference; of a remedy's variables, what was added to put it back is left out."""
    known = {name.rstrip("_"): name for name in Difference.__dataclass_fields__}
    values = {known[key]: value for key, value in told.items() if key in known}
    return Difference(**{**values, "since": moment(told["since"]) if told.get("since") else None})


def _device(told: Mapping[str, Any]) -> Device:
    return Device(
        **{
            **told,
            "differences": tuple(map(difference_from, told.get("differences") or ())),
            "known_good_at": moment(told["known_good_at"]) if told.get("known_good_at") else None,
        }
    )
