"""What one cut showed, and the verdict on it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BOUND = (
    30.0  # seconds after the deadline in which a device must be as it was: a busy machine may be slow to put it back
)


@dataclass(frozen=True)
class Cut:
    """One cut on record.

    ``reached``     was the step found; ``play``: the play that was cut, at the end of a step
    ``seconds``     of the switch
    ``waited``      from the deadline until the checkpoint said that it was over; None when it never did
    ``by``          who ended it: the dead-man switch, the controller, or a confirmation
    ``changed``     how many differences there were when the connection was cut
    ``left``        the differences from before, when it was over
    ``mail``        the legs that did not pass then
    ``way``         how it was settled: fix, resume; ``settled``: the outcome; ``steps``: the states of the incident's steps
    ``kept``        it was kept, and undone on demand for the next cut; ``open``: is the incident?
    ``left_at_last``  the differences from before after that; ``switches``: those that are left
    """

    change: str
    step: str
    kind: str
    seconds: int = 0
    reached: bool = False
    play: str = ""
    waited: float | None = None
    by: str = ""
    changed: int = 0
    left: Sequence[str] = field(default_factory=tuple)
    mail: Sequence[str] = field(default_factory=tuple)
    way: str = ""
    settled: str = ""
    steps: Sequence[str] = field(default_factory=tuple)
    kept: bool = False
    open: bool = False
    left_at_last: Sequence[str] = field(default_factory=tuple)
    switches: Sequence[str] = field(default_factory=tuple)
    broken: str = ""  # why the drill itself could not go on

    @property
    def key(self) -> str:
        """Its name on record."""
        return f"{self.change}/{self.step}/{self.kind}"


def from_json(data: Mapping[str, Any]) -> Cut:
    """A cut from its line; what is not known any more is left out."""
    names = {item.name for item in dataclasses.fields(Cut)}
    return Cut(**{key: value for key, value in data.items() if key in names})


def faults(cut: Cut) -> list[str]:
    """Everything that went wrong, in words; none: the device came back, and the incident is settled."""
    if cut.broken:
        return [f"the drill could not go on: {cut.broken}"]
    found = [] if cut.reached else ["the step was not reached"]
    if cut.waited is None:
        found.append("the switch never ended the step")
    elif cut.waited > BOUND:
        found.append(f"it took {cut.waited:.0f} s after the deadline")
    if cut.by != "a confirmation":
        found += [f"not as before: {'; '.join(cut.left[:4])}"] if cut.left else []
        found += [f"mail does not flow: {'; '.join(cut.mail[:3])}"] if cut.mail else []
    if cut.open:
        found.append("the incident is still open")
    bad = [state for state in cut.steps if state not in {"undone", "kept", "failed"}]
    found += [f"a step is left {', '.join(bad)}"] if bad else []
    if cut.left_at_last:
        found.append(f"not as before after it was settled: {'; '.join(cut.left_at_last[:4])}")
    found += [f"switches are left: {', '.join(cut.switches)}"] if cut.switches else []
    return found
