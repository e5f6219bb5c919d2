"""Which message of one listing is which of the next, or which life in the log: by id, arrival, and how ids change. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pyremediate.ledger.account import Fate, Message, Origin
from pyremediate.ledger.queue_evidence import Life, Listing, Row

# A delivery tells its ``delay`` with two digits below 100 s, and the arrival has whole seconds; a loaded host logs late.
EARLIEST, LATEST = -1.6, 5.0
SHORT = re.compile(r"[0-9A-F]+")
BASE_52 = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"  # Postfix's mail_queue.h, MQID_LG_...
ASIDE = frozenset({"hold", "corrupt"})
Key = tuple[str, int | None]
Item = TypeVar("Item")
Name = TypeVar("Name")


class Matching:
    """One account. ``messages`` is its only entry; each life and each row of the last listing is used once."""

    def __init__(self, old: Listing, new: Listing, lives: Sequence[Life], doubt: str) -> None:
        self.old, self.new, self.lives, self.doubt = old, new, lives, doubt
        self.rows: dict[Key, Row] = {(row.id, row.arrived): row for row in new.rows}
        self.rows_by_id: dict[str, Row] = {row.id: row for row in new.rows}
        known = {(row.id, row.arrived) for row in old.rows}
        fresh = [row for row in new.rows if (row.id, row.arrived) not in known]
        self.fresh = _grouped(fresh, lambda row: (stem(row.id), row.arrived))
        self.arrivals = _grouped(fresh, lambda row: row.arrived)
        in_order = sorted(lives, key=lambda life: life.began or 0.0)
        self.by_id = _grouped(in_order, lambda life: life.id)
        self.heirs = _grouped([life for life in in_order if life.was], lambda life: life.was)  # after ``postsuper -r``
        self.by_stem = _grouped([life for life in lives if life.began is None], lambda life: stem(life.id))
        late = [life for life in in_order if life.arrived is not None and (life.began or 0.0) >= old.at]
        self.late = _grouped(late, lambda life: int(life.arrived or 0.0))
        # What was picked up while the queue was listed is in it twice: in maildrop, and under the id that it was given then.
        given = {life.id for life in lives if life.began is not None and life.began >= old.at}
        twins = [row for row in old.rows if row.id in given and row.queue != "maildrop"]
        self.twins = _grouped(twins, lambda row: row.arrived)
        self.ends: dict[Key, dict[str, Any]] = {}
        self.used_lives: set[int] = set()
        self.used_rows: set[Key] = set()

    def messages(self) -> Iterator[Message]:
        """Queued ones first, those in maildrop last: any other way of a message is surer than that one. Then what arrived."""
        for row in sorted(self.old.rows, key=lambda row: row.queue == "maildrop"):
            yield self._queued(row)
        for life in sorted(self.lives, key=lambda life: bool(life.was)):
            if self._free(life) and self._between(life) and not self._known(life):
                yield self._arrived(life)
        for row in self.new.rows:
            if (row.id, row.arrived) not in self.used_rows:
                yield self._message(row.id, Origin.ARRIVED, row.arrived, row.size, self._still(row))

    # -- queued at the first look ----------------------------------------------------------------------------------------------

    def _queued(self, row: Row) -> Message:
        life = next(
            (life for life in self.by_id.get(row.id, ()) if self._free(life) and lived(life, row.arrived)), None
        )
        found = self._course(life, row.arrived) if life else None
        found = found or self._standing(row.id, row.arrived) or self._renamed(row.id, row.arrived)
        if found is None and row.queue == "maildrop":
            found = self._picked_up(row)
        lost = f"it was in the queue {row.queue}, is not any more, and the log has no end of it"
        found = self.ends[row.id, row.arrived] = found or self._nowhere(lost, row.queue)
        return self._message(row.id, Origin.QUEUED, row.arrived, row.size, found)

    def _course(self, life: Life, arrived: int | None) -> dict[str, Any] | None:
        """Where a life led: to its end, over other ids; None when it goes on."""
        self.used_lives.add(id(life))
        row = self.rows.get((life.id, arrived)) or self.rows_by_id.get(life.id)
        if life.end and row and lived(life, row.arrived):  # it left after the queue was listed
            self.used_rows.add((row.id, row.arrived))
        if life.end == "requeued":
            heir = next(
                (heir for heir in self.heirs.get(life.id, ()) if self._free(heir) and (heir.began or 0) >= life.last),
                None,
            )
            if heir is None:
                return None
            there = self._course(heir, arrived) or self._standing(heir.id, arrived) or self._renamed(heir.id, arrived)
            lost = f"it was requeued as {heir.id}, of which the log has no end"
            return {"now": heir.id} | (there or self._nowhere(lost))
        return ended(life) or self._done(life, arrived)

    def _done(self, life: Life, arrived: int | None) -> dict[str, Any] | None:
        """Delivered to all that the log tells of, and gone: the line of its removal is later than the log was read, or lost."""
        done = bool(life.recipients) and not life.recipients.get("deferred")
        if not done or (life.id, arrived) in self.rows or life.id in self.rows_by_id:
            return None
        return ended(replace(life, end="removed"))

    def _standing(self, id_: str, arrived: int | None) -> dict[str, Any] | None:
        """In the queue, under the same id."""
        row = self.rows.get((id_, arrived))
        return self._still(row) if row else None

    def _renamed(self, id_: str, arrived: int | None) -> dict[str, Any] | None:
        """Under another id with the same microseconds: postsuper(1) renames files to match their inodes, and does not log which."""
        for row in self.fresh.get((stem(id_), arrived), ()):
            if (row.id, row.arrived) not in self.used_rows:
                return self._of_row(row)
        for life in self.by_stem.get(stem(id_), ()):
            if self._free(life) and life.arrived is not None and lived(life, arrived):
                return {"now": life.id} | (self._course(life, arrived) or self._nowhere(f"it was renamed to {life.id}"))
        return None

    def _picked_up(self, row: Row) -> dict[str, Any] | None:
        """pickup(8) gives a new id and keeps the arrival; nothing else tells which was which within one second."""
        for heir in self.heirs.get(row.id, ()):
            if self._free(heir):
                there = self._course(heir, row.arrived) or self._standing(heir.id, row.arrived)
                return {"now": heir.id} | (
                    there or self._nowhere(f"it was picked up as {heir.id}, of which the log has no end")
                )
        for other in self.arrivals.get(row.arrived, ()):
            if (other.id, other.arrived) not in self.used_rows and other.queue != "maildrop":
                return self._of_row(other)
        around = () if row.arrived is None else range(int(row.arrived + EARLIEST), int(row.arrived + LATEST) + 1)
        for life in (life for second in around for life in self.late.get(second, ())):
            if self._free(life) and lived(life, row.arrived):
                there = self._course(life, row.arrived)
                return {"now": life.id} | (
                    there or self._nowhere(f"it was picked up as {life.id}, of which the log has no end")
                )
        if twins := self.twins.get(row.arrived):
            twin = twins.pop(0)
            return {"now": twin.id} | self.ends[twin.id, twin.arrived]
        return None

    def _of_row(self, row: Row) -> dict[str, Any]:
        """A message under its new id, in the queue at the last look."""
        life = next(
            (life for life in self.by_id.get(row.id, ()) if self._free(life) and lived(life, row.arrived)), None
        )
        gone = self._course(life, row.arrived) if life else None
        self.used_rows.add((row.id, row.arrived))
        return {"now": row.id} | (gone or self._still(row))

    def _still(self, row: Row) -> dict[str, Any]:
        self.used_rows.add((row.id, row.arrived))
        reason = str(self.new.details.get(row.id, {}).get("reason", ""))
        fate = Fate.HELD if row.queue in ASIDE else Fate.QUEUED
        return {"fate": fate, "queue": row.queue, "reason": reason, "size": row.size}

    def _nowhere(self, lost: str, queue: str = "") -> dict[str, Any]:
        fate = Fate.UNKNOWN if self.doubt else Fate.MISSING
        return {"fate": fate, "queue": queue, "reason": self.doubt or lost}

    def _free(self, life: Life) -> bool:
        return id(life) not in self.used_lives

    # -- arrived since -------------------------------------------------------------------------------------------------------

    def _between(self, life: Life) -> bool:
        """Accepted before the last listing, and spoken of since the first: what is silent since, and was not in it, had left."""
        began = life.accepted or life.began or 0.0
        return began < self.new.at and life.last >= self.old.at

    def _known(self, life: Life) -> bool:
        """It goes on, and the message that stands in the queue under its id is in the account already."""
        row = self.rows_by_id.get(life.id)
        return not life.end and row is not None and (row.id, row.arrived) in self.used_rows

    def _arrived(self, life: Life) -> Message:
        arrived = life.arrived or life.began
        found = self._course(life, None if arrived is None else int(arrived))
        if found is None:
            row = self.rows_by_id.get(life.id)
            found = self._still(row) if row else self._shifted(life)
        lost = "the log says that it was accepted, it is not in the queue, and the log has no end of it"
        return self._message(life.id, Origin.ARRIVED, arrived, None, found or self._nowhere(lost))

    def _shifted(self, life: Life) -> dict[str, Any] | None:
        """Renamed since it arrived: its arrival is known to the second, more or less."""
        around = [] if life.began is None else [int(life.began) + shift for shift in (0, -1, 1)]
        return next((found for arrived in around if (found := self._renamed(life.id, arrived))), None)

    def _message(
        self, id_: str, origin: Origin, arrived: float | None, size: int | None, found: dict[str, Any]
    ) -> Message:
        told = self.old.details.get(id_) or self.new.details.get(found.get("now") or id_) or {}
        recipients = tuple(told.get("recipients", ()))
        now = found.get("now", "")
        return Message(
            id_, origin, found["fate"], arrived, size if size is not None else found.get("size"), found.get("queue", ""),
            found["reason"], now if now != id_ else "", str(told.get("sender", "")), recipients,
        )  # fmt: skip


def _grouped(items: Iterable[Item], key: Callable[[Item], Name]) -> dict[Name, list[Item]]:
    found: dict[Name, list[Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return dict(found)


def lived(life: Life, arrived: int | None) -> bool:
    """Can this life be that of a message with this arrival? Ids are used again."""
    told = life.arrived if life.arrived is not None else life.began
    return told is None or arrived is None or EARLIEST <= told - arrived <= LATEST


def ended(life: Life) -> dict[str, Any] | None:
    """The fate at the end of a life: the worst of its recipients'."""
    reason = "; ".join(life.reasons)
    if life.end == "deleted":
        return {"fate": Fate.DELETED, "reason": "somebody deleted it with postsuper"}
    if life.end == "discarded":
        return {"fate": Fate.DISCARDED, "reason": reason}
    if life.end != "removed":
        return None
    for status, fate in (("bounced", Fate.BOUNCED), ("expired", Fate.EXPIRED), ("sent", Fate.DELIVERED)):
        if life.recipients.get(status):
            return {"fate": fate, "reason": "" if fate is Fate.DELIVERED else reason}
    return {"fate": Fate.UNKNOWN, "reason": "the log says that it was removed, and nothing of its delivery"}


def stem(id_: str) -> str:
    """The microseconds in a queue id, which it keeps when postsuper renames it: five hexadecimal digits (mail_queue.h)."""
    if SHORT.fullmatch(id_):
        return id_[:5]
    number = 0
    for digit in id_[: id_.rfind("z")][-4:]:
        number = number * 52 + max(BASE_52.find(digit), 0)
    return f"{number:05X}"
