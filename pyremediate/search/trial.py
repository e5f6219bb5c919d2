"""What one trial of a search puts back: its remedy for the role ``known_good``, and the cause that it proves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyremediate.comparison import differences as kinds
from pyremediate.comparison import telling
from pyremediate.diagnosis.facts import difference_names, dotted
from pyremediate.model import SEARCHED, Cause, Difference, Leg, Look, Remedy
from pyremediate.search.suspects import Suspect

PUT_BACK = "Put back as last known good: "
SMALLER = {"lines": "file", "firewall.rule": "firewall"}  # a smaller unit, and what it is a part of
NOT_BY_ROLLBACK = frozenset({"package", "postfix.map"})


def code_of(chosen: Sequence[Suspect]) -> str:
    """``difference/postfix.parameter virtual_transport``, with what else belongs to the set counted."""
    first = chosen[0].difference
    more = f" and {len(chosen) - 1} more" if len(chosen) > 1 else ""
    return f"{SEARCHED}{first.kind} {first.name}{more}"


def cause_of(chosen: Sequence[Suspect], leg: Leg, confidence: float = 0.9) -> Cause:
    """The differences that closed the leg, as a cause like those of the catalogue."""
    failed = f"{dotted(leg)} did not pass from {leg.vantage} ({leg.detail or 'no detail'})"
    proof = f"{failed}, and did with it put back." if len(chosen) == 1 else f"{failed}, and did with these put back."
    return Cause(
        code=code_of(chosen),
        title=telling.title([suspect.difference for suspect in chosen]),
        layer="configuration",
        severity="high",
        evidence=(*(f"{suspect.difference.sentence()}." for suspect in chosen), proof),
        legs=(dotted(leg),),
        prevention=("Approve a wanted change with pyremediate baseline capture, after proving that mail flows.",),
        confidence=confidence,
    )


def remedy_for(chosen: Sequence[Difference], look: Look) -> Remedy:
    """The one remedy of every search: these differences put back, by the role ``known_good``."""
    evidence = look.evidence.data() if look.evidence else {}
    names = "; ".join(f"{difference.kind} {difference.name}" for difference in chosen[:3])
    more = f" and {len(chosen) - 3} more" if len(chosen) > 3 else ""
    return Remedy(
        name="put_back",
        class_="rollback",
        title=f"{PUT_BACK}{names}{more}",
        role="known_good",
        tasks="put_back",
        variables=_variables(chosen, evidence),
        checkpoint=_checkpoint(chosen, evidence),
    )


def _variables(chosen: Sequence[Difference], evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "known_good_differences": [difference_names(each) for each in chosen if each.kind not in NOT_BY_ROLLBACK],
        "known_good_units": list(dict.fromkeys(unit for each in chosen for unit in kinds.units(each))),
        "known_good_maps": _maps(chosen, evidence),
        "known_good_versions": {each.name: each.was for each in chosen if each.kind == "package" and each.was},
        "known_good_missing": [each.name for each in chosen if each.kind == "package" and not each.is_],
    }


def _units(evidence: Mapping[str, Any]) -> Mapping[str, Any]:
    units: Mapping[str, Any] = evidence.get("services", {}).get("units", {})
    return units


def _maps(chosen: Sequence[Difference], evidence: Mapping[str, Any]) -> list[str]:
    """The maps that the set is about, themselves or by their source; others are other suspects, and not to be mended with it."""
    names = {each.name for each in chosen}
    maps = [each for each in evidence.get("postfix", {}).get("maps", ()) if each["database"]]
    wanted = [
        f"{each['type']}:{each['path']}" for each in maps if {each["path"], f"{each['type']}:{each['path']}"} & names
    ]
    return list(dict.fromkeys(wanted))


def _checkpoint(chosen: Sequence[Difference], evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What the differences need, main.cf for the protection, the databases, and the units that are started or restarted."""
    wanted = dict(kinds.checkpoint_for(chosen))
    directory = evidence.get("postfix", {}).get("config_directory") or "/etc/postfix"
    databases = [str(each["database"]) for each in evidence.get("postfix", {}).get("maps", ()) if each["database"]]
    files = [*wanted.get("files", ()), f"{directory}/main.cf", *databases]
    units = [*wanted.get("units", ()), *(name for name in _units(evidence) if "@" not in name)]
    return {**wanted, "files": list(dict.fromkeys(files)), "units": list(dict.fromkeys(units))}


def soft_bounce(look: Look) -> str:
    """What main.cf said before the search; empty where it said nothing."""
    main = (look.evidence.data() if look.evidence else {}).get("postfix", {}).get("main", {})
    value = main.get("parameters", {}).get("soft_bounce")
    return str(value or "")


def may_be_narrowed(remedy: Remedy) -> bool:
    """Does a rollback name something that has smaller units? Only then is the host asked for them."""
    return remedy.class_ == "rollback" and any(each["kind"] in SMALLER.values() for each in kinds.named_in(remedy.variables))


def narrower(remedy: Remedy, look: Look) -> tuple[Difference, ...]:
    """The differences that a rollback would put back, where the look has them in smaller units; empty where it has not.

    A rule names a file or the packet filter; what somebody changed in them for a reason must not go back with the fault.
    """
    named = (
        {(each["kind"], each["name"]) for each in kinds.named_in(remedy.variables)} if remedy.class_ == "rollback" else set()
    )
    units = [each for each in look.differences if (SMALLER.get(each.kind, each.kind), _whole_name(each)) in named]
    return tuple(units) if any(each.kind in SMALLER for each in units) and len(units) > 1 else ()


def _whole_name(difference: Difference) -> str:
    return "ruleset" if difference.kind == "firewall.rule" else difference.name
