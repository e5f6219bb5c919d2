"""Calendar expressions as cron knows them: the part of systemd.time(7) that fits into the five fields of crontab(5). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

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
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
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
    """The times of a calendar expression. Raises ``ValueError`` for what cron cannot say."""
    weekday, date, clock = "", "*-*-*", "00:00:00"
    for word in SHORTHANDS.get(expression.strip().lower(), expression).split():
        if word[0].isalpha():
            weekday = word
        elif ":" in word:
            clock = word
        else:
            date = word
    hour, minute, second = _parts(clock, ":", "00")
    year, month, day = _parts(date, "-")
    if set(second) != {"0"}:
        raise ValueError("it knows no seconds")
    if year != "*":
        raise ValueError("it knows no years")
    found = Times(_set(minute, 0, 59), _set(hour, 0, 23), _set(day, 1, 31), _set(month, 1, 12), _weekdays(weekday))
    if len(found.weekdays) < 7 and len(found.days) < 31:
        raise ValueError("it takes a day of the week or a day of the month, not both")
    return found


def _parts(word: str, separator: str, seconds: str = "") -> list[str]:
    """Three parts; seconds and a year may be left out."""
    parts = word.split(separator)
    if len(parts) == 2:
        parts = [*parts, seconds] if seconds else ["*", *parts]
    if len(parts) != 3:
        raise ValueError(f"what is {word}?")
    return parts


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
        if begin > end:
            raise ValueError(f"{part} ends before it begins")
        found |= {number % 7 for number in range(begin, end + 1)}
    return frozenset(found)


def _weekday(name: str) -> int:
    """By its name, or the first three letters of it."""
    for number, day in enumerate(DAYS, 1):
        if name.lower() in {day, day[:3]}:
            return number
    raise ValueError(f"what is {name}?")


def _field(numbers: frozenset[int], least: int, most: int) -> str:
    return "*" if len(numbers) == most - least + 1 else ",".join(map(str, sorted(numbers)))
