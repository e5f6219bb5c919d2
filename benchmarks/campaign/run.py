"""What one run showed, and the verdict on it. Pure; honest rather than kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pyremediate.model import SEARCHED


@dataclass(frozen=True)
class Run:
    """One seed on one host. Durations in seconds; differences as ``compare.differences`` gives them.

    broken_by       the legs of the test mail that did not pass after the damage; empty: it was harmless
    outcome         of ``pyremediate fix --yes``: healthy, repaired, undone, escalated, unknown, refused; or how it failed
    trials          steps that put one difference back, and all steps
    flows           whether every leg passed after the fix
    edits_undone    legitimate edits that the damage had left and the fix did not
    damage          {what the mutations changed: how}
    left            {what is not as before the damage, after the fix: how}
    changed         {what the fix changed: how}
    hidden, missing stocked messages that were nowhere to be found after the damage, and after the fix
    named           of each mutation, whether the outcome names its target as a cause or in a step that was kept
    alone           whether no other host was worked on at that time, so that the seconds are those of one repair
    refused         why the damage could not be done, or the run not be made; then nothing else counts
    """

    seed: int
    host: str
    rules: bool
    pair: bool
    mutations: Sequence[Mapping[str, Any]] = ()  # {"kind", "target", "sentence"}
    edits: Sequence[str] = ()
    broken_by: Sequence[str] = ()
    outcome: str = ""
    reason: str = ""
    causes: Sequence[str] = ()
    trials: int = 0
    steps: int = 0
    seconds: float = 0.0
    flows: bool = False
    edits_undone: Sequence[str] = ()
    damage: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    missing: Sequence[str] = ()
    named: Sequence[bool] = ()
    refused: str = ""
    alone: bool = False

    @property
    def key(self) -> tuple[int, bool, bool]:
        """What makes a run the same as another, on whatever host: seed, rules, pair."""
        return self.seed, self.rules, self.pair

    @property
    def name(self) -> str:
        """The key as a file name: ``900007-on``, ``910003-off-pair``."""
        return f"{self.seed}-{'on' if self.rules else 'off'}{'-pair' if self.pair else ''}"

    @property
    def found_by(self) -> frozenset[str]:
        """Who found the causes: ``rule``, ``search``, or both; empty when the outcome has none."""
        return frozenset("search" if cause.startswith(SEARCHED) else "rule" for cause in self.causes)

    @property
    def breaking(self) -> bool:
        """Whether it counts: mail was broken."""
        return bool(self.broken_by) and not self.refused

    @property
    def remaining(self) -> dict[str, str]:
        """What the damage did and is still there: it broke no mail, or no mail that was tried."""
        return {name: words for name, words in self.left.items() if self.damage.get(name) == words}

    @property
    def foreign(self) -> dict[str, str]:
        """What is different from before the damage, and not by the damage: done by the fix, and not taken back."""
        return {name: words for name, words in self.left.items() if self.damage.get(name) != words}


def is_named(target: str, outcome: Mapping[str, Any]) -> bool:
    """Whether a cause, or the words of a step that was kept, name what was damaged; what a step saved does not count."""
    kept = [step for step in outcome.get("actions", []) if step["state"] == "kept"]
    told = [[cause["code"], cause["title"], *cause["evidence"]] for cause in outcome.get("causes", [])]
    told += [[step["cause"], step["remedy"]["title"], step["reason"]] for step in kept]
    word = target.split(" ")[-1].removesuffix(".service")
    return any(re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text) for texts in told for text in texts)


@dataclass(frozen=True)
class Verdict:
    """``word``: refused, harmless, repaired, escalated or failed; ``reason`` when it failed."""

    word: str
    reason: str = ""


def judge(run: Run) -> Verdict:
    """What the run came to. ``escalated`` means rightly so: the host as it was found, and nothing lost."""
    if run.refused:
        return Verdict("refused", run.refused)
    faults = [*_gone(run), *(_of_broken(run) if run.breaking else _of_harmless(run))]
    if faults:
        return Verdict("failed", "; ".join(faults))
    return Verdict(("repaired" if run.outcome == "repaired" else "escalated") if run.breaking else "harmless")


def _gone(run: Run) -> list[str]:
    """What must never be gone, however the run ended."""
    undone = [f"a legitimate edit was undone: {sentence}" for sentence in run.edits_undone]
    return [*([f"{len(lost(run))} messages lost"] if lost(run) else []), *undone]


def _of_broken(run: Run) -> list[str]:
    """Repaired, and mail flows; or given up, and the host as it was found."""
    if run.outcome == "repaired":
        return [] if run.flows else ["said to be repaired, and mail does not flow"]
    changed = [f"left changed: {_listed(run.changed)}"] if run.changed else []
    if run.outcome in {"escalated", "undone"}:
        return [f"{run.outcome} ({run.reason})", *changed] if changed else []
    return [f"{run.outcome}: {run.reason}" if run.reason else run.outcome, *changed]


def _of_harmless(run: Run) -> list[str]:
    """What breaks no mail must give no repair."""
    acted = run.changed or run.steps
    words = [f"harmless, and acted on: {_listed(run.changed) or f'{run.steps} steps, all undone'}"] if acted else []
    return [*words, *([] if run.outcome == "healthy" else [f"harmless, and ended as {run.outcome}: {run.reason}"])]


def lost(run: Run) -> list[str]:
    """Messages that nobody can find: after a repair, all; else those that the damage itself had not hidden."""
    return [name for name in run.missing if run.outcome == "repaired" or name not in run.hidden]


def _listed(changes: Mapping[str, str], most: int = 3) -> str:
    told = [f"{name}: {words}" for name, words in list(changes.items())[:most]]
    return "; ".join([*told, *([f"and {len(changes) - most} more"] if len(changes) > most else [])])


def to_json(run: Run) -> dict[str, Any]:
    """As plain data, with the verdict for readers."""
    return {**asdict(run), "verdict": asdict(judge(run))}


def from_json(data: Mapping[str, Any]) -> Run:
    """The reverse; the verdict is made anew, for the judgement may have become better."""
    return Run(**{name: value for name, value in data.items() if name != "verdict"})
