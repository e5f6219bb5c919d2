"""The names that fault rules may use: the sections of one look at a host, and a few questions about them.

What was not looked at is undefined, or raises when asked, and so makes a condition unknown instead of false.

    services, postfix, …        the sections of the evidence (the module pyremediate.mail.observe documents each)
    host, observed_at           whose evidence it is, and when it was taken
    reachable                   whether the host could be looked at from inside
    unreachable                 of a host that could not: why, in one sentence
    board                       what its machine's controller says out of band (``pyremediate.bmc.values.Board``)
    known_good                  true when the host has a last known good
    differences                 against it: kind, name, was, is, aspect, since, secret
    difference(kind, name='*')  those whose kind and name match
    unit(name)                  one systemd unit; undefined when the host does not have it
    units(name='*')             those that match, each with its name
    tracked(path='*')           the tracked files that match, each with its path
    listening(port)             the TCP listeners on a port
    logged(pattern)             the problems in the mail log whose example matches
    leg('inbound.connect')      pass, fail or unknown: the worst answer of all vantage points
    failing('inbound.*')        the legs that fail, as text; unknown when nobody looked from outside
    board_parts('Critical')     its parts of such health: list, kind, name, slot and more (``pyremediate.bmc.parts``)
    vantage_points()            who could look at the host from outside: name, connects, hears (``diagnosis.matrix.Point``)
    said(pattern)               the failing legs whose detail (the server's words) matches
    seconds_since(time)         from a time in the evidence to the time of the observation
    devices(name='*')           the network devices that answered: device, known_good, and what each says of itself
                                (``pyremediate.network.evidence``)
    device_differences(kind, name='*')  in which they differ from their last known good: device, kind, name, was, is, aspect
    devices_unreachable()       those that did not answer: device, reason, platform
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from jinja2 import StrictUndefined, UndefinedError

from pyremediate.bmc import parts
from pyremediate.diagnosis.conditions import Impossible
from pyremediate.diagnosis.device_names import names as names_of_devices
from pyremediate.diagnosis.matrix import points
from pyremediate.model import LEGS, Answer, Difference, Evidence, Leg, Look, Section, State, moment, to_json

# The words of a server that broke down or did not come to an answer.
SILENT = re.compile(
    r"time[- ]?out|timed out|(no|without an) answer|not answered|[Tt]emporary|lost connection|broke|ended the session"
    r"|not there after [\d.]+ s$"
)
NO_KNOWN_GOOD = "this host has no last known good"


class AnswerText(str):
    """An answer as text. "unknown" is neither equal nor unequal to "pass" or "fail": to ask that teaches nothing."""

    __slots__ = ("leg",)
    leg: str

    def __eq__(self, other: object) -> bool:
        if str(self) == Answer.UNKNOWN and other in (Answer.PASS, Answer.FAIL):
            raise UndefinedError(f"nobody could tell {self.leg}")
        return str(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def facts(look: Look) -> dict[str, Any]:
    """The names for one look."""
    names: dict[str, Any] = {"host": look.host, "known_good": look.known_good_at is not None}
    names |= _of_evidence(look) | _of_legs(look.legs) | names_of_devices(look) | _out_of_band(look)
    if look.known_good_at is None:
        names["difference"] = _raiser(NO_KNOWN_GOOD)
    else:
        changed = [difference_names(difference) for difference in look.differences]
        names["differences"] = changed
        names["difference"] = lambda kind, name="*": [
            item for item in changed if fnmatchcase(item["kind"], kind) and fnmatchcase(item["name"], name)
        ]
    return names


def _out_of_band(look: Look) -> dict[str, Any]:
    """Whether the host itself could be looked at, and what the controller on its board says meanwhile."""
    board = _board(look.board)
    names = {"board": board, "board_parts": lambda *healths: [part for part in parts.of(board) if part["health"] in healths]}
    if look.evidence is not None:
        return {**names, "reachable": True}
    return {**names, "reachable": False, "unreachable": look.unreachable} if look.unreachable else names


def _board(board: Mapping[str, Any] | None) -> Any:
    """What it says; else an undefined value that says why."""
    if board is None:
        return StrictUndefined(hint="no controller of this machine is described", exc=Impossible)
    if "unreachable" in board:
        return StrictUndefined(hint=f"the machine's controller could not be asked: {board['unreachable']}")
    return board


def difference_names(difference: Difference) -> dict[str, Any]:
    """A difference as the plain mapping that rules and roles use."""
    return dict(to_json(difference))


def _raiser(reason: str) -> Callable[..., Any]:
    def unknown(*_: Any) -> Any:
        raise UndefinedError(reason)

    return unknown


def _of_evidence(look: Look) -> dict[str, Any]:
    if look.evidence is None:
        reason = look.unreachable or "the host was not looked at from inside"
        return dict.fromkeys(("unit", "units", "tracked", "listening", "logged"), _raiser(reason))
    sections, observed_at = look.evidence.sections, look.evidence.observed_at
    names: dict[str, Any] = {name: _section(name, section) for name, section in sections.items()}
    services, log, files = (names.get(name, StrictUndefined(name=name)) for name in ("services", "log", "files"))
    return {
        **names,
        "observed_at": to_json(observed_at),
        "seconds_since": lambda time: (observed_at - moment(time)).total_seconds(),
        "unit": lambda name: services["units"].get(name, StrictUndefined(hint=f"there is no unit {name}")),
        "units": lambda name="*": _matching(services["units"], name, "name"),
        "tracked": lambda path="*": _matching(files["tracked"], path, "path"),
        "listening": lambda port: [item for item in services["listeners"] if item["port"] == port],
        "logged": lambda pattern: [item for item in log["problems"] if re.search(pattern, item["example"])],
    }


def _matching(mapping: Mapping[str, Mapping[str, Any]], pattern: str, key: str) -> list[dict[str, Any]]:
    """The entries whose keys match, each with its key among its values."""
    return [{key: name, **entry} for name, entry in mapping.items() if fnmatchcase(name, pattern)]


def _section(name: str, section: Section) -> Any:
    """What was observed; else an undefined value that says why."""
    if section.state is State.OK:
        return section.data
    if section.state is State.UNAVAILABLE:
        return StrictUndefined(hint=f"{name}: {section.error or 'not on this host'}", exc=Impossible)
    return StrictUndefined(hint=f"{name} could not be observed: {section.error}")


def _of_legs(legs: Sequence[Leg]) -> dict[str, Any]:
    failed = [leg for leg in legs if leg.answer is Answer.FAIL]
    if not legs:
        unseen = _raiser("nobody looked from outside")
        return {"leg": lambda name: worst(legs, name), "failing": unseen, "said": unseen, "vantage_points": unseen}
    return {
        "leg": lambda name: worst(legs, name),
        "failing": lambda pattern="*": [spoken(leg) for leg in failed if fnmatchcase(dotted(leg), pattern)],
        "said": lambda pattern: [spoken(leg) for leg in failed if re.search(pattern, leg.detail)],
        "vantage_points": lambda: [to_json(point) for point in points(legs)],
    }


def worst(legs: Sequence[Leg], name: str) -> AnswerText:
    """fail over unknown over pass; unknown when nobody could look. Raises ``ValueError`` when there is no such leg."""
    path, _, leg = name.partition(".")
    if leg not in LEGS.get(path, ()):
        raise ValueError(f"there is no leg {name}")
    answers = {item.answer for item in legs if dotted(item) == name} - {Answer.IMPOSSIBLE}
    if Answer.FAIL in answers:
        result = AnswerText(Answer.FAIL)
    else:
        result = AnswerText(Answer.PASS if answers == {Answer.PASS} else Answer.UNKNOWN)
    result.leg = name
    return result


def dotted(leg: Leg) -> str:
    """``inbound.connect``."""
    return f"{leg.path}.{leg.name}"


def hangs(leg: Leg) -> bool:
    """Does the leg fail as one does behind which something hangs: without an answer, or for now (RFC 5321 4.2.1)?

    Not where the kernel answers: it accepts connections for a process that hangs, and refuses them for one that does not listen.
    """
    if leg.name in {"resolve", "route", "connect"}:
        return False
    return 400 <= leg.code < 500 if leg.code else bool(SILENT.search(leg.detail))


def spoken(leg: Leg) -> str:
    """``inbound.connect from client01: Connection refused``."""
    return f"{dotted(leg)} from {leg.vantage}: {leg.detail}" if leg.detail else f"{dotted(leg)} from {leg.vantage}"


def near(difference: Mapping[str, Any] | Difference) -> datetime | None:
    """When a difference came about, where that is known."""
    since = difference.since if isinstance(difference, Difference) else difference.get("since")
    return moment(since) if since else None


def evidence_from(host: str, data: Mapping[str, Any]) -> Evidence:
    """An observation as the module returns it, and as it is kept in JSON, as a value; the time is the host's own clock's."""
    return Evidence(
        host=host,
        observed_at=moment(data["observed_at"]),
        sections={
            name: Section(State(section["state"]), section["data"], section["error"], section["seconds"])
            for name, section in data["sections"].items()
        },
        schema=int(data["schema"]),
    )
