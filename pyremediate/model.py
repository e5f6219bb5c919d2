"""The vocabulary: frozen values that carry meaning from step to step. Imports nothing of ours.

    look     Evidence (what one host says of itself) and Legs (what mail users see of it)
    judge    Difference (host against known good), Cause (a fault of the catalogue that matched), Assessment
    plan     Remedy (what a fault offers), Plan (what would be done now, and why not the rest)
    act      Step (one transaction), Verification (one check after it), Outcome (the end of a run)

Times are aware UTC ``datetime`` in memory and ISO 8601 with ``Z`` in JSON; durations are seconds as ``float``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any


class Answer(StrEnum):
    """Four answers, never two: "could not look" is not "healthy"."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"  # for now: looking again may tell
    IMPOSSIBLE = "impossible"  # cannot be known from here, however often one looks


class State(StrEnum):
    """How an observer of the host ended."""

    OK = "ok"
    FAILED = "failed"  # the observer crashed or ran out of time
    UNAVAILABLE = "unavailable"  # what it looks at is not on this host


CONTROLLER = "localhost"  # where pyremediate itself runs, by its name in an inventory

# A message's way, in order, by direction. The first leg that fails bounds the suspects.
LEGS: Mapping[str, tuple[str, ...]] = {
    "inbound": (
        "resolve", "route", "connect", "banner", "starttls", "recipient", "content", "queue", "delivery", "retrieval",
    ),
    "submission": ("resolve", "route", "connect", "banner", "starttls", "auth", "recipient", "content"),
    "outbound": ("queue", "resolve", "connect", "starttls", "remote"),
    "retrieval": ("resolve", "route", "connect", "starttls", "banner", "auth", "fetch"),
}  # fmt: skip


@dataclass(frozen=True)
class Leg:
    """One step of a message's way, as one vantage point saw it."""

    path: str  # key of LEGS
    name: str  # one of LEGS[path]
    answer: Answer
    vantage: str  # inventory name of who looked
    detail: str = ""  # the server's words, or why it could not be known
    code: int | None = None  # the SMTP reply code, where there was one
    seconds: float = 0.0
    path_mtu: int | None = None  # of connect: bytes of the largest packet that passes; None: not known


@dataclass(frozen=True)
class Section:
    """One observer's answer."""

    state: State
    data: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """One observation of one host by the module ``pyremediate.mail.observe``; its RETURN block describes each section."""

    host: str
    observed_at: datetime
    sections: Mapping[str, Section]
    schema: int = 1

    def data(self) -> dict[str, Any]:
        """The sections that could be observed: {name: data}. What could not be is absent, and so unknown to the rules."""
        return {name: section.data for name, section in self.sections.items() if section.state is State.OK}


@dataclass(frozen=True)
class Difference:
    """One unit of a host that is not as its last known good says.

    kind   ``postfix.parameter``, ``postfix.service``, ``postfix.line``, ``postfix.map``, ``dovecot.setting``, ``file``, ``lines``,
           ``unit``, ``unit.running``, ``package``, ``package.file``, ``firewall``, ``firewall.rule``, ``route``, ``sysctl``,
           ``listener``;
           a kind names how it is put back. These say in words what is put back by its file, or is not put back at all:
           ``map.entry``, ``setting``, ``user``, ``group``, ``sudo.rule``, ``cron.job``, ``ssh.setting``, ``ssh.key``,
           ``package.source`` (an entry of a file, which ``place`` names: {path, parameter: which of Postfix's names it}),
           ``package.hold``, ``package.other`` (no mail depends on it), ``socket`` (a port that nobody had, or not on these
           addresses), ``interface``, ``certificate`` (aspect ``renewed``: the same for a later time), ``record`` (of the DNS)
    name   the parameter, ``smtp/inet``, the path, the unit, the package, the destination, the port (``tcp/25``), the account, the
           line of a source, ``lab.test SPF``; of an entry the path and its key: ``/etc/aliases info``
    was    its value in the known good; None: it was not there
    is_    its value now; None: it is gone

    ``lines`` are one hunk of a text file (``looking.hunks``): ``name`` is the path, ``aspect`` the hunk's name, ``was`` and
    ``is_`` are lists of lines, ``place`` is {before, after: lines around it; begin, end: it reaches to the text's own}. Of a secret
    file both lists are None. ``harmless`` is what cannot break mail, and so is no suspect: comments and empty lines, a directory
    that was added, without what is in it, and whatever no mail depends on (who may log in, what runs by the clock).
    A ``firewall.rule`` is the same of the rules' text.
    Of a ``package.file``, a file that its package brought, ``place`` is {package, and owner, group, mode where
    these were unusual}.
    """

    kind: str
    name: str
    was: Any = None
    is_: Any = None
    aspect: str = "value"  # of files: content, owner, group, mode, immutable, acl, target, missing, added
    since: datetime | None = None
    secret: bool = False  # values are withheld
    place: Mapping[str, Any] | None = None
    harmless: bool = False

    def sentence(self) -> str:
        """``postfix.parameter virtual_transport: value was …, is …``, fit for a terminal and a report."""
        named = f"{self.kind} {self.name}"
        if self.secret or self.aspect == "content":  # digests and secrets tell a reader nothing
            return f"{named}: content changed"
        if self.kind == "package.file":
            return f"{named}: {self.is_}"
        if self.aspect in {"immutable", "acl"}:
            return f"{named}: {'immutable flag' if self.aspect == 'immutable' else 'access list'} changed"
        if self.is_ is None:
            return f"{named}: gone (was {_told(self.was)})"
        if self.was is None:
            return f"{named}: added ({_told(self.is_)})"
        if isinstance(self.was, list) and isinstance(self.is_, list):
            gone = [f"gone: {item}" for item in self.was if item not in self.is_]
            return f"{named}: " + "; ".join([*gone, *(f"new: {item}" for item in self.is_ if item not in self.was)])
        return f"{named}: {self.aspect} was {_told(self.was)}, is {_told(self.is_)}"


def _told(value: Any) -> str:
    """A value as words; a service of master.cf is its line."""
    if isinstance(value, Mapping) and "columns" in value:
        options = "".join(f" -o {name}={item}" for name, item in value.get("options", {}).items())
        return f"{value['columns']}{options}"
    return "empty" if value == "" else str(value)


@dataclass(frozen=True)
class Comparison:
    """The differences, and what could not be compared."""

    differences: tuple[Difference, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Device:
    """A router or switch, as it was seen; ``evidence`` is None when it could not be asked, and ``unreachable`` says why.

    ``evidence`` is the JSON of ``pyremediate.network.evidence.DeviceEvidence``; ``differences`` are against the device's own last
    known good, and ``known_good_at`` is None when it has none.
    """

    name: str
    evidence: Mapping[str, Any] | None = None
    unreachable: str = ""
    differences: Sequence[Difference] = ()
    known_good_at: datetime | None = None
    platform: str = ""  # of a silent one, as it was known to be good; empty: not known
    switches: bool = True  # may frames pass it that no route tells of? False: it is known only to route


@dataclass(frozen=True)
class Way:
    """The network devices between a vantage point and the host, there and back, as they are and as they were known to be good.

    ``known``: the whole way could be followed, so that no other device is on it; ``stop`` is where it ends now, as a sentence, if
    the devices say that it does.
    """

    vantage: str
    path: str  # key of LEGS
    devices: Sequence[str]
    known: bool
    stop: str = ""


@dataclass(frozen=True)
class Look:
    """Everything seen of one mail host at one time: what the rules judge.

    ``evidence`` is None when the host could not be observed; ``unreachable`` then says why. ``mails`` are the test mails'
    fates as the vantage points report them. ``differences`` are against the last known good; ``known_good_at`` is None when
    there is none, and nothing can be said of differences then.
    """

    host: str
    evidence: Evidence | None = None
    legs: Sequence[Leg] = ()
    mails: Sequence[Mapping[str, Any]] = ()
    differences: Sequence[Difference] = ()
    unreachable: str = ""
    blind: Sequence[str] = ()  # vantage points that could not look, with the reason
    known_good_at: datetime | None = None
    board: Mapping[str, Any] | None = None  # ``bmc.values.Board``, or {unreachable: why}; None: no controller is described
    devices: Sequence[Device] = ()  # the network devices of the inventory, where the outside was looked at
    ways: Sequence[Way] = ()  # of mail through these devices, as far as both ends are known


@dataclass(frozen=True)
class Remedy:
    """One way to cure a fault, as its folder offers it, with the variables already filled in from the evidence.

    ``name``         unique within its fault; what the journal and the operator see
    ``class_``       restart, reconfigure, rollback, rollback_package, patch, clean_up, network, escalate: what policy decides on
    ``role, tasks``  the role of pyremediate.mail and the tasks file in it that does it
    ``checkpoint``   what is saved first: {files: [...], units: [...], packages: [...], firewall: bool}; of routers also
                     {links: [...], neighbours: [...], frr: bool}
    ``advice``       for the human, when class_ is escalate
    """

    name: str
    class_: str
    title: str
    role: str = ""
    tasks: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    advice: str = ""
    on: str = ""  # where it is carried out: a network device, or the controller; empty: on the mail host itself

    @property
    def device(self) -> str:
        """The network device that it changes; empty: none."""
        return "" if self.on == CONTROLLER else self.on

    @property
    def words(self) -> str:
        """``Put the routes back (network, on router01)``: what is done, its class, and where, if not on the mail host."""
        return f"{self.title} ({self.class_}{f', on {self.device}' if self.device else ''})"


@dataclass(frozen=True)
class Cause:
    """A fault of the catalogue whose condition holds, with what it rests on."""

    code: str  # layer/fault, the folder's name
    title: str
    layer: str
    severity: str
    evidence: Sequence[str]  # sentences: what was seen
    explains: Sequence[str] = ()  # codes and ``leg:`` symptoms that it accounts for
    remedies: Sequence[Remedy] = ()
    skipped: Sequence[tuple[str, str]] = ()  # (remedy, why it does not apply here)
    legs: Sequence[str] = ()  # ``inbound.connect``: what must pass when it is cured
    advice: str = ""
    by_hand: Sequence[str] = ()  # per network device: what a human types there, the first line says at which
    prevention: Sequence[str] = ()
    confidence: float = 1.0


@dataclass(frozen=True)
class Assessment:
    """Is it down, for whom, how badly: derived from the legs and the evidence."""

    answer: Answer  # pass: mail flows; fail: it does not; unknown: could not be determined
    scope: str  # none, one user, inbound, outbound, submission, retrieval, all
    severity: str  # none, low, medium, high, critical
    failing: Sequence[Leg] = ()
    unknown: Sequence[str] = ()  # what could not be looked at, with the reason
    sentence: str = ""


@dataclass(frozen=True)
class Planned:
    """One remedy and what policy says of it."""

    cause: str
    remedy: Remedy
    decision: str  # go, ask, refuse (policy says no), escalate (a human must look)
    reason: str


SEARCHED = "difference/"  # what the code of a cause begins with that no rule names, and a search found


@dataclass(frozen=True)
class Step:
    """One transaction on a host."""

    number: int
    cause: str
    remedy: Remedy
    checkpoint: str  # its id on the host: <incident>-<number>
    state: str  # intent, tried (a trial in place), done, failed, kept, undone, undo_refused, unknown
    reason: str = ""
    changed: Sequence[str] = ()
    seconds: float = 0.0
    unguarded: bool = False  # it could cut us off, and no dead-man switch guards it: the risk was accepted


@dataclass(frozen=True)
class Verification:
    """One check after a step: a leg, a rule that must no longer match, a queue that must not have lost anything."""

    name: str
    answer: Answer
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """The end of a run for one host; ``to_json`` is what ``--format json`` prints."""

    incident: str
    host: str
    outcome: str  # healthy, repaired, undone, escalated, unknown, refused; failing (check), planned (fix --plan)
    scope: str
    severity: str
    causes: Sequence[Cause] = ()
    actions: Sequence[Step] = ()
    verification: Sequence[Verification] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)  # per stage
    reason: str = ""
    human: Sequence[str] = ()  # steps for a human, in order, when the outcome needs one
    planned: Sequence[Planned] = ()  # remedies that were not carried out, with what policy says of each
    ledger: Mapping[str, Any] | None = (
        None  # what became of every message (``ledger.words.told``); None when nothing was changed
    )
    vantage: Mapping[str, Any] | None = (
        None  # who reached what at the first look (``matrix.told``); None when nobody looked
    )


EXIT_STATUS: Mapping[str, int] = {
    "healthy": 0, "repaired": 0, "failing": 1, "planned": 1, "undone": 1, "escalated": 1, "unknown": 3, "refused": 4,
}  # fmt: skip


def to_json(value: Any) -> Any:
    """A value of this module as plain JSON data: trailing underscores dropped from names, times in ISO 8601 UTC."""
    if hasattr(value, "__dataclass_fields__"):
        return {key.rstrip("_"): to_json(getattr(value, key)) for key in value.__dataclass_fields__}
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(item) for item in value]
    return value


def moment(time: str | datetime) -> datetime:
    """A time of the evidence as a value."""
    if isinstance(time, datetime):
        return time
    return datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


__all__ = [
    "EXIT_STATUS", "LEGS", "Answer", "Assessment", "Cause", "Comparison", "Device", "Difference", "Evidence", "Leg", "Look",
    "Outcome", "Planned", "Remedy", "Section", "State", "Step", "Verification", "moment", "to_json",
]  # fmt: skip
