"""Whatever happens to a queue, every message of before is in the account exactly once, and only what was destroyed is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from pyremediate.ledger.account import Fate, Origin
from pyremediate.ledger.ledger import reconcile
from tests.unit.accounts import after, before, group

COURSES = (
    "stays",
    "held",
    "sent",
    "bounced",
    "renamed",
    "renamed and sent",
    "requeued",
    "requeued and sent",
    "destroyed",
)
FATES = {
    "stays": Fate.QUEUED, "held": Fate.HELD, "sent": Fate.DELIVERED, "bounced": Fate.BOUNCED, "renamed": Fate.QUEUED,
    "renamed and sent": Fate.DELIVERED, "requeued": Fate.QUEUED, "requeued and sent": Fate.DELIVERED, "destroyed": Fate.MISSING,
}  # fmt: skip


@dataclass(frozen=True)
class Course:
    """One message: its microseconds, when it arrived, what happens to it, and whether its id is given again after it left."""

    number: int
    arrived: int
    what: str
    reused: bool

    @property
    def id(self) -> str:
        return f"{self.number:05X}16C1F7"

    @property
    def other(self) -> str:
        """Its id after a change: renamed keeps the microseconds, requeued does not."""
        return f"{self.number:05X}16C0AD" if "renamed" in self.what else f"{self.number + 0x80000:05X}16C1F7"


courses = st.lists(
    st.builds(Course, st.integers(0, 0x7FFFF), st.integers(100, 900), st.sampled_from(COURSES), st.booleans()),
    unique_by=lambda course: course.number,
    max_size=40,
)


def rows(course: Course) -> list[str]:
    """Where it is at the last look."""
    where = {"stays": f"deferred/{course.id}", "held": f"hold/{course.id}", "renamed": f"active/{course.other}"}
    where["requeued"] = f"deferred/{course.other}"
    return [f"{where[course.what]}@{course.arrived}"] if course.what in where else []


def lives(course: Course) -> list[dict[str, object]]:
    """What the log has of it."""
    arrived = f"{course.arrived + 0.4:.2f}"
    if course.what in {"sent", "bounced"}:
        return [group("removed", [f"{course.id} - 1100 {arrived} 1101 -"], {course.what: 1})]
    if course.what == "renamed and sent":
        return [group("removed", [f"{course.other} - 1100 {arrived} 1101 -"], {"sent": 1})]
    if course.what.startswith("requeued"):
        end = "removed" if course.what.endswith("sent") else ""
        heir = f"{course.other} 1201 1201.1 {arrived} 1202 {course.id}"
        return [
            group("requeued", [f"{course.id} - 1100 {arrived} 1200 -"]),
            group(end, [heir], {"sent": 1} if end else {}),
        ]
    return []


def again(course: Course) -> list[dict[str, object]]:
    """The id of a message that left is given to another one, which is delivered."""
    gone = course.what in {"sent", "bounced", "destroyed"} and course.reused
    return [group("removed", [f"{course.id} 1400 1400.1 1400.1 1402 -"], {"sent": 1})] if gone else []


@settings(max_examples=150)
@given(courses)
def test_every_message_is_accounted_for_exactly_once_and_as_what_became_of_it(found: list[Course]) -> None:
    first = before(*(f"deferred/{course.id}@{course.arrived}" for course in found))
    last = after(
        *(row for course in found for row in rows(course)),
        groups=[life for course in found for life in (*lives(course), *again(course))],
    )
    messages = reconcile(first, last).messages
    queued = {message.id: message.fate for message in messages if message.origin is Origin.QUEUED}
    assert Counter(m.id for m in messages if m.origin is Origin.QUEUED) == Counter(course.id for course in found)
    assert queued == {course.id: FATES[course.what] for course in found}
    assert sum(message.origin is Origin.ARRIVED for message in messages) == sum(len(again(course)) for course in found)


@settings(max_examples=50)
@given(courses)
def test_with_a_log_that_does_not_reach_back_nothing_is_called_missing(found: list[Course]) -> None:
    first = before(*(f"deferred/{course.id}@{course.arrived}" for course in found))
    last = after(*(row for course in found for row in rows(course)), since=1300.0)
    messages = reconcile(first, last).messages
    assert Counter(m.id for m in messages if m.origin is Origin.QUEUED) == Counter(course.id for course in found)
    assert not [message for message in messages if message.fate is Fate.MISSING]
