"""Calendar expressions as cron knows them: the part of systemd.time(7) that fits into the five fields of crontab(5). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pyremediate.errors import UsageError

SHORTHANDS = {
    "minutely": "*:*:00",
    "hourly": "*:00:00",
    "daily": "00:00:00",
    "weekly": "Mon 00:00:00",
    "monthly": "*-*-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00",
    "semiannually": "*-01,07-01 00:00:00",
    "yearly": "*-01-01 00:00:00",
    "annually": "*-01-01 00:00:00",
}
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
LONGEST = 366 * 8 + 2  # days from one 29 February to the next around a year 2100


@dataclass(frozen=True)
class Times:
    """The five fields, each a set of numbers; Sunday is 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def __str__(self) -> str:
        bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
        fields = (self.minutes, self.hours, self.days, self.months, self.weekdays)
        return " ".join(_field(field, *bound) for field, bound in zip(fields, bounds, strict=True))

    def next_after(self, moment: datetime) -> datetime | None:
        """The first of these times after that moment, both by the local clock; None: never."""
        for number in range(LONGEST):
            day = moment + timedelta(days=number)
            if day.month in self.months and day.day in self.days and day.isoweekday() % 7 in self.weekdays:
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        found = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
                        if found > moment:
                            return found
        return None


def times(expression: str) -> Times:
    """The times of a calendar expression. Raises ``UsageError`` for what cron cannot say."""
    try:
        return _times(SHORTHANDS.get(expression.strip().lower(), expression))
    except ValueError as error:
        mend = "give one such as *:0/15, daily or Mon..Fri 03:00"
        raise UsageError(f"schedule: cron cannot run at {expression!r} ({error}); {mend}") from None


def _times(expression: str) -> Times:
    weekday, date, clock = "", "*-*-*", "00:00:00"
    for word in expression.split():
        if ":" in word:
            clock = word
        elif "-" in word:
            date = word
        elif word[0].isalpha():
            weekday = word
        else:
            raise ValueError(f"what is {word}?")
    hour, minute, second, *more = [*clock.split(":"), "00"] if clock.count(":") == 1 else clock.split(":")
    year, month, day = (["*", *date.split("-")] if date.count("-") == 1 else date.split("-"))
    if more or set(second) != {"0"}:
        raise ValueError("it knows no seconds")
    if year != "*":
        raise ValueError("it knows no years")
    found = Times(_set(minute, 0, 59), _set(hour, 0, 23), _set(day, 1, 31), _set(month, 1, 12), _weekdays(weekday))
    if len(found.weekdays) < 7 and len(found.days) < 31:
        raise ValueError("it takes a day of the week or a day of the month, not both")
    return found


def _set(field: str, least: int, most: int) -> frozenset[int]:
    """``*``, ``4``, ``1..5``, ``0/15``, ``1..30/2``, and lists of these."""
    found = frozenset(number for part in field.split(",") for number in _range(part, least, most))
    if not found or min(found) < least or max(found) > most:
        raise ValueError(f"{field} is not within {least}..{most}")
    return found


def _range(part: str, least: int, most: int) -> Iterator[int]:
    match = re.fullmatch(r"(?:\*|(\d+)(?:\.\.(\d+))?)(?:/(\d+))?", part)
    if not match or match[3] == "0":
        raise ValueError(f"what is {part}?")
    first = int(match[1]) if match[1] else least
    last = int(match[2]) if match[2] else most if match[3] or not match[1] else first
    yield from range(first, last + 1, int(match[3] or 1))


def _weekdays(names: str) -> frozenset[int]:
    if not names:
        return frozenset(range(7))
    found: set[int] = set()
    for part in names.split(","):
        first, _, last = part.partition("..")
        begin, end = _weekday(first), _weekday(last or first)
        found |= {number % 7 for number in range(begin, end + 1 if end >= begin else end + 8)}
    return frozenset(found)


def _weekday(name: str) -> int:
    if name.lower()[:3] not in DAYS:
        raise ValueError(f"what is {name}?")
    return DAYS.index(name.lower()[:3])


def _field(numbers: frozenset[int], least: int, most: int) -> str:
    return "*" if len(numbers) == most - least + 1 else ",".join(map(str, sorted(numbers)))
