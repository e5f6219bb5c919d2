"""The trial in which nothing is put back: its units, whether it makes sense, and the cause that it proves. Pure.

Every other trial restarts the units that it is about. What a restart alone cures (a process that hangs, or one that runs on what
its files said before) would be put down to the difference that happens to be tried first; so this one is tried before. It is made
only where there is a sign of either: a process that answers in its own words, and read its files as they are, would do so again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pyremediate.comparison import dependence, differences
from pyremediate.diagnosis.facts import dotted, hangs
from pyremediate.model import SEARCHED, Cause, Difference, Leg, Look, Remedy, moment

CODE = f"{SEARCHED}none"
CONFIDENCE = 0.6  # that the units had to be restarted is proved; why is not known


def remedy_for(look: Look, leg: Leg) -> Remedy | None:
    """Restart what the leg depends on; None where that cannot help, or would do more than restart."""
    found = look.evidence.data() if look.evidence else {}
    units = _units(found, leg)
    if not units or not (hangs(leg) or _runs_on_older(found, units, look.differences)):
        return None
    if _cannot_help(found, units, look.differences):
        return None
    return Remedy(
        name="restart",
        class_="restart",
        title=f"Restart {' and '.join(units)}, with nothing put back",
        role="known_good",
        tasks="restart",
        variables={"known_good_units": units},
        checkpoint={"units": units},
    )


def cause_of(remedy: Remedy, look: Look, leg: Leg) -> Cause:
    """That a restart was needed, and nothing else."""
    names = remedy.variables["known_good_units"]
    units, were = " and ".join(names), "was" if len(names) == 1 else "were"
    left = [each.sentence() for each in look.differences if differences.is_suspect(each)]
    remain = (
        f"Differences from the last known good remain: {'; '.join([*left[:5], *(['…'] if left[5:] else [])])}."
    )
    return Cause(
        code=CODE,
        title=f"Mail stopped until {units} {were} restarted; nothing that differs from the last known good had stopped it",
        layer="services",
        severity="high",
        evidence=(
            f"{dotted(leg)} did not pass from {leg.vantage} ({leg.detail or 'no detail'}), and did after a restart alone.",
            remain if left else "Nothing differs from the last known good.",
        ),
        legs=(dotted(leg),),
        prevention=(
            f"Find out in the log of {units} what had stopped working: a restart hides that, and it may come back.",
        ),
        confidence=CONFIDENCE,
    )


def _runs_on_older(found: Mapping[str, Any], units: Sequence[str], changed: Iterable[Difference]) -> bool:
    """Was a file put right after the process that reads it had started? Those that differ are other trials' matter."""
    differing = {path for each in changed for path in differences.checkpoint_for([each])["files"]}
    tracked: Mapping[str, Mapping[str, Any]] = found.get("files", {}).get("tracked", {})
    return any(
        moment(meta["modified"]) > moment(started)
        for path, meta in tracked.items()
        if meta.get("kind") == "file" and meta.get("modified") and path not in differing
        for unit in set(dependence.readers(path)) & set(units)
        if (started := _state(found, unit).get("since"))
    )


def _units(found: Mapping[str, Any], leg: Leg) -> list[str]:
    """The mail units that run and that the leg depends on; Postfix last, which asks the others."""
    units = [
        name
        for name in dict(dependence.OWNERS).values()
        if _state(found, name).get("active") == "active" and dependence.carries(name, leg)
    ]
    return sorted(dict.fromkeys(units), key=lambda name: name == "postfix.service")


def _state(found: Mapping[str, Any], unit: str) -> Mapping[str, Any]:
    state: Mapping[str, Any] = found.get("services", {}).get("units", {}).get(unit, {})
    return state


def _cannot_help(found: Mapping[str, Any], units: Sequence[str], changed: Iterable[Difference]) -> bool:
    """Does a mail unit not run, would its owner refuse what it starts on, or would a restart bring a difference into force?"""
    every = {*dict(dependence.OWNERS).values(), "postfix@-.service"}
    if any(_state(found, unit).get("active") in {"failed", "activating"} for unit in every):
        return True  # why it does not is the question, and other trials' matter
    if any(_state(found, unit).get("needs_daemon_reload") for unit in (*units, "postfix@-.service")):
        return True
    if any(found.get(section, {}).get("check", {}).get("returncode") for section in ("postfix", "dovecot")):
        return True
    return any(_stops(difference, units, found) for difference in changed if not difference.harmless)


def _stops(difference: Difference, units: Sequence[str], found: Mapping[str, Any]) -> bool:
    if difference.kind in {"unit", "unit.running"}:
        return difference.name in units
    if not differences.waits_for_restart(difference):
        return False
    read = set(differences.units(difference)) & set(units)
    return any(_is_younger(difference.since, _state(found, unit).get("since")) for unit in read)


def _is_younger(changed: datetime | None, started: Any) -> bool:
    """Did the file change after the process had started? Where that is not known, it may have."""
    return changed is None or not started or changed > moment(started)
